package io.firn.snapshot;

import io.firn.io.RecordWriter;
import io.firn.io.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.roaringbitmap.RoaringBitmap;

/** A set of offsets in a pack as a {@link SealedRecord}: its length (varint), then the set as Roaring writes it. */
final class OffsetSet {
    private static final int VERSION = 1;

    private OffsetSet() {}

    static byte[] seal(RoaringBitmap offsets) {
        offsets.runOptimize();
        ByteBuffer bytes = ByteBuffer.allocate(offsets.serializedSizeInBytes());
        offsets.serialize(bytes);
        return SealedRecord.seal(VERSION, new RecordWriter(bytes.capacity() + 8).bytes(bytes.array()));
    }

    static RoaringBitmap open(byte[] record, String name) {
        RoaringBitmap offsets = new RoaringBitmap();
        try {
            offsets.deserialize(
                    ByteBuffer.wrap(SealedRecord.open(record, VERSION, name).bytes()));
        } catch (IOException e) {
            throw new StorageException.Corrupt(name + " is not a set in Roaring's format: " + e);
        }
        return offsets;
    }
}
