package io.firn.blockstore;

import io.firn.io.RecordReader;
import io.firn.io.RecordWriter;
import io.firn.io.StorageException;
import java.util.Optional;

/**
 * What a volume is made with, as its CREATE entry and checkpoints hold it.
 *
 * @param family id of the volume at the root of its clones: moved blocks are looked for in all of a family
 * @param wrappedKey the volume's key under the master key; empty when it is not encrypted
 * @param owner of an instance-store volume
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, never changed
record Descriptor(
        int id,
        int family,
        VolumeName name,
        long sizeBytes,
        VolumeType type,
        byte[] wrappedKey,
        Optional<String> owner,
        VolumeBase base,
        long createdMillis) {
    private static final int VERSION = 1;

    byte[] toBytes() {
        RecordWriter out = new RecordWriter(128);
        write(out);
        return out.toBytes();
    }

    void write(RecordWriter out) {
        out.u8(VERSION)
                .varint(id)
                .varint(family)
                .text(name.value())
                .i64(sizeBytes)
                .text(type.wireName())
                .bytes(wrappedKey)
                .textOrNone(owner);
        switch (base) {
            case VolumeBase.None() -> out.u8(0);
            case VolumeBase.View(int volume, long epoch) ->
                out.u8(1).varint(volume).varint(epoch);
            case VolumeBase.Source(String source) -> out.u8(2).text(source);
        }
        out.i64(createdMillis);
    }

    static Descriptor read(RecordReader in) {
        int version = in.u8();
        if (version != VERSION) {
            throw new StorageException.Corrupt("a volume's descriptor has format version " + version);
        }
        return new Descriptor(
                in.small(),
                in.small(),
                new VolumeName(in.text()),
                in.i64(),
                VolumeType.parse(in.text()),
                in.bytes(),
                in.textOrNone(),
                readBase(in),
                in.i64());
    }

    private static VolumeBase readBase(RecordReader in) {
        int kind = in.u8();
        return switch (kind) {
            case 0 -> new VolumeBase.None();
            case 1 -> new VolumeBase.View(in.small(), in.varint());
            case 2 -> new VolumeBase.Source(in.text());
            default -> throw new StorageException.Corrupt("a volume's descriptor has a base of kind " + kind);
        };
    }
}
