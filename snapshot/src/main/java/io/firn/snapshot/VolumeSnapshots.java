package io.firn.snapshot;

import io.firn.blockstore.SealedView;
import io.firn.blockstore.Sealing;
import io.firn.blockstore.Volume;
import io.firn.blockstore.VolumeSpec;
import io.firn.blockstore.VolumeStore;
import io.firn.blockstore.VolumeType;
import io.firn.io.Clock;
import io.firn.io.InvariantViolation;
import io.firn.io.StorageException;
import io.firn.io.Task;
import io.firn.io.Threads;
import io.firn.snapshot.SnapshotRefusal.Reason;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

/**
 * Snapshots of the volumes of a store, and volumes made from snapshots.
 *
 * <p><b>A snapshot</b> shows its volumes as they are at the call. The call seals the epoch, begins a draft and returns: both are durable and it is
 * {@link SnapshotState#PENDING}, and {@link #uploads} does the rest. The sealed view stays until the snapshot is whole, over restarts; what
 * was uploaded is not uploaded again. The first snapshot of a lineage takes all that is written, a later one what the record of changes
 * names since its parent, over clones and restored volumes too; where that record does not reach, everything is read and compared. Nothing
 * is ever taken for unchanged.
 *
 * <p><b>A restored volume</b> serves at once, see {@link SnapshotSources}; {@link #hydration} brings in the rest, and no block becomes dirty
 * by it. A snapshot that a volume still needs can be deleted: a hidden copy of its record keeps what the volume needs until everything is in.
 * That copy is made by {@link #delete} and {@link #archive} of this class, which is why snapshots of volumes are deleted here and not in the
 * {@link SnapshotStore}.
 *
 * <p><b>Threads.</b> Safe for many; each task that was asked for is stepped by one thread at a time. A create waits for the disk, not for uploads.
 *
 * <p><b>Errors.</b> {@link StorageException} by remedy; what callers expect is a {@link SnapshotOutcome}. A draft whose volume is damaged,
 * or whose sealed view somebody released, becomes an {@link SnapshotState#ERROR}.
 */
public final class VolumeSnapshots {
    private static final Logger LOG = System.getLogger(VolumeSnapshots.class.getName());

    private final VolumeStore volumes;
    private final SnapshotStore snapshots;
    private final SnapshotSources sources;
    private final Lineages lineages;
    private final FillRates rates;
    private final Clock clock;
    private final VolumeSnapshotsOptions options;
    private final Executor syncs;
    private final Pace uploadPace;

    /** One upload thread at a time compresses, so that foreground writes keep the other processors; the others wait for the disk. */
    private final ReentrantLock compressing = new ReentrantLock();

    /** Held while a view is released, so that nobody releases it twice. */
    private final ReentrantLock releasing = new ReentrantLock();

    /** Uploads under way, the earliest begun first. Guarded by this. */
    private final Map<SnapshotId, Upload> uploads = new LinkedHashMap<>();

    /** Volumes that are not whole yet, by id. Guarded by this. */
    private final Map<Integer, Hydration> hydrations = new LinkedHashMap<>();

    private VolumeSnapshots(
            VolumeStore volumes,
            SnapshotStore snapshots,
            SnapshotSources sources,
            Clock clock,
            VolumeSnapshotsOptions options,
            Executor syncs) {
        this.volumes = volumes;
        this.syncs = syncs;
        this.snapshots = snapshots;
        this.sources = sources;
        this.clock = clock;
        this.options = options;
        this.lineages = new Lineages(volumes, snapshots, sources);
        this.rates = sources.orders().rates();
        this.uploadPace = new Pace(clock, options.uploadBytesPerSecond());
    }

