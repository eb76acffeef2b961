package io.firn.snapshot;

import io.firn.io.Clock;
import io.firn.io.StorageException;
import io.firn.io.Task;
import io.firn.objectstore.ObjectStore;
import io.firn.snapshot.SnapshotRefusal.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * Snapshots over an object store, in one bucket of it. It knows no running volume: whoever has one puts chunks into a
 * {@link SnapshotDraft}.
 *
 * <p><b>Durability.</b> A method that changes something is durable when it returns, over power failure and {@code kill -9}; after an
 * exception the change may turn out to have happened, whole. Space is given back in the background and only when no snapshot, draft or
 * recycled snapshot can need it.
 *
 * <p><b>Threads.</b> Safe for many. One {@code SnapshotStore} at a time uses a bucket.
 *
 * <p><b>Errors.</b> {@link io.firn.io.StorageException} by remedy; what callers expect is a {@link SnapshotOutcome}.
 */
public final class SnapshotStore implements AutoCloseable {
    private final Engine engine;
    private final Catalogue catalogue;
    private final Background background;
    private final Map<SnapshotId, SnapshotDraft> drafts;
    private final Instant opened;
    private volatile boolean isClosed;

    private SnapshotStore(Engine engine) {
        this.engine = engine;
        this.catalogue = engine.catalogue();
        this.drafts = new ConcurrentSkipListMap<>();
        this.opened = engine.clock().now();
        this.background = new Background(engine, drafts, this, opened);
    }

    /**
     * Opens or makes the store in a bucket of {@code objects}, which stays the caller's to close. Reads one record per snapshot.
     *
     * @param random for ids and keys; secure where they must not be guessed
     */
    public static SnapshotStore open(
            ObjectStore objects, Clock clock, RandomGenerator random, SnapshotStoreOptions options) {
        SnapshotStore store = new SnapshotStore(Engine.of(
                new SnapshotBucket(objects, options.bucket(), new PackCipher(options.masterKey(), random)),
                clock,
                random,
                options));
        store.dropUnfinishedArchives();
        return store;
    }

    private void dropUnfinishedArchives() {
        for (SnapshotRecord record : catalogue.all()) {
            if (record.holdsTree() && record.base() != 0) {
                catalogue.trees().stream()
                        .filter(tree -> tree.birth() == record.base())
                        .findFirst()
                        .ifPresent(catalogue::remove);
                engine.purge(record.base());
                catalogue.put(record.withBase(0));
            }
        }
    }

    private void requireOpen() {
        if (isClosed) {
            throw new StorageException.Closed("the snapshot store is closed");
        }
    }

    // Drafts

    /** Begins a snapshot: durable as {@link SnapshotState#PENDING} on return. The parent cannot lose anything while it is under way. */
    public SnapshotOutcome<SnapshotDraft> begin(SnapshotSpec spec) {
        return begin(freshId(), spec, Optional.empty());
    }

    /** As {@link #begin(SnapshotSpec)}, under an id that {@link #freshId} gave. */
    SnapshotOutcome<SnapshotDraft> begin(SnapshotId id, SnapshotSpec spec) {
        return begin(id, spec, Optional.empty());
    }

    /** Why a draft cannot be begun, as far as can be known before. */
    Optional<SnapshotRefusal> refusal(SnapshotSpec spec) {
        if (spec.isEncrypted() && engine.options().masterKey().isEmpty()) {
            return Optional.of(SnapshotRefusal.of(
                    Reason.INVALID_PARAMETER, "an encrypted snapshot needs a store that was opened with a master key"));
        }
        return tokenRefusal(spec);
    }

    /** @param copied what the draft is an encrypted copy of */
    private SnapshotOutcome<SnapshotDraft> begin(SnapshotId id, SnapshotSpec spec, Optional<SnapshotId> copied) {
        requireOpen();
        engine.lock().lock();
        try {
            Optional<SnapshotRefusal> refusal = refusal(spec);
            if (refusal.isPresent()) {
                return new SnapshotOutcome.Refused<>(refusal.get());
            }
            SnapshotOutcome<Long> base =
                    spec.parent().isPresent() ? treeOfParent(spec, spec.parent().get()) : SnapshotOutcome.done(0L);
            if (base instanceof SnapshotOutcome.Refused<Long>(SnapshotRefusal refused)) {
                return new SnapshotOutcome.Refused<>(refused);
            }
            Instant now = engine.clock().now();
            InfoEdit edit = new InfoEdit(id, spec, spec.started().orElse(now));
            edit.set(EncryptingCopies.SOURCE, copied.map(SnapshotId::text));
            SnapshotInfo info = edit.done();
            SnapshotRecord record = new SnapshotRecord(info, engine.random().nextLong(), base.orElseThrow(), false);
            catalogue.put(record);
            SnapshotDraft draft = SnapshotDraft.fresh(engine, record);
            drafts.put(info.id(), draft);
            return SnapshotOutcome.done(draft);
        } finally {
            engine.lock().unlock();
        }
    }

