package io.firn.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.Randomness;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * {@code kill -9} of the real server under load, again and again on one folder, judged by the AWS SDK: what was acknowledged is there
 * byte for byte, the one change of a key that was under way happened or not, nothing else is listed, and {@code firn verify} finds no
 * fault in the end.
 *
 * <p>A longer loop: {@code mvn -pl server -am verify -Dtest=None -Dsurefire.failIfNoSpecifiedTests=false -Dit.test=KillIT
 * -Dfailsafe.failIfNoSpecifiedTests=false -Dfirn.kills=200}.
 */
final class KillIT {
    private static final String BUCKET = "bucket";
    private static final int KILLS = Integer.getInteger("firn.kills", 6);
    private static final int WRITERS = 8;
    private static final int KEYS_EACH = 12;
    private static final int SMALLEST_PART = 5 << 20;

    @TempDir
    Path folder;

    /** What one writer knows of its keys; its own until it has ended. */
    private static final class Writer implements Runnable {
        private final SortedMap<String, byte[]> acknowledged = new TreeMap<>();
        private final RandomGenerator random;
        private final String prefix;
        private Optional<String> touched = Optional.empty();
        private Optional<byte[]> wanted = Optional.empty();
        private Optional<S3Client> client = Optional.empty();
        private long changes;

        Writer(int number) {
            random = Randomness.seeded(number);
            prefix = "writer-" + number + "/";
        }

        /** Changes keys until the server is gone. */
        @Override
        public void run() {
            S3Client s3 = client.orElseThrow();
            try {
                while (true) {
                    String key = prefix + random.nextInt(KEYS_EACH);
                    touched = Optional.of(key);
                    wanted = change(s3, key);
                    if (wanted.isPresent()) {
                        acknowledged.put(key, wanted.get());
                    } else {
                        acknowledged.remove(key);
                    }
                    touched = Optional.empty();
                    changes++;
                }
            } catch (SdkException e) {
                // The server was killed; the change under way may have happened.
            }
        }

        private Optional<byte[]> change(S3Client s3, String key) {
            int kind = random.nextInt(100);
            if (kind < 15) {
                wanted = Optional.empty();
                s3.deleteObject(request -> request.bucket(BUCKET).key(key));
                return wanted;
            }
            Optional<byte[]> source = Optional.ofNullable(acknowledged.get(prefix + 0));
            if (kind < 25 && source.isPresent()) {
                wanted = source;
                s3.copyObject(request -> request.sourceBucket(BUCKET)
                        .sourceKey(prefix + 0)
                        .destinationBucket(BUCKET)
                        .destinationKey(key)
                        .metadata(Map.of("copied", "yes"))
                        .metadataDirective("REPLACE"));
                return wanted;
            }
            if (kind < 28) {
                byte[] body = bytes(SMALLEST_PART + random.nextInt(100_000));
                wanted = Optional.of(body);
                inParts(s3, key, body);
                return wanted;
            }
            byte[] body = bytes(kind < 90 ? random.nextInt(40_000) : random.nextInt(1_500_000));
            wanted = Optional.of(body);
            s3.putObject(request -> request.bucket(BUCKET).key(key), RequestBody.fromBytes(body));
            return wanted;
        }

        private static void inParts(S3Client s3, String key, byte[] body) {
            String id = s3.createMultipartUpload(
                            request -> request.bucket(BUCKET).key(key))
                    .uploadId();
            List<CompletedPart> parts = new ArrayList<>();
            for (int from = 0; from < body.length; from += SMALLEST_PART) {
                byte[] part = Arrays.copyOfRange(body, from, Math.min(body.length, from + SMALLEST_PART));
                int number = parts.size() + 1;
                String etag = s3.uploadPart(
                                request -> request.bucket(BUCKET)
                                        .key(key)
                                        .uploadId(id)
                                        .partNumber(number),
                                RequestBody.fromBytes(part))
                        .eTag();
                parts.add(CompletedPart.builder().partNumber(number).eTag(etag).build());
            }
            s3.completeMultipartUpload(request ->
                    request.bucket(BUCKET).key(key).uploadId(id).multipartUpload(upload -> upload.parts(parts)));
        }

