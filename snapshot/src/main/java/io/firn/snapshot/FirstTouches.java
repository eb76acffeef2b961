package io.firn.snapshot;

import io.firn.io.Crc32c;
import io.firn.io.RecordReader;
import io.firn.io.RecordWriter;
import io.firn.io.StorageException;
import io.firn.objectstore.BucketName;
import io.firn.objectstore.GetObject;
import io.firn.objectstore.ObjectReader;
import io.firn.objectstore.ObjectSource;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.Outcome;
import io.firn.objectstore.PutObject;
import io.firn.objectstore.Tags;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * In which order the volumes restored from a lineage were first read: one small object for each, so that the next one is filled in that
 * order. Worth having, and worth nothing more: one that is lost or damaged is as none.
 *
 * <pre>
 *   order/LINEAGE: version 1, count varint, that many chunk indices varint, CRC32C of all before
 * </pre>
 *
 * <p><b>Threads.</b> Safe for many.
 */
public final class FirstTouches {
    /** The most chunks of an order: 1 GiB of what is read first. */
    static final int CHUNKS_MAX = 16_384;

    private static final int VERSION = 1;
    private static final int BYTES_MAX = 1 << 18;

    private final ObjectStore objects;
    private final BucketName bucket;

    private FirstTouches(ObjectStore objects, BucketName bucket) {
        this.objects = objects;
        this.bucket = bucket;
    }

    /** In a bucket that nobody else writes into, made when it is not there. */
    public static FirstTouches open(ObjectStore objects, BucketName bucket) {
        if (objects.bucket(bucket).isEmpty()) {
            objects.createBucket(bucket, "", "", Tags.NONE).orElseThrow();
        }
        return new FirstTouches(objects, bucket);
    }

    /** What is kept in the same bucket about the filling of volumes. */
    FillRates rates() {
        return new FillRates(objects, bucket);
    }

    /** The order of a lineage; empty when there is none. */
    List<Integer> load(String lineage) {
        return switch (objects.get(GetObject.of(bucket.text(), key(lineage)))) {
            case Outcome.Refused<ObjectReader> none -> List.of();
            case Outcome.Done<ObjectReader>(ObjectReader reader) -> {
                try (reader) {
                    ByteBuffer bytes = ByteBuffer.allocate(BYTES_MAX);
                    while (bytes.hasRemaining() && reader.read(bytes) >= 0) {}
                    yield parse(Arrays.copyOf(bytes.array(), bytes.position()));
                } catch (StorageException.Corrupt damaged) {
                    yield List.of();
                }
            }
        };
    }

    /** Puts an order before the one that is there. */
    void save(String lineage, List<Integer> chunks) {
        LinkedHashSet<Integer> all = new LinkedHashSet<>(chunks);
        all.addAll(load(lineage));
        List<Integer> kept = all.stream().limit(CHUNKS_MAX).toList();
        RecordWriter out = new RecordWriter(1024).u8(VERSION).varint(kept.size());
        kept.forEach(out::varint);
        out.i32(Crc32c.of(out.array(), 0, out.length()));
        objects.put(PutObject.of(bucket.text(), key(lineage)), ObjectSource.of(out.toBytes()))
                .orElseThrow();
    }

    private static String key(String lineage) {
        return "order/" + lineage;
    }

    private static List<Integer> parse(byte[] bytes) {
        int body = bytes.length - Integer.BYTES;
        if (body < 2 || Crc32c.of(bytes, 0, body) != ByteBuffer.wrap(bytes).getInt(body)) {
            return List.of();
        }
        RecordReader in = new RecordReader(bytes, 0, body);
        List<Integer> chunks = new ArrayList<>();
        if (in.u8() == VERSION) {
            for (int left = in.count(1); left > 0; left--) {
                chunks.add(in.small());
            }
        }
        return chunks;
    }
}
