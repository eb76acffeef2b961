package io.firn.server.s3;

import static io.firn.server.s3.Permission.ACCOUNT;
import static io.firn.server.s3.Permission.LIST_OBJECTS;
import static io.firn.server.s3.Permission.OWN_BUCKET;
import static io.firn.server.s3.Permission.READ_OBJECT;
import static io.firn.server.s3.Permission.WRITE_OBJECT;
import static io.firn.server.s3.Route.Scope.BUCKET;
import static io.firn.server.s3.Route.Scope.OBJECT;
import static io.firn.server.s3.Route.Scope.SERVICE;

import io.firn.objectstore.ObjectStore;
import io.firn.server.http.HeaderList;
import io.firn.server.xml.XmlWriter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The table of every operation of S3: which method, path and query it is, what it needs and what does it.
 *
 * <p>Within a scope the first route that matches is taken; those with more parameters stand before those with fewer. A request that names
 * a sub-resource of S3 and matches no route never falls through to the resource itself: {@code DELETE /bucket?location} must not
 * delete the bucket.
 *
 * <p>Source: the service model of S3 in botocore 1.43.107 (116 operations), read 2026-11-23.
 */
final class Routes {
    /** Parameters that go with an operation and do not choose one. */
    private static final Set<String> MODIFIERS = Set.of(
            "x-id",
            "versionId",
            "partNumber",
            "uploadId",
            "encoding-type",
            "prefix",
            "delimiter",
            "marker",
            "max-keys",
            "continuation-token",
            "start-after",
            "fetch-owner",
            "key-marker",
            "version-id-marker",
            "upload-id-marker",
            "max-uploads",
            "max-parts",
            "part-number-marker",
            "max-buckets",
            "bucket-region",
            "list-type",
            "id",
            "select-type",
            "annotationName",
            "annotation-prefix",
            "max-annotation-results");

    /** By what a request line says before its query: scope, then method. */
    private final Map<Route.Scope, Map<String, List<Route>>> routes = new EnumMap<>(Route.Scope.class);

    /** The sub-resources of S3, whatever the method. */
    private final Map<Route.Scope, Set<String>> subResources = new EnumMap<>(Route.Scope.class);

    Routes(ObjectStore store, Buckets buckets, Owners owners, String region) {
        addService(store, owners, region);
        addBucketSettings(store, owners, region);
        addAbsentSettings();
        addObjectSubResources(store, buckets, owners);
        addUnimplemented();
        addResources(store, buckets, owners, region);
    }

    /**
     * The route of a request.
     *
     * @throws S3Exception MethodNotAllowed, or NotImplemented for a sub-resource S3 does not have
     */
    Route find(Route.Scope scope, String method, Query query, HeaderList headers) {
        boolean namesSubResource = namesSubResource(scope, query);
        for (Route route : routes.getOrDefault(scope, Map.of()).getOrDefault(method, List.of())) {
            boolean isResource = route.parameters().isEmpty();
            if (isResource && namesSubResource) {
                continue;
            }
            if (route.matches(query, headers)) {
                if (isResource && !method.equals("GET") && !method.equals("HEAD")) {
                    refuseUnknownSubResource(query);
                }
                return route;
            }
        }
        throw methodNotAllowed(scope, method);
    }

    private boolean namesSubResource(Route.Scope scope, Query query) {
        for (String name : query.names()) {
            if (subResources.getOrDefault(scope, Set.of()).contains(name)) {
                return true;
            }
        }
        return false;
    }

    /** A parameter without a value that nobody knows may be a sub-resource of tomorrow: writing to the resource would be wrong. */
    private static void refuseUnknownSubResource(Query query) {
        for (String name : query.names()) {
            boolean isKnown = MODIFIERS.contains(name)
                    || name.toLowerCase(Locale.ROOT).startsWith("x-amz-")
                    || !query.text(name).isEmpty();
            if (!isKnown) {
                throw new S3Exception(S3ErrorCode.NOT_IMPLEMENTED, "The sub-resource " + name + " is not implemented.");
            }
        }
    }