    /** The tree that a draft with this parent is made from. */
    private SnapshotOutcome<Long> treeOfParent(SnapshotSpec spec, SnapshotId parentId) {
        Optional<SnapshotRecord> parent = catalogue
                .find(parentId)
                .filter(record -> record.info().state() == SnapshotState.COMPLETED
                        && record.info().spec().owner().equals(spec.owner()));
        if (parent.isEmpty()) {
            return SnapshotOutcome.refused(Reason.NO_SUCH_PARENT, "there is no completed snapshot " + parentId);
        }
        SnapshotInfo info = parent.get().info();
        if (info.tier() == SnapshotTier.ARCHIVE) {
            return SnapshotOutcome.refused(Reason.IN_ARCHIVE, info.id() + " is in the archive tier");
        }
        if (info.spec().isEncrypted() != spec.isEncrypted()) {
            return SnapshotOutcome.refused(
                    Reason.INVALID_PARAMETER, "a snapshot is encrypted exactly when its parent is: they share chunks");
        }
        if (info.sizeBytes() > spec.sizeBytes()) {
            return SnapshotOutcome.refused(
                    Reason.INVALID_SIZE, "the parent has " + info.sizeBytes() + " bytes, which is more");
        }
        return SnapshotOutcome.done(parent.get().tree());
    }

    /**
     * Puts a draft over another parent, durable on return: the draft that it was is over, and {@link #draft} gives another. Refused once
     * something was put, which was meant over the parent it had.
     */
    SnapshotOutcome<SnapshotDraft> rebase(SnapshotId id, SnapshotId parent, String lineage) {
        return change(id, record -> {
            SnapshotDraft draft = drafts.get(id);
            if (!record.isPending() || draft == null || draft.putChunks() > 0 || !draft.isQuiet()) {
                return incorrectState(record);
            }
            SnapshotOutcome<Long> base = treeOfParent(record.info().spec(), parent);
            if (base instanceof SnapshotOutcome.Refused<Long>(SnapshotRefusal refused)) {
                return new SnapshotOutcome.Refused<>(refused);
            }
            InfoEdit edit = InfoEdit.of(record.info());
            edit.spec = edit.spec.withParent(parent).withLineage(lineage);
            SnapshotRecord rebased = record.with(edit.done()).withBase(base.orElseThrow());
            draft.end();
            catalogue.put(rebased);
            SnapshotDraft over =
                    SnapshotDraft.recover(engine, rebased, engine.clock().now());
            drafts.put(id, over);
            return SnapshotOutcome.done(over);
        });
    }

    /** An id that no snapshot has, for one that is to be begun. */
    SnapshotId freshId() {
        engine.lock().lock();
        try {
            SnapshotId id = SnapshotId.random(engine.random());
            while (id.mark() == 0 || catalogue.find(id).isPresent()) {
                id = SnapshotId.random(engine.random());
            }
            return id;
        } finally {
            engine.lock().unlock();
        }
    }

    private Optional<SnapshotRefusal> tokenRefusal(SnapshotSpec spec) {
        return spec.clientToken()
                .flatMap(token -> byClientToken(spec.owner(), token))
                .map(made -> new SnapshotRefusal(
                        made.spec().equals(spec) ? Reason.TOKEN_USED : Reason.TOKEN_MISMATCH,
                        "the client token was used for " + made.id(),
                        Optional.of(made.id())));
    }

