package io.firn.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.Disk.OpenMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A system that writes less than asked: a process of its own whose files may not grow beyond 100 KiB. */
final class ShortWriteTest {
    private static final int LIMIT_BYTES = 100 * 1024;

    /** What the limited process runs: a write across the limit, of which the system takes a part. */
    static final class Writer {
        public static void main(String[] arguments) {
            ByteBuffer bytes = ByteBuffer.allocateDirect(2 * LIMIT_BYTES);
            try (DiskFile file = FileChannelDisk.open(Path.of(arguments[0])).open("f", OpenMode.CREATE)) {
                try {
                    file.write(bytes, 0);
                    System.out.println("written whole");
                } catch (StorageException.OutOfSpace e) {
                    System.out.println("refused after " + bytes.position());
                }
                try {
                    file.length();
                    System.out.println("not poisoned");
                } catch (StorageException.DiskFailed e) {
                    System.out.println("poisoned");
                }
            }
        }
    }

    @TempDir
    Path folder;

    @Test
    void aShortWriteIsGoneOnWithUntilTheSystemRefuses() throws IOException, InterruptedException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process process = new ProcessBuilder(
                        "/bin/sh",
                        "-c",
                        "ulimit -f 200 && exec \"$0\" \"$@\"",
                        java,
                        "-XX:-UsePerfData",
                        "-XX:+UseSerialGC",
                        "-Xshare:auto",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Writer.class.getName(),
                        folder.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        assertTrue(said.contains("refused after " + LIMIT_BYTES + "\npoisoned"), said);
        assertEquals(LIMIT_BYTES, Files.size(folder.resolve("f")));
    }
}
