package io.firn.server.s3;

import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.Versioning;
import io.firn.server.xml.XmlElement;

/** {@code PUT /bucket?versioning}: enables or suspends; there is no way back to a bucket that never kept versions. */
final class PutBucketVersioningOperation implements Operation {
    private final ObjectStore store;

    PutBucketVersioningOperation(ObjectStore store) {
        this.store = store;
    }

    @Override
    public void handle(S3Request request) {
        XmlElement configuration = RequestDocument.read(request, "VersioningConfiguration");
        if (configuration.text("MfaDelete").filter("Enabled"::equals).isPresent()) {
            throw new S3Exception(S3ErrorCode.NOT_IMPLEMENTED, "MFA delete is not implemented");
        }
        String status = configuration
                .text("Status")
                .orElseThrow(() -> new S3Exception(S3ErrorCode.ILLEGAL_VERSIONING_CONFIGURATION));
        Versioning versioning = switch (status) {
            case "Enabled" -> Versioning.ENABLED;
            case "Suspended" -> Versioning.SUSPENDED;
            default -> throw new S3Exception(S3ErrorCode.MALFORMED_XML);
        };
        Refusals.valueOf(store.setVersioning(request.bucketName(), versioning), request);
        request.reply(200, request.replyHeaders());
    }
}