        private byte[] bytes(int length) {
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            return bytes;
        }

        /** Compares what the server has now with what is known, and goes on from there. */
        void check(S3Client s3) {
            List<String> listed = s3
                    .listObjectsV2Paginator(
                            request -> request.bucket(BUCKET).prefix(prefix).maxKeys(5))
                    .contents()
                    .stream()
                    .map(S3Object::key)
                    .toList();
            SortedMap<String, byte[]> found = new TreeMap<>();
            for (String key : listed) {
                found.put(
                        key,
                        s3.getObjectAsBytes(request -> request.bucket(BUCKET).key(key))
                                .asByteArray());
            }
            if (touched.isPresent() && isWanted(found, touched.get())) {
                String key = touched.get();
                if (wanted.isPresent()) {
                    acknowledged.put(key, wanted.get());
                } else {
                    acknowledged.remove(key);
                }
            }
            assertEquals(List.copyOf(acknowledged.keySet()), listed, prefix);
            acknowledged.forEach((key, bytes) -> assertArrayEquals(bytes, found.get(key), key));
            touched = Optional.empty();
        }

        private boolean isWanted(SortedMap<String, byte[]> found, String key) {
            return wanted.map(bytes -> found.containsKey(key) && Arrays.equals(bytes, found.get(key)))
                    .orElseGet(() -> !found.containsKey(key));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void acknowledgedSurvives(int zones) throws Exception {
        Path data = folder.resolve("data");
        Path log = folder.resolve("log");
        List<String> arguments = zones == 1
                ? List.of()
                : List.of("--zones", folder.resolve("a") + "," + folder.resolve("b") + "," + folder.resolve("c"));
        List<Writer> writers = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            writers.add(new Writer(i));
        }
        RandomGenerator random = Randomness.seeded(zones);
        for (int kill = 0; kill <= KILLS; kill++) {
            ServerProcess server = ServerProcess.start(data, log, arguments);
            try (S3Client s3 = JavaSdk.blocking(server)) {
                if (kill == 0) {
                    s3.createBucket(request -> request.bucket(BUCKET));
                }
                for (Writer writer : writers) {
                    writer.check(s3);
                }
                if (kill < KILLS) {
                    load(server, s3, writers, 500 + random.nextInt(1500));
                }
            } finally {
                server.kill();
            }
        }
        assertTrue(writers.stream().mapToLong(writer -> writer.changes).sum() > 10L * KILLS, "a load worth the name");
        try (Stream<Path> left = Files.list(ServerProcess.temporary(log))) {
            assertEquals(List.of(), left.toList(), "killed servers leave nothing behind");
        }
        List<String> verify = new ArrayList<>(List.of("verify", "--data", data.toString()));
        verify.addAll(arguments);
        Process process = ServerProcess.command(log, verify)
                .redirectOutput(folder.resolve("verified").toFile())
                .start();
        assertEquals(0, process.waitFor(), () -> "firn verify: " + read(folder.resolve("verified")) + read(log));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static void load(ServerProcess server, S3Client s3, List<Writer> writers, int millis)
            throws InterruptedException {
        List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
        List<Thread> threads = new ArrayList<>();
        for (Writer writer : writers) {
            writer.client = Optional.of(s3);
            threads.add(Thread.ofPlatform()
                    .uncaughtExceptionHandler((thread, failure) -> failures.add(failure))
                    .start(writer));
        }
        Thread.sleep(millis);
        boolean isLoaded = threads.stream().allMatch(Thread::isAlive);
        server.kill();
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(List.of(), failures);
        assertTrue(isLoaded, "a writer gave up before the server was killed");
    }
}