    private static S3Exception methodNotAllowed(Route.Scope scope, String method) {
        return new S3Exception(S3ErrorCode.METHOD_NOT_ALLOWED)
                .with("Method", method)
                .with("ResourceType", scope.name());
    }

    private void addService(ObjectStore store, Owners owners, String region) {
        add(
                "ListDirectoryBuckets",
                "GET",
                SERVICE,
                ACCOUNT,
                new NotImplementedOperation("ListDirectoryBuckets"),
                "x-id=ListDirectoryBuckets");
        add("ListBuckets", "GET", SERVICE, ACCOUNT, new ListBucketsOperation(store, owners, region));
        addWithHeader(
                "WriteGetObjectResponse",
                "POST",
                BUCKET,
                "x-amz-request-route",
                ACCOUNT,
                new NotImplementedOperation("WriteGetObjectResponse"));
    }

    private void addBucketSettings(ObjectStore store, Owners owners, String region) {
        add("GetBucketLocation", "GET", BUCKET, OWN_BUCKET, new GetBucketLocationOperation(region), "location");
        add("GetBucketVersioning", "GET", BUCKET, OWN_BUCKET, new GetBucketVersioningOperation(), "versioning");
        add("PutBucketVersioning", "PUT", BUCKET, OWN_BUCKET, new PutBucketVersioningOperation(store), "versioning");
        add("GetBucketTagging", "GET", BUCKET, OWN_BUCKET, new GetBucketTaggingOperation(), "tagging");
        add("PutBucketTagging", "PUT", BUCKET, OWN_BUCKET, new PutBucketTaggingOperation(store), "tagging");
        add("DeleteBucketTagging", "DELETE", BUCKET, OWN_BUCKET, new DeleteBucketTaggingOperation(store), "tagging");
        add("GetBucketAcl", "GET", BUCKET, OWN_BUCKET, new GetAclOperation(store, owners, false), "acl");
        add("PutBucketAcl", "PUT", BUCKET, OWN_BUCKET, new PutAclOperation(store, false), "acl");
        add(
                "ListObjectVersions",
                "GET",
                BUCKET,
                LIST_OBJECTS,
                new ListObjectVersionsOperation(store, owners),
                "versions");
        add(
                "ListMultipartUploads",
                "GET",
                BUCKET,
                LIST_OBJECTS,
                new ListMultipartUploadsOperation(store, owners),
                "uploads");
        add("ListObjectsV2", "GET", BUCKET, LIST_OBJECTS, new ListObjectsOperation(store, owners, true), "list-type=2");
        add("DeleteObjects", "POST", BUCKET, WRITE_OBJECT, new DeleteObjectsOperation(store), "delete");
    }

