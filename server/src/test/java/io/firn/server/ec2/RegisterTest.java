package io.firn.server.ec2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.Disk;
import io.firn.io.DiskFile;
import io.firn.io.MemoryDisk;
import io.firn.io.StorageException;
import io.firn.io.VirtualClock;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RegisterTest {
    private final Disk disk = new MemoryDisk();
    private final VirtualClock clock = new VirtualClock(Instant.parse("2026-11-25T00:00:00Z"));

    private static VolumeFacts volume(String id, int number) {
        return new VolumeFacts(id, number, "us-east-1a", VolumeRules.GP3.ownService(1));
    }

    private static void write(Disk disk, long at, int value) {
        try (DiskFile file = disk.open(RegisterFile.NAME, Disk.OpenMode.WRITE)) {
            file.write(ByteBuffer.wrap(new byte[] {(byte) value}), at < 0 ? file.length() + at : at);
            file.sync();
        }
    }

    @Test
    void remembersOverOpening() {
        try (Register register = Register.open(disk, clock)) {
            register.put(volume("vol-1", 1), volume("vol-2", 2));
            register.change(List.of(volume("vol-3", 3)), List.of("vol-1"));
        }
        try (Register again = Register.open(disk, clock)) {
            assertEquals(List.of(volume("vol-2", 2), volume("vol-3", 3)), again.volumes());
            assertEquals("vol-3", again.volume(3).orElseThrow().id());
            assertTrue(again.volume(1).isEmpty());
        }
    }

    @Test
    void cutsATornRecordAndRefusesADamagedOne() {
        try (Register register = Register.open(disk, clock)) {
            register.put(volume("vol-1", 1));
            register.put(volume("vol-2", 2));
        }
        write(disk, -1, 'x');
        try (Register cut = Register.open(disk, clock)) {
            assertEquals(List.of(volume("vol-1", 1)), cut.volumes());
            cut.put(volume("vol-2", 2));
        }
        write(disk, 12, 'x'); // a length
        assertThrows(StorageException.Corrupt.class, () -> Register.open(disk, clock));
        write(disk, 12, 0);
        write(disk, 30, 'x');
        assertThrows(StorageException.Corrupt.class, () -> Register.open(disk, clock));
    }

    @Test
    void forgetsATokenAfterADay() {
        try (Register register = Register.open(disk, clock)) {
            register.put(new TokenFacts("CreateVolume", "t", "hash", clock.now(), List.of("vol-1")));
            clock.advance(Duration.ofHours(24));
            assertTrue(register.token("CreateVolume", "t").isPresent());
            clock.advance(Duration.ofSeconds(1));
            assertTrue(register.token("CreateVolume", "t").isEmpty());
        }
    }
}
