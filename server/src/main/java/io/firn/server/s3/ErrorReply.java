package io.firn.server.s3;

import io.firn.server.http.HeaderList;
import io.firn.server.http.HttpReply;
import io.firn.server.xml.XmlWriter;

/** Writes {@code <Error>}: the one place where a refusal becomes a reply. */
final class ErrorReply {
    private ErrorReply() {}

    /** The reply to a request for {@code resource}, a raw path. */
    static HttpReply of(S3Exception error, ReplyIds ids, String resource) {
        XmlWriter xml = XmlWriter.plainDocument("Error");
        xml.element("Code", error.code().wireCode());
        xml.element("Message", error.text());
        for (S3Exception.Field field : error.fields()) {
            xml.element(field.name(), field.value());
        }
        xml.element("Resource", resource);
        xml.element("RequestId", ids.requestId());
        xml.element("HostId", ids.hostId());
        HeaderList headers = ids.headers();
        for (int i = 0; i < error.headers().size(); i++) {
            headers.add(error.headers().name(i), error.headers().value(i));
        }
        if (error.code() != S3ErrorCode.NOT_MODIFIED) {
            headers.add("Content-Type", "application/xml");
        }
        return new HttpReply(error.code().status(), headers, xml.toBytes());
    }
}
