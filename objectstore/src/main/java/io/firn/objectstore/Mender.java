package io.firn.objectstore;

import io.firn.extent.EncodedFrame;
import io.firn.extent.ExtentRef;
import io.firn.extent.Frame;
import io.firn.extent.FrameOwner;
import io.firn.io.StorageException;
import io.firn.io.Task;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The online scrub, and the repair of a zone: walks all references in the order of the index, verifies each frame in each zone, and
 * writes those that are damaged or missing again from a zone that has them.
 *
 * <p>One thread at a time.
 */
final class Mender implements Task {
    private final Engine engine;
    private byte[] position = new byte[0];
    private final AtomicLong mended = new AtomicLong();
    private final AtomicLong lost = new AtomicLong();
    private final AtomicLong scrubbedBytes = new AtomicLong();
    private final AtomicLong passes = new AtomicLong();

    Mender(Engine engine) {
        this.engine = engine;
    }

    /** Scrubs frames with about {@code budget} payload bytes and returns how many it read; 0 at the end of a pass, after which the next begins. */
    @Override
    public synchronized long step(long budget) {
        long before = scrubbedBytes.get();
        // Nothing that is looked at here is reclaimed meanwhile.
        long epoch = engine.epochs().enter();
        try (OrderedIndex.Cursor cursor = engine.index().cursor(position)) {
            while (cursor.isValid() && scrubbedBytes.get() - before < budget) {
                visit(cursor.key(), cursor.value());
                position = IndexKeys.successor(cursor.key());
                cursor.next();
            }
            if (!cursor.isValid()) {
                position = new byte[0];
                passes.incrementAndGet();
            }
        } finally {
            engine.epochs().leave(epoch);
        }
        return scrubbedBytes.get() - before;
    }

    /** One pass over everything; returns the frames that were mended. */
    synchronized long pass() {
        long before = mended.get();
        long pass = passes.get();
        position = new byte[0];
        while (passes.get() == pass) {
            step(Long.MAX_VALUE);
        }
        return mended.get() - before;
    }

    private void visit(byte[] key, byte[] value) {
        if (key[0] == IndexKeys.OBJECT) {
            StoredVersion version = IndexFormat.version(value);
            if (version.body() instanceof Body.Inline(ExtentRef frame)) {
                long bucketId = IndexKeys.number(key);
                mend(frame, FrameOwners.ofVersion(bucketId, version.ordinal()));
            }
        } else if (key[0] == IndexKeys.BLOB
                && IndexFormat.blob(value) instanceof Blob.Frames(long ignored, var frames)) {
            mend(IndexKeys.number(key), frames);
        }
    }

    private void mend(long blobId, List<ExtentRef> frames) {
        for (int number = 0; number < frames.size(); number++) {
            mend(frames.get(number), FrameOwners.ofBlob(blobId, number));
        }
    }

    private void mend(ExtentRef frame, FrameOwner owner) {
        for (Zone zone : engine.zones().healthy()) {
            scrubbedBytes.addAndGet(frame.length());
            try {
                zone.extents().verify(frame);
            } catch (StorageException damaged) {
                rewrite(zone, frame, owner);
            }
        }
    }

    private void rewrite(Zone zone, ExtentRef frame, FrameOwner owner) {
        ByteBuffer payload = ByteBuffer.allocate(frame.length());
        try {
            while (payload.hasRemaining()) {
                engine.zones().read(frame, payload.position(), payload);
            }
        } catch (StorageException noneHasIt) {
            lost.incrementAndGet();
            return;
        }
        EncodedFrame again = Frame.encode(frame.extentId(), frame.offset(), owner, payload.flip());
        if (!again.ref().equals(frame)) {
            lost.incrementAndGet();
            return;
        }
        try {
            zone.extents().ensure(frame.extentId());
            zone.extents().write(again);
            zone.extents().sync(frame.extentId());
            mended.incrementAndGet();
        } catch (StorageException.OutOfSpace full) {
            lost.incrementAndGet();
        } catch (StorageException broken) {
            zone.fail(broken);
        }
    }

    /** Frames written again since the store was opened. */
    long mended() {
        return mended.get();
    }

    /** Frames found damaged that no zone could replace. */
    long lost() {
        return lost.get();
    }

    long scrubbedBytes() {
        return scrubbedBytes.get();
    }

    /** Passes finished since the store was opened. */
    long passes() {
        return passes.get();
    }
}
