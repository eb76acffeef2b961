package io.firn.server.auth;

/** What {@link SigV4Verifier} found out about a request. */
public sealed interface AuthOutcome {

    /**
     * The request is signed by a known key, recently enough, and nothing in it that must be signed is not.
     *
     * @param scope whose key, and for which region and service
     * @param payload what the signature says about the body, which has yet to be checked while it is read
     * @param presigned whether the signature came in the query
     * @param seed what the signatures of chunks continue from
     */
    record Authenticated(CredentialScope scope, PayloadHash payload, boolean presigned, SignatureSeed seed)
            implements AuthOutcome {}

    /** The request carries no credentials at all; {@code payload} is what it claims about its body. */
    record Anonymous(PayloadHash payload) implements AuthOutcome {}

    /** The request must be answered with this error and not be executed. */
    record Refused(AuthRefusal refusal) implements AuthOutcome {}
}
