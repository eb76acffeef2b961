package io.firn.objectstore;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.Crc32c;
import io.firn.io.Disk;
import io.firn.io.DiskFile;
import io.firn.io.Randomness;
import io.firn.io.StorageException;
import io.firn.io.VirtualClock;
import io.firn.testkit.SimDisk;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * One bit turned anywhere in the files of a zone: opening refuses and says where, or another zone has it whole, or it did not matter.
 * What is read is never wrong, and what was acknowledged is never silently gone.
 */
final class StoreCorruptionTest {
    private static final BucketName BUCKET = new BucketName("bucket");
    private static final int BATCH_MAGIC_STRIDE = 8;
    private static final ObjectStoreOptions OPTIONS =
            ObjectStoreOptions.DEFAULT.withSmallFiles().withInlineBytes(2000).withReserveBytes(0);

    private final VirtualClock clock = new VirtualClock(Instant.parse("2026-11-24T00:00:00Z"));
    private final TreeMap<String, byte[]> expected = new TreeMap<>();
    private final TreeMap<String, byte[]> beforeLast = new TreeMap<>();

    private ObjectStore open(List<SimDisk> zones) {
        return ObjectStore.openInMemory(List.<Disk>copyOf(zones), clock, Randomness.seeded(9), OPTIONS);
    }

    private void put(ObjectStore store, String key, int length) {
        byte[] bytes = StoreModel.pattern(length, key.hashCode() + length);
        store.put(PutObject.of("bucket", key), ObjectSource.of(bytes)).orElseThrow();
        expected.put(key, bytes);
    }

    private void delete(ObjectStore store, String key) {
        store.delete(DeleteObject.of("bucket", key)).orElseThrow();
        expected.remove(key);
    }

    /** Disks with an image, a journal before it and one behind it in two segments; as a killed process leaves them, or closed. */
    private List<SimDisk> filled(int zones, boolean isClosed) {
        expected.clear();
        List<SimDisk> disks = new ArrayList<>();
        for (int i = 0; i < zones; i++) {
            disks.add(new SimDisk(i));
        }
        ObjectStore first = open(disks);
        first.createBucket(BUCKET, "me", "", Tags.NONE).orElseThrow();
        put(first, "imaged", 300);
        put(first, "imaged-large", 5000);
        put(first, "overwritten", 200);
        put(first, "deleted", 100);
        first.image();
        put(first, "behind", 310);
        put(first, "overwritten", 210);
        first.close();
        ObjectStore second = open(disks);
        put(second, "large", 4000);
        delete(second, "deleted");
        put(second, "small", 100);
        beforeLast.clear();
        beforeLast.putAll(expected);
        put(second, "last", 120);
        if (isClosed) {
            second.close();
            return disks;
        }
        return disks.stream().map(SimDisk::kill).toList();
    }

    private static List<SimDisk> copies(List<SimDisk> disks) {
        return disks.stream().map(SimDisk::copy).toList();
    }

    private enum Result {
        HARMLESS,
        DETECTED,
        LAST_IS_GONE
    }

    /** Opens and reads everything. Fails when anything is wrong that nobody was told of. */
    private Result result(List<SimDisk> disks, String damage) {
        try (ObjectStore store = open(disks)) {
            List<String> keys =
                    store.list(new ListObjects(BUCKET, "", "", Optional.empty(), 100)).orElseThrow().objects().stream()
                            .map(version -> version.key().text())
                            .toList();
            boolean isLastGone = keys.equals(List.copyOf(beforeLast.keySet()));
            if (!isLastGone) {
                assertEquals(List.copyOf(expected.keySet()), keys, damage);
            }
            Result result = isLastGone ? Result.LAST_IS_GONE : Result.HARMLESS;
            for (String key : keys) {
                try (ObjectReader reader =
                        store.get(GetObject.of("bucket", key)).orElseThrow()) {
                    assertArrayEquals(expected.get(key), ObjectStoreTest.bytes(reader), damage + ": " + key);
                } catch (StorageException.Corrupt detected) {
                    String message = String.valueOf(detected.getMessage());
                    assertTrue(message.contains(key) && message.contains("offset"), message);
                    result = Result.DETECTED;
                }
            }
            return result;
        } catch (StorageException.Corrupt | StorageException.Fenced detected) {
            String message = String.valueOf(detected.getMessage());
            String file = damage.substring(0, damage.indexOf(' '));
            String folder = file.contains("/") ? file.substring(0, file.indexOf('/')) : file;
            assertTrue(message.contains(folder), damage + " is reported as: " + message);
            return Result.DETECTED;
        }
    }

