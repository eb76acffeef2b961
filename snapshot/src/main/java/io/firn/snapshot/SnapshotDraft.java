package io.firn.snapshot;

import io.firn.io.Crc32c;
import io.firn.io.StorageException;
import io.firn.objectstore.StorageClass;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A snapshot under way: its parent's chunks, with others put over them. It outlives the process; {@link SnapshotStore#draft} gives it back.
 *
 * <p><b>Durability.</b> What was put before {@link #save} began is durable when it returns, and {@link #isPut} tells after a restart;
 * callers that save at once share the writing. What was put and not saved may be there after a crash, or not, each chunk whole; so a
 * resumed upload puts what {@link #isPut} denies. Putting again overwrites.
 *
 * <p><b>Threads.</b> Safe for many; compression happens on the calling thread, outside of any lock, and so does the writing of a pack that
 * the thread filled. Two puts of one chunk at once: either wins.
 *
 * <p><b>Memory.</b> Some 25 bytes for each chunk that was put, none to speak of for runs of zeros, and up to a pack for each thread that puts; with
 * deduplication 50, and up to 64 MiB for hashes. What is not sent yet is bounded for all drafts of a store together
 * ({@link SnapshotStoreOptions#unsentBytes}): beyond that a put sends what its draft holds before it takes more, and fails when that fails.
 *
 * <p><b>Errors.</b> A {@link io.firn.io.StorageException} of a put or save loses nothing: what is not durable yet is kept in memory and
 * written by the next save. {@code Closed} once the draft is completed, failed or deleted.
 */
public final class SnapshotDraft {
    /** Packs that may wait for an object store that fails before puts fail too. */
    private static final int SEALED_MAX = 8;

    /**
     * Numbers of packs that a draft leaves out when it is read back, at random from so many: more than can have been under way when the process
     * ended, and others after each restart. What a pack that never came to be protects is then known by its never coming.
     */
    private static final int NUMBERS_LEFT_OUT_MIN = 256;

    private static final int NUMBERS_LEFT_OUT_MAX = 1 << 16;

    private final Engine engine;
    private final SnapshotId id;
    private final PageRef base;
    private final int chunks;
    private final Optional<Duration> timeout;
    private final DraftTree tree;
    private final PackWriter writer;

    /** Absent when everything that is put is stored. */
    private final Optional<DraftLinks> links;

    /** Held while everything that was put is being saved, so that those who come meanwhile are saved together by the next. */
    private final ReentrantLock saving = new ReentrantLock();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition sent = lock.newCondition();
    private int sending;
    private long sendingBytes;

    /** What this draft has counted into the engine's bytes that are not sent. */
    private long unsentBytes;

    /** Packs that saves closed early. */
    private final SortedSet<PackId> small;

    private boolean isCompleting;
    private volatile boolean isOver;
    private volatile long expected;
    private volatile Instant lastPut;

    private SnapshotDraft(
            Engine engine,
            SnapshotRecord record,
            DraftTree tree,
            SortedSet<PackId> small,
            int firstPack,
            Instant lastPut) {
        this.engine = engine;
        this.id = record.info().id();
        this.base = record.base() == 0
                ? PageRef.NONE
                : engine.catalogue().tree(record.base()).root();
        this.chunks = Chunk.count(record.info().sizeBytes());
        this.timeout = record.info().spec().timeout();
        this.tree = tree;
        this.small = small;
        this.writer = new PackWriter(
                record.tree(),
                firstPack,
                engine.options().packBytes(),
                PackForm.first(StorageClass.STANDARD, record.info().spec().isEncrypted()));
        this.links = engine.deduplication()
                .tenantOf(record.info().spec())
                .map(tenant -> new DraftLinks(engine, tenant, record.tree()));
        this.lastPut = lastPut;
    }

    static SnapshotDraft fresh(Engine engine, SnapshotRecord record) {
        return new SnapshotDraft(
                engine,
                record,
                new DraftTree(record.tree()),
                new TreeSet<>(),
                0,
                engine.clock().now());
    }

    /** From the packs it has; {@code opened} is from when on its timeout counts. */
    static SnapshotDraft recover(Engine engine, SnapshotRecord record, Instant opened) {
        DraftTree tree = new DraftTree(record.tree());
        SortedSet<PackId> small = new TreeSet<>();
        int next = engine.random().nextInt(NUMBERS_LEFT_OUT_MIN, NUMBERS_LEFT_OUT_MAX);
        List<PackId> packs = engine.packs().of(record.tree());
        for (PackId pack : packs) {
            engine.packs().index(pack).ifPresent(index -> {
                index.items().forEach(item -> tree.recover(pack, item));
                if (index.bytes() == 0) {
                    tree.supersede(pack);
                } else if (index.items().size() < PackWriter.ITEMS_MAX && isSmall(engine, index.bytes())) {
                    small.add(pack);
                }
            });
        }
        next += packs.isEmpty() ? 0 : packs.getLast().number() + 1;
        SnapshotDraft draft = new SnapshotDraft(engine, record, tree, small, next, opened);
        draft.links.ifPresent(
                known -> packs.stream().filter(pack -> !small.contains(pack)).forEach(known::settle));
        return draft;
    }

    private static boolean isSmall(Engine engine, long packBytes) {
        return packBytes < engine.options().packBytes() / 2;
    }

    public SnapshotId id() {
        return id;
    }

    public SnapshotInfo info() {
        return withProgress(engine.catalogue()
                .find(id)
                .orElseThrow(() -> new StorageException.Closed("snapshot " + id + " was deleted"))
                .info());
    }

    SnapshotInfo withProgress(SnapshotInfo info) {
        if (info.state() != SnapshotState.PENDING) {
            return info;
        }
        InfoEdit edit = InfoEdit.of(info);
        edit.putChunks = putChunks();
        edit.expectedChunks = expected;
        return edit.done();
    }

    /**
     * The written chunks of what the draft is over, from {@code fromChunk} on, at most {@code limitChunks}: what it shows wherever nothing is
     * put, also when the parent was deleted meanwhile.
     */
    public ChunkPage parentChunks(int fromChunk, int limitChunks) {
        return TreeDiff.between(engine.pages(), base, PageRef.NONE, fromChunk, limitChunks);
    }

    /** How many chunks the upload will put in all, for {@link SnapshotInfo#progressPercent}; forgotten by a restart. */
    public void expect(long chunksToPut) {
        expected = chunksToPut;
    }

    /**
     * Puts the {@value Chunk#BYTES} remaining bytes of {@code bytes} (the last chunk of the volume filled up with zeros) as a chunk. Zeros are
     * recognised and cost no space.
     */
    public void put(int index, ByteBuffer bytes) {
        makeRoom();
        collect(index, bytes);
        sendOne();
    }

    /** As {@link #put}, and a pack that is full by it waits for {@link #sendOne}. */
    void collect(int index, ByteBuffer bytes) {
        requireIndex(index, 1);
        collect(List.of(packed(index, chunkOf(bytes))));
    }

    /**
     * A chunk as it will be in a pack; its bytes are handed on, never compared. Zeros have none, nor has one that is linked to.
     *
     * @param hash of one that is stored and may be linked to
     */
    @SuppressWarnings("ArrayRecordComponent")
    private record Packed(int index, byte[] stored, int crc, Optional<ChunkPlace> target, Optional<ChunkHash> hash) {
        static Packed zero(int index) {
            return new Packed(index, new byte[0], 0, Optional.empty(), Optional.empty());
        }

        static Packed link(int index, ChunkPlace target, int crc) {
            return new Packed(index, new byte[0], crc, Optional.of(target), Optional.empty());
        }

        boolean isStored() {
            return stored.length > 0;
        }
    }

    private Packed packed(int index, byte[] chunk) {
        if (ChunkEntry.isZero(chunk)) {
            return Packed.zero(index);
        }
        int crc = Crc32c.of(chunk);
        Optional<ChunkHash> hash = links.map(known -> known.hash(chunk));
        Optional<ChunkPlace> found = hash.flatMap(of -> links.orElseThrow().find(of, chunk, crc));
        return found.map(place -> Packed.link(index, place, crc))
                .orElseGet(() -> new Packed(index, ChunkEntry.compress(chunk), crc, Optional.empty(), hash));
    }

    private static byte[] chunkOf(ByteBuffer bytes) {
        if (bytes.remaining() != Chunk.BYTES) {
            throw new IllegalArgumentException("a chunk has " + Chunk.BYTES + " bytes, not " + bytes.remaining());
        }
        byte[] chunk = new byte[Chunk.BYTES];
        bytes.get(chunk);
        return chunk;
    }

    private void collect(List<Packed> all) {
        lock.lock();
        try {
            requireOpen();
            writer.together(() -> all.forEach(this::append));
            count();
        } finally {
            lock.unlock();
        }
        engine.chunksPut().add(all.stream().filter(Packed::isStored).count());
        all.stream().flatMap(chunk -> chunk.target().stream()).forEach(engine.deduplication()::countLink);
        lastPut = engine.clock().now();
    }

    /** Sends what the draft holds when it holds too many packs, or all drafts together hold too much; before each put. */
    void makeRoom() {
        boolean isFull;
        lock.lock();
        try {
            isFull = writer.sealedCount() > SEALED_MAX
                    || (unsentBytes > 0
                            && engine.unsentBytes().get() >= engine.options().unsentBytes());
        } finally {
            lock.unlock();
        }
        if (isFull) {
            save();
        }
    }

    /** Takes note of what it holds now; the lock is held. What is over holds nothing that counts. */
    private void count() {
        long held = isOver ? 0 : writer.heldBytes() + sendingBytes;
        engine.unsentBytes().addAndGet(held - unsentBytes);
        unsentBytes = held;
    }

    private void append(Packed chunk) {
        if (chunk.target().isPresent()) {
            tree.put(chunk.index(), writer.link(chunk.index(), chunk.target().get(), chunk.crc()));
        } else if (chunk.isStored()) {
            ChunkEntry entry = writer.chunk(chunk.index(), chunk.stored(), chunk.crc());
            tree.put(chunk.index(), entry);
            chunk.hash().ifPresent(hash -> links.orElseThrow().add(hash, entry));
        } else {
            writer.run(PackFormat.Kind.ZERO, chunk.index(), 1);
            tree.putRun(chunk.index(), 1, ChunkState.ZERO);
        }
    }

    /** As {@link #put}, unless the parent holds these very bytes and nothing was put over them; returns whether it was put. */
    public boolean putIfChanged(int index, ByteBuffer bytes) {
        makeRoom();
        boolean isChanged = collectIfChanged(index, bytes);
        if (isChanged) {
            sendOne();
        }
        return isChanged;
    }

    /** As {@link #putIfChanged}, and a pack that is full by it waits for {@link #sendOne}. */
    boolean collectIfChanged(int index, ByteBuffer bytes) {
        requireIndex(index, 1);
        byte[] chunk = chunkOf(bytes);
        if (!isPut(index)) {
            ChunkEntry entry = engine.pages().entry(base, index);
            boolean isSame = entry.isData()
                    ? entry.crc() == Crc32c.of(chunk)
                            && Arrays.equals(engine.pages().chunk(entry), chunk)
                    : ChunkEntry.isZero(chunk);
            if (isSame) {
                return false;
            }
        }
        collect(List.of(packed(index, chunk)));
        return true;
    }

    /**
     * Puts the {@value Chunk#BLOCK_BYTES} remaining bytes as the chunks of a block, those beyond the volume's size left out: all of them or
     * none, over crashes and beside others who put the block.
     */
    public void putBlock(int blockIndex, ByteBuffer bytes) {
        if (bytes.remaining() != Chunk.BLOCK_BYTES) {
            throw new IllegalArgumentException("a block has " + Chunk.BLOCK_BYTES + " bytes, not " + bytes.remaining());
        }
        int first = Math.multiplyExact(blockIndex, Chunk.PER_BLOCK);
        requireIndex(first, 1);
        makeRoom();
        List<Packed> block = new ArrayList<>(Chunk.PER_BLOCK);
        for (int index = first; index < Math.min(first + Chunk.PER_BLOCK, chunks); index++) {
            int from = bytes.position() + (index - first) * Chunk.BYTES;
            block.add(packed(index, chunkOf(bytes.slice(from, Chunk.BYTES))));
        }
        collect(block);
        sendOne();
        bytes.position(bytes.limit());
    }

    /** The first block from {@code blockIndex} on of which something was put. */
    public OptionalInt nextPutBlock(int blockIndex) {
        lock.lock();
        try {
            OptionalInt chunk = tree.nextPut(Math.multiplyExact(blockIndex, Chunk.PER_BLOCK));
            return chunk.isPresent() ? OptionalInt.of(chunk.getAsInt() / Chunk.PER_BLOCK) : chunk;
        } finally {
            lock.unlock();
        }
    }

    /** Fills {@code target} with a block of {@value Chunk#BLOCK_BYTES} bytes as the snapshot would show it, of what was saved. */
    public void readBlock(int blockIndex, ByteBuffer target) {
        int first = Math.multiplyExact(blockIndex, Chunk.PER_BLOCK);
        requireIndex(first, 1);
        for (int index = first; index < first + Chunk.PER_BLOCK; index++) {
            target.put(engine.pages().chunk(entry(index)));
        }
    }

    private ChunkEntry entry(int index) {
        lock.lock();
        try {
            if (tree.isPut(index)) {
                return tree.entry(index);
            }
        } finally {
            lock.unlock();
        }
        return engine.pages().entry(base, index);
    }

    /** Makes {@code count} chunks written zeros. */
    public void zero(int index, int count) {
        putRun(index, count, PackFormat.Kind.ZERO, ChunkState.ZERO);
    }

    /** Makes {@code count} chunks never written. */
    public void absent(int index, int count) {
        putRun(index, count, PackFormat.Kind.ABSENT, ChunkState.ABSENT);
    }

    private void putRun(int index, int count, PackFormat.Kind kind, ChunkState state) {
        requireIndex(index, count);
        makeRoom();
        lock.lock();
        try {
            requireOpen();
            writer.run(kind, index, count);
            tree.putRun(index, count, state);
            count();
        } finally {
            lock.unlock();
        }
        lastPut = engine.clock().now();
    }

    private void requireIndex(int index, int count) {
        if (index < 0 || count < 0 || index > chunks - count) {
            throw new IllegalArgumentException(
                    count + " chunks from " + index + " are not within the " + chunks + " of " + id);
        }
    }

    private StorageException closed() {
        return new StorageException.Closed("snapshot " + id + " takes no more chunks");
    }

    private void requireOpen() {
        if (isOver || isCompleting) {
            throw closed();
        }
    }

    /** Whether a chunk was put, zeroed or made absent in this draft. */
    public boolean isPut(int index) {
        lock.lock();
        try {
            return tree.isPut(index);
        } finally {
            lock.unlock();
        }
    }

    /** How many chunks were. */
    public long putChunks() {
        lock.lock();
        try {
            return tree.putChunks();
        } finally {
            lock.unlock();
        }
    }

    /** The first chunk from {@code index} on that was not put; the count of the volume's chunks when there is none. */
    public int nextNotPut(int index) {
        lock.lock();
        try {
            return Math.min(chunks, tree.nextNotPut(index));
        } finally {
            lock.unlock();
        }
    }

    /** Makes all that was put before the call durable. */
    public void save() {
        saving.lock();
        try {
            lock.lock();
            try {
                requireOpen();
                seal();
            } finally {
                lock.unlock();
            }
            sendAll();
        } finally {
            saving.unlock();
        }
    }

    private void sendAll() {
        boolean isAllSent = false;
        while (!isAllSent) {
            while (sendOne()) {}
            lock.lock();
            try {
                while (sending > 0) {
                    sent.awaitUninterruptibly();
                }
                if (isOver) {
                    throw closed();
                }
                // One that another thread failed to send is waiting again.
                isAllSent = writer.sealedCount() == 0;
            } finally {
                lock.unlock();
            }
        }
    }

    /** Takes note of a pack that is durable; the lock is held. */
    private void settle(PackWriter.Sealed pack) {
        if (!pack.hasBytes()) {
            tree.supersede(pack.id());
        } else if (!pack.isFull() && isSmall(engine, pack.bytes().length())) {
            small.add(pack.id());
        } else {
            links.ifPresent(known -> known.settle(pack.id()));
        }
    }

    /**
     * Sends a pack that waits, if there is one; false when there is none. After each put: {@link #makeRoom} before it sees to those that are
     * left.
     */
    boolean sendOne() {
        Optional<PackWriter.Sealed> taken;
        lock.lock();
        try {
            // What is sent after the draft is over would come after its purge.
            taken = isOver ? Optional.empty() : writer.takeSealed();
            sending += taken.isPresent() ? 1 : 0;
            sendingBytes += taken.map(pack -> pack.bytes().length()).orElse(0);
        } finally {
            lock.unlock();
        }
        if (taken.isEmpty()) {
            return false;
        }
        boolean isSent = false;
        PackWriter.Sealed pack = taken.get();
        try {
            engine.links().record(pack.id(), pack.links());
            engine.packs().put(pack.id(), pack.bytes(), pack.form());
            isSent = true;
        } finally {
            lock.lock();
            try {
                sending--;
                sendingBytes -= pack.bytes().length();
                if (!isSent) {
                    writer.giveBack(pack);
                } else {
                    settle(pack);
                }
                count();
                sent.signalAll();
            } finally {
                lock.unlock();
            }
        }
        return true;
    }

    /**
     * Makes the snapshot whole: saves, writes its pages, reads every one of them back, and then commits it; durable, and visible as
     * {@link SnapshotState#COMPLETED}, on return. After a {@code StorageException} it may be called again, after a crash as well. Refused when
     * it is not pending.
     */
    public SnapshotOutcome<Snapshot> complete() {
        saving.lock();
        try {
            lock.lock();
            try {
                if (isOver) {
                    return SnapshotOutcome.refused(
                            SnapshotRefusal.Reason.INCORRECT_STATE, "snapshot " + id + " is not pending");
                }
                isCompleting = true;
            } finally {
                lock.unlock();
            }
            try {
                return writeAndCommit();
            } finally {
                lock.lock();
                try {
                    isCompleting = false;
                } finally {
                    lock.unlock();
                }
            }
        } finally {
            saving.unlock();
        }
    }

    /** Under the lock: who has put the last chunk may be taking its pack to send it. */
    private PageRef page(int firstChunk, int level, byte[] page, int written, long storedBytes) {
        lock.lock();
        try {
            PageRef ref = writer.page(firstChunk, level, page, written, storedBytes);
            count();
            return ref;
        } finally {
            lock.unlock();
        }
    }

    private void seal() {
        writer.seal();
        count();
    }

    private SnapshotOutcome<Snapshot> writeAndCommit() {
        TreeBuilder builder = new TreeBuilder(engine.pages(), base, tree.birth(), this::page, this::sendOne);
        PageRef root;
        try {
            joinSmall();
            root = builder.build(tree.leaves(), leaf -> old -> tree.merged(leaf, old));
            lock.lock();
            try {
                seal();
            } finally {
                lock.unlock();
            }
            sendAll();
            for (TreeBuilder.Written page : builder.written()) {
                engine.pages().verify(page.ref(), page.level());
            }
            tree.superseded().forEach(engine.packs()::addDead);
        } catch (RuntimeException e) {
            // The next try writes them anew.
            builder.written()
                    .forEach(
                            page -> tree.supersede(page.ref().pack(), page.ref().offset()));
            throw e;
        }
        return commit(root);
    }

    /**
     * Puts what lies in packs that were closed early once more, together: whoever saves after each block gets no more packs than others. Those
     * packs are dead by it, and go once the snapshot counts; until then a restart finds the same chunks in either.
     */
    private void joinSmall() {
        List<PackId> joined;
        lock.lock();
        try {
            joined = small.size() < 2 ? List.of() : List.copyOf(small);
        } finally {
            lock.unlock();
        }
        DraftHashes.Moves moves = links.map(known -> known.moves(joined)).orElse((before, after) -> {});
        for (PackId pack : joined) {
            byte[] bytes = engine.packs()
                    .whole(pack)
                    .orElseThrow(() -> new StorageException.Corrupt("pack " + pack.key() + " is missing"))
                    .bytes();
            lock.lock();
            try {
                PackFormat.items(pack, bytes).forEach(item -> putAgain(pack, item, bytes, moves));
                small.remove(pack);
                count();
            } finally {
                lock.unlock();
            }
            sendOne();
        }
    }

    private void putAgain(PackId pack, PackFormat.Item item, byte[] bytes, DraftHashes.Moves moves) {
        boolean isChunk = item.kind() == PackFormat.Kind.CHUNK || item.kind() == PackFormat.Kind.LINK;
        if (!isChunk || !tree.isPut(item.first()) || !tree.entry(item.first()).equals(item.entry(pack))) {
            return;
        }
        if (item.target().isPresent()) {
            tree.put(item.first(), writer.link(item.first(), item.target().get(), item.crc()));
        } else {
            byte[] stored = Arrays.copyOfRange(bytes, item.place(), item.place() + item.length());
            ChunkEntry moved = writer.chunk(item.first(), stored, item.crc());
            moves.moved(tree.entry(item.first()), moved);
            tree.put(item.first(), moved);
        }
    }

    private SnapshotOutcome<Snapshot> commit(PageRef root) {
        engine.lock().lock();
        try {
            Optional<SnapshotRecord> found = engine.catalogue().find(id).filter(SnapshotRecord::isPending);
            if (found.isEmpty()) {
                isOver = true;
                return SnapshotOutcome.refused(
                        SnapshotRefusal.Reason.INCORRECT_STATE, "snapshot " + id + " is not pending");
            }
            SnapshotRecord record = found.get();
            InfoEdit edit = InfoEdit.of(record.info());
            Instant now = engine.clock().now();
            edit.state = SnapshotState.COMPLETED;
            edit.completed = Optional.of(now);
            edit.putChunks = tree.putChunks();
            edit.expectedChunks = expected;
            edit.writtenChunks = root.written();
            edit.storedBytes = root.storedBytes();
            edit.incrementalBytes = tree.storedBytes();
            edit.lock = edit.lock.map(held -> LockRules.started(held, now));
            engine.catalogue().put(new Tree(record.tree(), record.base(), root, false));
            engine.catalogue().put(record.with(edit.done()).withTree(record.tree()));
            engine.dying().addAll(tree.superseded().keySet());
            // All that it links to is recorded by now.
            engine.dying().addAll(engine.links().release(record.tree()));
            links.ifPresent(known -> known.complete(tree.superseded()));
            isOver = true;
            // Its owner may hold it for long, and a pack's worth of memory with it.
            writer.release();
            countOfOver();
            return SnapshotOutcome.done(new Snapshot(engine, id));
        } finally {
            engine.lock().unlock();
        }
    }

    /** Gives up: the snapshot is an {@link SnapshotState#ERROR} from then on, durably, and its space is given back in the background. */
    public SnapshotOutcome<SnapshotInfo> fail(String reason) {
        engine.lock().lock();
        try {
            Optional<SnapshotRecord> found = engine.catalogue().find(id).filter(SnapshotRecord::isPending);
            if (found.isEmpty()) {
                return SnapshotOutcome.refused(
                        SnapshotRefusal.Reason.INCORRECT_STATE, "snapshot " + id + " is not pending");
            }
            InfoEdit edit = InfoEdit.of(withProgress(found.get().info()));
            edit.state = SnapshotState.ERROR;
            edit.reason = reason;
            engine.catalogue().put(found.get().with(edit.done()));
            end();
            return SnapshotOutcome.done(edit.done());
        } finally {
            engine.lock().unlock();
        }
    }

    /** From now on it takes nothing: the store has deleted it or is closing. */
    void end() {
        isOver = true;
        countOfOver();
    }

    private void countOfOver() {
        lock.lock();
        try {
            count();
        } finally {
            lock.unlock();
        }
    }

    /** What it holds in memory until it is sent. */
    long unsentBytes() {
        lock.lock();
        try {
            return unsentBytes;
        } finally {
            lock.unlock();
        }
    }

    /**
     * True when nothing was put in time, nor is being completed. Time counts from the last put, and after a restart from the opening of the
     * store: a server that is away takes nobody's time.
     */
    boolean isLate(Instant now) {
        lock.lock();
        try {
            return !isOver
                    && !isCompleting
                    && timeout.filter(length -> now.isAfter(lastPut.plus(length)))
                            .isPresent();
        } finally {
            lock.unlock();
        }
    }

    /** True when no thread is writing a pack of it: then its packs can go. */
    boolean isQuiet() {
        lock.lock();
        try {
            return sending == 0 && !isCompleting;
        } finally {
            lock.unlock();
        }
    }
}
