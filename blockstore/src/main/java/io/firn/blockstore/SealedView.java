package io.firn.blockstore;

import java.nio.ByteBuffer;
import java.util.function.LongUnaryOperator;
import java.util.function.Supplier;

/**
 * A volume as it was when an epoch was sealed. It stays, over restarts too, until it is released; until then what it shows is kept, as
 * map entries and not as copies.
 *
 * <p><b>Threads.</b> Safe for many. After {@link #release} every call throws {@link io.firn.io.StorageException.Closed}.
 */
public final class SealedView {
    private final Engine engine;
    private final VolumeState volume;
    private final ViewState view;
    private final Supplier<BlockReader> reader;

    SealedView(Engine engine, VolumeState volume, ViewState view, Supplier<BlockReader> reader) {
        this.engine = engine;
        this.volume = volume;
        this.view = view;
        this.reader = reader;
    }

    /** The volume's present name. */
    public VolumeName volume() {
        return volume.name;
    }

    /** Which epoch was sealed. */
    public long epoch() {
        return view.epoch();
    }

    /** What {@link VolumeStore#beginSeal} was given to know it by; 0 for nothing. */
    public long mark() {
        return view.mark();
    }

    /** The volume's size when it was sealed. */
    public long sizeBytes() {
        return view.sizeBytes();
    }

    /** The blocks that changed in this epoch: after the seal before it (or the volume's making) and up to this one. */
    public BlockSet dirty() {
        return view.dirty().set();
    }

    /** Fills {@code target} from a byte offset; as {@link Volume#read}. */
    public void read(long offset, ByteBuffer target) {
        requireRange(offset, target.remaining());
        reader.get().read(offset, target, entries(offset, target.remaining()));
    }

    /** How the bytes at an offset are held, as {@link Volume#allocation}. */
    public Allocation allocation(long offset, long lengthMax) {
        requireRange(offset, 1);
        long length = Math.min(lengthMax, view.sizeBytes() - offset);
        return Allocations.at(offset, length, entries(offset, length), volume, engine.source(volume) != null);
    }

    private LongUnaryOperator entries(long offset, long length) {
        return new ViewEntries(engine, volume, view.epoch(), Block.at(offset), Block.count(offset + length));
    }

    private void requireRange(long offset, long length) {
        if (offset < 0 || offset > view.sizeBytes() - length) {
            throw new IllegalArgumentException("bytes " + offset + " to " + (offset + length) + " are not within the "
                    + view.sizeBytes() + " bytes of " + volume.name + "@" + view.epoch());
        }
    }

    /** Gives up what only this view shows; durable on return. Volumes made from it keep what they need. Releasing again does nothing. */
    public void release() {
        engine.log.lockToLook();
        try {
            if (view.isReleased) {
                return;
            }
        } finally {
            engine.log.unlock();
        }
        Batch batch = Batch.ofHeader();
        batch.addEpoch(LogFormat.Kind.RELEASE, volume.id(), view.epoch());
        engine.log.sync(engine.append(batch));
    }

    VolumeState state() {
        return volume;
    }
}
