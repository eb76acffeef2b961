package io.firn.objectstore;

import io.firn.extent.EncodedFrame;
import io.firn.io.Disk;
import io.firn.io.StorageException;
import io.firn.objectstore.StoreFormat.Checkpoint;
import io.firn.objectstore.StoreFormat.StoreId;
import io.firn.objectstore.StoreFormat.ZoneLabel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * What happens when a store is opened: a crash, a lost index, a zone that was away.
 *
 * <pre>
 *   1  read the label and checkpoint of each zone; a zone of another store, or of a newer format, is refused
 *   2  take the newest checkpoint; the zones it names as out of use stay so until they are repaired
 *   3  find every whole batch of the journal in every zone, and give each zone those that it lacks (JournalReader)
 *   4  if the index is not between the image and the end of the journal: clear it and load the image
 *   5  replay: frames of small payloads after the checkpoint are put back where they are damaged or missing,
 *      index operations after the index's own position are applied
 * </pre>
 */
final class Recovery {
    private static final int REPLAY_BATCH = 512;

    /** Bytes of frames that are put back in one go: side by side in the journal, they mostly are so in their extent. */
    private static final long PUT_BACK_BYTES = 4 << 20;

    private final List<Zone> zones;
    private final OrderedIndex index;
    private final Set<Long> putBack = new TreeSet<>();

    /** The outcome of opening. */
    record Recovered(StoreId store, long lastSeq, long highestOrdinal, Checkpoint checkpoint, List<Long> segments) {}

    Recovery(List<Zone> zones, OrderedIndex index) {
        this.zones = zones;
        this.index = index;
    }

    Recovered recover(RandomGenerator random) {
        StoreId store = identify(random);
        Checkpoint checkpoint = newestCheckpoint(store);
        JournalReader journal = new JournalReader(healthy(), store, replayStart(store, checkpoint));
        IndexApplier applier = new IndexApplier(index, store);
        Replay replay = new Replay(applier, indexPosition(store, checkpoint), checkpoint.replayFrom());
        long lastSeq = journal.replay(Math.min(replay.indexSeq, checkpoint.replayFrom()), replay);
        journal.checkTail(lastSeq, Math.max(checkpoint.replayFrom(), checkpoint.imageSeq()));
        journal.complete(lastSeq);
        if (lastSeq < replay.indexSeq) {
            // The journal is the truth: an index that is ahead of it (a store that ran without sync) is thrown away.
            load(store, checkpoint);
            replay = new Replay(applier, checkpoint.imageSeq(), checkpoint.replayFrom());
            lastSeq = new JournalReader(healthy(), store, checkpoint.imageSeq()).replay(checkpoint.imageSeq(), replay);
        }
        replay.finish();
        syncPutBack();
        long highestOrdinal = Math.max(
                replay.highestOrdinal,
                position().map(IndexApplier.Position::highestOrdinal).orElse(0L));
        return new Recovered(store, lastSeq, highestOrdinal, checkpoint, new ArrayList<>(journal.segments()));
    }

    private List<Zone> healthy() {
        return zones.stream().filter(Zone::isHealthy).toList();
    }

    // 1

    private StoreId identify(RandomGenerator random) {
        List<Optional<ZoneLabel>> labels = new ArrayList<>();
        boolean[] isBlank = new boolean[zones.size()];
        for (Zone zone : zones) {
            labels.add(Optional.empty());
            int number = labels.size() - 1;
            attempt(zone, each -> {
                labels.set(number, StoreFormat.readLabel(each.disk(), each.name()));
                isBlank[number] = isBlank(each.disk());
            });
        }
        Optional<ZoneLabel> known = labels.stream().flatMap(Optional::stream).findFirst();
        StoreId store = known.map(ZoneLabel::store).orElseGet(() -> new StoreId(random.nextLong(), random.nextLong()));
        // A power failure may have come when some zones had their labels and others not: nothing was acknowledged yet.
        boolean isBeingMade = true;
        for (boolean each : isBlank) {
            isBeingMade &= each;
        }
        for (int i = 0; i < zones.size(); i++) {
            Zone zone = zones.get(i);
            Optional<ZoneLabel> label = labels.get(i);
            if (label.isPresent()) {
                refuseForeign(zone, i, label.get(), store);
            } else if (zone.isHealthy() && isBeingMade) {
                begin(zone.disk(), new ZoneLabel(store, i, zones.size()));
            } else if (zone.isHealthy()) {
                leaveOut(zone, known.isPresent());
            }
        }
        return store;
    }