    /**
     * Goes on with what was under way when the stores were closed or the process died.
     *
     * @param volumes opened with {@code sources}; marks of its views are for this class alone, and one at a time has it
     */
    public static VolumeSnapshots open(
            VolumeStore volumes,
            SnapshotStore snapshots,
            SnapshotSources sources,
            Clock clock,
            VolumeSnapshotsOptions options) {
        return open(volumes, snapshots, sources, clock, options, sync -> Threads.start("firn-snapshot-seal", sync));
    }

    /** @param syncs runs the sync of a seal while records are put; what it has not begun by then the caller does */
    static VolumeSnapshots open(
            VolumeStore volumes,
            SnapshotStore snapshots,
            SnapshotSources sources,
            Clock clock,
            VolumeSnapshotsOptions options,
            Executor syncs) {
        VolumeSnapshots opened = new VolumeSnapshots(volumes, snapshots, sources, clock, options, syncs);
        opened.resume();
        return opened;
    }

    private synchronized void resume() {
        // The earlier moments of a volume first, as when they were taken: the later are taken over them.
        snapshots.infos().stream()
                .flatMap(info -> VolumeMoment.parse(info.spec().lineage())
                        .filter(moment -> moment.store() == volumes.identity())
                        .map(moment -> Map.entry(moment, info))
                        .stream())
                .sorted(Comparator.comparingLong(each -> each.getKey().epoch()))
                .forEach(each -> resume(each.getValue(), each.getKey()));
        // The process may have died before the draft was durable, or after it was deleted.
        volumes.markedViews().stream()
                .filter(view -> !uploads.containsKey(SnapshotId.ofMark(view.mark())))
                .forEach(SealedView::release);
        for (Volume volume : volumes.based()) {
            try {
                hydrate(volume, rates.of(rateName(volume)).orElse(options.hydrationBytesPerSecond()));
            } catch (StorageException.Unavailable missing) {
                LOG.log(Level.ERROR, "volume {0} cannot be filled: {1}", volume.name(), missing.getMessage());
            }
        }
        // The process may have died between the end of a fill and this.
        sources.release(needed());
    }

    private void resume(SnapshotInfo info, VolumeMoment moment) {
        Optional<Volume> volume = volumes.find(moment.volume());
        Optional<SealedView> view =
                volume.flatMap(of -> of.view(moment.epoch())).filter(found -> isOf(info.id(), found));
        Optional<SnapshotDraft> draft = snapshots.draft(info.id());
        if (draft.isEmpty()) {
            view.ifPresent(SealedView::release); // it was whole, or had failed, and the process died before this
        } else if (view.isPresent()) {
            uploads.put(
                    info.id(), new Upload(draft.get(), volume.orElseThrow(), view.get(), moment, options.saveBytes()));
        } else if (volume.isPresent() && moment.epoch() >= volume.get().epoch()) {
            snapshots.delete(info.id()); // the process died before the seal, and nobody was told of a snapshot
        } else {
            draft.get().fail("the sealed view " + info.spec().volume() + "@" + moment.epoch() + " is gone");
        }
    }

    /** Whether a view was sealed for a snapshot; those of before seals carried ids say nothing. */
    private static boolean isOf(SnapshotId id, SealedView view) {
        return view.mark() == 0 || view.mark() == id.mark();
    }

    // Create

    /**
     * Takes a snapshot of a volume as it is now; durable and pending on return.
     *
     * @param wish what to say of it; size, parent, lineage and start are filled in here
     */
    public SnapshotOutcome<SnapshotInfo> create(Volume volume, SnapshotSpec wish) {
        return switch (createSet(List.of(new Wish(volume, wish)))) {
            case SnapshotOutcome.Done<List<SnapshotInfo>>(List<SnapshotInfo> made) ->
                SnapshotOutcome.done(made.getFirst());
            case SnapshotOutcome.Refused<List<SnapshotInfo>>(SnapshotRefusal refusal) ->
                new SnapshotOutcome.Refused<>(refusal);
        };
    }

    /** A volume, and what to say of its snapshot. */
    public record Wish(Volume volume, SnapshotSpec spec) {}

