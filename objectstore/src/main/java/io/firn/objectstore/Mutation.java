package io.firn.objectstore;

import io.firn.extent.EncodedFrame;
import io.firn.extent.Frame;
import io.firn.io.RecordReader;
import io.firn.io.RecordWriter;
import io.firn.io.StorageException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One atomic change of the store, which becomes one journal record: index operations, and the frames of small payloads that travel
 * with them.
 *
 * <pre>
 *   record   frame count (4 bytes), frames (header and payload, self-delimiting), index operations
 * </pre>
 */
final class Mutation {
    private final IndexBatch batch = new IndexBatch();
    private final List<EncodedFrame> frames = new ArrayList<>(1);

    private final Thread waiter = Thread.currentThread();
    private volatile boolean isTaken;
    private volatile boolean isSettled;
    private @Nullable RuntimeException failure;
    private byte @Nullable [] encodedBatch;

    IndexBatch batch() {
        return batch;
    }

    List<EncodedFrame> frames() {
        return frames;
    }

    /** Does the encoding that can be done before the mutation has its turn, on the thread that made it. */
    void prepare() {
        RecordWriter out = new RecordWriter(256);
        batch.encode(out);
        encodedBatch = out.toBytes();
    }

    private byte[] encoded() {
        if (encodedBatch == null) {
            throw new IllegalStateException("the mutation was not prepared");
        }
        return encodedBatch;
    }

    int encodedBytes() {
        int bytes = Integer.BYTES + encoded().length;
        for (EncodedFrame frame : frames) {
            bytes += frame.header().remaining() + frame.payload().remaining();
        }
        return bytes;
    }

    void encode(ByteBuffer out) {
        out.putInt(frames.size());
        for (EncodedFrame frame : frames) {
            out.put(frame.header());
            out.put(frame.payload());
        }
        out.put(encoded());
    }

    static Mutation decode(ByteBuffer in) {
        Mutation mutation = new Mutation();
        int frameCount = in.getInt();
        if (frameCount < 0) {
            throw new StorageException.Corrupt("journal record with " + frameCount + " frames");
        }
        for (int i = 0; i < frameCount; i++) {
            mutation.frames.add(Frame.decode(in));
        }
        byte[] rest = new byte[in.remaining()];
        in.get(rest);
        mutation.batch.ops().addAll(IndexBatch.decode(new RecordReader(rest)).ops());
        return mutation;
    }

    /** It is part of a batch, whose leader settles it. */
    void take() {
        isTaken = true;
    }

    boolean isTaken() {
        return isTaken;
    }

    boolean isSettled() {
        return isSettled;
    }

    void settle(@Nullable RuntimeException outcome) {
        failure = outcome;
        isSettled = true;
        if (waiter != Thread.currentThread()) {
            LockSupport.unpark(waiter);
        }
    }

    Thread waiter() {
        return waiter;
    }

    /** Throws what the commit failed with. */
    void throwFailure() {
        RuntimeException thrown = failure;
        if (thrown != null) {
            thrown.addSuppressed(new IllegalStateException("commit awaited here"));
            throw thrown;
        }
    }
}
