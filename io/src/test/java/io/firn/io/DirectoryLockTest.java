package io.firn.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("try") // a lock is held, not used
final class DirectoryLockTest {

    /** What the second process runs: takes the lock, says so, and holds it until its input ends. */
    static final class Holder {
        public static void main(String[] arguments) throws IOException {
            try (DirectoryLock lock = DirectoryLock.acquire(Path.of(arguments[0]))) {
                System.out.println("locked");
                while (System.in.read() >= 0) {}
            } catch (StorageException.Unavailable e) {
                System.out.println(e.getMessage());
            }
        }
    }

    @TempDir
    Path folder;

    @Test
    void aSecondProcessIsRefusedAndToldWhoHoldsIt() throws Exception {
        try (DirectoryLock lock = DirectoryLock.acquire(folder)) {
            String answer = firstLineOf(startHolder());
            assertTrue(answer.contains("process " + ProcessHandle.current().pid() + ";"), answer);
        }
        assertEquals("locked", firstLineOf(startHolder()), "free again after close");
    }

    @Test
    void thisProcessIsRefusedWhileAnotherLivesAndServedOnceItIsKilled() throws Exception {
        Process other = startHolder();
        assertEquals("locked", lineOf(other));
        StorageException refused =
                assertThrows(StorageException.Unavailable.class, () -> DirectoryLock.acquire(folder));
        assertTrue(refused.toString().contains("process " + other.pid() + ";"), refused.toString());
        other.destroyForcibly().waitFor();
        DirectoryLock.acquire(folder).close();
    }

    @Test
    void aSecondUserInThisProcessIsRefusedAndDoesNotLoosenTheLock() throws Exception {
        try (DirectoryLock lock = DirectoryLock.acquire(folder)) {
            assertThrows(StorageException.Unavailable.class, () -> DirectoryLock.acquire(folder.resolve(".")));
            assertTrue(firstLineOf(startHolder()).contains("in use"));
        }
    }

    @Test
    void anInterruptedThreadCanTakeAndKeepIt() {
        Thread.currentThread().interrupt();
        try (DirectoryLock lock = DirectoryLock.acquire(folder)) {
            assertTrue(Thread.interrupted());
            assertThrows(StorageException.Unavailable.class, () -> DirectoryLock.acquire(folder));
        }
    }

    private Process startHolder() throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static String firstLineOf(Process process) throws Exception {
        String line = lineOf(process);
        process.getOutputStream().close();
        process.waitFor();
        return line;
    }

    private static String lineOf(Process process) throws IOException {
        BufferedReader output = process.inputReader();
        String line = output.readLine();
        return line == null ? "(nothing)" : line;
    }
}
