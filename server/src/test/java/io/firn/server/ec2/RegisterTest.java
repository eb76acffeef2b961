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
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
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
    void cutsTheLastRecordWhereverItWasTorn() {
        long before;
        try (Register register = Register.open(disk, clock)) {
            register.put(volume("vol-1", 1));
            before = length();
            register.put(volume("vol-2", 2));
        }
        long whole = length();
        for (long end = whole - 1; end >= before; end--) {
            truncate(end);
            try (Register cut = Register.open(disk, clock)) {
                assertEquals(List.of(volume("vol-1", 1)), cut.volumes(), "cut at " + end);
                assertEquals(before, length(), "cut at " + end);
                cut.put(volume("vol-2", 2));
            }
            try (Register again = Register.open(disk, clock)) {
                assertEquals(List.of(volume("vol-1", 1), volume("vol-2", 2)), again.volumes(), "cut at " + end);
            }
            assertEquals(whole, length(), "cut at " + end);
        }
    }

    private long length() {
        try (DiskFile file = disk.open(RegisterFile.NAME, Disk.OpenMode.WRITE)) {
            return file.length();
        }
    }

    private void truncate(long bytes) {
        try (DiskFile file = disk.open(RegisterFile.NAME, Disk.OpenMode.WRITE)) {
            file.truncate(bytes);
            file.sync();
        }
    }

    private InstanceFacts instance(String id, InstanceState state) {
        InstanceFacts.Launch launch =
                new InstanceFacts.Launch("r-1", 2, "ami-1", "m7g.large", clock.now(), Optional.of("token"));
        return new InstanceFacts(id, launch, "us-east-1b", state, clock.now(), new TreeMap<>(Map.of("name", "one")));
    }

    @Test
    void remembersInstancesAndWhatIsAttached() {
        AttachmentFacts here = new AttachmentFacts("vol-1", "i-1", "/dev/sdf", false, clock.now());
        AttachmentFacts there = new AttachmentFacts("vol-1", "i-2", "/dev/sdf", true, clock.now());
        AttachmentFacts other = new AttachmentFacts("vol-11", "i-2", "/dev/sdg", true, clock.now());
        try (Register register = Register.open(disk, clock)) {
            register.put(
                    volume("vol-1", 1),
                    instance("i-1", InstanceState.RUNNING),
                    instance("i-2", InstanceState.SHUTTING_DOWN),
                    here,
                    there,
                    other);
        }
        try (Register again = Register.open(disk, clock)) {
            assertEquals(
                    List.of(instance("i-1", InstanceState.RUNNING), instance("i-2", InstanceState.SHUTTING_DOWN)),
                    again.instances());
            assertEquals(List.of(here, there), again.attachmentsOf("vol-1"));
            assertEquals(List.of(here, there, other), again.attachments());
            again.change(List.of(), List.of(here.key()));
            assertEquals(List.of(there), again.attachmentsOf("vol-1"));
        }
    }

    @Test
    void forgetsATerminatedInstanceAfterAnHour() {
        try (Register register = Register.open(disk, clock)) {
            register.put(instance("i-1", InstanceState.TERMINATED), instance("i-2", InstanceState.STOPPED));
            clock.advance(Duration.ofHours(1));
            assertTrue(register.instance("i-1").isPresent());
            clock.advance(Duration.ofSeconds(1));
            assertTrue(register.instance("i-1").isEmpty());
            assertEquals(1, register.instances().size());
        }
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
