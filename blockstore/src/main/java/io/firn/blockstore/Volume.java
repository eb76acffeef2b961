package io.firn.blockstore;

import static io.firn.blockstore.LogFormat.Kind;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A block device's content: a fixed number of bytes, read and written at any offset and length, thin.
 *
 * <p><b>What a write promises.</b> When {@link #write} returns, everybody sees it and it survives the death of the process; when a later
 * {@link #flush} returns it survives the loss of power. Writes become durable in the order in which they were acknowledged: what is found
 * after a crash is always a prefix, and every 4 KiB block is old or new.
 *
 * <p><b>What changed.</b> Each block written, trimmed or zeroed is marked in the open epoch; {@link #seal} ends the epoch. The marks are
 * derived from the same log as the content, so they are exactly right after any crash. A trim or zero of what holds nothing changes
 * nothing.
 *
 * <p><b>Threads.</b> Safe for many. A call may block on the disk.
 *
 * <p><b>Errors.</b> A range outside the volume is an {@link IllegalArgumentException}; {@code StorageException.Corrupt} names the block
 * that is damaged; {@code OutOfSpace} when the log is full; {@code Closed} after the volume was deleted or the store closed;
 * {@code Unavailable} when the content is encrypted and the store's master key is not the one it was made with.
 */
public final class Volume {
    private final Engine engine;
    private final VolumeState state;
    private final VolumeThrottle throttle;

    /** Made when content is first asked for: without its key an encrypted volume can still be listed, renamed and deleted. */
    private volatile @Nullable BlockReader reader;

    Volume(Engine engine, VolumeState state) {
        this.engine = engine;
        this.state = state;
        this.throttle = new VolumeThrottle(engine.clock);
    }

    public VolumeName name() {
        return state.name;
    }

    /** Its number in the store: stays when it is renamed, and is given to no other volume. */
    public int id() {
        return state.id();
    }

    /** What it was made from, also when it needs nothing of that any more. */
    public VolumeBase origin() {
        return state.made().base();
    }

    public long sizeBytes() {
        return state.sizeBytes;
    }

    public VolumeType type() {
        return state.type;
    }

    public boolean isEncrypted() {
        return state.isEncrypted();
    }

    /** Number of the open epoch: the one that the next seal ends. */
    public long epoch() {
        engine.log.lockToLook();
        try {
            return state.epoch;
        } finally {
            engine.log.unlock();
        }
    }

    /** True once it was deleted. */
    public boolean isDeleted() {
        return state.isDeleted;
    }

    /** Fills {@code target} from a byte offset. Every byte was verified. */
    public void read(long offset, ByteBuffer target) {
        requireRange(offset, target.remaining());
        throttle.read(target.remaining());
        reader().read(offset, target, this::entry);
    }

    private BlockReader reader() {
        BlockReader present = reader;
        if (present == null) {
            present = new BlockReader(engine, state);
            reader = present;
        }
        return present;
    }

    private long entry(long lba) {
        return engine.resolve(state, lba);
    }

    /** Writes all that remains in {@code source}. Seen by all on return; durable after {@link #flush}. */
    public void write(long offset, ByteBuffer source) {
        once(batch -> batch.write(offset, source));
    }

    /** As {@link WriteBatch#trim} and submit. */
    public void trim(long offset, long length) {
        once(batch -> batch.trim(offset, length));
    }

    /** As {@link WriteBatch#zero} and submit. */
    public void zero(long offset, long length, boolean mayPunchHole) {
        once(batch -> batch.zero(offset, length, mayPunchHole));
    }

    private void once(Consumer<WriteBatch> change) {
        WriteBatch batch = new WriteBatch(engine, state, reader(), throttle, engine.takeBatch());
        try {
            change.accept(batch);
            batch.submit();
        } finally {
            batch.giveBack();
        }
    }

    /** For writes that come close together; see {@link WriteBatch}. */
    public WriteBatch batch() {
        return new WriteBatch(engine, state, reader(), throttle, new Batch(engine.batchBlocks));
    }

    /** Returns when everything that anybody submitted before the call is on stable storage. Callers share syncs. */
    public void flush() {
        engine.log.sync(engine.lastSequence());
    }

    /**
     * As {@link #flush}, without waiting for the disk: the future completes when it would return, or fails as it would. In a store without
     * threads it is done on return.
     *
     * <p>What depends on the future runs on the thread that syncs for all volumes, unless it is handed on by one of its {@code Async}
     * methods: it must be short and wait for nothing.
     */
    public CompletableFuture<Void> flushAsync() {
        return engine.log.syncAsync(engine.lastSequence());
    }

    /** Makes the volume larger; durable on return. A size below the present one is an {@link IllegalArgumentException}. */
    public void resize(long sizeBytes) {
        VolumeSpec.requireSize(sizeBytes);
        Batch batch = Batch.ofHeader();
        batch.add(Kind.RESIZE, state.id(), sizeBytes, 0);
        engine.log.sync(engine.appending(() -> {
            if (sizeBytes < state.sizeBytes) {
                throw new IllegalArgumentException(
                        "volume " + state.name + " has " + state.sizeBytes + " bytes and only grows");
            }
            return engine.log.append(batch, 0);
        }));
    }

    /** Changes what the volume is sold as; durable on return. */
    public void modify(VolumeType type) {
        Batch batch = Batch.ofHeader();
        batch.addInline(Kind.MODIFY, state.id(), type.wireName().getBytes(StandardCharsets.US_ASCII));
        engine.log.sync(engine.append(batch));
    }

    /** Makes reads and writes wait as the limits say, against the store's clock; empty for as fast as it goes. Until the store closes. */
    public void throttle(Optional<VolumeLimits> limits) {
        throttle.enforce(limits);
    }

    public boolean isThrottled() {
        return throttle.isOn();
    }

    /** The share of its credits that a throttled volume has left; empty for one that is not throttled, or has a type without. */
    public OptionalDouble burstBalance() {
        return throttle.burstBalance();
    }

    /**
     * Ends the epoch and starts the next: no data is copied and no write waits. Durable on return.
     *
     * @return the volume as it was; to be released when it is not needed any more
     */
    public SealedView seal() {
        return beginSeal(engine, List.of(Sealing.Wish.of(this))).sync().getFirst();
    }

    static Sealing beginSeal(Engine engine, List<Sealing.Wish> wishes) {
        Set<VolumeState> named = new HashSet<>();
        for (Sealing.Wish wish : wishes) {
            VolumeState state = wish.volume().state;
            if (!named.add(state)) {
                throw new IllegalArgumentException("volume " + state.name + " cannot be sealed twice at one instant");
            }
        }
        Batch batch = Batch.ofHeader();
        long[] epochs = new long[wishes.size()];
        long sequence = engine.appending(() -> {
            batch.clear();
            for (int i = 0; i < epochs.length; i++) {
                VolumeState state = wishes.get(i).volume().state;
                if (state.isInstanceStore()) {
                    throw new IllegalArgumentException(
                            "volume " + state.name + " is an instance store: it is not sealed");
                }
                if (!batch.hasRoomForInline(0)) {
                    throw new IllegalArgumentException(
                            "so many volumes cannot be sealed at one instant: " + epochs.length);
                }
                epochs[i] = state.epoch;
                batch.addSeal(state.id(), state.epoch, wishes.get(i).mark());
            }
            return engine.log.append(batch, 0);
        });
        List<SealedView> views = IntStream.range(0, epochs.length)
                .mapToObj(i -> wishes.get(i).volume().view(epochs[i]).orElseThrow())
                .toList();
        return new Sealing(engine, views, sequence);
    }

    /** The sealed view of an epoch, when it exists. */
    public Optional<SealedView> view(long epoch) {
        engine.log.lockToLook();
        try {
            return Optional.ofNullable(state.views.get(epoch))
                    .filter(view -> !view.isReleased)
                    .map(view -> new SealedView(engine, state, view, this::reader));
        } finally {
            engine.log.unlock();
        }
    }

    /** The sealed views that exist, by epoch. */
    public List<SealedView> views() {
        engine.log.lockToLook();
        try {
            return state.views.values().stream()
                    .filter(view -> !view.isReleased)
                    .map(view -> new SealedView(engine, state, view, this::reader))
                    .toList();
        } finally {
            engine.log.unlock();
        }
    }

    /** The blocks changed in the open epoch so far. */
    public BlockSet dirty() {
        engine.log.lockToLook();
        try {
            return state.dirty.toBlockSet();
        } finally {
            engine.log.unlock();
        }
    }

    /** Whether {@link #changedSince} knows; takes no time for what changed. */
    public boolean knowsChangesSince(long epoch) {
        engine.log.lockToLook();
        try {
            return epoch >= state.forgotten && epoch < state.epoch;
        } finally {
            engine.log.unlock();
        }
    }

    /** The blocks changed since an epoch was sealed; empty when that is not known any more, and everything must be taken as changed. */
    public Optional<BlockSet> changedSince(long epoch) {
        engine.log.lockToLook();
        try {
            return epoch < state.forgotten || epoch >= state.epoch
                    ? Optional.empty()
                    : changed(epoch, state.epoch).map(earlier -> earlier.union(state.dirty.toBlockSet()));
        } finally {
            engine.log.unlock();
        }
    }

    /** The blocks changed after one seal and up to another; empty when that is not known any more. Epoch 0 is the volume's making. */
    public Optional<BlockSet> changedBetween(long epoch, long laterEpoch) {
        engine.log.lockToLook();
        try {
            return epoch < state.forgotten || laterEpoch >= state.epoch || epoch > laterEpoch
                    ? Optional.empty()
                    : changed(epoch, laterEpoch);
        } finally {
            engine.log.unlock();
        }
    }

    private Optional<BlockSet> changed(long epoch, long laterEpoch) {
        return Optional.of(state.history.subMap(epoch, false, laterEpoch, true).values().stream()
                .map(Frozen::set)
                .reduce(BlockSet.EMPTY, BlockSet::union));
    }

    /** Forgets what changed up to and including an epoch, once somebody else keeps it; durable with the next flush. */
    public void forgetChanges(long epoch) {
        if (epoch < 1 || epoch >= state.epoch) {
            throw new IllegalArgumentException("epoch " + epoch + " of volume " + state.name + " is not sealed");
        }
        Batch batch = Batch.ofHeader();
        batch.addEpoch(Kind.FORGET, state.id(), epoch);
        engine.append(batch);
    }

    /** How the bytes at an offset are held, and how many alike follow, at most {@code lengthMax}; a bounded look. */
    public Allocation allocation(long offset, long lengthMax) {
        requireRange(offset, 1);
        return Allocations.at(
                offset,
                Math.min(lengthMax, state.sizeBytes - offset),
                this::entry,
                state,
                engine.source(state) != null);
    }

    /**
     * Brings in blocks of what the volume is based on outside the store, where nothing was written yet. They do not become dirty. Offset
     * and length are multiples of 4 KiB.
     */
    public void hydrate(long offset, ByteBuffer content) {
        if (((offset | content.remaining()) & Block.MASK) != 0) {
            throw new IllegalArgumentException("blocks to hydrate begin and end at multiples of 4 KiB");
        }
        Batch batch = engine.takeBatch();
        try {
            hydrate(batch, Block.at(offset), content);
        } finally {
            engine.giveBatch(batch);
        }
    }

    private void hydrate(Batch batch, long first, ByteBuffer content) {
        long lba = first;
        while (content.hasRemaining()) {
            batch.clear();
            int blocks = Math.min(content.remaining() >> Block.SHIFT, batch.room(Kind.HYDRATE));
            batch.open(Kind.HYDRATE, state.id(), lba, blocks, 0);
            ByteBuffer payload = batch.payload(blocks);
            payload.put(content.slice(content.position(), blocks << Block.SHIFT));
            content.position(content.position() + (blocks << Block.SHIFT));
            for (int i = 0; i < blocks; i++) {
                encrypt(lba + i, payload, i << Block.SHIFT);
                batch.closeBlock();
            }
            engine.append(batch);
            lba += blocks;
        }
    }

    /**
     * The blocks of a range that the volume or a view of it still shows from outside the store, and {@link #hydrate} would bring in.
     * Looks at every block of the range: ask for a few hundred at a time.
     */
    public BlockSet missing(long offset, long length) {
        BlockSet.Builder missing = new BlockSet.Builder();
        engine.log.lockToLook();
        try {
            if (!(state.base instanceof VolumeBase.Source)) {
                return BlockSet.EMPTY;
            }
            long end = Math.min(state.blocks(), Block.count(offset + length));
            for (long lba = Block.at(offset); lba < end; lba++) {
                if (state.map.get(lba) == MapEntry.ABSENT || state.kept.keeps(lba, MapEntry.ABSENT)) {
                    missing.add(lba, 1);
                }
            }
        } finally {
            engine.log.unlock();
        }
        return missing.build();
    }

    private void encrypt(long lba, ByteBuffer bytes, int offset) {
        BlockReader keyed = reader();
        if (keyed.isEncrypted()) {
            Xts cipher = keyed.takeCipher();
            cipher.encrypt(lba, bytes, offset, Block.BYTES);
            keyed.giveCipher(cipher);
        }
    }

    /** Ends what the volume is based on: every block it needs of it was brought in. Durable on return. */
    public void detachSource() {
        Batch batch = Batch.ofHeader();
        batch.add(Kind.DETACH, state.id(), 0, 0);
        engine.log.sync(engine.append(batch));
    }

    /** The id of what it is based on outside the store, until that was detached. */
    public Optional<String> source() {
        return state.base instanceof VolumeBase.Source(String id) ? Optional.of(id) : Optional.empty();
    }

    /** Takes note that durable history was lost; damaged blocks may be written from now on. Durable on return. */
    public void acknowledgeImpairment() {
        Batch batch = Batch.ofHeader();
        batch.add(Kind.ACKNOWLEDGE, state.id(), 0, 0);
        engine.log.sync(engine.append(batch));
    }

    public VolumeStat stat() {
        engine.log.lockToLook();
        try {
            return new VolumeStat(
                    state.name,
                    state.sizeBytes,
                    state.type,
                    state.isEncrypted(),
                    state.made().owner(),
                    Instant.ofEpochMilli(state.made().createdMillis()),
                    state.dataBlocks << Block.SHIFT,
                    state.dirty.count() << Block.SHIFT,
                    state.epoch,
                    state.views.values().stream()
                            .filter(view -> !view.isReleased)
                            .map(ViewState::epoch)
                            .toList(),
                    state.kept.count(),
                    state.isImpaired,
                    !(state.base instanceof VolumeBase.None));
        } finally {
            engine.log.unlock();
        }
    }

    private void requireRange(long offset, long length) {
        if (offset < 0 || length < 0 || offset > state.sizeBytes - length) {
            throw new IllegalArgumentException("bytes " + offset + " to " + (offset + length) + " are not within the "
                    + state.sizeBytes + " bytes of volume " + state.name);
        }
        if (state.isDeleted) {
            throw new io.firn.io.StorageException.Closed("volume " + state.name + " is deleted");
        }
    }

    VolumeState state() {
        return state;
    }
}
