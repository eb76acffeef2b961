package io.firn.server.s3;

import io.firn.server.xml.XmlWriter;

/** {@code GET /bucket?versioning}: an empty document for a bucket that never kept versions. */
final class GetBucketVersioningOperation implements Operation {

    @Override
    public void handle(S3Request request) {
        XmlWriter xml = XmlWriter.document("VersioningConfiguration");
        switch (request.bucket().versioning()) {
            case UNVERSIONED -> {}
            case ENABLED -> xml.element("Status", "Enabled");
            case SUSPENDED -> xml.element("Status", "Suspended");
        }
        request.reply(xml);
    }
}