    /** Settings no bucket has: reads say so in the words clients look for, deletes have nothing to do. */
    private void addAbsentSettings() {
        absent("GetBucketLifecycleConfiguration", "lifecycle", S3ErrorCode.NO_SUCH_LIFECYCLE_CONFIGURATION);
        absent("GetBucketPolicy", "policy", S3ErrorCode.NO_SUCH_BUCKET_POLICY);
        absent("GetBucketPolicyStatus", "policyStatus", S3ErrorCode.NO_SUCH_BUCKET_POLICY);
        absent("GetBucketCors", "cors", S3ErrorCode.NO_SUCH_CORS_CONFIGURATION);
        absent("GetBucketWebsite", "website", S3ErrorCode.NO_SUCH_WEBSITE_CONFIGURATION);
        absent("GetBucketEncryption", "encryption", S3ErrorCode.SERVER_SIDE_ENCRYPTION_CONFIGURATION_NOT_FOUND);
        absent("GetBucketReplication", "replication", S3ErrorCode.REPLICATION_CONFIGURATION_NOT_FOUND);
        absent("GetPublicAccessBlock", "publicAccessBlock", S3ErrorCode.NO_SUCH_PUBLIC_ACCESS_BLOCK_CONFIGURATION);
        absent("GetBucketOwnershipControls", "ownershipControls", S3ErrorCode.OWNERSHIP_CONTROLS_NOT_FOUND);
        absent("GetObjectLockConfiguration", "object-lock", S3ErrorCode.OBJECT_LOCK_CONFIGURATION_NOT_FOUND);
        absent("GetBucketMetadataConfiguration", "metadataConfiguration", S3ErrorCode.METADATA_CONFIGURATION_NOT_FOUND);
        absent("GetBucketMetadataTableConfiguration", "metadataTable", S3ErrorCode.METADATA_CONFIGURATION_NOT_FOUND);
        for (String setting : List.of("analytics", "intelligent-tiering", "inventory", "metrics")) {
            String name = capitalised(setting);
            add(
                    "GetBucket" + name + "Configuration",
                    "GET",
                    BUCKET,
                    OWN_BUCKET,
                    new AbsentOperation(S3ErrorCode.NO_SUCH_CONFIGURATION),
                    setting,
                    "id");
            fixed("ListBucket" + name + "Configurations", setting, () -> {
                XmlWriter xml = XmlWriter.document(listRoot(setting));
                xml.element("IsTruncated", "false");
                return xml;
            });
        }
        fixed("GetBucketLogging", "logging", () -> XmlWriter.document("BucketLoggingStatus"));
        fixed("GetBucketAccelerateConfiguration", "accelerate", () -> XmlWriter.document("AccelerateConfiguration"));
        fixed(
                "GetBucketNotificationConfiguration",
                "notification",
                () -> XmlWriter.document("NotificationConfiguration"));
        fixed("GetBucketRequestPayment", "requestPayment", () -> {
            XmlWriter xml = XmlWriter.document("RequestPaymentConfiguration");
            xml.element("Payer", "BucketOwner");
            return xml;
        });
        fixed("GetBucketAbac", "abac", () -> {
            XmlWriter xml = XmlWriter.document("AbacStatus");
            xml.element("Status", "Disabled");
            return xml;
        });
        for (String setting : List.of(
                "lifecycle",
                "policy",
                "cors",
                "website",
                "encryption",
                "replication",
                "publicAccessBlock",
                "ownershipControls")) {
            String name = setting.equals("publicAccessBlock")
                    ? "DeletePublicAccessBlock"
                    : "DeleteBucket" + capitalised(setting);
            add(name, "DELETE", BUCKET, OWN_BUCKET, new DeleteAbsentOperation(), setting);
        }
    }

    private void addObjectSubResources(ObjectStore store, Buckets buckets, Owners owners) {
        add("GetObjectAcl", "GET", OBJECT, OWN_BUCKET, new GetAclOperation(store, owners, true), "acl");
        add("PutObjectAcl", "PUT", OBJECT, OWN_BUCKET, new PutAclOperation(store, true), "acl");
        add("GetObjectAttributes", "GET", OBJECT, READ_OBJECT, new GetObjectAttributesOperation(store), "attributes");
        add("GetObjectTagging", "GET", OBJECT, OWN_BUCKET, new GetObjectTaggingOperation(store), "tagging");
        add("PutObjectTagging", "PUT", OBJECT, OWN_BUCKET, new PutObjectTaggingOperation(store), "tagging");
        add("DeleteObjectTagging", "DELETE", OBJECT, OWN_BUCKET, new DeleteObjectTaggingOperation(store), "tagging");
        add("GetObjectRetention", "GET", OBJECT, READ_OBJECT, new NoObjectLockOperation(), "retention");
        add("GetObjectLegalHold", "GET", OBJECT, READ_OBJECT, new NoObjectLockOperation(), "legal-hold");
        add(
                "CreateMultipartUpload",
                "POST",
                OBJECT,
                WRITE_OBJECT,
                new CreateMultipartUploadOperation(store),
                "uploads");
        addWithHeader(
                "UploadPartCopy",
                "PUT",
                OBJECT,
                "x-amz-copy-source",
                WRITE_OBJECT,
                new UploadPartCopyOperation(store, buckets),
                "uploadId");
        add("UploadPart", "PUT", OBJECT, WRITE_OBJECT, new UploadPartOperation(store), "uploadId");
        add(
                "CompleteMultipartUpload",
                "POST",
                OBJECT,
                WRITE_OBJECT,
                new CompleteMultipartUploadOperation(store),
                "uploadId");
        add(
                "AbortMultipartUpload",
                "DELETE",
                OBJECT,
                WRITE_OBJECT,
                new AbortMultipartUploadOperation(store),
                "uploadId");
        add("ListParts", "GET", OBJECT, WRITE_OBJECT, new ListPartsOperation(store, owners), "uploadId");
    }

