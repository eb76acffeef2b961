package io.firn.server.s3;

import io.firn.server.http.HeaderList;

/**
 * The two ids that every reply and error document carries, so that a client's report can be found in the log.
 *
 * @param requestId 16 characters of Crockford's Base32, unique in this process and hardly ever repeated by another
 * @param hostId which server answered
 */
record ReplyIds(String requestId, String hostId) {
    static final String REQUEST_ID = "x-amz-request-id";
    static final String HOST_ID = "x-amz-id-2";

    /** Headers with both ids. */
    HeaderList headers() {
        return new HeaderList().add(REQUEST_ID, requestId).add(HOST_ID, hostId);
    }
}