    /**
     * Takes snapshots of volumes at one instant: no write to any of them lies between. All of them, or none.
     *
     * <p>The seal is made first and synced while the records of the drafts are put. It carries the ids of the snapshots: a crash may leave the
     * one without the other, and the next opening deletes a draft that has no seal and releases a seal that has no draft.
     */
    public synchronized SnapshotOutcome<List<SnapshotInfo>> createSet(List<Wish> wishes) {
        Instant started = clock.now();
        List<Planned> planned = wishes.stream().map(wish -> plan(wish, started)).toList();
        Optional<SnapshotRefusal> refusal = refusal(wishes)
                .or(() -> planned.stream()
                        .flatMap(one -> snapshots.refusal(one.spec()).stream())
                        .findFirst());
        if (refusal.isPresent()) {
            return new SnapshotOutcome.Refused<>(refusal.get());
        }
        Sealing sealing = volumes.beginSeal(planned.stream()
                .map(one -> new Sealing.Wish(one.volume(), one.id().mark()))
                .toList());
        FutureTask<List<SealedView>> sync = new FutureTask<>(sealing::sync);
        syncs.execute(sync);
        List<Upload> begun = new ArrayList<>();
        try {
            for (int i = 0; i < planned.size(); i++) {
                switch (begin(planned.get(i), sealing.views().get(i))) {
                    case SnapshotOutcome.Done<Upload>(Upload upload) -> begun.add(upload);
                    case SnapshotOutcome.Refused<Upload>(SnapshotRefusal refused) -> {
                        takeBack(begun, sealing);
                        return new SnapshotOutcome.Refused<>(refused);
                    }
                }
            }
        } catch (StorageException failed) {
            try {
                takeBack(begun, sealing);
            } catch (StorageException again) {
                failed.addSuppressed(again); // the next opening does what is left
            }
            throw failed;
        }
        // After a failure the seal may be on disk all the same: the drafts stay, and the next opening finds out.
        await(sync);
        begun.forEach(upload -> uploads.put(upload.draft().id(), upload));
        return SnapshotOutcome.done(
                begun.stream().map(upload -> upload.draft().info()).toList());
    }

    private Optional<SnapshotRefusal> refusal(List<Wish> wishes) {
        Set<Integer> named = new HashSet<>();
        for (Wish wish : wishes) {
            if (!named.add(wish.volume().id())) {
                return Optional.of(SnapshotRefusal.of(
                        Reason.INVALID_PARAMETER,
                        "volume " + wish.volume().name() + " is named twice, for snapshots of one instant"));
            }
            VolumeType type = wish.volume().type();
            boolean isHdd = type == VolumeType.ST1 || type == VolumeType.SC1;
            int limit = isHdd ? 1 : options.pendingPerVolume();
            long pending = uploads.values().stream()
                    .filter(upload -> upload.volume().id() == wish.volume().id())
                    .count();
            if (pending >= limit) {
                return Optional.of(SnapshotRefusal.of(
                        Reason.LIMIT_EXCEEDED,
                        "volume " + wish.volume().name() + " has " + pending + " pending snapshots, the most it may"));
            }
        }
        return Optional.empty();
    }

    /** A snapshot that is to be begun; the moment is the one that is expected. */
    private record Planned(SnapshotId id, Volume volume, SnapshotSpec spec, VolumeMoment moment) {}

    private Planned plan(Wish wish, Instant started) {
        Volume volume = wish.volume();
        SnapshotSpec sized = sized(wish, volume.sizeBytes());
        Optional<Lineages.Parent> parent = lineages.parent(volume, sized);
        VolumeMoment moment = new VolumeMoment(
                volumes.identity(),
                volume.id(),
                volume.epoch(),
                lineages.root(volume),
                parent.flatMap(Lineages.Parent::base));
        String name = sized.volume().isEmpty() ? volume.name().value() : sized.volume();
        SnapshotSpec spec = sized.withParent(parent.map(Lineages.Parent::id))
                .withVolume(name)
                .withLineage(moment.text())
                .withStarted(started);
        return new Planned(snapshots.freshId(), volume, spec, moment);
    }

