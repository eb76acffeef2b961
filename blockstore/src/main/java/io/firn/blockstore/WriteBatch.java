package io.firn.blockstore;

import static io.firn.blockstore.LogFormat.Kind;

import io.firn.io.StorageException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Writes of one caller that go to the log together: put several in, then {@link #submit}. What is put in is copied, checked and
 * encrypted outside of any lock.
 *
 * <p><b>Visibility and durability.</b> Before {@link #submit} returns a write may or may not be seen; after, it is seen by everybody, and
 * survives the death of the process. It survives the loss of power after {@link Volume#flush}. A batch that grows too large, or meets a
 * write that is not aligned to 4 KiB, submits by itself; each whole block is old or new after a crash, never a mix.
 *
 * <p><b>Errors.</b> A range outside the volume is an {@link IllegalArgumentException}; {@link StorageException.OutOfSpace} when the log is
 * full and cleaning gains nothing. After an error from {@code submit} what the batch held is not written; it may be put in again.
 *
 * <p><b>Threads.</b> Belongs to one.
 */
public final class WriteBatch {
    /** A hole or zeros of a size that does not hold the log's lock for long. */
    private static final long RANGE_BLOCKS_MAX = 1 << 16;

    private final Engine engine;
    private final VolumeState volume;
    private final BlockReader reader;
    private final VolumeThrottle throttle;
    private final Batch batch;
    private @Nullable Xts cipher;

    WriteBatch(Engine engine, VolumeState volume, BlockReader reader, VolumeThrottle throttle, Batch batch) {
        this.engine = engine;
        this.volume = volume;
        this.reader = reader;
        this.throttle = throttle;
        this.batch = batch;
    }

    /** Puts in all that remains in {@code source}, at a byte offset. */
    public void write(long offset, ByteBuffer source) {
        int length = source.remaining();
        requireRange(offset, length);
        requireSound(offset, length);
        throttle.write(length);
        long at = offset;
        int within = (int) at & Block.MASK;
        if (within != 0) {
            int part = Math.min(source.remaining(), Block.BYTES - within);
            patch(at, source, part);
            at += part;
        }
        at += data(Block.at(at), source);
        if (source.hasRemaining()) {
            patch(at, source, source.remaining());
        }
    }

    /**
     * Puts in zeros. With {@code mayPunchHole} the space is given back; without, it counts as allocated. Always fast: no zeros are
     * written.
     */
    public void zero(long offset, long length, boolean mayPunchHole) {
        requireRange(offset, length);
        requireSound(offset, length);
        long end = offset + length;
        long firstWhole = Block.count(offset);
        long endWhole = endWhole(end);
        long headEnd = Math.min(end, firstWhole << Block.SHIFT);
        zeroPart(offset, headEnd - offset);
        if (firstWhole < endWhole) {
            range(mayPunchHole ? Kind.TRIM : Kind.ZERO, firstWhole, endWhole - firstWhole);
        }
        long tail = Math.max(headEnd, endWhole << Block.SHIFT);
        zeroPart(tail, end - tail);
    }

    /** Tells that the whole blocks of a range hold nothing any more; they read as zeros. What is not a whole block stays. */
    public void trim(long offset, long length) {
        requireRange(offset, length);
        requireSound(offset, length);
        long firstWhole = Block.count(offset);
        long endWhole = endWhole(offset + length);
        if (firstWhole < endWhole) {
            range(Kind.TRIM, firstWhole, endWhole - firstWhole);
        }
    }

    /** The block where whole blocks end: the last of the volume counts as whole though the volume may end inside it. */
    private long endWhole(long end) {
        return end == volume.sizeBytes ? Block.count(end) : Block.at(end);
    }

    /** Gives what was put in to the log. */
    public void submit() {
        if (batch.isEmpty()) {
            return;
        }
        try {
            engine.append(batch);
        } finally {
            batch.clear();
        }
    }

    /** Forgets what was put in and not submitted. */
    public void drop() {
        batch.clear();
    }

    /** Gives buffer and cipher to the next lone write; this is not used any more. */
    void giveBack() {
        Xts own = cipher;
        if (own != null) {
            cipher = null;
            reader.giveCipher(own);
        }
        engine.giveBatch(batch);
    }

    private long data(long lba, ByteBuffer source) {
        int left = source.remaining() >> Block.SHIFT;
        long done = 0;
        while (left > 0) {
            int room = batch.room(Kind.DATA);
            if (room <= 0) {
                submit();
                continue;
            }
            int blocks = Math.min(left, room);
            batch.open(Kind.DATA, volume.id(), lba + done, blocks, 0);
            ByteBuffer payload = batch.payload(blocks);
            payload.put(source.slice(source.position(), blocks << Block.SHIFT));
            source.position(source.position() + (blocks << Block.SHIFT));
            for (int i = 0; i < blocks; i++) {
                encrypt(lba + done + i, payload, i << Block.SHIFT);
                batch.closeBlock();
            }
            left -= blocks;
            done += blocks;
        }
        return done << Block.SHIFT;
    }

    private void encrypt(long lba, ByteBuffer bytes, int offset) {
        if (!reader.isEncrypted()) {
            return;
        }
        Xts own = cipher;
        if (own == null) {
            own = reader.takeCipher();
            cipher = own;
        }
        own.encrypt(lba, bytes, offset, Block.BYTES);
    }

    private void range(int kind, long lba, long blocks) {
        long at = lba;
        long end = lba + blocks;
        boolean isCheap = kind == Kind.TRIM && volume.base instanceof VolumeBase.None;
        while (at < end) {
            long part = isCheap ? end - at : Math.min(end - at, RANGE_BLOCKS_MAX);
            if (!batch.hasRoomForInline(0) || !isCheap) {
                submit();
            }
            batch.add(kind, volume.id(), at, part);
            at += part;
        }
    }

    private void zeroPart(long offset, long length) {
        if (length > 0) {
            patch(offset, ByteBuffer.allocate((int) length), (int) length);
        }
    }

    /** Changes a part of a block: nobody else's write comes between reading the rest of it and the log. */
    private void patch(long offset, ByteBuffer source, int length) {
        submit();
        long lba = Block.at(offset);
        int within = (int) offset & Block.MASK;
        byte[] part = new byte[length];
        source.get(part);
        engine.assistCleaning(1);
        engine.appending(() -> {
            batch.clear();
            ByteBuffer block = ByteBuffer.allocate(Block.BYTES);
            long start = lba << Block.SHIFT;
            block.limit((int) Math.min(Block.BYTES, volume.sizeBytes - start));
            reader.read(start, block, at -> engine.resolve(volume, at));
            block.clear().put(within, part);
            batch.open(Kind.DATA, volume.id(), lba, 1, 0);
            ByteBuffer payload = batch.payload(1);
            payload.put(block);
            encrypt(lba, payload, 0);
            batch.closeBlock();
            return engine.log.append(batch, Cleaner.RESERVED_SEGMENTS);
        });
        batch.clear();
    }

    private void requireRange(long offset, long length) {
        if (offset < 0 || length < 0 || offset > volume.sizeBytes - length) {
            throw new IllegalArgumentException("bytes " + offset + " to " + (offset + length) + " are not within the "
                    + volume.sizeBytes + " bytes of volume " + volume.name);
        }
        if (volume.isDeleted) {
            throw new StorageException.Closed("volume " + volume.name + " is deleted");
        }
    }

    /** Blocks that were lost stay read-only until somebody has acknowledged that they are. */
    private void requireSound(long offset, long length) {
        if (!volume.isImpaired) {
            return;
        }
        for (long lba = Block.at(offset); lba < Block.count(offset + length); lba++) {
            if (volume.map.get(lba) == MapEntry.IMPAIRED) {
                throw new StorageException.Corrupt("volume " + volume.name + " is impaired: block " + lba
                        + " was lost; acknowledge it before writing there");
            }
        }
    }
}
