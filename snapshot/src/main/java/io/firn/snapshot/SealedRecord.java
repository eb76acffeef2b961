package io.firn.snapshot;

import io.firn.io.Crc32c;
import io.firn.io.RecordReader;
import io.firn.io.RecordWriter;
import io.firn.io.StorageException;
import java.nio.ByteBuffer;

/** A small object: {@code 8 "FIRNSNAP" | 4 version | body | 4 CRC32C of all before}. */
final class SealedRecord {
    private static final long MAGIC = 0x4649524E534E4150L;
    private static final int HEADER_BYTES = 12;

    private SealedRecord() {}

    static byte[] seal(int version, RecordWriter body) {
        ByteBuffer bytes = ByteBuffer.allocate(HEADER_BYTES + body.length() + Integer.BYTES)
                .putLong(MAGIC)
                .putInt(version)
                .put(body.array(), 0, body.length());
        return bytes.putInt(Crc32c.of(bytes, 0, bytes.position())).array();
    }

    /** The body; {@code Corrupt} when it is damaged, {@code Fenced} when a newer Firn wrote it. */
    static RecordReader open(byte[] record, int version, String name) {
        int end = record.length - Integer.BYTES;
        ByteBuffer bytes = ByteBuffer.wrap(record);
        if (end < HEADER_BYTES || bytes.getLong(0) != MAGIC || Crc32c.of(record, 0, end) != bytes.getInt(end)) {
            throw new StorageException.Corrupt("record " + name + " does not carry its checksum");
        }
        int found = bytes.getInt(Long.BYTES);
        if (found > version) {
            throw new StorageException.Fenced("record " + name + " was written by a newer Firn: it has format version "
                    + found + ", this Firn reads up to " + version);
        }
        return new RecordReader(record, HEADER_BYTES, end);
    }
}
