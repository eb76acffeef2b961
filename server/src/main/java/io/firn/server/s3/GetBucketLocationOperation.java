package io.firn.server.s3;

import io.firn.server.xml.XmlWriter;

/** {@code GET /bucket?location}: the location constraint; us-east-1 is an empty one. */
final class GetBucketLocationOperation implements Operation {
    private static final String UNNAMED_REGION = "us-east-1";

    private final String region;

    GetBucketLocationOperation(String region) {
        this.region = region;
    }

    @Override
    public void handle(S3Request request) {
        String constraint = request.bucket().region();
        String location = constraint.isEmpty() ? region : constraint;
        XmlWriter xml = XmlWriter.document("LocationConstraint");
        if (!location.equals(UNNAMED_REGION)) {
            xml.text(location);
        }
        request.reply(xml);
    }
}