    /**
     * A draft that is under way, also one that was begun before a restart: the same object for the same id. One that lay longer than its
     * timeout is failed by asking.
     */
    public Optional<SnapshotDraft> draft(SnapshotId id) {
        requireOpen();
        SnapshotDraft open = drafts.get(id);
        if (open == null) {
            engine.lock().lock();
            try {
                open = drafts.get(id);
                Optional<SnapshotRecord> record = catalogue.find(id).filter(SnapshotRecord::isPending);
                if (open == null && record.isPresent()) {
                    open = SnapshotDraft.recover(engine, record.get(), opened);
                    drafts.put(id, open);
                }
            } finally {
                engine.lock().unlock();
            }
        }
        if (open != null && open.isLate(engine.clock().now())) {
            open.fail("nothing was put or completed in time");
        }
        return Optional.ofNullable(open)
                .filter(draft ->
                        catalogue.find(id).filter(SnapshotRecord::isPending).isPresent());
    }

    /** All drafts under way, by id. */
    public List<SnapshotDraft> drafts() {
        return catalogue.all().stream()
                .filter(SnapshotRecord::isPending)
                .flatMap(record -> draft(record.info().id()).stream())
                .toList();
    }

    // Looking

    /** A snapshot that is whole; one in the archive tier too, which can be looked at and not read. */
    public Optional<Snapshot> snapshot(SnapshotId id) {
        requireOpen();
        return catalogue
                .find(id)
                .filter(record -> record.info().state() == SnapshotState.COMPLETED)
                .map(record -> new Snapshot(engine, id));
    }

    /** A snapshot in any state. */
    public Optional<SnapshotInfo> info(SnapshotId id) {
        return catalogue.find(id).map(this::present);
    }

    private SnapshotInfo present(SnapshotRecord record) {
        SnapshotDraft draft = drafts.get(record.info().id());
        return draft == null ? record.info() : draft.withProgress(record.info());
    }

    /** All snapshots in any state, by id; those in the recycle bin are {@link SnapshotState#RECOVERABLE}. */
    public List<SnapshotInfo> infos() {
        return catalogue.all().stream()
                .filter(record -> !record.isDropped())
                .map(this::present)
                .toList();
    }

    /** What {@link #begin} of this owner made with a client token. */
    public Optional<SnapshotInfo> byClientToken(String owner, String token) {
        return infos().stream()
                .filter(info -> info.spec().owner().equals(owner)
                        && info.spec().clientToken().filter(token::equals).isPresent())
                .findFirst();
    }

    // Changing

    /**
     * Deletes a snapshot, or moves it to the recycle bin when a retention rule matches: one record, whatever its size. A pending one is
     * given up and deleted. What it alone holds is freed in the background. Refused while it is locked. The value says how it is now:
     * {@link SnapshotState#RECOVERABLE}, or as it was before it went.
     */
    public SnapshotOutcome<SnapshotInfo> delete(SnapshotId id) {
        return change(id, record -> {
            Instant now = engine.clock().now();
            if (LockRules.forbidsDeletion(record.info().lock(), now)) {
                return SnapshotOutcome.refused(Reason.LOCKED, "snapshot " + id + " is locked");
            }
            if (!record.holdsTree()) {
                // Its packs are found by its record, which goes last.
                catalogue.put(record.with(record.info()).dropped());
                Optional.ofNullable(drafts.get(id)).ifPresent(SnapshotDraft::end);
                return SnapshotOutcome.done(record.info());
            }
            // A copy that only stood in for a deleted snapshot is nobody's to bring back.
            boolean isFinal =
                    record.info().state() == SnapshotState.RECOVERABLE || SnapshotSources.isHidden(record.info());
            Optional<Duration> retention =
                    isFinal ? Optional.empty() : retention(record.info().spec());
            if (retention.isEmpty()) {
                catalogue.remove(record);
                return SnapshotOutcome.done(record.info());
            }
            InfoEdit edit = InfoEdit.of(record.info());
            edit.state = SnapshotState.RECOVERABLE;
            edit.recycled = Optional.of(now);
            edit.recoverableUntil = retention.map(now::plus);
            return put(record, edit);
        });
    }

    private Optional<Duration> retention(SnapshotSpec spec) {
        return catalogue.rules().values().stream()
                .filter(rule -> rule.matches(spec))
                .map(rule -> Duration.ofDays(rule.retentionDays()))
                .max(Duration::compareTo);
    }

