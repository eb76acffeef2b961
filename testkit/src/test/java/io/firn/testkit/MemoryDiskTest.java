package io.firn.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.firn.io.Disk;
import io.firn.io.Disk.OpenMode;
import io.firn.io.DiskFile;
import io.firn.io.MemoryDisk;
import io.firn.io.StorageException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

final class MemoryDiskTest extends DiskContract {
    @Override
    protected Disk disk() {
        return new MemoryDisk();
    }

    @Test
    void aFullDiskPoisonsTheWriterAndServesOthers() {
        Disk disk = new MemoryDisk(200_000);
        try (DiskFile file = disk.open("f", OpenMode.CREATE)) {
            file.write(ByteBuffer.allocate(100_000), 0);
            assertThrows(StorageException.OutOfSpace.class, () -> file.write(ByteBuffer.allocate(200_000), 100_000));
            assertThrows(StorageException.DiskFailed.class, file::length);
        }
        try (DiskFile file = disk.open("f", OpenMode.READ)) {
            assertEquals(10, file.read(ByteBuffer.allocate(10), 0));
        }
        disk.delete("f");
        assertEquals(200_000, disk.usableBytes());
    }
}
