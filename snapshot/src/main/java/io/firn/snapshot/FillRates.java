package io.firn.snapshot;

import io.firn.io.Crc32c;
import io.firn.io.RecordReader;
import io.firn.io.RecordWriter;
import io.firn.io.StorageException;
import io.firn.objectstore.BucketName;
import io.firn.objectstore.Conditions;
import io.firn.objectstore.DeleteObject;
import io.firn.objectstore.GetObject;
import io.firn.objectstore.ObjectKey;
import io.firn.objectstore.ObjectReader;
import io.firn.objectstore.ObjectSource;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.Outcome;
import io.firn.objectstore.PutObject;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How fast volumes are filled at most whose restore named a rate, so that it holds over a restart: one small object each, beside the orders of
 * first touches. One that is damaged is as none.
 *
 * <pre>
 *   rate/VOLUME: version 1, bytes a second varint, CRC32C of all before
 * </pre>
 *
 * <p><b>Threads.</b> Safe for many.
 */
final class FillRates {
    private static final int VERSION = 1;
    private static final int BYTES_MAX = 16;

    private final ObjectStore objects;
    private final BucketName bucket;

    FillRates(ObjectStore objects, BucketName bucket) {
        this.objects = objects;
        this.bucket = bucket;
    }

    private static String key(String volume) {
        return "rate/" + volume;
    }

    /** Durable on return. */
    void keep(String volume, long bytesPerSecond) {
        RecordWriter out = new RecordWriter(BYTES_MAX).u8(VERSION).varint(bytesPerSecond);
        out.i32(Crc32c.of(out.array(), 0, out.length()));
        objects.put(PutObject.of(bucket.text(), key(volume)), ObjectSource.of(out.toBytes()))
                .orElseThrow();
    }

    /** The rate that was kept; empty when there is none. */
    OptionalLong of(String volume) {
        return switch (objects.get(GetObject.of(bucket.text(), key(volume)))) {
            case Outcome.Refused<ObjectReader> none -> OptionalLong.empty();
            case Outcome.Done<ObjectReader>(ObjectReader reader) -> {
                try (reader) {
                    ByteBuffer bytes = ByteBuffer.allocate(BYTES_MAX);
                    while (bytes.hasRemaining() && reader.read(bytes) >= 0) {}
                    yield parse(Arrays.copyOf(bytes.array(), bytes.position()));
                } catch (StorageException.Corrupt damaged) {
                    yield OptionalLong.empty();
                }
            }
        };
    }

    private static OptionalLong parse(byte[] bytes) {
        int body = bytes.length - Integer.BYTES;
        if (body < 2 || Crc32c.of(bytes, 0, body) != ByteBuffer.wrap(bytes).getInt(body)) {
            return OptionalLong.empty();
        }
        RecordReader in = new RecordReader(bytes, 0, body);
        return in.u8() == VERSION ? OptionalLong.of(in.varint()) : OptionalLong.empty();
    }

    /** Forgets it, if there is one. */
    void forget(String volume) {
        objects.delete(new DeleteObject(bucket, ObjectKey.of(key(volume)), Optional.empty(), Conditions.NONE))
                .orElseThrow();
    }
}