    private <T> SnapshotOutcome<T> change(SnapshotId id, Function<SnapshotRecord, SnapshotOutcome<T>> change) {
        requireOpen();
        engine.lock().lock();
        try {
            return catalogue
                    .find(id)
                    .map(change)
                    .orElseGet(() -> SnapshotOutcome.refused(Reason.NO_SUCH_SNAPSHOT, "there is no snapshot " + id));
        } finally {
            engine.lock().unlock();
        }
    }

    private SnapshotOutcome<SnapshotInfo> put(SnapshotRecord record, InfoEdit edit) {
        SnapshotRecord changed = record.with(edit.done());
        catalogue.put(changed);
        return SnapshotOutcome.done(present(changed));
    }

    private static <T> SnapshotOutcome<T> incorrectState(SnapshotRecord record) {
        return SnapshotOutcome.refused(
                Reason.INCORRECT_STATE,
                "snapshot " + record.info().id() + " is "
                        + record.info().state().wireName());
    }

    /**
     * A second snapshot of the same content and size; {@code wish} gives its description, tags, owner and token, and whether it is to be
     * encrypted, which the copy of an encrypted one always is. It is made of the record alone and complete on return, but for one that is
     * encrypted and its source not: that is pending, and the background task reads all and puts it. It fails when its source is deleted
     * meanwhile.
     */
    public SnapshotOutcome<SnapshotInfo> copy(SnapshotId source, SnapshotSpec wish) {
        return change(source, record -> {
            SnapshotInfo info = record.info();
            SnapshotSpec sized = wish.withSizeBytes(info.sizeBytes());
            SnapshotSpec spec = info.spec().isEncrypted() ? sized.encrypted() : sized;
            if (info.state() != SnapshotState.COMPLETED) {
                return incorrectState(record);
            }
            if (info.tier() == SnapshotTier.ARCHIVE) {
                return SnapshotOutcome.refused(Reason.IN_ARCHIVE, source + " is in the archive tier");
            }
            if (!info.spec().owner().equals(spec.owner())) {
                return SnapshotOutcome.refused(
                        Reason.INVALID_PARAMETER, "content is not shared over accounts: read it and put it");
            }
            if (spec.isEncrypted() != info.spec().isEncrypted()) {
                return switch (begin(freshId(), spec, Optional.of(source))) {
                    case SnapshotOutcome.Done<SnapshotDraft>(SnapshotDraft draft) -> SnapshotOutcome.done(draft.info());
                    case SnapshotOutcome.Refused<SnapshotDraft>(SnapshotRefusal refused) ->
                        new SnapshotOutcome.Refused<>(refused);
                };
            }
            Optional<SnapshotRefusal> refusal = tokenRefusal(spec);
            if (refusal.isPresent()) {
                return new SnapshotOutcome.Refused<>(refusal.get());
            }
            Instant now = engine.clock().now();
            InfoEdit edit = InfoEdit.of(info);
            InfoEdit copy = new InfoEdit(freshId(), spec, spec.started().orElse(now));
            copy.state = SnapshotState.COMPLETED;
            copy.completed = Optional.of(now);
            copy.writtenChunks = edit.writtenChunks;
            copy.storedBytes = edit.storedBytes;
            SnapshotInfo made = copy.done();
            catalogue.put(new SnapshotRecord(made, record.tree(), 0, false));
            return SnapshotOutcome.done(made);
        });
    }

    /** Replaces the tags. */
    public SnapshotOutcome<SnapshotInfo> setTags(SnapshotId id, SortedMap<String, String> tags) {
        return change(id, record -> {
            InfoEdit edit = InfoEdit.of(record.info());
            edit.spec = edit.spec.withTags(tags);
            return put(record, edit);
        });
    }

    /** Keeps a text of a door's with the snapshot, or removes it. */
    public SnapshotOutcome<SnapshotInfo> setSetting(SnapshotId id, String name, Optional<String> value) {
        return change(id, record -> {
            InfoEdit edit = InfoEdit.of(record.info());
            edit.set(name, value);
            return put(record, edit);
        });
    }

    // Locks