    /** Begins the draft of a seal; durable on return, which the seal need not be. */
    private SnapshotOutcome<Upload> begin(Planned planned, SealedView view) {
        VolumeMoment moment = planned.moment().at(view.epoch());
        SnapshotSpec spec = planned.spec().withSizeBytes(view.sizeBytes()).withLineage(moment.text());
        return switch (snapshots.begin(planned.id(), spec)) {
            case SnapshotOutcome.Done<SnapshotDraft>(SnapshotDraft draft) ->
                SnapshotOutcome.done(new Upload(draft, planned.volume(), view, moment, options.saveBytes()));
            case SnapshotOutcome.Refused<SnapshotDraft>(SnapshotRefusal refusal) ->
                new SnapshotOutcome.Refused<>(refusal);
        };
    }

    /** Undoes what was begun of a set that is not to be; the drafts first, for a view is found without its draft. */
    private void takeBack(List<Upload> begun, Sealing sealing) {
        begun.forEach(upload -> snapshots.delete(upload.draft().id()));
        sealing.views().forEach(SealedView::release);
    }

    /** Returns when a sync has; does it on this thread when no other has begun. An interrupt shortens nothing. */
    private static void await(FutureTask<List<SealedView>> sync) {
        sync.run();
        boolean isInterrupted = false;
        while (true) {
            try {
                sync.get();
                break;
            } catch (InterruptedException e) {
                isInterrupted = true;
            } catch (ExecutionException e) {
                switch (e.getCause()) {
                    case RuntimeException failed -> throw failed;
                    case Error failed -> throw failed;
                    case null, default -> throw new InvariantViolation("a sync failed with " + e.getCause());
                }
            }
        }
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static SnapshotSpec sized(Wish asked, long sizeBytes) {
        SnapshotSpec wish = asked.spec();
        return new SnapshotSpec(
                sizeBytes,
                Optional.empty(),
                wish.volume(),
                "",
                wish.description(),
                wish.tags(),
                wish.owner(),
                asked.volume().isEncrypted(),
                Optional.empty(),
                Optional.empty(),
                wish.clientToken());
    }

    // Upload

    /**
     * Uploads what is pending, a piece of each in turn. A unit is a byte looked at. Several may be stepped at once, by a thread each: while one
     * waits for the object store, another reads and compresses, but never two, which would take the processors from foreground writes.
     */
    public Task uploads() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(Chunk.BLOCK_BYTES);
        return budget -> upload(budget, buffer);
    }

    private long upload(long budget, ByteBuffer buffer) {
        long done = 0;
        StorageException failure = null;
        for (Upload waiting : nextUploads()) {
            Upload upload = overNearest(waiting);
            long allowed = uploadPace.allowed(budget);
            if (allowed <= 0) {
                break;
            }
            try {
                long step = upload(upload, allowed, buffer);
                uploadPace.passed(step);
                done += step;
            } catch (StorageException failed) {
                failure = failed;
            }
        }
        if (done == 0 && failure != null) {
            throw failure;
        }
        return done;
    }

    /** The first upload of each volume: the later ones of a volume wait, so that few are half done. */
    private synchronized List<Upload> nextUploads() {
        Map<Integer, Upload> first = new LinkedHashMap<>();
        uploads.values().forEach(upload -> first.putIfAbsent(upload.volume().id(), upload));
        return List.copyOf(first.values());
    }

