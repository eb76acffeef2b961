package io.firn.objectstore;

import io.firn.io.Crc32c;
import io.firn.io.Disk;
import io.firn.io.DiskFile;
import io.firn.io.SmallFile;
import io.firn.io.StorageException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The two small files at the root of every zone.
 *
 * <pre>
 *   zone        what this folder is; written once
 *     0  8  magic "FIRNZONE"      8  4  format version      12  4  number of this zone, from 0
 *    16  4  zones of the store   20 16  store id            36  4  CRC32C of bytes 0..36
 *
 *   checkpoint  where recovery begins; replaced as a whole
 *     0  8  magic "FIRNCKPT"      8  4  format version      12 16  store id
 *    28  8  replay from: every effect of records up to this sequence is on stable storage outside the journal
 *    36  8  image: the sequence whose index state the image file holds, 0 when there is none
 *    44  8  generation: the newest checkpoint has the highest
 *    52  8  zones out of use: bit n for zone n
 *    60  4  CRC32C of bytes 0..60
 * </pre>
 *
 * Numbers are big-endian. In every version the last four bytes are the CRC32C of all before them, so that a version above
 * {@link #VERSION}, which is refused, can be told from a damaged one.
 */
final class StoreFormat {
    /** The version of every format of the store's own: these files, journal, image and index values. */
    static final int VERSION = 1;

    static final String ZONE_FILE = "zone";
    static final String CHECKPOINT_FILE = "checkpoint";

    private static final long ZONE_MAGIC = 0x4649524E5A4F4E45L;
    private static final long CHECKPOINT_MAGIC = 0x4649524E434B5054L;
    private static final int ZONE_BYTES = 40;
    private static final int CHECKPOINT_BYTES = 64;
    private static final int MAX_BYTES = 4096;

    private StoreFormat() {}

    /** Two numbers that name a store. */
    record StoreId(long high, long low) {
        // By hand: what the compiler makes of a record's equality is linked at its first use, which every start would
        // wait for.
        @Override
        public boolean equals(Object other) {
            return other instanceof StoreId that && high == that.high && low == that.low;
        }

        @Override
        public int hashCode() {
            return Long.hashCode(high ^ low);
        }
    }

    /** What a zone's folder says it is. */
    record ZoneLabel(StoreId store, int number, int zones) {}

    /** Where recovery begins. */
    record Checkpoint(StoreId store, long replayFrom, long imageSeq, long generation, long outOfUse) {
        boolean isOutOfUse(int zone) {
            return (outOfUse >>> zone & 1) != 0;
        }
    }

    static void write(Disk disk, ZoneLabel label) {
        ByteBuffer bytes = ByteBuffer.allocate(ZONE_BYTES)
                .putLong(ZONE_MAGIC)
                .putInt(VERSION)
                .putInt(label.number())
                .putInt(label.zones())
                .putLong(label.store().high())
                .putLong(label.store().low());
        SmallFile.replace(disk, ZONE_FILE, closed(bytes));
    }

    static Optional<ZoneLabel> readLabel(Disk disk, String zone) {
        Optional<ByteBuffer> read = read(disk, ZONE_FILE, ZONE_BYTES, ZONE_MAGIC, zone);
        return read.map(bytes -> {
            int number = bytes.getInt();
            int zones = bytes.getInt();
            return new ZoneLabel(new StoreId(bytes.getLong(), bytes.getLong()), number, zones);
        });
    }

    static void write(Disk disk, Checkpoint checkpoint) {
        ByteBuffer bytes = ByteBuffer.allocate(CHECKPOINT_BYTES)
                .putLong(CHECKPOINT_MAGIC)
                .putInt(VERSION)
                .putLong(checkpoint.store().high())
                .putLong(checkpoint.store().low())
                .putLong(checkpoint.replayFrom())
                .putLong(checkpoint.imageSeq())
                .putLong(checkpoint.generation())
                .putLong(checkpoint.outOfUse());
        SmallFile.replace(disk, CHECKPOINT_FILE, closed(bytes));
    }

    static Optional<Checkpoint> readCheckpoint(Disk disk, String zone) {
        Optional<ByteBuffer> read = read(disk, CHECKPOINT_FILE, CHECKPOINT_BYTES, CHECKPOINT_MAGIC, zone);
        return read.map(bytes -> new Checkpoint(
                new StoreId(bytes.getLong(), bytes.getLong()),
                bytes.getLong(),
                bytes.getLong(),
                bytes.getLong(),
                bytes.getLong()));
    }

    private static ByteBuffer closed(ByteBuffer bytes) {
        int crc = Crc32c.of(bytes, 0, bytes.position());
        return bytes.putInt(crc).flip();
    }

    private static Optional<ByteBuffer> read(Disk disk, String name, int length, long magic, String zone) {
        if (!disk.exists(name)) {
            return Optional.empty();
        }
        ByteBuffer bytes = ByteBuffer.allocate(MAX_BYTES);
        try (DiskFile file = disk.open(name, Disk.OpenMode.READ)) {
            file.read(bytes, 0);
        }
        bytes.flip();
        if (bytes.limit() < Long.BYTES + Integer.BYTES || bytes.getLong() != magic) {
            throw new StorageException.Corrupt(
                    "zone " + zone + ": file " + name + " is not Firn's: no magic number at offset 0");
        }
        int version = bytes.getInt();
        int body = bytes.limit() - Integer.BYTES;
        if (body < bytes.position() || Crc32c.of(bytes, 0, body) != bytes.getInt(body)) {
            throw new StorageException.Corrupt(
                    "zone " + zone + ": file " + name + " does not have its checksum at offset " + Math.max(0, body));
        }
        if (version > VERSION) {
            throw new StorageException.Fenced("zone " + zone + " was written by a newer Firn: file " + name
                    + " has format version " + version + ", this Firn reads up to " + VERSION);
        }
        if (version < 1 || bytes.limit() != length) {
            throw new StorageException.Corrupt("zone " + zone + ": file " + name + " of format version " + version
                    + " has " + bytes.limit() + " bytes, not " + length);
        }
        return Optional.of(bytes);
    }
}
