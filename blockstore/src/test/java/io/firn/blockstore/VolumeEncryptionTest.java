package io.firn.blockstore;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.Disk;
import io.firn.io.DiskFile;
import io.firn.io.Randomness;
import io.firn.io.StorageException;
import io.firn.testkit.SimDisk;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class VolumeEncryptionTest {
    private static final VolumeStoreOptions PLAIN = VolumeStoreOptions.DEFAULT.withSmallFiles();
    private static final VolumeStoreOptions OPTIONS = PLAIN.withMasterKey(key(1));
    private static final VolumeName NAME = new VolumeName("secret");

    /** In every block there is one of these, and none may be seen on the disk. */
    private static final String MARK = "the quick brown fox 0123456789abcdef";

    private final SimDisk disk = new SimDisk(1);

    private static MasterKey key(int seed) {
        byte[] bytes = new byte[MasterKey.BYTES];
        Randomness.seeded(seed).nextBytes(bytes);
        return new MasterKey(bytes);
    }

    private static byte[] text(int blocks, int version) {
        ByteBuffer bytes = ByteBuffer.allocate(blocks * Block.BYTES);
        while (bytes.remaining() > MARK.length() + 8) {
            bytes.put(MARK.getBytes(StandardCharsets.US_ASCII)).putInt(version);
        }
        return bytes.array();
    }

    private static Volume filled(VolumeStore store, VolumeSpec spec) {
        Volume volume = store.create(spec).orElseThrow();
        volume.write(0, ByteBuffer.wrap(text(40, 1)));
        volume.write(1_000, ByteBuffer.wrap(text(2, 2))); // not aligned: parts of blocks are read, changed and written
        return volume;
    }

    private static byte[] content(Volume volume) {
        ByteBuffer bytes = ByteBuffer.allocate((int) volume.sizeBytes());
        volume.read(0, bytes);
        return bytes.array();
    }

    /** How often the mark is in the disk's files. */
    private static int marks(SimDisk disk) {
        int count = 0;
        for (String name : disk.files()) {
            try (DiskFile file = disk.copy().open(name, Disk.OpenMode.READ)) {
                ByteBuffer bytes = ByteBuffer.allocate((int) file.length());
                file.read(bytes, 0);
                String all = new String(bytes.array(), StandardCharsets.ISO_8859_1);
                for (int at = all.indexOf(MARK); at >= 0; at = all.indexOf(MARK, at + 1)) {
                    count++;
                }
            }
        }
        return count;
    }

    @Test
    void readsBackWhatNobodySeesOnTheDisk() {
        byte[] expected;
        try (VolumeStore store = StoreRun.open(disk, OPTIONS)) {
            Volume volume = filled(store, VolumeSpec.of("secret", 1 << 20).encrypted());
            assertTrue(volume.stat().isEncrypted());
            SealedView view = volume.seal();
            expected = content(volume);
            volume.write(0, ByteBuffer.wrap(text(3, 3)));
            ByteBuffer sealed = ByteBuffer.allocate(1 << 20);
            view.read(0, sealed);
            assertArrayEquals(expected, sealed.array());
            Volume clone = store.cloneOf(view, new VolumeName("clone")).orElseThrow();
            clone.write(1 << 19, ByteBuffer.wrap(text(3, 4)));
            volume.write(0, ByteBuffer.wrap(text(3, 1)));
            expected = content(volume);
            store.checkpoint();
            while (store.clean()) {}
            assertTrue(store.verify().isSound());
        }
        assertEquals(0, marks(disk));
        try (VolumeStore store = StoreRun.open(disk, OPTIONS)) {
            assertArrayEquals(expected, content(store.find(NAME).orElseThrow()));
            Volume clone = store.find(new VolumeName("clone")).orElseThrow();
            assertTrue(clone.stat().isEncrypted());
            ByteBuffer part = ByteBuffer.allocate(3 * Block.BYTES);
            clone.read(1 << 19, part);
            assertArrayEquals(text(3, 4), part.array());
        }
    }

    /** So that the test above can fail. */
    @Test
    void aPlainVolumeIsSeenOnTheDisk() {
        try (VolumeStore store = StoreRun.open(disk, OPTIONS)) {
            assertFalse(filled(store, VolumeSpec.of("open", 1 << 20)).stat().isEncrypted());
        }
        assertTrue(marks(disk) > 1_000);
    }

    /** Only the content is refused: the volume is listed, renamed and deleted, and the others are as they were. */
    @Test
    void refusesAnotherMasterKeyOrNone() {
        try (VolumeStore store = StoreRun.open(disk, OPTIONS)) {
            filled(store, VolumeSpec.of("secret", 1 << 20).encrypted()).seal();
            filled(store, VolumeSpec.of("plain", 1 << 20));
        }
        for (VolumeStoreOptions wrong : List.of(PLAIN, PLAIN.withMasterKey(key(2)))) {
            try (VolumeStore store = StoreRun.open(disk.copy(), wrong)) {
                Volume volume = store.find(NAME).orElseThrow();
                assertRefused(() -> volume.read(0, ByteBuffer.allocate(512)), wrong);
                assertRefused(() -> volume.write(0, ByteBuffer.allocate(512)), wrong);
                assertRefused(() -> volume.views().getFirst().read(0, ByteBuffer.allocate(512)), wrong);
                assertTrue(volume.stat().isEncrypted());
                assertEquals(2, store.list().size());
                assertEquals(
                        text(1, 1)[0],
                        content(store.find(new VolumeName("plain")).orElseThrow())[0]);
                store.delete(volume);
                assertEquals(Optional.empty(), store.find(NAME));
            }
        }
        try (VolumeStore store = StoreRun.open(disk, PLAIN)) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> store.create(VolumeSpec.of("more", 1 << 20).encrypted()));
        }
    }

    private static void assertRefused(org.junit.jupiter.api.function.Executable call, VolumeStoreOptions options) {
        String message = String.valueOf(
                assertThrows(StorageException.Unavailable.class, call).getMessage());
        assertTrue(
                message.contains(options.masterKey().isEmpty() ? "without a master key" : "another master key"),
                message);
    }
}