    private static long lengthOf(SimDisk disk, String file) {
        try (DiskFile open = disk.open(file, Disk.OpenMode.READ)) {
            return open.length();
        }
    }

    private static ByteBuffer bytesOf(SimDisk disk, String file) {
        try (DiskFile open = disk.open(file, Disk.OpenMode.READ)) {
            ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(open.length()));
            open.read(bytes, 0);
            return bytes.flip();
        }
    }

    /** Where the newest batch of the newest segment begins. */
    private static long lastBatch(SimDisk disk, String segment) {
        ByteBuffer bytes = bytesOf(disk, segment);
        long last = 0;
        for (int at = JournalFormat.SEGMENT_HEADER_BYTES; at + 4 <= bytes.limit(); at += BATCH_MAGIC_STRIDE) {
            if (bytes.getInt(at) == JournalFormat.BATCH_MAGIC) {
                last = at;
            }
        }
        return last;
    }

    private static String newestSegment(SimDisk disk) {
        return disk.files().stream()
                .filter(file -> file.endsWith(".log"))
                .max(String::compareTo)
                .orElseThrow();
    }

    @Test
    void anyBitOfAKilledStoreWithOneZone() {
        List<SimDisk> disks = filled(1, false);
        assertEquals(Result.HARMLESS, result(copies(disks), "nothing "));
        SimDisk zone = disks.getFirst();
        String newest = newestSegment(zone);
        long lastBatch = lastBatch(zone, newest);
        int detected = 0;
        int flips = 0;
        for (String file : zone.files()) {
            for (long offset = 0; offset < lengthOf(zone, file); offset += stride(file, offset)) {
                List<SimDisk> damaged = copies(disks);
                damaged.getFirst().flipBit(file, offset, (int) (offset % 8));
                String damage = file + " at " + offset;
                Result result = result(damaged, damage);
                // Nothing tells a bit turned in the newest batch from a write that the power cut.
                boolean mayBeTorn = file.equals(newest) && offset >= lastBatch;
                assertTrue(mayBeTorn || result != Result.LAST_IS_GONE, damage + " silently lost an acknowledged put");
                flips++;
                detected += result == Result.DETECTED ? 1 : 0;
            }
        }
        assertTrue(detected > flips / 4, detected + " of " + flips + " flips were detected");
    }

    /** Everywhere in what is small, here and there in payloads. */
    private static long stride(String file, long offset) {
        return file.startsWith(Zone.EXTENTS) ? 37 : offset < 150 ? 1 : 11;
    }

    @Test
    void afterACleanCloseTheNewestBatchIsMissedToo() {
        List<SimDisk> disks = filled(1, true);
        String newest = newestSegment(disks.getFirst());
        long from = lastBatch(disks.getFirst(), newest);
        for (long offset = from; offset < from + 200; offset++) {
            List<SimDisk> damaged = copies(disks);
            damaged.getFirst().flipBit(newest, offset, 3);
            // Bytes 44 to 48 of a batch header, and what fills up to the next multiple of 8, say nothing.
            assertTrue(result(damaged, newest + " at " + offset) != Result.LAST_IS_GONE, "offset " + offset);
        }
    }

    @Test
    void anyBitOfOneOfThreeZonesIsHealed() {
        List<SimDisk> disks = filled(3, false);
        for (String file : disks.get(1).files()) {
            for (long offset = 0; offset < lengthOf(disks.get(1), file); offset += 3 * stride(file, offset)) {
                List<SimDisk> damaged = copies(disks);
                damaged.get(1).flipBit(file, offset, (int) (offset % 8));
                String damage = file + " at " + offset;
                assertEquals(Result.HARMLESS, result(damaged, damage), damage);
            }
        }
    }

    @Test
    void aDamagedBatchInTheMiddleIsRefusedAndNamed() {
        List<SimDisk> disks = filled(1, false);
        String newest = newestSegment(disks.getFirst());
        disks.getFirst().flipBit(newest, JournalFormat.SEGMENT_HEADER_BYTES + JournalFormat.BATCH_HEADER_BYTES + 20, 0);
        StorageException.Corrupt refused = assertThrows(StorageException.Corrupt.class, () -> open(disks));
        String message = String.valueOf(refused.getMessage());
        assertTrue(message.contains("lost acknowledged records"), message);
        assertTrue(message.contains(newest) && message.contains("offset"), message);
    }

    @Test
    void aDamagedSegmentHeaderIsRefusedAndNamed() {
        List<SimDisk> disks = filled(1, false);
        String newest = newestSegment(disks.getFirst());
        disks.getFirst().flipBit(newest, 40, 0);
        StorageException.Corrupt refused = assertThrows(StorageException.Corrupt.class, () -> open(disks));
        String message = String.valueOf(refused.getMessage());
        assertTrue(message.contains(newest + " at offset 0"), message);
    }

    @Test
    void lostLabelsDoNotMakeAnEmptyStore() {
        List<SimDisk> disks = filled(3, true);
        disks.forEach(disk -> disk.flipBit(StoreFormat.ZONE_FILE, 21, 1));
        assertThrows(StorageException.DiskFailed.class, () -> open(disks));
        disks.forEach(disk -> disk.flipBit(StoreFormat.ZONE_FILE, 21, 1));
        assertEquals(Result.HARMLESS, result(disks, "nothing "));
        disks.forEach(disk -> disk.delete(StoreFormat.ZONE_FILE));
        StorageException.Corrupt refused = assertThrows(StorageException.Corrupt.class, () -> open(disks));
        assertTrue(String.valueOf(refused.getMessage()).contains("zone a holds no file zone"), refused.toString());
    }

    @Test
    void aStoreWhoseMakingWasCutShortIsMadeAfterAll() {
        for (int labelled = 0; labelled < 3; labelled++) {
            List<SimDisk> disks = List.of(new SimDisk(0), new SimDisk(1), new SimDisk(2));
            SimDisk withLabel = disks.get(labelled);
            Recovery.begin(withLabel, new StoreFormat.ZoneLabel(new StoreFormat.StoreId(1, 2), labelled, 3));
            try (ObjectStore store = open(disks)) {
                store.figures().zones().forEach(zone -> assertTrue(zone.isInUse(), zone.name()));
            }
        }
    }

    @Test
    void aNewerFormatIsRefusedByNumber() {
        for (String name : List.of(StoreFormat.ZONE_FILE, StoreFormat.CHECKPOINT_FILE)) {
            for (int extraBytes : new int[] {0, 100}) {
                List<SimDisk> disks = filled(3, true);
                ByteBuffer old = bytesOf(disks.get(2), name);
                ByteBuffer newer =
                        ByteBuffer.allocate(old.limit() + extraBytes).put(old).clear();
                newer.putInt(8, StoreFormat.VERSION + 1);
                newer.putInt(newer.limit() - 4, Crc32c.of(newer, 0, newer.limit() - 4));
                try (DiskFile file = disks.get(2).open(name, Disk.OpenMode.WRITE)) {
                    file.write(newer, 0);
                }
                StorageException.Fenced refused = assertThrows(StorageException.Fenced.class, () -> open(disks));
                String message = String.valueOf(refused.getMessage());
                assertTrue(
                        message.contains("format version 2, this Firn reads up to 1")
                                && message.contains("file " + name),
                        message);
            }
        }
    }
}
