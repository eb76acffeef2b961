package io.firn.server.s3;

import io.firn.server.xml.XmlWriter;
import java.util.function.Supplier;

/** Reads a setting that is the same for every bucket: a document that says it is off. */
final class FixedDocumentOperation implements Operation {
    private final Supplier<XmlWriter> document;

    FixedDocumentOperation(Supplier<XmlWriter> document) {
        this.document = document;
    }

    @Override
    public void handle(S3Request request) {
        request.reply(document.get());
    }
}