    private static void leaveOut(Zone zone, boolean isStoreKnown) {
        if (!isStoreKnown) {
            throw new StorageException.Corrupt("zone " + zone.name() + " holds no file " + StoreFormat.ZONE_FILE
                    + ", but it or another zone holds a store's files: put the file back, or name an empty folder");
        }
        zone.fail("it is empty or unreadable: repair it");
    }

    /** True when nothing was ever committed here: the making of a store ends with its first checkpoint. */
    private static boolean isBlank(Disk disk) {
        return !disk.exists(StoreFormat.CHECKPOINT_FILE)
                && disk.list(JournalFormat.FOLDER).isEmpty()
                && disk.list(Zone.EXTENTS).isEmpty();
    }

    private void refuseForeign(Zone zone, int number, ZoneLabel label, StoreId store) {
        if (!label.store().equals(store)) {
            throw new StorageException.Fenced("zone " + zone.name() + " belongs to another store");
        }
        if (label.number() != number || label.zones() != zones.size()) {
            throw new StorageException.Fenced("zone " + zone.name() + " is zone " + (label.number() + 1) + " of "
                    + label.zones() + ", not zone " + (number + 1) + " of " + zones.size()
                    + ": name the folders in the order the store was made with");
        }
    }

    /** Makes a folder a zone. */
    static void begin(Disk disk, ZoneLabel label) {
        disk.createDirectory(JournalFormat.FOLDER);
        disk.createDirectory(CheckpointImage.FOLDER);
        StoreFormat.write(disk, label);
    }

    // 2

    private Checkpoint newestCheckpoint(StoreId store) {
        List<Checkpoint> read = new ArrayList<>();
        read.add(new Checkpoint(store, 0, 0, 0, 0));
        onEach(zone -> StoreFormat.readCheckpoint(zone.disk(), zone.name()).ifPresent(read::add));
        Checkpoint newest = read.stream()
                .max(Comparator.comparingLong(Checkpoint::generation))
                .orElseThrow();
        for (int i = 0; i < zones.size(); i++) {
            if (newest.isOutOfUse(i)) {
                zones.get(i).fail("it was out of use when the store was last open: repair it");
            }
        }
        return newest;
    }

    // 4

    private Optional<IndexApplier.Position> position() {
        return IndexApplier.position(index);
    }

    private long replayStart(StoreId store, Checkpoint checkpoint) {
        long from = checkpoint.replayFrom();
        boolean isIndexUsable = position()
                .filter(p -> p.store().equals(store) && p.seq() >= checkpoint.imageSeq())
                .isPresent();
        return isIndexUsable ? Math.min(from, position().orElseThrow().seq()) : checkpoint.imageSeq();
    }

    /** The sequence the index holds, after loading the image when the index cannot be brought up to date from the journal. */
    private long indexPosition(StoreId store, Checkpoint checkpoint) {
        Optional<IndexApplier.Position> position = position();
        if (position.isPresent()
                && position.get().store().equals(store)
                && position.get().seq() >= checkpoint.imageSeq()) {
            return position.get().seq();
        }
        load(store, checkpoint);
        return checkpoint.imageSeq();
    }

