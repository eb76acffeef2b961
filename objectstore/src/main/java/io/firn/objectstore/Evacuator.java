package io.firn.objectstore;

import io.firn.extent.EncodedFrame;
import io.firn.extent.ExtentRef;
import io.firn.extent.Frame;
import io.firn.extent.FrameEntry;
import io.firn.extent.FrameOwner;
import io.firn.io.StorageException;
import io.firn.io.Task;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Empties extents that are mostly dead, so that they can be deleted: copies each live frame to a new place and switches the version or
 * blob that refers to it. The owner in the frame (and, for a small payload, the key before its bytes) leads to what refers to it.
 *
 * <p>Runs on the reclaimer's thread, which alone changes or drops blobs.
 */
final class Evacuator implements Task {
    private static final int LIVE_PERCENT = 50;

    private final Engine engine;
    private final Payloads payloads;
    private final Versions versions;
    private final Blobs blobs;

    Evacuator(Engine engine, Payloads payloads, Versions versions, Blobs blobs) {
        this.engine = engine;
        this.payloads = payloads;
        this.versions = versions;
        this.blobs = blobs;
    }

    /** Empties at most one extent; returns the frames moved. */
    @Override
    public long step(long budget) {
        Optional<Zone> zone =
                engine.zones().all().stream().filter(Zone::isReadable).findFirst();
        if (zone.isEmpty()) {
            return 0;
        }
        for (long extentId : zone.get().extents().extents()) {
            if (!engine.space().isInUse(extentId) && isSparse(zone.get(), extentId)) {
                return evacuate(zone.get(), extentId);
            }
        }
        return 0;
    }

    private boolean isSparse(Zone zone, long extentId) {
        byte[] counter = engine.index().get(IndexKeys.of(IndexKeys.EXTENT, extentId));
        long live = counter == null ? 0 : IndexBatch.counter(counter);
        long payload = zone.extents().lengthBytes(extentId) - Frame.FIRST_OFFSET;
        return live > 0 && live * 100 < payload * LIVE_PERCENT;
    }

    private long evacuate(Zone zone, long extentId) {
        long moved = 0;
        for (FrameEntry entry : zone.extents().frames(extentId)) {
            boolean isMoved = FrameOwners.isBlob(entry.owner()) ? moveBlobFrame(entry) : moveSmall(entry);
            if (isMoved) {
                moved++;
            }
        }
        return moved;
    }

    private Optional<ByteBuffer> payload(ExtentRef frame) {
        ByteBuffer payload = ByteBuffer.allocate(frame.length());
        try {
            while (payload.hasRemaining()) {
                engine.zones().read(frame, payload.position(), payload);
            }
            return Optional.of(payload.flip());
        } catch (StorageException.Corrupt | StorageException.Unavailable damaged) {
            // Nobody has it whole: it stays where it is, to be reported by reads and verify.
            return Optional.empty();
        }
    }

    private boolean moveBlobFrame(FrameEntry entry) {
        long blobId = FrameOwners.blobId(entry.owner());
        int number = FrameOwners.frameNumber(entry.owner());
        if (!(blobs.find(blobId).orElse(null) instanceof Blob.Frames blob)
                || number >= blob.frames().size()
                || !blob.frames().get(number).equals(entry.ref())) {
            return false;
        }
        Optional<ByteBuffer> payload = payload(entry.ref());
        if (payload.isEmpty()) {
            return false;
        }
        EncodedFrame copy = payloads.writeFrame(entry.owner(), payload.get());
        try {
            List<ExtentRef> frames = new ArrayList<>(blob.frames());
            frames.set(number, copy.ref());
            Mutation mutation = new Mutation();
            mutation.batch()
                    .put(
                            IndexKeys.of(IndexKeys.BLOB, blobId),
                            IndexFormat.encode(new Blob.Frames(blob.lengthBytes(), frames)));
            Blobs.addLive(mutation.batch(), copy.ref(), 1);
            Blobs.addLive(mutation.batch(), entry.ref(), -1);
            engine.log().commit(mutation);
        } finally {
            payloads.release(List.of(copy));
        }
        return true;
    }

    private boolean moveSmall(FrameEntry entry) {
        Optional<ByteBuffer> payload = payload(entry.ref());
        if (payload.isEmpty()) {
            return false;
        }
        FrameOwner owner = entry.owner();
        Optional<Bucket> bucket = engine.buckets().values().stream()
                .filter(each -> each.id() == owner.high())
                .findFirst();
        if (bucket.isEmpty()) {
            return false;
        }
        ObjectKey key = Payloads.keyOf(payload.get());
        try (KeyLocks.Held _ = engine.locks().key(bucket.get().name(), key)) {
            Optional<StoredVersion> current = versions.current(bucket.get().id(), key);
            boolean isCurrent = current.isPresent() && current.get().ordinal() == owner.low();
            Optional<StoredVersion> version =
                    isCurrent ? current : versions.older(bucket.get().id(), key, owner.low());
            if (version.isEmpty() || !version.get().body().equals(new Body.Inline(entry.ref()))) {
                return false;
            }
            EncodedFrame copy = payloads.placeAgain(owner, payload.get());
            try {
                Mutation mutation = new Mutation();
                mutation.frames().add(copy);
                versions.rewrite(
                        mutation.batch(),
                        bucket.get().id(),
                        key,
                        version.get().withBody(new Body.Inline(copy.ref())),
                        isCurrent);
                Blobs.addLive(mutation.batch(), copy.ref(), 1);
                Blobs.addLive(mutation.batch(), entry.ref(), -1);
                engine.log().commit(mutation);
            } finally {
                payloads.release(List.of(copy));
            }
            return true;
        }
    }
}
