package io.firn.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

/** What only a process of its own shows: its lock, and how it ends. */
@Timeout(120)
final class ServeIT {
    @TempDir
    Path folder;

    @Test
    void aSecondProcessOnTheFolderIsRefused() throws Exception {
        Path data = folder.resolve("data");
        try (ServerProcess server = ServerProcess.start(data, folder.resolve("first.log"), List.of())) {
            Path log = folder.resolve("second.log");
            IOException refused = assertThrows(IOException.class, () -> ServerProcess.start(data, log, List.of()));
            assertTrue(String.valueOf(refused.getMessage()).contains("use"), refused.getMessage());
            try (S3Client s3 = JavaSdk.blocking(server)) {
                assertEquals(List.of(), s3.listBuckets().buckets());
            }
        }
    }

    @Test
    void stoppedUnderLoadItLosesNothing() throws Exception {
        Path data = folder.resolve("data");
        Path log = folder.resolve("log");
        Set<String> acknowledged = Collections.synchronizedSet(new TreeSet<>());
        ServerProcess server = ServerProcess.start(data, log, List.of());
        try (S3Client s3 = JavaSdk.blocking(server)) {
            s3.createBucket(request -> request.bucket("bucket"));
            List<Thread> writers = List.of("a", "b", "c", "d").stream()
                    .map(name -> Thread.ofPlatform().start(() -> write(s3, name, acknowledged)))
                    .toList();
            Thread.sleep(1500);
            server.stop();
            for (Thread writer : writers) {
                writer.join();
            }
        }
        assertTrue(acknowledged.size() > 20, acknowledged.size() + " puts");
        try (ServerProcess again = ServerProcess.start(data, log, List.of());
                S3Client s3 = JavaSdk.blocking(again)) {
            Set<String> listed = s3.listObjectsV2Paginator(request -> request.bucket("bucket")).contents().stream()
                    .map(S3Object::key)
                    .collect(Collectors.toCollection(TreeSet::new));
            assertTrue(listed.containsAll(acknowledged), () -> acknowledged + " but " + listed);
        }
    }

    private static void write(S3Client s3, String name, Set<String> acknowledged) {
        try {
            for (int i = 0; ; i++) {
                String key = name + i;
                s3.putObject(request -> request.bucket("bucket").key(key), RequestBody.fromString(key));
                acknowledged.add(key);
            }
        } catch (SdkException e) {
            // The server has ended.
        }
    }
}
