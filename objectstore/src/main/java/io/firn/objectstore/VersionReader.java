package io.firn.objectstore;

import io.firn.extent.ExtentRef;
import io.firn.io.FileStretch;
import io.firn.io.StorageException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads a span of a version's bytes: one frame, or the frames of a blob one after the other. */
final class VersionReader implements ObjectReader {
    private final Engine engine;
    private final long epoch;
    private final BucketName bucket;
    private final ObjectVersion version;
    private final ByteRange.Span span;
    private final Body body;
    private final Blobs.@Nullable Walk walk;

    private Blobs.@Nullable Piece piece;
    private long pieceOffset;
    private long done;
    private boolean isClosed;

    /** Takes over {@code epoch}, which is left when the reader is closed. */
    VersionReader(
            Engine engine,
            Blobs blobs,
            long epoch,
            BucketName bucket,
            ObjectVersion version,
            Body body,
            ByteRange.Span span) {
        this.engine = engine;
        this.epoch = epoch;
        this.bucket = bucket;
        this.version = version;
        this.body = body;
        this.span = span;
        this.walk = body instanceof Body.InBlob(long blobId)
                ? blobs.walk(blobId, span.offset(), span.offset() + span.length())
                : null;
    }

    @Override
    public ObjectVersion version() {
        return version;
    }

    @Override
    public ByteRange.Span span() {
        return span;
    }

    @Override
    public int read(ByteBuffer target) {
        if (isClosed) {
            throw new StorageException.Closed("the reader of " + version.key() + " is closed");
        }
        long left = span.length() - done;
        if (left == 0) {
            return -1;
        }
        if (!target.hasRemaining()) {
            return 0;
        }
        int limit = target.limit();
        if (target.remaining() > left) {
            target.limit(target.position() + (int) left);
        }
        try {
            int read = readSome(target);
            done += read;
            return read;
        } catch (StorageException.Corrupt damaged) {
            throw new StorageException.Corrupt("object " + bucket + "/" + version.key() + " (version "
                    + version.versionId() + ") at byte " + (span.offset() + done) + ": " + damaged.getMessage());
        } finally {
            target.limit(limit);
        }
    }

    private int readSome(ByteBuffer target) {
        return switch (body) {
            case Body.Empty() -> throw new StorageException.Corrupt("a version without bytes has a length");
            case Body.Inline(ExtentRef frame) -> {
                int skip = Payloads.smallOffset(frame, version.lengthBytes());
                yield engine.zones().read(frame, skip + (int) (span.offset() + done), target);
            }
            case Body.InBlob ignored -> readPiece(target);
        };
    }

    private int readPiece(ByteBuffer target) {
        Blobs.Piece current = currentPiece();
        int frameOffset = (int) (pieceOffset % Blob.FRAME_BYTES);
        ExtentRef frame = frame(current);
        int limit = target.limit();
        long left = Math.min(current.to() - pieceOffset, (long) frame.length() - frameOffset);
        if (target.remaining() > left) {
            target.limit(target.position() + (int) left);
        }
        int read = engine.zones().read(frame, frameOffset, target);
        target.limit(limit);
        pieceOffset += read;
        return read;
    }

    private Blobs.Piece currentPiece() {
        Blobs.Piece current = piece;
        if (current == null || pieceOffset == current.to()) {
            current = walk == null ? null : walk.next();
            if (current == null) {
                throw new StorageException.Corrupt("its blob ends early");
            }
            piece = current;
            pieceOffset = current.from();
        }
        return current;
    }

    private ExtentRef frame(Blobs.Piece current) {
        return current.blob().frames().get((int) (pieceOffset / Blob.FRAME_BYTES));
    }

    @Override
    public Optional<FileStretch> lend(int mostBytes) {
        if (isClosed || walk == null || done == span.length()) {
            return Optional.empty();
        }
        Blobs.Piece current = currentPiece();
        long left = Math.min(current.to() - pieceOffset, span.length() - done);
        int frameOffset = (int) (pieceOffset % Blob.FRAME_BYTES);
        Optional<FileStretch> lent = engine.zones().lend(frame(current), frameOffset, (int) Math.min(mostBytes, left));
        lent.ifPresent(stretch -> {
            pieceOffset += stretch.length();
            done += stretch.length();
        });
        return lent;
    }

    @Override
    public void close() {
        if (!isClosed) {
            isClosed = true;
            engine.epochs().leave(epoch);
        }
    }
}
