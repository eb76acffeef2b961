package io.firn.objectstore;

import io.firn.extent.EncodedFrame;
import io.firn.extent.ExtentRef;
import io.firn.extent.FrameOwner;
import io.firn.io.Invariant;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/**
 * Takes bodies in: small ones into memory, for the journal record; large ones into frames that are durable before the body is
 * referred to. Digests run beside the writing.
 *
 * <p>A small payload's frame holds the key before the bytes (length in 2 bytes, key, bytes), so that the cleaner finds the version it
 * belongs to.
 */
final class Payloads {
    private static final int KEY_LENGTH_BYTES = 2;
    private static final int BUFFERS_PER_BODY = 2;

    /** Frames after which the disk is set to work, so that it does not idle until the end of the body. */
    private static final int FRAMES_PER_EARLY_SYNC = 8;

    private final Zones zones;
    private final ExtentSpace space;
    private final ObjectStoreOptions options;
    private final Executor parallel;
    private final BufferPool buffers = new BufferPool();

    Payloads(Zones zones, ExtentSpace space, ObjectStoreOptions options, Executor parallel) {
        this.zones = zones;
        this.space = space;
        this.options = options;
        this.parallel = parallel;
    }

    /**
     * Reads {@code source} to its end and checks what was claimed of it.
     *
     * @param blobId the number of the blob, should it become one
     * @param stored the checksum to compute for keeping
     * @param isInlineAllowed false makes even a small body a blob
     */
    Outcome<Received> receive(
            ObjectSource source,
            Expectations expectations,
            long blobId,
            ChecksumAlgorithm stored,
            boolean isInlineAllowed) {
        OptionalLong declared = expectations.lengthBytes();
        if (declared.isPresent() && declared.getAsLong() > options.maxPutBytes()) {
            return tooLarge();
        }
        Digests digests = new Digests(Digests.wanted(expectations, stored));
        int inlineBytes = isInlineAllowed ? options.inlineBytes() : 0;
        if (declared.isPresent() && declared.getAsLong() > inlineBytes) {
            return receiveLarge(source, expectations, blobId, digests, ByteBuffer.allocate(0));
        }
        // One byte more than may be inline tells a body that is just short enough from one that goes on.
        ByteBuffer head =
                ByteBuffer.allocate(declared.isPresent() ? Math.toIntExact(declared.getAsLong()) + 1 : inlineBytes + 1);
        if (!fill(source, head)) {
            return receiveLarge(source, expectations, blobId, digests, head.flip());
        }
        head.flip();
        if (head.remaining() > options.maxPutBytes()) {
            return tooLarge();
        }
        digests.update(head);
        Digests.Results results = digests.finish();
        Optional<Outcome<Received>> refusal = refusal(source, expectations, head.remaining(), results);
        if (refusal.isPresent()) {
            return refusal.get();
        }
        if (isInlineAllowed || !head.hasRemaining()) {
            return Outcome.done(new Received(head.remaining(), results, Optional.of(head), blobId, List.of()));
        }
        throw new IllegalStateException("a body that may not be inline was read as one");
    }

    /** Fills {@code target}; true when the source ended first. */
    private static boolean fill(ObjectSource source, ByteBuffer target) {
        while (target.hasRemaining()) {
            if (source.read(target) < 0) {
                return true;
            }
        }
        return false;
    }

    private Outcome<Received> receiveLarge(
            ObjectSource source, Expectations expectations, long blobId, Digests digests, ByteBuffer head) {
        List<EncodedFrame> frames = new ArrayList<>();
        ByteBuffer[] pair = buffers.take(BUFFERS_PER_BODY);
        CompletableFuture<Void> digested = CompletableFuture.completedFuture(null);
        CompletableFuture<Void> syncedEarly = CompletableFuture.completedFuture(null);
        boolean isKept = false;
        try {
            long length = 0;
            boolean isEnd = false;
            pair[0].put(head);
            for (int i = 0; !isEnd; i++) {
                ByteBuffer buffer = pair[i % BUFFERS_PER_BODY];
                isEnd = fill(source, buffer);
                buffer.flip();
                length += buffer.remaining();
                if (length > options.maxPutBytes()) {
                    return tooLarge();
                }
                // The buffer that is filled next is digested by now.
                digested.join();
                if (buffer.hasRemaining()) {
                    ByteBuffer filled = buffer.duplicate();
                    digested = CompletableFuture.runAsync(() -> digests.update(filled), parallel);
                    frames.add(write(FrameOwners.ofBlob(blobId, frames.size()), buffer));
                    if (frames.size() % FRAMES_PER_EARLY_SYNC == 0 && syncedEarly.isDone() && options.isSynced()) {
                        // What comes of it is the last sync's to tell: a failure poisons the extent.
                        long extentId = frames.getLast().ref().extentId();
                        syncedEarly = CompletableFuture.runAsync(() -> zones.sync(extentId), parallel);
                    }
                }
                pair[(i + 1) % BUFFERS_PER_BODY].clear();
            }
            digested.join();
            Digests.Results results = digests.finish();
            Optional<Outcome<Received>> refusal = refusal(source, expectations, length, results);
            if (refusal.isPresent()) {
                return refusal.get();
            }
            sync(frames);
            isKept = true;
            return Outcome.done(new Received(length, results, Optional.empty(), blobId, frames));
        } finally {
            awaitQuietly(digested);
            buffers.giveBack(pair);
            if (!isKept) {
                release(frames);
            }
        }
    }