    private void load(StoreId store, Checkpoint checkpoint) {
        index.clear();
        if (checkpoint.imageSeq() == 0) {
            return;
        }
        StorageException first = null;
        for (Zone zone : healthy()) {
            try {
                loadFrom(zone, store, checkpoint.imageSeq());
                return;
            } catch (StorageException damaged) {
                first = first == null ? damaged : first;
                index.clear();
            }
        }
        throw first == null ? new StorageException.Unavailable("no zone has the checkpoint image") : first;
    }

    /** The position is written last: an index that was only half loaded when the power failed states none. */
    private void loadFrom(Zone zone, StoreId store, long seq) {
        IndexBatch position = new IndexBatch();
        List<IndexBatch> pending = new ArrayList<>();
        pending.add(new IndexBatch());
        CheckpointImage.read(zone.disk(), store, seq, (key, value) -> {
            if (IndexApplier.position(key, value).isPresent()) {
                position.put(key, value);
                return;
            }
            IndexBatch batch = pending.getFirst();
            batch.put(key, value);
            if (batch.ops().size() >= REPLAY_BATCH) {
                index.write(batch);
                pending.set(0, new IndexBatch());
            }
        });
        index.write(pending.getFirst());
        index.flush();
        index.write(position);
        index.flush();
    }

    // 5

    private final class Replay implements JournalReader.Consumer {
        private final IndexApplier applier;
        private final long indexSeq;
        private final long replayFrom;
        private final List<Mutation> pending = new ArrayList<>();
        private final List<EncodedFrame> frames = new ArrayList<>();
        private long frameBytes;
        private long pendingSeq;
        private long highestOrdinal;

        Replay(IndexApplier applier, long indexSeq, long replayFrom) {
            this.applier = applier;
            this.indexSeq = indexSeq;
            this.replayFrom = replayFrom;
        }

        @Override
        public void accept(long seq, Mutation mutation, long batchOrdinal) {
            highestOrdinal = Math.max(highestOrdinal, batchOrdinal);
            if (seq > replayFrom) {
                for (EncodedFrame frame : mutation.frames()) {
                    frames.add(frame);
                    frameBytes += frame.ref().length();
                }
                if (frameBytes >= PUT_BACK_BYTES) {
                    putBackFrames();
                }
            }
            if (seq > indexSeq) {
                pending.add(mutation);
                pendingSeq = seq;
                if (pending.size() >= REPLAY_BATCH) {
                    applyPending();
                }
            }
        }

        void finish() {
            putBackFrames();
            applyPending();
        }

        private void putBackFrames() {
            if (!frames.isEmpty()) {
                putBack(frames);
                frames.clear();
                frameBytes = 0;
            }
        }

        private void applyPending() {
            if (!pending.isEmpty()) {
                applier.apply(pending, pendingSeq, highestOrdinal);
                pending.clear();
            }
        }
    }

    /**
     * Writes frames that the journal carried again in every zone. Also where they read back whole: a process that was killed leaves
     * them in the page cache, where a power failure would still lose them.
     */
    private void putBack(List<EncodedFrame> frames) {
        Set<Long> extents = new TreeSet<>();
        frames.forEach(frame -> extents.add(frame.ref().extentId()));
        onEach(zone -> {
            extents.forEach(zone.extents()::ensure);
            zone.extents().write(frames);
        });
        putBack.addAll(extents);
    }

    private void syncPutBack() {
        for (long extentId : putBack) {
            onEach(zone -> zone.extents().sync(extentId));
        }
    }

    /** With several zones, one that fails is put out of use and the others carry on. */
    private void onEach(Consumer<Zone> work) {
        healthy().forEach(zone -> attempt(zone, work));
    }

    private void attempt(Zone zone, Consumer<Zone> work) {
        try {
            work.accept(zone);
        } catch (StorageException.OutOfSpace | StorageException.Fenced refused) {
            throw refused;
        } catch (StorageException broken) {
            if (zones.size() == 1) {
                throw broken;
            }
            zone.fail(broken);
        }
    }
}