    /** One that waited for an earlier snapshot of its volume is taken over that, so that its changes are not uploaded again. */
    private synchronized Upload overNearest(Upload upload) {
        VolumeMoment moment = upload.moment();
        SnapshotId id = upload.draft().id();
        if (!upload.isUntouched() || upload.volume().isDeleted() || !uploads.containsKey(id)) {
            return upload;
        }
        Optional<SnapshotSpec> spec = snapshots.info(id).map(SnapshotInfo::spec);
        Optional<Lineages.Parent> nearest = spec.flatMap(of -> lineages.known(upload.volume(), moment.epoch(), of));
        if (nearest.isEmpty() || spec.get().parent().equals(nearest.map(Lineages.Parent::id))) {
            return upload;
        }
        VolumeMoment over = new VolumeMoment(
                moment.store(),
                moment.volume(),
                moment.epoch(),
                moment.root(),
                nearest.get().base());
        return switch (snapshots.rebase(id, nearest.get().id(), over.text())) {
            case SnapshotOutcome.Done<SnapshotDraft>(SnapshotDraft draft) -> {
                Upload nearer = new Upload(draft, upload.volume(), upload.view(), over, options.saveBytes());
                uploads.put(id, nearer);
                yield nearer;
            }
            case SnapshotOutcome.Refused<SnapshotDraft>(SnapshotRefusal refusal) -> upload;
        };
    }

    private long upload(Upload upload, long budget, ByteBuffer buffer) {
        SnapshotDraft draft = upload.draft();
        try {
            long done = upload.step(budget, lineages::changed, buffer, compressing);
            return done == 0 && upload.beginCompletion() ? complete(upload) : done;
        } catch (StorageException.Corrupt damaged) {
            fail(upload, "the volume is damaged: " + damaged.getMessage());
            return 1;
        } catch (StorageException.Closed closed) {
            if (snapshots.draft(draft.id()).isEmpty()) {
                end(upload); // deleted meanwhile
            } else if (upload.isViewGone()) {
                fail(
                        upload,
                        "the sealed view " + upload.view().volume() + "@"
                                + upload.moment().epoch() + " is gone");
            } else {
                throw closed;
            }
            return 1;
        }
    }

    private void fail(Upload upload, String reason) {
        LOG.log(Level.ERROR, "snapshot {0} failed: {1}", upload.draft().id(), reason);
        upload.draft().fail(reason);
        end(upload);
    }

    private long complete(Upload upload) {
        try {
            switch (upload.draft().complete()) {
                case SnapshotOutcome.Done<Snapshot>(Snapshot whole) -> lineages.add(whole.info());
                case SnapshotOutcome.Refused<Snapshot>(SnapshotRefusal refusal) ->
                    LOG.log(Level.WARNING, "snapshot {0}: {1}", upload.draft().id(), refusal.detail());
            }
            end(upload);
        } finally {
            upload.endCompletion();
        }
        return 1;
    }

    private void end(Upload upload) {
        // Waits for the disk, which no create should have to: not with this locked.
        releasing.lock();
        try {
            if (!upload.isViewGone()) {
                upload.view().release();
            }
        } finally {
            releasing.unlock();
        }
        synchronized (this) {
            uploads.remove(upload.draft().id());
            if (!upload.volume().isDeleted()) {
                forget(upload.volume());
            }
        }
    }

    /**
     * Forgets changes from before the two newest snapshots, so that the newer may be deleted and the next is still incremental; what pending
     * ones and sealed views of others count from is kept.
     */
    private void forget(Volume volume) {
        NavigableMap<Long, SnapshotId> own = lineages.of(volume.id());
        if (own.size() < 2) {
            return;
        }
        long keep = own.lowerKey(own.lastKey());
        for (Upload other : uploads.values()) {
            Optional<VolumeMoment.Base> base = other.moment().base();
            if (other.volume().id() == volume.id()) {
                keep = base.isEmpty()
                        ? keep
                        : base.get().volume() == volume.id()
                                ? Math.min(keep, base.get().epoch())
                                : 0;
            }
        }
        for (SealedView view : volume.views()) {
            keep = Math.min(keep, view.epoch());
        }
        if (keep > 0 && volume.knowsChangesSince(keep - 1)) {
            volume.forgetChanges(keep);
        }
    }

