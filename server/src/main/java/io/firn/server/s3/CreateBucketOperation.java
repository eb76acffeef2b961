package io.firn.server.s3;

import io.firn.objectstore.BucketName;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.Outcome;
import io.firn.objectstore.Refusal;
import io.firn.objectstore.Tags;
import io.firn.server.http.HeaderList;
import io.firn.server.xml.XmlElement;
import java.util.Optional;
import java.util.Set;

/**
 * {@code PUT /bucket}. The location constraint, when there is one, is the server's region. Making one's own bucket again succeeds in
 * us-east-1 and changes nothing, as in S3; elsewhere it is BucketAlreadyOwnedByYou.
 */
final class CreateBucketOperation implements Operation {
    private static final String FORGIVING_REGION = "us-east-1";

    /** The regions S3 knows, so that another one is told apart from nonsense (AWS General Reference, read 2026-11). */
    private static final Set<String> REGIONS = Set.of(
            "af-south-1",
            "ap-east-1",
            "ap-east-2",
            "ap-northeast-1",
            "ap-northeast-2",
            "ap-northeast-3",
            "ap-south-1",
            "ap-south-2",
            "ap-southeast-1",
            "ap-southeast-2",
            "ap-southeast-3",
            "ap-southeast-4",
            "ap-southeast-5",
            "ap-southeast-6",
            "ap-southeast-7",
            "ca-central-1",
            "ca-west-1",
            "cn-north-1",
            "cn-northwest-1",
            "EU",
            "eu-central-1",
            "eu-central-2",
            "eu-north-1",
            "eu-south-1",
            "eu-south-2",
            "eu-west-1",
            "eu-west-2",
            "eu-west-3",
            "il-central-1",
            "me-central-1",
            "me-south-1",
            "mx-central-1",
            "sa-east-1",
            "us-east-1",
            "us-east-2",
            "us-gov-east-1",
            "us-gov-west-1",
            "us-west-1",
            "us-west-2");

    private final ObjectStore store;
    private final String region;

    CreateBucketOperation(ObjectStore store, String region) {
        this.store = store;
        this.region = region;
    }

    @Override
    public void handle(S3Request request) {
        String name = request.requestedBucket();
        if (!BucketName.isValid(name) || Buckets.isReserved(name)) {
            throw new S3Exception(S3ErrorCode.INVALID_BUCKET_NAME).with("BucketName", name);
        }
        Unsupported.refuseGrants(request);
        CannedAcl acl = request.cannedAcl().orElse(CannedAcl.PRIVATE);
        Unsupported.refuseBucketOptions(request);
        Optional<XmlElement> configuration = RequestDocument.readOptional(request, "CreateBucketConfiguration");
        String location = configuration
                .flatMap(document -> document.text("LocationConstraint"))
                .map(this::checked)
                .orElse("");
        Tags tags = configuration
                .flatMap(document -> document.child("Tags"))
                .map(TaggingDocument::tagSet)
                .orElse(Tags.NONE);
        tags.brokenRule(Tags.MAX_BUCKET_TAGS).ifPresent(rule -> {
            throw new S3Exception(S3ErrorCode.INVALID_TAG, rule);
        });
        switch (store.createBucket(new BucketName(name), request.caller().id(), location, tags)) {
            case Outcome.Done<?> done -> {
                // A crash between the two leaves the bucket private.
                if (acl != CannedAcl.PRIVATE) {
                    store.setBucketSetting(new BucketName(name), CannedAcl.HEADER, acl.toKeep());
                }
            }
            case Outcome.Refused<?> refused -> {
                Refusal refusal = refused.refusal();
                if (!isForgiven(refusal, new BucketName(name), acl, tags)) {
                    throw Refusals.toError(refusal, new BucketName(name), false);
                }
            }
        }
        HeaderList headers = request.replyHeaders();
        headers.add("Location", "/" + name);
        headers.add("x-amz-bucket-arn", "arn:aws:s3:::" + name);
        request.reply(200, headers);
    }

    /** Whether asking for one's own bucket again may succeed: it changes nothing. Asking for it with another list is asking for another. */
    private boolean isForgiven(Refusal refusal, BucketName name, CannedAcl acl, Tags tags) {
        if (refusal.reason() != Refusal.Reason.BUCKET_ALREADY_OWNED || !region.equals(FORGIVING_REGION)) {
            return false;
        }
        boolean isSame = store.bucket(name).map(CannedAcl::of).orElse(acl) == acl && tags.isEmpty();
        if (!isSame) {
            throw new S3Exception(S3ErrorCode.BUCKET_ALREADY_EXISTS);
        }
        return true;
    }

    private String checked(String location) {
        if (location.equals(region) || location.isEmpty()) {
            return location;
        }
        if (REGIONS.contains(location)) {
            throw new S3Exception(
                    S3ErrorCode.ILLEGAL_LOCATION_CONSTRAINT,
                    "The " + location
                            + " location constraint is incompatible for the region specific endpoint this request was"
                            + " sent to.");
        }
        throw new S3Exception(S3ErrorCode.INVALID_LOCATION_CONSTRAINT).with("LocationConstraint", location);
    }
}