    private void addUnimplemented() {
        unimplemented("CreateSession", "GET", BUCKET, "session");
        unimplemented("CreateBucketMetadataConfiguration", "POST", BUCKET, "metadataConfiguration");
        unimplemented("CreateBucketMetadataTableConfiguration", "POST", BUCKET, "metadataTable");
        unimplemented("DeleteBucketMetadataConfiguration", "DELETE", BUCKET, "metadataConfiguration");
        unimplemented("DeleteBucketMetadataTableConfiguration", "DELETE", BUCKET, "metadataTable");
        unimplemented("UpdateBucketMetadataAnnotationTableConfiguration", "PUT", BUCKET, "metadataAnnotationTable");
        unimplemented("UpdateBucketMetadataInventoryTableConfiguration", "PUT", BUCKET, "metadataInventoryTable");
        unimplemented("UpdateBucketMetadataJournalTableConfiguration", "PUT", BUCKET, "metadataJournalTable");
        for (String setting : List.of("analytics", "intelligent-tiering", "inventory", "metrics")) {
            unimplemented("PutBucket" + capitalised(setting) + "Configuration", "PUT", BUCKET, setting);
            unimplemented("DeleteBucket" + capitalised(setting) + "Configuration", "DELETE", BUCKET, setting);
        }
        unimplemented("PutBucketAbac", "PUT", BUCKET, "abac");
        unimplemented("PutBucketAccelerateConfiguration", "PUT", BUCKET, "accelerate");
        unimplemented("PutBucketCors", "PUT", BUCKET, "cors");
        unimplemented("PutBucketEncryption", "PUT", BUCKET, "encryption");
        unimplemented("PutBucketLifecycleConfiguration", "PUT", BUCKET, "lifecycle");
        unimplemented("PutBucketLogging", "PUT", BUCKET, "logging");
        unimplemented("PutBucketNotificationConfiguration", "PUT", BUCKET, "notification");
        unimplemented("PutBucketOwnershipControls", "PUT", BUCKET, "ownershipControls");
        unimplemented("PutBucketPolicy", "PUT", BUCKET, "policy");
        unimplemented("PutBucketReplication", "PUT", BUCKET, "replication");
        unimplemented("PutBucketRequestPayment", "PUT", BUCKET, "requestPayment");
        unimplemented("PutBucketWebsite", "PUT", BUCKET, "website");
        unimplemented("PutObjectLockConfiguration", "PUT", BUCKET, "object-lock");
        unimplemented("PutPublicAccessBlock", "PUT", BUCKET, "publicAccessBlock");

        unimplemented("DeleteObjectAnnotation", "DELETE", OBJECT, "annotation");
        unimplemented("GetObjectAnnotation", "GET", OBJECT, "annotation", "annotationName");
        unimplemented("ListObjectAnnotations", "GET", OBJECT, "annotation");
        unimplemented("PutObjectAnnotation", "PUT", OBJECT, "annotation");
        unimplemented("GetObjectTorrent", "GET", OBJECT, "torrent");
        unimplemented("PutObjectLegalHold", "PUT", OBJECT, "legal-hold");
        unimplemented("PutObjectRetention", "PUT", OBJECT, "retention");
        unimplemented("RenameObject", "PUT", OBJECT, "renameObject");
        unimplemented("RestoreObject", "POST", OBJECT, "restore");
        unimplemented("SelectObjectContent", "POST", OBJECT, "select");
        unimplemented("UpdateObjectEncryption", "PUT", OBJECT, "encryption");
    }

