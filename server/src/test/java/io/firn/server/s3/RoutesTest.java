package io.firn.server.s3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.firn.io.MemoryDisk;
import io.firn.io.SystemClock;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.ObjectStoreOptions;
import io.firn.server.http.HeaderList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RoutesTest {
    /** The 116 operations of the service model of S3 in botocore 1.43.107: name, method, path and query, header that tells it apart. */
    private static final String MODEL = """
        AbortMultipartUpload DELETE /b/k?uploadId=1
        CompleteMultipartUpload POST /b/k?uploadId=1
        CopyObject PUT /b/k x-amz-copy-source
        CreateBucket PUT /b
        CreateBucketMetadataConfiguration POST /b?metadataConfiguration
        CreateBucketMetadataTableConfiguration POST /b?metadataTable
        CreateMultipartUpload POST /b/k?uploads
        CreateSession GET /b?session
        DeleteBucket DELETE /b
        DeleteBucketAnalyticsConfiguration DELETE /b?analytics&id=1
        DeleteBucketCors DELETE /b?cors
        DeleteBucketEncryption DELETE /b?encryption
        DeleteBucketIntelligentTieringConfiguration DELETE /b?intelligent-tiering&id=1
        DeleteBucketInventoryConfiguration DELETE /b?inventory&id=1
        DeleteBucketLifecycle DELETE /b?lifecycle
        DeleteBucketMetadataConfiguration DELETE /b?metadataConfiguration
        DeleteBucketMetadataTableConfiguration DELETE /b?metadataTable
        DeleteBucketMetricsConfiguration DELETE /b?metrics&id=1
        DeleteBucketOwnershipControls DELETE /b?ownershipControls
        DeleteBucketPolicy DELETE /b?policy
        DeleteBucketReplication DELETE /b?replication
        DeleteBucketTagging DELETE /b?tagging
        DeleteBucketWebsite DELETE /b?website
        DeleteObject DELETE /b/k
        DeleteObjectAnnotation DELETE /b/k?annotation&annotationName=1
        DeleteObjectTagging DELETE /b/k?tagging
        DeleteObjects POST /b?delete
        DeletePublicAccessBlock DELETE /b?publicAccessBlock
        GetBucketAbac GET /b?abac
        GetBucketAccelerateConfiguration GET /b?accelerate
        GetBucketAcl GET /b?acl
        GetBucketAnalyticsConfiguration GET /b?analytics&id=1
        GetBucketCors GET /b?cors
        GetBucketEncryption GET /b?encryption
        GetBucketIntelligentTieringConfiguration GET /b?intelligent-tiering&id=1
        GetBucketInventoryConfiguration GET /b?inventory&id=1
        GetBucketLifecycleConfiguration GET /b?lifecycle
        GetBucketLifecycleConfiguration GET /b?lifecycle
        GetBucketLocation GET /b?location
        GetBucketLogging GET /b?logging
        GetBucketMetadataConfiguration GET /b?metadataConfiguration
        GetBucketMetadataTableConfiguration GET /b?metadataTable
        GetBucketMetricsConfiguration GET /b?metrics&id=1
        GetBucketNotificationConfiguration GET /b?notification
        GetBucketNotificationConfiguration GET /b?notification
        GetBucketOwnershipControls GET /b?ownershipControls
        GetBucketPolicy GET /b?policy
        GetBucketPolicyStatus GET /b?policyStatus
        GetBucketReplication GET /b?replication
        GetBucketRequestPayment GET /b?requestPayment
        GetBucketTagging GET /b?tagging
        GetBucketVersioning GET /b?versioning
        GetBucketWebsite GET /b?website
        GetObject GET /b/k
        GetObjectAcl GET /b/k?acl
        GetObjectAnnotation GET /b/k?annotation&annotationName=1
        GetObjectAttributes GET /b/k?attributes
        GetObjectLegalHold GET /b/k?legal-hold
        GetObjectLockConfiguration GET /b?object-lock
        GetObjectRetention GET /b/k?retention
        GetObjectTagging GET /b/k?tagging
        GetObjectTorrent GET /b/k?torrent
        GetPublicAccessBlock GET /b?publicAccessBlock
        HeadBucket HEAD /b
        HeadObject HEAD /b/k
        ListBucketAnalyticsConfigurations GET /b?analytics
        ListBucketIntelligentTieringConfigurations GET /b?intelligent-tiering
        ListBucketInventoryConfigurations GET /b?inventory
        ListBucketMetricsConfigurations GET /b?metrics
        ListBuckets GET /
        ListDirectoryBuckets GET /?x-id=ListDirectoryBuckets
        ListMultipartUploads GET /b?uploads
        ListObjectAnnotations GET /b/k?annotation
        ListObjectVersions GET /b?versions
        ListObjects GET /b
        ListObjectsV2 GET /b?list-type=2
        ListParts GET /b/k?uploadId=1
        PutBucketAbac PUT /b?abac
        PutBucketAccelerateConfiguration PUT /b?accelerate
        PutBucketAcl PUT /b?acl
        PutBucketAnalyticsConfiguration PUT /b?analytics&id=1
        PutBucketCors PUT /b?cors
        PutBucketEncryption PUT /b?encryption
        PutBucketIntelligentTieringConfiguration PUT /b?intelligent-tiering&id=1
        PutBucketInventoryConfiguration PUT /b?inventory&id=1
        PutBucketLifecycleConfiguration PUT /b?lifecycle
        PutBucketLifecycleConfiguration PUT /b?lifecycle
        PutBucketLogging PUT /b?logging
        PutBucketMetricsConfiguration PUT /b?metrics&id=1
        PutBucketNotificationConfiguration PUT /b?notification
        PutBucketNotificationConfiguration PUT /b?notification
        PutBucketOwnershipControls PUT /b?ownershipControls
        PutBucketPolicy PUT /b?policy
        PutBucketReplication PUT /b?replication
        PutBucketRequestPayment PUT /b?requestPayment
        PutBucketTagging PUT /b?tagging
        PutBucketVersioning PUT /b?versioning
        PutBucketWebsite PUT /b?website
        PutObject PUT /b/k
        PutObjectAcl PUT /b/k?acl
        PutObjectAnnotation PUT /b/k?annotation&annotationName=1
        PutObjectLegalHold PUT /b/k?legal-hold
        PutObjectLockConfiguration PUT /b?object-lock
        PutObjectRetention PUT /b/k?retention
        PutObjectTagging PUT /b/k?tagging
        PutPublicAccessBlock PUT /b?publicAccessBlock
        RenameObject PUT /b/k?renameObject
        RestoreObject POST /b/k?restore
        SelectObjectContent POST /b/k?select&select-type=2
        UpdateBucketMetadataAnnotationTableConfiguration PUT /b?metadataAnnotationTable
        UpdateBucketMetadataInventoryTableConfiguration PUT /b?metadataInventoryTable
        UpdateBucketMetadataJournalTableConfiguration PUT /b?metadataJournalTable
        UpdateObjectEncryption PUT /b/k?encryption
        UploadPart PUT /b/k?partNumber=1&uploadId=1
        UploadPartCopy PUT /b/k?partNumber=1&uploadId=1 x-amz-copy-source
        WriteGetObjectResponse POST /b x-amz-request-route
        """;

    private final Routes routes = routes();

    private static Routes routes() {
        ObjectStore store = ObjectStore.openInMemory(
                List.of(new MemoryDisk()), new SystemClock(), new Random(1), ObjectStoreOptions.DEFAULT);
        return new Routes(store, new Buckets(store), new Owners(id -> Optional.empty()), "us-east-1");
    }

    private Route find(String method, String target, HeaderList headers) {
        int question = target.indexOf('?');
        S3Address address = S3Address.parse(
                question < 0 ? target : target.substring(0, question), Optional.of("127.0.0.1"), List.of());
        Query query = Query.parse(question < 0 ? "" : target.substring(question + 1));
        return routes.find(Route.Scope.of(address), method, query, headers);
    }

    @Test
    void everyOperationOfTheModelIsRouted() {
        List<String> operations = MODEL.lines().toList();
        assertEquals(116, operations.size());
        for (String operation : operations) {
            String[] part = operation.split(" ", -1);
            HeaderList headers = new HeaderList();
            if (part.length > 3) {
                headers.add(part[3], "x");
            }
            assertEquals(part[0], find(part[1], part[2], headers).name(), operation);
        }
    }

    @Test
    void aMethodASubResourceDoesNotHaveNeverReachesTheResource() {
        for (String request : List.of(
                "DELETE /b?location", "DELETE /b/k?acl", "PUT /b/k?torrent", "POST /b/k?tagging", "PUT /b?versions")) {
            String[] part = request.split(" ", -1);
            assertEquals(
                    S3ErrorCode.METHOD_NOT_ALLOWED,
                    assertThrows(S3Exception.class, () -> find(part[0], part[1], new HeaderList()))
                            .code(),
                    request);
        }
    }

    @Test
    void parametersThatChooseNothingAreLetThrough() {
        assertEquals(
                "PutObject",
                find("PUT", "/b/k?x-id=PutObject&X-Amz-Signature=1", new HeaderList())
                        .name());
        assertEquals(
                "DeleteObject",
                find("DELETE", "/b/k?versionId=1", new HeaderList()).name());
        assertEquals(
                "ListObjects",
                find("GET", "/b?prefix=&unheard-of", new HeaderList()).name());
        assertEquals(
                S3ErrorCode.NOT_IMPLEMENTED,
                assertThrows(S3Exception.class, () -> find("DELETE", "/b?unheard-of", new HeaderList()))
                        .code());
    }
}