    /** Locks, or changes a lock as far as its mode allows. A pending snapshot may be locked; the duration runs from its completion. */
    public SnapshotOutcome<SnapshotInfo> lock(SnapshotId id, SnapshotLock.Request request) {
        return change(id, record -> {
            SnapshotInfo info = record.info();
            if (info.state() != SnapshotState.COMPLETED && info.state() != SnapshotState.PENDING) {
                return incorrectState(record);
            }
            Instant now = engine.clock().now();
            Optional<String> broken = LockRules.broken(request, info.lock(), now);
            if (broken.isPresent()) {
                return SnapshotOutcome.refused(Reason.INVALID_PARAMETER, broken.get());
            }
            InfoEdit edit = InfoEdit.of(info);
            edit.lock = Optional.of(LockRules.granted(request, info.lock(), record.isPending(), now));
            return put(record, edit);
        });
    }

    /** Lifts a governance lock, an expired one, or a compliance lock in its cool-off. */
    public SnapshotOutcome<SnapshotInfo> unlock(SnapshotId id) {
        return change(id, record -> {
            if (record.info().lock().isEmpty()) {
                return SnapshotOutcome.refused(Reason.INCORRECT_STATE, "snapshot " + id + " is not locked");
            }
            SnapshotLock lock = record.info().lock().get();
            if (LockRules.forbidsUnlocking(lock, engine.clock().now())) {
                return SnapshotOutcome.refused(Reason.LOCKED, "the compliance lock of " + id + " cannot be lifted");
            }
            InfoEdit edit = InfoEdit.of(record.info());
            edit.lock = Optional.empty();
            return put(record, edit);
        });
    }

    // Recycle bin

    /** Adds or replaces a retention rule; it counts for deletions from then on. */
    public SnapshotOutcome<RetentionRule> putRule(RetentionRule rule) {
        requireOpen();
        engine.lock().lock();
        try {
            if (catalogue.rules().size() >= RetentionRule.RULES_MAX
                    && !catalogue.rules().containsKey(rule.id())) {
                return SnapshotOutcome.refused(
                        Reason.LIMIT_EXCEEDED, "a store has at most " + RetentionRule.RULES_MAX + " retention rules");
            }
            catalogue.put(rule);
            return SnapshotOutcome.done(rule);
        } finally {
            engine.lock().unlock();
        }
    }

    public SnapshotOutcome<RetentionRule> deleteRule(String ruleId) {
        requireOpen();
        engine.lock().lock();
        try {
            RetentionRule rule = catalogue.rules().get(ruleId);
            if (rule == null) {
                return SnapshotOutcome.refused(Reason.NO_SUCH_RULE, "there is no retention rule " + ruleId);
            }
            catalogue.remove(rule);
            return SnapshotOutcome.done(rule);
        } finally {
            engine.lock().unlock();
        }
    }

    /** All rules, by id. */
    public List<RetentionRule> rules() {
        return List.copyOf(catalogue.rules().values());
    }

    /** Takes a snapshot out of the recycle bin. */
    public SnapshotOutcome<SnapshotInfo> restoreFromRecycleBin(SnapshotId id) {
        return change(id, record -> {
            if (record.info().state() != SnapshotState.RECOVERABLE) {
                return incorrectState(record);
            }
            InfoEdit edit = InfoEdit.of(record.info());
            edit.state = SnapshotState.COMPLETED;
            edit.recycled = Optional.empty();
            edit.recoverableUntil = Optional.empty();
            return put(record, edit);
        });
    }

    // Archive tier

    /**
     * Moves a snapshot to the archive tier: all it shows is copied into packs of its own under the archive's storage class, then it leaves
     * its lineage. What others share stays theirs. It cannot be read until it is restored. Takes time for all it has written; after an
     * exception or a crash it is as before. The class is a name that object stores keep: bytes move to colder media once tiering does that.
     */
    public SnapshotOutcome<SnapshotInfo> archive(SnapshotId id) {
        SnapshotOutcome<SnapshotRecord> begun = change(id, record -> {
            if (record.info().state() != SnapshotState.COMPLETED || record.base() != 0) {
                return incorrectState(record);
            }
            if (record.info().tier() == SnapshotTier.ARCHIVE) {
                return SnapshotOutcome.refused(Reason.IN_ARCHIVE, id + " is in the archive tier");
            }
            SnapshotRecord copying = record.withBase(engine.random().nextLong());
            catalogue.put(copying);
            return SnapshotOutcome.done(copying);
        });
        return switch (begun) {
            case SnapshotOutcome.Refused<SnapshotRecord>(SnapshotRefusal refusal) ->
                new SnapshotOutcome.Refused<>(refusal);
            case SnapshotOutcome.Done<SnapshotRecord>(SnapshotRecord record) -> archive(record);
        };
    }