    // Delete

    /**
     * Deletes a snapshot, as {@link SnapshotStore#delete}; volumes that were restored from it go on. A pending one is given up.
     */
    public synchronized SnapshotOutcome<SnapshotInfo> delete(SnapshotId id) {
        Optional<SnapshotRefusal> refusal = holdWhatIsNeeded(id);
        if (refusal.isPresent()) {
            return new SnapshotOutcome.Refused<>(refusal.get());
        }
        Upload upload = uploads.get(id);
        SnapshotOutcome<SnapshotInfo> deleted = snapshots.delete(id);
        if (upload != null && deleted instanceof SnapshotOutcome.Done<?>) {
            end(upload);
        }
        return deleted;
    }

    /** As {@link SnapshotStore#archive}; volumes that were restored from it go on. */
    public SnapshotOutcome<SnapshotInfo> archive(SnapshotId id) {
        synchronized (this) {
            Optional<SnapshotRefusal> refusal = holdWhatIsNeeded(id);
            if (refusal.isPresent()) {
                return new SnapshotOutcome.Refused<>(refusal.get());
            }
        }
        return snapshots.archive(id);
    }

    private Optional<SnapshotRefusal> holdWhatIsNeeded(SnapshotId id) {
        Optional<SnapshotInfo> whole = snapshots.info(id).filter(info -> info.state() == SnapshotState.COMPLETED);
        if (whole.isEmpty() || !needed().contains(id.text())) {
            return Optional.empty();
        }
        return switch (sources.hold(whole.get())) {
            case SnapshotOutcome.Done<SnapshotId> held -> Optional.empty();
            case SnapshotOutcome.Refused<SnapshotId>(SnapshotRefusal refusal) -> Optional.of(refusal);
        };
    }

    /** The snapshots that volumes are based on. */
    private Set<String> needed() {
        return volumes.based().stream()
                .map(Volume::source)
                .flatMap(Optional::stream)
                .collect(Collectors.toSet());
    }

    // Restore

    /**
     * Makes a volume from a snapshot, which serves at once and is filled in the background; durable on return. Refused when there is no
     * such snapshot to read, or the volume would be smaller than it. A name that is taken is an {@link IllegalArgumentException}.
     *
     * @param bytesPerSecond at most how fast it is filled, after a restart too; 0 for as the options say
     */
    public synchronized SnapshotOutcome<Volume> restore(SnapshotId id, VolumeSpec spec, long bytesPerSecond) {
        Optional<Snapshot> snapshot = snapshots.snapshot(id);
        if (snapshot.isEmpty()) {
            return SnapshotOutcome.refused(Reason.NO_SUCH_SNAPSHOT, "there is no snapshot " + id + " to read");
        }
        if (snapshot.get().info().tier() == SnapshotTier.ARCHIVE
                && snapshot.get().info().restoredUntil().isEmpty()) {
            return SnapshotOutcome.refused(Reason.IN_ARCHIVE, "snapshot " + id + " is archived: restore it first");
        }
        if (spec.sizeBytes() < snapshot.get().sizeBytes()) {
            return SnapshotOutcome.refused(
                    Reason.INVALID_SIZE,
                    "snapshot " + id + " has " + snapshot.get().sizeBytes() + " bytes, the volume only "
                            + spec.sizeBytes());
        }
        boolean isEncrypted = snapshot.get().info().spec().isEncrypted();
        Volume volume = volumes.create((isEncrypted ? spec.encrypted() : spec).from(id.text()))
                .orElseThrow(() -> new IllegalArgumentException("there is a volume \"" + spec.name() + "\" already"));
        if (bytesPerSecond > 0) {
            rates.keep(rateName(volume), bytesPerSecond);
        }
        hydrate(volume, bytesPerSecond == 0 ? options.hydrationBytesPerSecond() : bytesPerSecond);
        return SnapshotOutcome.done(volume);
    }

