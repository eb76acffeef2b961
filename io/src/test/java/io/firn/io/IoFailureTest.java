package io.firn.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import org.junit.jupiter.api.Test;

final class IoFailureTest {

    @Test
    void eachFailureIsToldByItsRemedy() {
        expect(StorageException.OutOfSpace.class, new IOException("No space left on device"));
        expect(StorageException.OutOfSpace.class, new FileSystemException("f", null, "Disk quota exceeded"));
        expect(StorageException.OutOfSpace.class, new IOException("File too large"));
        expect(StorageException.DiskFailed.class, new IOException("Input/output error"));
        expect(StorageException.DiskFailed.class, new IOException("Read-only file system"));
        expect(StorageException.DiskFailed.class, new IOException((String) null));
        expect(StorageException.Unavailable.class, new NoSuchFileException("f"));
        expect(StorageException.Unavailable.class, new AccessDeniedException("f"));
        expect(StorageException.Unavailable.class, new FileSystemException("f", null, "Too many open files"));
    }

    @Test
    void theMessageNamesOperationFileOffsetAndLength() {
        IOException cause = new IOException("Input/output error");
        StorageException told = IoFailure.translate(cause, "read", "a/b", 4096, 512);
        assertEquals(
                List.of("read a/b at 4096 for 512 bytes: java.io.IOException: Input/output error"),
                List.of(String.valueOf(told.getMessage())));
        assertSame(cause, told.getCause());
    }

    private static void expect(Class<? extends StorageException> kind, IOException failure) {
        assertEquals(kind, IoFailure.translate(failure, "write", "f").getClass());
    }
}