    private SnapshotOutcome<SnapshotInfo> archive(SnapshotRecord record) {
        long birth = record.base();
        boolean isCommitted = false;
        try {
            PageRef root = new ArchiveCopy(
                            engine,
                            birth,
                            PackForm.first(
                                    engine.options().archiveClass(),
                                    record.info().spec().isEncrypted()))
                    .copy(catalogue.tree(record.tree()).root());
            SnapshotOutcome<SnapshotInfo> outcome = change(record.info().id(), now -> {
                if (now.info().state() != SnapshotState.COMPLETED || now.base() != birth) {
                    return incorrectState(now);
                }
                catalogue.put(new Tree(birth, 0, root, false));
                InfoEdit edit = InfoEdit.of(now.info());
                edit.tier = SnapshotTier.ARCHIVE;
                edit.archived = Optional.of(engine.clock().now());
                edit.restoredUntil = Optional.empty();
                SnapshotRecord moved = now.with(edit.done()).withTree(birth);
                catalogue.put(moved);
                return SnapshotOutcome.done(moved.info());
            });
            isCommitted = outcome instanceof SnapshotOutcome.Done<?>;
            return outcome;
        } finally {
            if (!isCommitted) {
                giveUpArchive(record.info().id(), birth);
            }
        }
    }

    private void giveUpArchive(SnapshotId id, long birth) {
        engine.lock().lock();
        try {
            // Its tree, if it was written, is of nobody and is reclaimed as any other.
            catalogue
                    .find(id)
                    .filter(record -> record.base() == birth)
                    .ifPresent(record -> catalogue.put(record.withBase(0)));
            if (catalogue.trees().stream().noneMatch(tree -> tree.birth() == birth)) {
                engine.purge(birth);
            }
        } finally {
            engine.lock().unlock();
        }
    }

    /** Brings an archived snapshot back for so many days, or for good; it stays a full copy. */
    public SnapshotOutcome<SnapshotInfo> restoreFromArchive(SnapshotId id, Optional<Integer> days) {
        return change(id, record -> {
            boolean isTemporary = record.info().restoredUntil().isPresent();
            if (record.info().state() != SnapshotState.COMPLETED) {
                return incorrectState(record);
            }
            if (record.info().tier() != SnapshotTier.ARCHIVE && !isTemporary) {
                return SnapshotOutcome.refused(Reason.NOT_IN_ARCHIVE, id + " is not in the archive tier");
            }
            if (days.filter(count -> count < 1).isPresent()) {
                return SnapshotOutcome.refused(Reason.INVALID_PARAMETER, "a restore is for 1 day or more");
            }
            InfoEdit edit = InfoEdit.of(record.info());
            edit.tier = SnapshotTier.STANDARD;
            edit.restoredUntil = days.map(count -> engine.clock().now().plus(Duration.ofDays(count)));
            if (days.isEmpty()) {
                edit.archived = Optional.empty();
            }
            return put(record, edit);
        });
    }

    // Care

    /** Checks a snapshot against its checksums. A damaged copy in one zone of the object store does not show here while another is whole. */
    public SnapshotOutcome<SnapshotVerification> verify(SnapshotId id, VerifyDepth depth) {
        Optional<SnapshotRecord> record = catalogue.find(id);
        if (record.isEmpty()) {
            return SnapshotOutcome.refused(Reason.NO_SUCH_SNAPSHOT, "there is no snapshot " + id);
        }
        if (!record.get().holdsTree()) {
            return incorrectState(record.get());
        }
        return SnapshotOutcome.done(new Verifier(engine, depth)
                .verify(catalogue.tree(record.get().tree()).root()));
    }

    /** Background work: drafts that lay too long, the recycle bin, restored archives, reclaim and compaction. A unit is one of these things done. */
    public Task task() {
        return background;
    }

    /** Does all background work that is due, on this thread; returns the units done. */
    public long step() {
        return background.step(Long.MAX_VALUE);
    }

    public SnapshotFigures figures() {
        return background.figures();
    }

    /** Drafts keep what was saved. The object store is left open; the background task is stopped before. */
    @Override
    public void close() {
        isClosed = true;
        drafts.values().forEach(SnapshotDraft::end);
    }

    Engine engine() {
        return engine;
    }
}
