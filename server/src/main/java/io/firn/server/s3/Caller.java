package io.firn.server.s3;

/**
 * Who sent a request, once its signature has been verified.
 *
 * @param id the canonical id of the account, the {@code Owner} of what it makes
 * @param displayName for {@code Owner} in listings
 * @param isRoot true for the server's own credentials, which may do everything
 */
public record Caller(String id, String displayName, boolean isRoot) {

    /** Nobody: a request without a signature. The id is the one S3 gives to anonymous owners. */
    public static final Caller ANONYMOUS = new Caller("65a011a29cdf8ec533ec3d1ccaae921c", "anonymous", false);

    boolean isAnonymous() {
        return equals(ANONYMOUS);
    }
}
