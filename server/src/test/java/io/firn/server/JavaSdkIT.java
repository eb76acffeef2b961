package io.firn.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.Randomness;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.core.async.AsyncResponseTransformer;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.transfer.s3.S3TransferManager;

/**
 * The AWS SDK for Java v2: blocking, on Netty, and the transfer manager, over HTTP and HTTPS.
 *
 * <p>The asynchronous clients read no empty object here: the SDK is built for Netty 4.1, and with the server's Netty 4.2, which shares
 * this class path, it now and then misses the end of an empty body. With its own Netty it does not.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class JavaSdkIT {
    private static final String BUCKET = "java-sdk";
    private static final int LARGE_BYTES = 21_000_001;

    @TempDir
    Path folder;

    private ServerProcess start(boolean isSecure) throws Exception {
        return ServerProcess.start(
                folder.resolve("data"), folder.resolve("log"), isSecure ? List.of("--tls", "self-signed") : List.of());
    }

    private static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        Randomness.seeded(length).nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void blocking(boolean isSecure) throws Exception {
        try (ServerProcess server = start(isSecure);
                S3Client s3 = JavaSdk.blocking(server)) {
            s3.createBucket(request -> request.bucket(BUCKET));
            for (ChecksumAlgorithm algorithm : List.of(
                    ChecksumAlgorithm.CRC32,
                    ChecksumAlgorithm.CRC32_C,
                    ChecksumAlgorithm.SHA1,
                    ChecksumAlgorithm.SHA256)) {
                byte[] body = bytes(100_003);
                s3.putObject(
                        request -> request.bucket(BUCKET)
                                .key("a b+c/é//" + algorithm)
                                .metadata(Map.of("colour", "blue"))
                                .tagging("x=1")
                                .checksumAlgorithm(algorithm),
                        RequestBody.fromBytes(body));
                var got = s3.getObjectAsBytes(request -> request.bucket(BUCKET).key("a b+c/é//" + algorithm));
                assertArrayEquals(body, got.asByteArray());
                assertEquals(Map.of("colour", "blue"), got.response().metadata());
                assertEquals(1, got.response().tagCount());
            }
            byte[] tail = s3.getObjectAsBytes(request ->
                            request.bucket(BUCKET).key("a b+c/é//SHA1").range("bytes=-10"))
                    .asByteArray();
            assertEquals(10, tail.length);
            List<String> keys =
                    s3.listObjectsV2Paginator(request -> request.bucket(BUCKET).maxKeys(3)).contents().stream()
                            .map(S3Object::key)
                            .toList();
            assertEquals(4, keys.size());
            assertThrows(
                    NoSuchKeyException.class,
                    () -> s3.getObjectAsBytes(request -> request.bucket(BUCKET).key("absent")));
            S3Exception taken = assertThrows(
                    S3Exception.class,
                    () -> s3.putObject(
                            request ->
                                    request.bucket(BUCKET).key(keys.getFirst()).ifNoneMatch("*"),
                            RequestBody.fromString("no")));
            assertEquals(412, taken.statusCode());
            s3.copyObject(request -> request.sourceBucket(BUCKET)
                    .sourceKey(keys.getFirst())
                    .destinationBucket(BUCKET)
                    .destinationKey("copy"));
            s3.deleteObjects(request -> request.bucket(BUCKET).delete(delete -> delete.objects(identifiers(keys))));
            assertEquals(
                    List.of("copy"),
                    s3.listObjectsV2(request -> request.bucket(BUCKET)).contents().stream()
                            .map(S3Object::key)
                            .toList());
        }
    }

    private static List<ObjectIdentifier> identifiers(List<String> keys) {
        return keys.stream()
                .map(key -> ObjectIdentifier.builder().key(key).build())
                .toList();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void asynchronous(boolean isSecure) throws Exception {
        try (ServerProcess server = start(isSecure);
                S3AsyncClient s3 = JavaSdk.async(server)) {
            s3.createBucket(request -> request.bucket(BUCKET)).join();
            List<CompletableFuture<PutObjectResponse>> puts = new ArrayList<>();
            for (int i = 1; i < 50; i++) {
                int length = i * 997;
                puts.add(s3.putObject(
                        request -> request.bucket(BUCKET).key("k" + length),
                        AsyncRequestBody.fromBytes(bytes(length))));
            }
            puts.forEach(CompletableFuture::join);
            IntStream.range(1, 50).map(i -> i * 997).forEach(length -> {
                byte[] got = s3.getObject(
                                request -> request.bucket(BUCKET).key("k" + length), AsyncResponseTransformer.toBytes())
                        .join()
                        .asByteArray();
                assertArrayEquals(bytes(length), got);
            });
            // Above the threshold of the client: in parts.
            byte[] large = bytes(LARGE_BYTES);
            String etag = s3.putObject(
                            request -> request.bucket(BUCKET).key("large"), AsyncRequestBody.fromBytes(large))
                    .join()
                    .eTag();
            assertTrue(etag.endsWith("-3\""), etag);
            assertArrayEquals(
                    large,
                    s3.getObject(request -> request.bucket(BUCKET).key("large"), AsyncResponseTransformer.toBytes())
                            .join()
                            .asByteArray());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void transferManager(boolean isSecure) throws Exception {
        Path tree = Files.createDirectories(folder.resolve("tree/deep"));
        Files.write(tree.resolve("large"), bytes(LARGE_BYTES));
        Files.write(tree.resolve("ü 1"), bytes(1));
        Files.write(tree.resolveSibling("small"), bytes(5000));
        Path back = folder.resolve("back");
        try (ServerProcess server = start(isSecure);
                S3AsyncClient s3 = JavaSdk.async(server);
                S3TransferManager transfers =
                        S3TransferManager.builder().s3Client(s3).build()) {
            s3.createBucket(request -> request.bucket(BUCKET)).join();
            var up = transfers
                    .uploadDirectory(request -> request.bucket(BUCKET).source(folder.resolve("tree")))
                    .completionFuture()
                    .join();
            assertEquals(List.of(), up.failedTransfers());
            var down = transfers
                    .downloadDirectory(request -> request.bucket(BUCKET).destination(back))
                    .completionFuture()
                    .join();
            assertEquals(List.of(), down.failedTransfers());
            transfers
                    .copy(request -> request.copyObjectRequest(copy -> copy.sourceBucket(BUCKET)
                            .sourceKey("deep/large")
                            .destinationBucket(BUCKET)
                            .destinationKey("copied")))
                    .completionFuture()
                    .join();
            assertEquals(
                    LARGE_BYTES,
                    s3.headObject(request -> request.bucket(BUCKET).key("copied"))
                            .join()
                            .contentLength());
        }
        for (String name : List.of("deep/large", "deep/ü 1", "small")) {
            assertEquals(-1, Files.mismatch(folder.resolve("tree").resolve(name), back.resolve(name)), name);
        }
    }
}