    /**
     * Fills a restored volume on the calling thread, whatever its rate, and returns when everything is in; at once for any other volume. Others
     * may fill it at the same time. What it is filled from is damaged or missing: {@link StorageException.Corrupt}, and it stays based on that.
     */
    public void awaitFilled(Volume volume) {
        while (true) {
            Hydration hydration;
            synchronized (this) {
                hydration = hydrations.get(volume.id());
            }
            switch (fill(volume)) {
                case WHOLE -> {
                    return;
                }
                case STUCK ->
                    throw new StorageException.Corrupt("volume " + volume.name().value() + " stays based on "
                            + volume.source().orElse("a snapshot") + ", which is damaged or missing");
                case UNDER_WAY -> {
                    if (hydration != null) {
                        hydration.lift();
                        step(hydration, Chunk.BLOCK_BYTES);
                    }
                }
            }
        }
    }

    /** How far a volume is that was made from a snapshot. */
    public enum Fill {
        /** Everything is in, or it was not made from a snapshot. */
        WHOLE,
        UNDER_WAY,
        /** What it is filled from is damaged or missing, so that it will not be whole before the next opening. */
        STUCK
    }

    /** How far a volume is that was made from a snapshot; {@code WHOLE} for any other. */
    public synchronized Fill fill(Volume volume) {
        if (volume.source().isEmpty()) {
            return Fill.WHOLE;
        }
        Hydration hydration = hydrations.get(volume.id());
        return hydration == null || hydration.isDamaged() ? Fill.STUCK : Fill.UNDER_WAY;
    }

    private String rateName(Volume volume) {
        return HexFormat.of().toHexDigits(volumes.identity()) + "-" + volume.id();
    }

    private void hydrate(Volume volume, long bytesPerSecond) {
        SnapshotSource source = sources.open(volume.source().orElseThrow());
        hydrations.put(volume.id(), new Hydration(volume, source, clock, bytesPerSecond));
    }

    private synchronized boolean isHydrating(Volume volume) {
        return hydrations.containsKey(volume.id());
    }

    /** Fills restored volumes, each in turn. A unit is a byte. */
    public Task hydration() {
        return this::hydrateAll;
    }

    private long hydrateAll(long budget) {
        List<Hydration> all;
        synchronized (this) {
            all = List.copyOf(hydrations.values());
        }
        long done = 0;
        StorageException failure = null;
        for (Hydration each : all) {
            try {
                done += step(each, budget);
            } catch (StorageException failed) {
                failure = failed;
            }
        }
        if (done == 0 && failure != null) {
            throw failure;
        }
        return done;
    }

    private long step(Hydration hydration, long budget) {
        synchronized (hydration) {
            Volume volume = hydration.volume();
            if (!isHydrating(volume)) {
                return 0;
            }
            if (volumes.find(volume.id()).isEmpty()) {
                end(hydration); // the volume was deleted
                return 1;
            }
            long used = hydration.step(budget);
            if (hydration.isDone()) {
                hydration.finish();
                end(hydration);
                return used + 1;
            }
            return used;
        }
    }

    private synchronized void end(Hydration hydration) {
        hydrations.remove(hydration.volume().id());
        rates.forget(rateName(hydration.volume()));
        sources.release(needed());
    }

    // Looking

    /** The snapshots that are anybody's to see. */
    public List<SnapshotInfo> infos() {
        return snapshots.infos().stream()
                .filter(info -> !SnapshotSources.isHidden(info))
                .toList();
    }

    /** A snapshot in any state, if it is anybody's to see. */
    public Optional<SnapshotInfo> info(SnapshotId id) {
        return snapshots.info(id).filter(info -> !SnapshotSources.isHidden(info));
    }

    /** How many volumes are not whole yet. */
    public synchronized int hydrating() {
        return hydrations.size();
    }

    /** How many snapshots are under way here. */
    public synchronized int uploading() {
        return uploads.size();
    }
}
