package io.firn.server.s3;

import static io.firn.server.s3.S3Rig.ALICE;
import static io.firn.server.s3.S3Rig.BOB;
import static io.firn.server.s3.S3Rig.ROOT;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.MemoryDisk;
import io.firn.objectstore.BucketName;
import io.firn.objectstore.ObjectStoreOptions;
import io.firn.objectstore.Tags;
import io.firn.server.http.RawClient;
import io.firn.server.s3.S3Rig.Reply;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What no well-behaved client sends, and what any client may rely on, byte by byte. */
@Timeout(120)
class S3DoorTest {
    private static final byte[] BODY = "hello".getBytes(UTF_8);

    private S3Rig rig = new S3Rig();

    @BeforeEach
    void makeBucket() {
        assertEquals(200, rig.send(ALICE, "PUT", "/bucket").status());
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private Reply put(String target, Map<String, String> headers, byte[] body) {
        return rig.send(ALICE, "PUT", target, headers, body);
    }

    private void assertNothingStored() {
        Reply listing = rig.send(ALICE, "GET", "/bucket?list-type=2");
        assertEquals("0", listing.element("KeyCount"), listing.body());
        assertFalse(rig.send(ALICE, "GET", "/bucket?uploads").body().contains("<Upload>"));
    }

    // Addresses and keys

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/bucket//",
                "/bucket/../x",
                "/bucket/./a/..",
                "/bucket/a%2F%2Fb",
                "/bucket/%2e%2e%2f%2e%2e/etc/passwd",
                "/bucket/a%00b",
                "/bucket/%20"
            })
    void keysWithPathTricksAreKeysLikeOthers(String rawPath) {
        String canonical = rawPath.replace("%2e", ".").replace("%2f", "%2F");
        assertEquals(200, put(canonical, Map.of(), BODY).status());
        assertEquals("hello", rig.send(ALICE, "GET", canonical).body());
        String listed =
                rig.send(ALICE, "GET", "/bucket?encoding-type=url&list-type=2").element("Key");
        assertEquals(canonical.substring("/bucket/".length()).replace("%2F", "/"), listed);
    }

    @Test
    void aPathThatIsNotUtf8IsNoUri() throws IOException {
        try (RawClient client = rig.connect()) {
            client.send("GET /bucket/%FF HTTP/1.1\r\nHost: h\r\n\r\n");
            Reply reply = new Reply(client.reply());
            assertEquals("InvalidURI", reply.code());
            assertEquals(400, reply.status());
        }
    }

    @Test
    void aBucketMayBeAHostName() throws IOException {
        put("/bucket/key", Map.of(), BODY);
        try (RawClient client = rig.connect()) {
            String head =
                    rig.head(ALICE, "GET", "/key", Map.of("host", "ignored"), 0, RequestSigner.sha256(new byte[0]));
            client.send(head.replaceFirst("host: [^\r]*", "host: bucket.localhost"));
            // The signature is over the other host: what matters is that the bucket was found in it.
            assertEquals("SignatureDoesNotMatch", new Reply(client.reply()).code());
        }
    }

    // Who may

    @Test
    void nothingIsAllowedToNobody() throws IOException {
        put("/bucket/key", Map.of(), BODY);
        for (String request : new String[] {
            "GET /",
            "GET /bucket",
            "GET /bucket/key",
            "PUT /bucket/new",
            "DELETE /bucket/key",
            "DELETE /bucket",
            "PUT /other",
            "POST /bucket?delete"
        }) {
            try (RawClient client = rig.connect()) {
                client.send(request + " HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
                Reply reply = new Reply(client.reply());
                assertEquals("AccessDenied", reply.code(), request);
                assertEquals(403, reply.status(), request);
            }
        }
        assertEquals("hello", rig.send(ALICE, "GET", "/bucket/key").body());
    }

    @Test
    void whatTheServerKeepsForItselfIsNobodys() {
        String name = "firn.internal.snapshots";
        assertEquals("InvalidBucketName", rig.send(ROOT, "PUT", "/" + name).code());
        rig.store().createBucket(new BucketName(name), "", "", Tags.NONE).orElseThrow();
        assertEquals("NoSuchBucket", rig.send(ROOT, "GET", "/" + name).code());
        assertEquals(
                "NoSuchBucket", rig.send(ROOT, "PUT", "/" + name + "/key", "x").code());
        assertEquals("NoSuchBucket", rig.send(ROOT, "DELETE", "/" + name).code());
        Map<String, String> copy = Map.of("x-amz-copy-source", "/" + name + "/key");
        assertEquals(
                "NoSuchBucket",
                rig.send(ROOT, "PUT", "/bucket/copy", copy, new byte[0]).code());
        assertFalse(rig.send(ROOT, "GET", "/").body().contains("firn.internal"));
        assertTrue(rig.send(ROOT, "GET", "/").body().contains("<Name>bucket</Name>"));
    }

    @Test
    void anAccountMayUseItsOwnBucketsAndRootAll() {
        put("/bucket/key", Map.of(), BODY);
        assertEquals("AccessDenied", rig.send(BOB, "GET", "/bucket/key").code());
        assertEquals("AccessDenied", rig.send(BOB, "GET", "/bucket/absent").code());
        assertEquals("AccessDenied", rig.send(BOB, "DELETE", "/bucket/key").code());
        assertEquals("AccessDenied", rig.send(BOB, "PUT", "/bucket/key", "x").code());
        assertEquals("AccessDenied", rig.send(BOB, "GET", "/bucket?acl").code());
        assertEquals("NoSuchBucket", rig.send(BOB, "GET", "/absent/key").code());
        assertEquals("BucketAlreadyExists", rig.send(BOB, "PUT", "/bucket").code());
        assertEquals("hello", rig.send(ROOT, "GET", "/bucket/key").body());
        assertEquals(200, rig.send(BOB, "PUT", "/bobs").status());
        assertFalse(rig.send(BOB, "GET", "/").body().contains("<Name>bucket</Name>"));
        assertTrue(rig.send(ROOT, "GET", "/").body().contains("<Name>bucket</Name>"));
        assertEquals(
                "AccessDenied",
                rig.send(BOB, "PUT", "/bobs/copy", Map.of("x-amz-copy-source", "bucket/key"), new byte[0])
                        .code());
    }

    private Reply anonymous(String method, String target, String body) {
        try (RawClient client = rig.connect()) {
            client.send(method + " " + target + " HTTP/1.1\r\nHost: h\r\nContent-Length: " + body.length() + "\r\n\r\n"
                    + body);
            return new Reply(client.reply(!method.equals("HEAD")));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void cannedListsLetStrangersInAndNoFurther() {
        put("/bucket/key", Map.of("x-amz-acl", "public-read"), BODY);
        put("/bucket/private", Map.of(), BODY);
        assertEquals("hello", anonymous("GET", "/bucket/key", "").body());
        assertEquals("", anonymous("GET", "/bucket/key", "").header("x-amz-acl"));
        assertEquals("hello", rig.send(BOB, "GET", "/bucket/key").body());
        for (String request : new String[] {
            "GET /bucket/private",
            "GET /bucket/absent",
            "GET /bucket",
            "PUT /bucket/key",
            "DELETE /bucket/key",
            "GET /bucket/key?acl",
            "GET /bucket/key?tagging",
            "PUT /bucket/key?acl"
        }) {
            String[] part = request.split(" ", -1);
            assertEquals("AccessDenied", anonymous(part[0], part[1], "").code(), request);
        }
        // A copy is private unless asked otherwise.
        put("/bucket/copy", Map.of("x-amz-copy-source", "bucket/key"), new byte[0]);
        assertEquals("AccessDenied", anonymous("GET", "/bucket/copy", "").code());
        put("/bucket/key?acl", Map.of("x-amz-acl", "authenticated-read"), new byte[0]);
        assertEquals("AccessDenied", anonymous("GET", "/bucket/key", "").code());
        assertEquals("hello", rig.send(BOB, "GET", "/bucket/key").body());
        put("/bucket/key?acl", Map.of("x-amz-acl", "private"), new byte[0]);
        assertEquals("AccessDenied", rig.send(BOB, "GET", "/bucket/key").code());
    }

    @Test
    void aPublicBucketIsStillItsOwners() {
        assertEquals(
                200,
                put("/bucket?acl", Map.of("x-amz-acl", "public-read-write"), new byte[0])
                        .status());
        assertEquals(200, anonymous("PUT", "/bucket/theirs", "hello").status());
        assertTrue(anonymous("GET", "/bucket", "").body().contains("<Key>theirs</Key>"));
        assertEquals("NoSuchKey", anonymous("GET", "/bucket/absent", "").code());
        String uploadId = rig.send(ALICE, "POST", "/bucket/big?uploads").element("UploadId");
        for (String request : new String[] {
            "DELETE /bucket",
            "PUT /bucket?acl",
            "PUT /bucket?versioning",
            "GET /bucket?policy",
            "DELETE /bucket/big?uploadId=" + uploadId,
            "PUT /bucket/big?partNumber=1&uploadId=" + uploadId
        }) {
            String[] part = request.split(" ", -1);
            assertEquals("AccessDenied", anonymous(part[0], part[1], "").code(), request);
        }
        assertEquals(204, rig.send(ALICE, "DELETE", "/bucket/theirs").status());
    }

    @Test
    void theExpectedOwnerIsTheOwner() {
        Map<String, String> wrong = Map.of("x-amz-expected-bucket-owner", "bob-id");
        assertEquals("AccessDenied", put("/bucket/key", wrong, BODY).code());
        assertEquals(
                200,
                put("/bucket/key", Map.of("x-amz-expected-bucket-owner", "alice-id"), BODY)
                        .status());
    }

    @Test
    void signaturesAreChecked() throws IOException {
        RequestSigner stranger = new RequestSigner("NOKEY", "secret", S3Rig.REGION);
        assertEquals("InvalidAccessKeyId", rig.send(stranger, "GET", "/bucket").code());
        RequestSigner liar = new RequestSigner(ALICE.accessKey(), "wrong", S3Rig.REGION);
        assertEquals("SignatureDoesNotMatch", rig.send(liar, "GET", "/bucket").code());
        RequestSigner elsewhere = new RequestSigner(ALICE.accessKey(), ALICE.secretKey(), "eu-west-1");
        Reply reply = rig.send(elsewhere, "GET", "/bucket");
        assertEquals("AuthorizationHeaderMalformed", reply.code());
        assertEquals(S3Rig.REGION, reply.element("Region"));
    }

    // Errors

    @Test
    void everyReplyCarriesItsIds() {
        Reply reply = rig.send(ALICE, "GET", "/bucket/absent");
        assertEquals("NoSuchKey", reply.code());
        assertEquals(404, reply.status());
        assertEquals("absent", reply.element("Key"));
        assertEquals(reply.header("x-amz-request-id"), reply.element("RequestId"));
        assertEquals(reply.header("x-amz-id-2"), reply.element("HostId"));
        assertFalse(rig.send(ALICE, "GET", "/bucket").header("x-amz-request-id").isEmpty());
    }

    @Test
    void errorsOfHeadHaveNoBodyAndTheConnectionGoesOn() throws IOException {
        try (RawClient client = rig.connect()) {
            String empty = RequestSigner.sha256(new byte[0]);
            client.send(rig.head(ALICE, "HEAD", "/bucket/absent", Map.of(), 0, empty));
            assertEquals(404, client.reply(false).status());
            client.send(rig.head(ALICE, "GET", "/bucket?location", Map.of(), 0, empty));
            assertEquals(200, client.reply().status());
        }
    }

    @Test
    void aRefusalComesBeforeTheBodyIsAskedFor() throws IOException {
        try (RawClient client = rig.connect()) {
            Map<String, String> expect = Map.of("expect", "100-continue");
            client.send(rig.head(ALICE, "PUT", "/absent/key", expect, BODY.length, RequestSigner.sha256(BODY)));
            assertEquals(404, client.reply().status());
        }
        put("/bucket/key", Map.of(), BODY);
        try (RawClient client = rig.connect()) {
            Map<String, String> expect = Map.of("expect", "100-continue", "if-none-match", "*");
            client.send(rig.head(ALICE, "PUT", "/bucket/key", expect, BODY.length, RequestSigner.sha256(BODY)));
            assertEquals(412, client.reply().status());
        }
        try (RawClient client = rig.connect()) {
            Map<String, String> expect = Map.of("expect", "100-continue");
            client.send(rig.head(ALICE, "PUT", "/bucket/key", expect, BODY.length, RequestSigner.sha256(BODY)));
            assertEquals(100, client.reply(false).status());
            client.send(BODY);
            assertEquals(200, client.reply().status());
        }
    }

    // Documents

    @ParameterizedTest
    @CsvSource(
            value = {
                "POST|/bucket?delete|<Delete><Object><Key>a</Key></Object>",
                "POST|/bucket?delete|<Delete></Delete>",
                "POST|/bucket?delete|<Other><Object><Key>a</Key></Object></Other>",
                "POST|/bucket?delete|nonsense",
                "POST|/bucket?delete|<!DOCTYPE d [<!ENTITY a 'b'>]><Delete><Object><Key>&a;</Key></Object></Delete>",
                "POST|/bucket?delete|<!DOCTYPE d SYSTEM"
                        + " 'file:///etc/passwd'><Delete><Object><Key>a</Key></Object></Delete>",
                "PUT|/bucket?versioning|<VersioningConfiguration><Status>Perhaps</Status></VersioningConfiguration>",
                "PUT|/bucket?tagging|<Tagging><TagSet><Tag><Key>a</Key></Tag></TagSet></Tagging>",
                "PUT|/bucket?tagging|<Tagging/>",
                "POST|/bucket/key?uploadId=00000000000000010000000000000001|<CompleteMultipartUpload/>"
            },
            delimiter = '|')
    void documentsThatAreNoneAreMalformed(String method, String target, String document) {
        Reply reply = rig.send(ALICE, method, target, document);
        assertEquals("MalformedXML", reply.code());
        assertEquals(400, reply.status());
    }

    @Test
    void aDocumentOfManyMegabytesIsNotRead() throws IOException {
        try (RawClient client = rig.connect()) {
            client.send(rig.head(ALICE, "POST", "/bucket?delete", Map.of(), 1L << 40, "UNSIGNED-PAYLOAD"));
            assertEquals("MaxMessageLengthExceeded", new Reply(client.reply()).code());
        }
    }

    @Test
    void aCompletionOfAMillionPartsIsRefused() throws IOException {
        String id = rig.send(ALICE, "POST", "/bucket/big?uploads").element("UploadId");
        String target = "/bucket/big?uploadId=" + id;
        String part = "<Part><PartNumber>1</PartNumber><ETag>\"e\"</ETag></Part>";
        try (RawClient client = rig.connect()) {
            client.send(rig.head(ALICE, "POST", target, Map.of(), 1_000_000L * part.length(), "UNSIGNED-PAYLOAD"));
            assertEquals("MaxMessageLengthExceeded", new Reply(client.reply()).code());
        }
        // One that is small enough to be read names more parts than there can be.
        assertEquals(
                "MalformedXML",
                rig.send(ALICE, "POST", target, complete(part.repeat(20_000))).code());
        assertEquals(200, rig.send(ALICE, "GET", target).status());
    }

    @Test
    void aFullDiskRefusesWritesAndLetsReadsAndDeletesThrough() throws IOException {
        ObjectStoreOptions options = ObjectStoreOptions.DEFAULT.withSmallFiles().withReserveBytes(8 << 20);
        try (S3Rig full = new S3Rig(new MemoryDisk(40 << 20), options)) {
            full.send(ALICE, "PUT", "/bucket");
            byte[] mebibyte = new byte[1 << 20];
            int stored = 0;
            Reply reply = full.send(ALICE, "PUT", "/bucket/key" + stored, Map.of(), mebibyte);
            while (reply.status() == 200 && stored < 100) {
                stored++;
                reply = full.send(ALICE, "PUT", "/bucket/key" + stored, Map.of(), mebibyte);
            }
            assertTrue(stored > 0 && stored < 100, stored + " stored");
            assertEquals(507, reply.status());
            assertEquals("InsufficientStorage", reply.code());
            assertEquals(507, full.send(ALICE, "PUT", "/bucket/small", "x").status());
            assertEquals(
                    "NoSuchKey", full.send(ALICE, "GET", "/bucket/key" + stored).code());
            assertEquals(
                    mebibyte.length,
                    full.send(ALICE, "GET", "/bucket/key0").body().length());
            for (int i = 0; i < stored; i++) {
                assertEquals(204, full.send(ALICE, "DELETE", "/bucket/key" + i).status());
            }
            assertEquals("0", full.send(ALICE, "GET", "/bucket?list-type=2").element("KeyCount"));
        }
    }

    @Test
    void aThousandAndOneObjectsAreTooMany() {
        StringBuilder document = new StringBuilder("<Delete>");
        for (int i = 0; i <= 1000; i++) {
            document.append("<Object><Key>k").append(i).append("</Key></Object>");
        }
        assertEquals(
                "MalformedXML",
                rig.send(
                                ALICE,
                                "POST",
                                "/bucket?delete",
                                document.append("</Delete>").toString())
                        .code());
    }

    // Bodies

    @ParameterizedTest
    @CsvSource({
        "content-md5, rL0Y20xC+Fzt72VPzMSk2A==, BadDigest",
        "content-md5, YWJyYWNhZGFicmE=, InvalidDigest",
        "content-md5, nonsense, InvalidDigest",
        "x-amz-checksum-crc32, AAAAAA==, BadDigest",
        "x-amz-checksum-crc32, bad, BadDigest",
        "x-amz-checksum-sha256, AAAAAA==, BadDigest",
        "x-amz-checksum-crc99, AAAAAA==, InvalidRequest",
        "x-amz-sdk-checksum-algorithm, CRC32, InvalidRequest",
        "x-amz-storage-class, LUKEWARM, InvalidStorageClass",
        "x-amz-server-side-encryption, AES256, NotImplemented",
        "x-amz-object-lock-mode, GOVERNANCE, NotImplemented",
        "x-amz-acl, aws-exec-read, NotImplemented",
        "x-amz-acl, public-ready, InvalidArgument",
        "x-amz-grant-read, id=bob-id, NotImplemented",
        "x-amz-tagging, a=1&a=2, InvalidArgument",
        "x-amz-website-redirect-location, nowhere, InvalidArgument"
    })
    void headersThatCannotHoldStoreNothing(String header, String value, String code) {
        assertEquals(code, put("/bucket/key", Map.of(header, value), BODY).code());
        assertNothingStored();
    }

    @Test
    void aBodyThatIsNotTheSignedOneStoresNothing() throws IOException {
        try (RawClient client = rig.connect()) {
            client.send(rig.head(ALICE, "PUT", "/bucket/key", Map.of(), BODY.length, RequestSigner.sha256(BODY)));
            client.send("jello");
            assertEquals("XAmzContentSHA256Mismatch", new Reply(client.reply()).code());
        }
        assertNothingStored();
    }

    @Test
    void aBodyCutShortStoresNothing() throws IOException {
        try (RawClient client = rig.connect()) {
            client.send(rig.head(ALICE, "PUT", "/bucket/key", Map.of(), 100_000, "UNSIGNED-PAYLOAD"));
            client.send("only this");
        }
        try (RawClient client = rig.connect()) {
            client.send(rig.head(ALICE, "PUT", "/bucket/key", Map.of(), 100_000, "UNSIGNED-PAYLOAD"));
            client.send("then silence");
            assertEquals("RequestTimeout", new Reply(client.reply()).code());
        }
        assertNothingStored();
    }

    @Test
    void aPutWithoutALengthIsRefused() throws IOException {
        try (RawClient client = rig.connect()) {
            client.send(rig.head(ALICE, "PUT", "/bucket/key", Map.of(), 0, "UNSIGNED-PAYLOAD")
                    .replace("Content-Length: 0\r\n", ""));
            Reply reply = new Reply(client.reply());
            assertEquals("MissingContentLength", reply.code());
            assertEquals(411, reply.status());
        }
        try (RawClient client = rig.connect()) {
            client.send(rig.head(ALICE, "PUT", "/bucket/key", Map.of(), 0, "UNSIGNED-PAYLOAD")
                            .replace("Content-Length: 0\r\n", "Transfer-Encoding: chunked\r\n")
                    + "5\r\nhello\r\n0\r\n\r\n");
            assertEquals(411, client.reply().status());
        }
        assertNothingStored();
    }

    @ParameterizedTest
    @CsvSource({
        "'5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n', 200",
        "'5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n', BadDigest",
        "'5\r\nhello\r\n0\r\n\r\n', MalformedTrailerError",
        "'5\r\nhello\r\n0\r\nx-amz-checksum-sha1:NhCmhg==\r\n\r\n', MalformedTrailerError",
        "'5\r\nhel', IncompleteBody",
        "'6\r\nhello!\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n', IncompleteBody",
        "'4\r\nhell\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n', IncompleteBody",
        "'zz\r\nhello\r\n0\r\n\r\n', IncompleteBody",
        "'FFFFFFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n', IncompleteBody"
    })
    void chunkedBodies(String framed, String code) throws IOException {
        try (RawClient client = rig.connect()) {
            Map<String, String> headers = Map.of(
                    "content-encoding", "aws-chunked",
                    "x-amz-decoded-content-length", "5",
                    "x-amz-trailer", "x-amz-checksum-crc32");
            client.send(rig.head(
                            ALICE, "PUT", "/bucket/key", headers, framed.length(), "STREAMING-UNSIGNED-PAYLOAD-TRAILER")
                    + framed);
            assertEquals(code, new Reply(client.reply()).code());
        }
        if (code.equals("200")) {
            Reply reply = rig.send(ALICE, "GET", "/bucket/key");
            assertEquals("hello", reply.body());
            assertEquals("", reply.header("content-encoding"));
        } else {
            assertNothingStored();
        }
    }

    // The table of operations

    @ParameterizedTest
    @CsvSource({
        "lifecycle, NoSuchLifecycleConfiguration",
        "policy, NoSuchBucketPolicy",
        "policyStatus, NoSuchBucketPolicy",
        "cors, NoSuchCORSConfiguration",
        "website, NoSuchWebsiteConfiguration",
        "encryption, ServerSideEncryptionConfigurationNotFoundError",
        "replication, ReplicationConfigurationNotFoundError",
        "publicAccessBlock, NoSuchPublicAccessBlockConfiguration",
        "ownershipControls, OwnershipControlsNotFoundError",
        "object-lock, ObjectLockConfigurationNotFoundError",
        "tagging, NoSuchTagSet",
        "inventory&id=x, NoSuchConfiguration"
    })
    void settingsNoBucketHasAreAbsentInS3sWords(String query, String code) {
        Reply reply = rig.send(ALICE, "GET", "/bucket?" + query);
        assertEquals(code, reply.code());
        assertEquals(404, reply.status());
        assertEquals("NoSuchBucket", rig.send(ALICE, "GET", "/absent?" + query).code());
    }

    @ParameterizedTest
    @CsvSource({
        "logging, BucketLoggingStatus",
        "accelerate, AccelerateConfiguration",
        "notification, NotificationConfiguration",
        "requestPayment, BucketOwner",
        "versioning, VersioningConfiguration",
        "location, LocationConstraint",
        "acl, FULL_CONTROL",
        "inventory, ListInventoryConfigurationsResult"
    })
    void settingsThatAreOffSaySo(String query, String part) {
        Reply reply = rig.send(ALICE, "GET", "/bucket?" + query);
        assertEquals(200, reply.status());
        assertTrue(reply.body().contains(part), reply.body());
    }

    @Test
    void writingToASubResourceNeverWritesToTheResource() {
        put("/bucket/key", Map.of(), BODY);
        assertEquals(
                "MethodNotAllowed",
                rig.send(ALICE, "DELETE", "/bucket?location").code());
        assertEquals(
                "MethodNotAllowed", rig.send(ALICE, "DELETE", "/bucket/key?acl").code());
        assertEquals(
                "NotImplemented",
                rig.send(ALICE, "DELETE", "/bucket/key?tomorrow").code());
        assertEquals(
                "NotImplemented",
                rig.send(ALICE, "PUT", "/bucket/key?retention", "x").code());
        assertEquals(
                "NotImplemented", rig.send(ALICE, "PUT", "/bucket?policy", "{}").code());
        assertEquals("hello", rig.send(ALICE, "GET", "/bucket/key").body());
    }

    @Test
    void aPreflightIsNotAllowed() throws IOException {
        try (RawClient client = rig.connect()) {
            client.send("OPTIONS /bucket/key HTTP/1.1\r\nHost: h\r\n\r\n");
            assertEquals(400, client.reply().status());
            client.send("OPTIONS /bucket/key HTTP/1.1\r\nHost: h\r\nOrigin: https://example.org\r\n\r\n");
            assertEquals("AccessForbidden", new Reply(client.reply()).code());
        }
    }

    // Versions and uploads

    @Test
    void versionsAndTheirMarkers() {
        rig.send(
                ALICE,
                "PUT",
                "/bucket?versioning",
                "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>");
        String first = put("/bucket/key", Map.of(), BODY).header("x-amz-version-id");
        put("/bucket/key", Map.of(), "second".getBytes(UTF_8));
        Reply deleted = rig.send(ALICE, "DELETE", "/bucket/key");
        assertEquals("true", deleted.header("x-amz-delete-marker"));
        String marker = deleted.header("x-amz-version-id");
        Reply gone = rig.send(ALICE, "GET", "/bucket/key");
        assertEquals("NoSuchKey", gone.code());
        assertEquals("true", gone.header("x-amz-delete-marker"));
        assertEquals(marker, gone.header("x-amz-version-id"));
        assertEquals(
                "MethodNotAllowed",
                rig.send(ALICE, "GET", "/bucket/key?versionId=" + marker).code());
        assertEquals(
                "hello",
                rig.send(ALICE, "GET", "/bucket/key?versionId=" + first).body());
        assertEquals(
                "InvalidArgument",
                rig.send(ALICE, "GET", "/bucket/key?versionId=nonsense").code());
        assertEquals(
                "NoSuchVersion",
                rig.send(ALICE, "GET", "/bucket/key?versionId=" + "0".repeat(32))
                        .code());
        rig.send(ALICE, "DELETE", "/bucket/key?versionId=" + marker);
        assertEquals("second", rig.send(ALICE, "GET", "/bucket/key").body());
    }

    @Test
    void aConditionalDeleteOfNothingLeavesNothing() {
        rig.send(
                ALICE,
                "PUT",
                "/bucket?versioning",
                "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>");
        for (String tag : new String[] {"*", "other"}) {
            Reply reply = rig.send(ALICE, "DELETE", "/bucket/key", Map.of("if-match", tag), new byte[0]);
            assertEquals(204, reply.status());
            assertEquals("", reply.header("x-amz-delete-marker"));
        }
        assertFalse(rig.send(ALICE, "GET", "/bucket?versions").body().contains("<DeleteMarker>"));
        put("/bucket/key", Map.of(), BODY);
        rig.send(ALICE, "DELETE", "/bucket/key");
        Reply onMarker = rig.send(ALICE, "DELETE", "/bucket/key", Map.of("if-match", "other"), new byte[0]);
        assertEquals("PreconditionFailed", onMarker.code());
    }

    @Test
    void anUploadInParts() {
        String id = rig.send(ALICE, "POST", "/bucket/big?uploads").element("UploadId");
        byte[] part = new byte[5 << 20];
        String first =
                put("/bucket/big?partNumber=1&uploadId=" + id, Map.of(), part).header("etag");
        String last =
                put("/bucket/big?partNumber=2&uploadId=" + id, Map.of(), BODY).header("etag");
        assertEquals(
                "InvalidArgument",
                put("/bucket/big?partNumber=10001&uploadId=" + id, Map.of(), BODY)
                        .code());
        assertEquals(
                "NoSuchUpload",
                put("/bucket/big?partNumber=1&uploadId=none", Map.of(), BODY).code());
        assertTrue(rig.send(ALICE, "GET", "/bucket/big?uploadId=" + id).body().contains("<PartNumber>2</PartNumber>"));
        assertEquals("NoSuchKey", rig.send(ALICE, "GET", "/bucket/big").code());
        String wrong = complete("<Part><PartNumber>2</PartNumber><ETag>" + last
                + "</ETag></Part><Part><PartNumber>1</PartNumber><ETag>" + first + "</ETag></Part>");
        assertEquals(
                "InvalidPartOrder",
                rig.send(ALICE, "POST", "/bucket/big?uploadId=" + id, wrong).code());
        String right = complete("<Part><PartNumber>1</PartNumber><ETag>" + first
                + "</ETag></Part><Part><PartNumber>2</PartNumber><ETag>" + last.replace("\"", "") + "</ETag></Part>");
        Reply done = rig.send(ALICE, "POST", "/bucket/big?uploadId=" + id, right);
        assertEquals(200, done.status());
        assertTrue(done.element("ETag").endsWith("-2&quot;"), done.body());
        Reply second = rig.send(ALICE, "GET", "/bucket/big?partNumber=2");
        assertEquals(206, second.status());
        assertEquals("hello", second.body());
        assertEquals("2", second.header("x-amz-mp-parts-count"));
        assertEquals(
                "InvalidPart",
                rig.send(ALICE, "GET", "/bucket/big?partNumber=3").code());
    }

    private static String complete(String parts) {
        return "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" + parts
                + "</CompleteMultipartUpload>";
    }

    // Reads

    @Test
    void ranges() {
        put("/bucket/key", Map.of(), "testcontent".getBytes(UTF_8));
        Reply part = rig.send(ALICE, "GET", "/bucket/key", Map.of("range", "bytes=4-7"), new byte[0]);
        assertEquals(206, part.status());
        assertEquals("cont", part.body());
        assertEquals("bytes 4-7/11", part.header("content-range"));
        Reply beyond = rig.send(ALICE, "GET", "/bucket/key", Map.of("range", "bytes=40-50"), new byte[0]);
        assertEquals("InvalidRange", beyond.code());
        assertEquals(416, beyond.status());
        assertEquals("11", beyond.element("ActualObjectSize"));
        assertEquals("bytes=40-50", beyond.element("RangeRequested"));
        Reply several = rig.send(ALICE, "GET", "/bucket/key", Map.of("range", "bytes=0-1,3-4"), new byte[0]);
        assertEquals(200, several.status());
        assertEquals("testcontent", several.body());
        assertEquals("", several.header("content-range"));
    }

    @Test
    void conditionsOfReads() {
        String etag = put("/bucket/key", Map.of(), BODY).header("etag");
        Reply unchanged = rig.send(ALICE, "GET", "/bucket/key", Map.of("if-none-match", etag), new byte[0]);
        assertEquals(304, unchanged.status());
        assertEquals(etag, unchanged.header("etag"));
        assertEquals(
                "PreconditionFailed",
                rig.send(ALICE, "GET", "/bucket/key", Map.of("if-match", "\"other\""), new byte[0])
                        .code());
    }

    @Test
    void metadataComesBackByteForByte() {
        // One char per byte: UTF-8, then a byte that is not.
        String bytes = "\u00C3\u00A9 \u00E9";
        assertEquals(
                200, put("/bucket/key", Map.of("x-amz-meta-bytes", bytes), BODY).status());
        assertEquals(bytes, rig.send(ALICE, "GET", "/bucket/key").header("x-amz-meta-bytes"));
    }

    @Test
    void metadataAndHeadersComeBack() {
        Map<String, String> headers = Map.of(
                "content-type", "text/plain",
                "cache-control", "no-cache",
                "x-amz-meta-colour", "blue",
                "x-amz-tagging", "a=1&b=2",
                "x-amz-storage-class", "STANDARD_IA");
        put("/bucket/key", headers, BODY);
        Reply head = rig.send(ALICE, "HEAD", "/bucket/key", Map.of("x-amz-checksum-mode", "ENABLED"), new byte[0]);
        assertEquals("5", head.header("content-length"));
        assertEquals("text/plain", head.header("content-type"));
        assertEquals("no-cache", head.header("cache-control"));
        assertEquals("blue", head.header("x-amz-meta-colour"));
        assertEquals("2", head.header("x-amz-tagging-count"));
        assertEquals("STANDARD_IA", head.header("x-amz-storage-class"));
        assertEquals("FULL_OBJECT", head.header("x-amz-checksum-type"));
        assertFalse(head.header("x-amz-checksum-crc64nvme").isEmpty());
        Reply overridden = rig.send(ALICE, "GET", "/bucket/key?response-content-type=foo%2Fbar");
        assertEquals("foo/bar", overridden.header("content-type"));
    }
}
