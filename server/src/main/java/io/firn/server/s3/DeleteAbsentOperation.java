package io.firn.server.s3;

/** Deletes a setting that no bucket has: done. */
final class DeleteAbsentOperation implements Operation {

    @Override
    public void handle(S3Request request) {
        request.reply(204, request.replyHeaders());
    }
}
