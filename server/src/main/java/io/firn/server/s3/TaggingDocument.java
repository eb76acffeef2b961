package io.firn.server.s3;

import io.firn.objectstore.Tags;
import io.firn.server.xml.XmlElement;
import io.firn.server.xml.XmlWriter;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** {@code <Tagging><TagSet><Tag><Key/><Value/></Tag>...</TagSet></Tagging>}, for objects and buckets. */
final class TaggingDocument {
    private TaggingDocument() {}

    static Tags read(S3Request request, int maxTags) {
        Tags tags = tagSet(RequestDocument.read(request, "Tagging")
                .child("TagSet")
                .orElseThrow(() -> new S3Exception(S3ErrorCode.MALFORMED_XML)));
        tags.brokenRule(maxTags).ifPresent(rule -> {
            throw new S3Exception(S3ErrorCode.INVALID_TAG, rule);
        });
        return tags;
    }

    /** The tags directly in {@code parent}. */
    static Tags tagSet(XmlElement parent) {
        SortedMap<String, String> tags = new TreeMap<>();
        for (XmlElement tag : parent.children("Tag")) {
            String key = tag.text("Key").orElseThrow(() -> new S3Exception(S3ErrorCode.MALFORMED_XML));
            String value = tag.text("Value").orElseThrow(() -> new S3Exception(S3ErrorCode.MALFORMED_XML));
            if (tags.put(key, value) != null) {
                throw new S3Exception(S3ErrorCode.INVALID_TAG, "Cannot provide multiple Tags with the same key")
                        .with("TagKey", key);
            }
        }
        return new Tags(tags);
    }

    static XmlWriter write(Tags tags) {
        XmlWriter xml = XmlWriter.document("Tagging");
        xml.begin("TagSet");
        for (Map.Entry<String, String> tag : tags.byKey().entrySet()) {
            xml.begin("Tag");
            xml.element("Key", tag.getKey());
            xml.element("Value", tag.getValue());
            xml.end();
        }
        xml.end();
        return xml;
    }
}