    private static void awaitQuietly(CompletableFuture<Void> digested) {
        try {
            digested.join();
        } catch (CompletionException e) {
            // Reported by the join on the way here; this one only keeps the buffer until the digester is done with it.
            Invariant.check(digested.isDone(), "a digest that failed is done");
        }
    }

    private EncodedFrame write(FrameOwner owner, ByteBuffer payload) {
        EncodedFrame frame = space.place(ExtentSpace.Stream.DIRECT, owner, payload);
        try {
            zones.write(frame);
        } catch (RuntimeException e) {
            space.written(frame);
            throw e;
        }
        return frame;
    }

    private void sync(List<EncodedFrame> frames) {
        if (!options.isSynced()) {
            return;
        }
        TreeSet<Long> extents = new TreeSet<>();
        frames.forEach(frame -> extents.add(frame.ref().extentId()));
        extents.forEach(zones::sync);
    }

    /** The frames are referred to now, or never will be. */
    void release(List<EncodedFrame> frames) {
        frames.forEach(space::written);
    }

    /** Makes a durable blob of bytes in memory. */
    List<EncodedFrame> writeBlob(long blobId, ByteBuffer bytes) {
        List<EncodedFrame> frames = new ArrayList<>();
        if (bytes.hasRemaining()) {
            frames.add(writeFrame(FrameOwners.ofBlob(blobId, 0), bytes));
        }
        return frames;
    }

    /** Makes one durable frame; to be {@linkplain #release released} when it is referred to. */
    EncodedFrame writeFrame(FrameOwner owner, ByteBuffer payload) {
        EncodedFrame frame = write(owner, payload);
        try {
            sync(List.of(frame));
        } catch (RuntimeException e) {
            space.written(frame);
            throw e;
        }
        return frame;
    }

    /** A new place for the payload of a small frame, key and all; to be {@linkplain #release released} after the commit. */
    EncodedFrame placeAgain(FrameOwner owner, ByteBuffer payload) {
        return space.place(ExtentSpace.Stream.JOURNALED, owner, payload);
    }

    /** A place for a small payload that the journal will carry; to be {@linkplain #release released} after the commit. */
    EncodedFrame placeSmall(long bucketId, long versionOrdinal, ObjectKey key, ByteBuffer bytes) {
        byte[] utf8 = key.text().getBytes(StandardCharsets.UTF_8);
        ByteBuffer payload = ByteBuffer.allocate(KEY_LENGTH_BYTES + utf8.length + bytes.remaining());
        payload.putShort((short) utf8.length).put(utf8).put(bytes.duplicate()).flip();
        return space.place(ExtentSpace.Stream.JOURNALED, FrameOwners.ofVersion(bucketId, versionOrdinal), payload);
    }

    /** Where the object's bytes begin in the frame of a small payload. */
    static int smallOffset(ExtentRef frame, long lengthBytes) {
        return Math.toIntExact(frame.length() - lengthBytes);
    }

    /** The key in the frame of a small payload. */
    static ObjectKey keyOf(ByteBuffer payload) {
        int length = payload.getShort(0) & 0xFFFF;
        byte[] utf8 = new byte[length];
        payload.get(KEY_LENGTH_BYTES, utf8);
        return ObjectKey.ofStored(utf8, 0, length);
    }

    private static <T> Outcome<T> tooLarge() {
        return Outcome.refused(
                Refusal.Reason.ENTITY_TOO_LARGE, "Your proposed upload exceeds the maximum allowed object size.");
    }

    private static Optional<Outcome<Received>> refusal(
            ObjectSource source, Expectations expectations, long lengthBytes, Digests.Results results) {
        OptionalLong declared = expectations.lengthBytes();
        if (declared.isPresent() && declared.getAsLong() != lengthBytes) {
            return Optional.of(Outcome.refused(
                    Refusal.Reason.INCOMPLETE_BODY,
                    "You did not provide the number of bytes specified by the Content-Length HTTP header: "
                            + lengthBytes + " came, " + declared.getAsLong() + " were declared"));
        }
        if (expectations.md5().isPresent()
                && !expectations.md5().equals(results.of(ChecksumAlgorithm.MD5).map(Checksum::base64))) {
            return Optional.of(Outcome.refused(
                    Refusal.Reason.BAD_DIGEST, "The Content-MD5 you specified did not match what we received."));
        }
        Optional<Checksum> claimed = expectations.checksum().or(source::trailingChecksum);
        if (claimed.isPresent()) {
            Optional<Checksum> computed = results.of(claimed.get().algorithm());
            if (computed.isEmpty() || !computed.get().equals(claimed.get())) {
                return Optional.of(Outcome.refused(
                        Refusal.Reason.BAD_CHECKSUM,
                        "The " + claimed.get().algorithm().wireName()
                                + " you specified did not match the calculated checksum."));
            }
        }
        return Optional.empty();
    }
}
