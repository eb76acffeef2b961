package io.firn.server.s3;

import io.firn.objectstore.Bucket;
import io.firn.objectstore.ObjectStore;
import io.firn.server.xml.XmlWriter;
import java.util.List;
import java.util.Optional;

/** {@code GET /}: the buckets of the caller, of everybody for root, in order of their names and in pages when asked. */
final class ListBucketsOperation implements Operation {
    private static final int MAX_BUCKETS = 10_000;

    /** The server has fewer of its own: so many more are asked for, as they are left out. */
    private static final int RESERVED_BUCKETS_MAX = 8;

    private final ObjectStore store;
    private final Owners owners;
    private final String region;

    ListBucketsOperation(ObjectStore store, Owners owners, String region) {
        this.store = store;
        this.owners = owners;
        this.region = region;
    }

    @Override
    public void handle(S3Request request) {
        Query query = request.query();
        String prefix = query.text("prefix");
        int max = query.value("max-buckets")
                .map(text -> Arguments.integer(
                        text,
                        1,
                        MAX_BUCKETS,
                        () -> S3Exception.invalidArgument(
                                "Argument max-buckets must be an integer between 1 and 10000", "max-buckets", text)))
                .orElse(MAX_BUCKETS);
        Optional<String> startAfter = query.value("continuation-token")
                .filter(token -> !token.isEmpty())
                .map(ContinuationToken::decode);
        Optional<String> owner = request.caller().isRoot()
                ? Optional.empty()
                : Optional.of(request.caller().id());
        boolean isPaged = query.has("max-buckets")
                || query.has("prefix")
                || query.has("continuation-token")
                || query.has("bucket-region");
        boolean isElsewhere = query.value("bucket-region")
                .filter(wanted -> !wanted.equals(region))
                .isPresent();
        List<Bucket> buckets = isElsewhere
                ? List.of()
                : store.buckets(owner, prefix, startAfter, max + 1 + RESERVED_BUCKETS_MAX).stream()
                        .filter(bucket -> !Buckets.isReserved(bucket.name().text()))
                        .limit(max + 1L)
                        .toList();
        boolean isTruncated = buckets.size() > max;

        XmlWriter xml = XmlWriter.document("ListAllMyBucketsResult");
        owners.write(xml, "Owner", request.caller().id());
        xml.begin("Buckets");
        for (Bucket bucket : isTruncated ? buckets.subList(0, max) : buckets) {
            xml.begin("Bucket");
            xml.element("Name", bucket.name().text());
            xml.element("CreationDate", S3Time.iso(bucket.created()));
            if (isPaged) {
                xml.element("BucketRegion", bucket.region().isEmpty() ? region : bucket.region());
            }
            xml.end();
        }
        xml.end();
        if (query.has("prefix")) {
            xml.element("Prefix", prefix);
        }
        if (isTruncated) {
            xml.element(
                    "ContinuationToken",
                    ContinuationToken.encode(buckets.get(max - 1).name().text()));
        }
        request.reply(xml);
    }
}