    private void addResources(ObjectStore store, Buckets buckets, Owners owners, String region) {
        add("CreateBucket", "PUT", BUCKET, ACCOUNT, new CreateBucketOperation(store, region));
        add("HeadBucket", "HEAD", BUCKET, LIST_OBJECTS, new HeadBucketOperation(region));
        add("DeleteBucket", "DELETE", BUCKET, OWN_BUCKET, new DeleteBucketOperation(store));
        add("ListObjects", "GET", BUCKET, LIST_OBJECTS, new ListObjectsOperation(store, owners, false));
        add("PostObject", "POST", BUCKET, WRITE_OBJECT, new NotImplementedOperation("PostObject"));

        GetObjectOperation read = new GetObjectOperation(store);
        add("GetObject", "GET", OBJECT, READ_OBJECT, read);
        add("HeadObject", "HEAD", OBJECT, READ_OBJECT, read);
        addWithHeader(
                "CopyObject",
                "PUT",
                OBJECT,
                "x-amz-copy-source",
                WRITE_OBJECT,
                new CopyObjectOperation(store, buckets));
        add("PutObject", "PUT", OBJECT, WRITE_OBJECT, new PutObjectOperation(store));
        add("DeleteObject", "DELETE", OBJECT, WRITE_OBJECT, new DeleteObjectOperation(store));
    }

    private void absent(String name, String setting, S3ErrorCode code) {
        add(name, "GET", BUCKET, OWN_BUCKET, new AbsentOperation(code), setting);
    }

    private void fixed(String name, String setting, Supplier<XmlWriter> document) {
        add(name, "GET", BUCKET, OWN_BUCKET, new FixedDocumentOperation(document), setting);
    }

    private void unimplemented(String name, String method, Route.Scope scope, String... parameters) {
        add(name, method, scope, OWN_BUCKET, new NotImplementedOperation(name), parameters);
    }

    private void add(
            String name,
            String method,
            Route.Scope scope,
            Permission permission,
            Operation operation,
            String... parameters) {
        add(new Route(name, method, scope, List.of(parameters), Optional.empty(), permission, operation));
    }

    private void addWithHeader(
            String name,
            String method,
            Route.Scope scope,
            String header,
            Permission permission,
            Operation operation,
            String... parameters) {
        add(new Route(name, method, scope, List.of(parameters), Optional.of(header), permission, operation));
    }

    private void add(Route route) {
        routes.computeIfAbsent(route.scope(), scope -> new HashMap<>())
                .computeIfAbsent(route.method(), method -> new ArrayList<>())
                .add(route);
        // These only choose between two operations on the resource itself.
        route.subResource()
                .filter(name -> !name.equals("list-type") && !name.equals("x-id"))
                .ifPresent(name -> subResources
                        .computeIfAbsent(route.scope(), scope -> new HashSet<>())
                        .add(name));
    }

    /** {@code intelligent-tiering} becomes {@code IntelligentTiering}. */
    private static String capitalised(String setting) {
        StringBuilder name = new StringBuilder();
        for (String word : setting.split("-", -1)) {
            name.append(Character.toUpperCase(word.charAt(0))).append(word, 1, word.length());
        }
        return name.toString();
    }

    private static String listRoot(String setting) {
        return switch (setting) {
            case "analytics" -> "ListBucketAnalyticsConfigurationsResult";
            case "intelligent-tiering" -> "ListBucketIntelligentTieringConfigurationsOutput";
            case "inventory" -> "ListInventoryConfigurationsResult";
            default -> "ListMetricsConfigurationsResult";
        };
    }
}
