package io.firn.blockstore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.Randomness;
import io.firn.io.StorageException;
import io.firn.io.VirtualClock;
import io.firn.testkit.SimDisk;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/** Does steps to a store and to its model side by side, and remembers every moment that a crash may bring back. */
final class StoreRun {
    static final int BLOCKS = 24;

    /** One thing done to a store. A step that does not apply does nothing. */
    sealed interface Step {
        record Write(String volume, int lba, int blocks) implements Step {}

        /** Write, and flush before it counts as done. */
        record Fua(String volume, int lba, int blocks) implements Step {}

        /** A write that is not aligned. */
        record Patch(String volume, int offset, int length) implements Step {}

        record Trim(String volume, int lba, int blocks) implements Step {}

        record Zero(String volume, int lba, int blocks) implements Step {}

        record Flush(String volume) implements Step {}

        record Seal(String volume) implements Step {}

        record SealAll() implements Step {}

        record Release(String volume, int nth) implements Step {}

        record Forget(String volume) implements Step {}

        record Resize(String volume, int more) implements Step {}

        record Clone(String volume, int nth, String name) implements Step {}

        record Delete(String volume) implements Step {}

        record Flatten() implements Step {}

        record Clean() implements Step {}

        record Checkpoint() implements Step {}

        record Prepare() implements Step {}

        record Reopen() implements Step {}
    }

    private SimDisk disk;
    private final VolumeStoreOptions options;
    private VolumeStore store;
    private StoreModel model = new StoreModel();
    private long nextValue = 1_000;

    /** What a crash may bring back: the last moment known to be durable, and all after it. */
    private List<StoreModel> moments = new ArrayList<>();

    StoreRun(SimDisk disk, VolumeStoreOptions options) {
        this.disk = disk;
        this.options = options;
        this.store = open(disk, options);
        moments.add(model);
    }

    private StoreRun(SimDisk disk, VolumeStoreOptions options, StoreModel found, long nextValue) {
        this.disk = disk;
        this.options = options;
        this.store = open(disk, options);
        this.model = found;
        this.nextValue = nextValue;
        moments.add(found);
    }

    static VolumeStore open(SimDisk disk, VolumeStoreOptions options) {
        return VolumeStore.openStepped(
                disk, new VirtualClock(Instant.parse("2026-01-01T00:00:00Z")), Randomness.seeded(7), options);
    }

    VolumeStore store() {
        return store;
    }

    /** Another life on what a crash has left, which must be one of the moments; throws when it is none. */
    StoreRun survive(SimDisk found) {
        StoreModel moment = matching(found, options, moments);
        return new StoreRun(found, options, moment, nextValue + 1_000_000);
    }

    /** The moment that the store on a disk shows. */
    static StoreModel matching(SimDisk found, VolumeStoreOptions options, List<StoreModel> moments) {
        try (VolumeStore recovered = open(found.copy(), options)) {
            List<String> shown = shown(recovered);
            VerifyReport report = recovered.verify();
            assertEquals(List.of(), report.problems());
            for (StoreModel moment : moments) {
                if (moment.lines().equals(shown)) {
                    return moment;
                }
            }
            throw new AssertionError("what was recovered is no moment of the history:\n" + String.join("\n", shown)
                    + "\nfirst moment that may be:\n"
                    + String.join("\n", moments.getFirst().lines())
                    + "\nlast moment:\n" + String.join("\n", moments.getLast().lines()));
        }
    }

    List<StoreModel> moments() {
        return moments;
    }

    /** What the store has to show now. */
    List<String> lines() {
        return model.lines();
    }

    void checkShown() {
        assertEquals(model.lines(), shown(store));
        assertEquals(List.of(), store.verify().problems());
    }

    void doAll(List<Step> steps) {
        steps.forEach(this::apply);
    }

    void apply(Step step) {
        switch (step) {
            case Step.Write(String name, int lba, int blocks) -> write(name, lba, blocks);
            case Step.Fua(String name, int lba, int blocks) -> {
                if (write(name, lba, blocks)) {
                    volume(name).orElseThrow().flush();
                    durable();
                }
            }
            case Step.Patch(String name, int offset, int length) -> patch(name, offset, length);
            case Step.Trim(String name, int lba, int blocks) -> trim(name, lba, blocks);
            case Step.Zero(String name, int lba, int blocks) -> zero(name, lba, blocks);
            case Step.Flush(String name) ->
                volume(name).ifPresent(volume -> {
                    volume.flush();
                    durable();
                });
            case Step.Seal(String name) ->
                volume(name).ifPresent(volume -> {
                    change(next -> next.seal(next.vol(name)));
                    volume.seal();
                    durable();
                });
            case Step.SealAll() -> {
                if (!store.list().isEmpty()) {
                    change(next -> next.volumes.values().forEach(next::seal));
                    store.sealAll(store.list());
                    durable();
                }
            }
            case Step.Release(String name, int nth) -> release(name, nth);
            case Step.Forget(String name) ->
                volume(name).ifPresent(volume -> {
                    StoreModel.Vol now = model.vol(name);
                    if (now.epoch > 1) {
                        long epoch = now.epoch - 1;
                        change(next -> {
                            next.vol(name).history.headMap(epoch, true).clear();
                            next.vol(name).forgotten = epoch;
                        });
                        volume.forgetChanges(epoch);
                    }
                });
            case Step.Resize(String name, int more) ->
                volume(name).ifPresent(volume -> {
                    int blocks = model.vol(name).cells.length + more;
                    change(next -> next.resize(next.vol(name), blocks));
                    volume.resize((long) blocks * Block.BYTES);
                    durable();
                });
            case Step.Clone(String name, int nth, String made) -> cloneOf(name, nth, made);
            case Step.Delete(String name) ->
                volume(name).ifPresent(volume -> {
                    change(next -> next.volumes.remove(name));
                    store.delete(volume);
                    durable();
                });
            case Step.Flatten() -> store.flatten(1);
            case Step.Clean() -> store.clean();
            case Step.Checkpoint() -> {
                store.checkpoint();
                durable();
            }
            case Step.Prepare() -> {
                try {
                    store.prepare(1);
                } catch (StorageException again) {
                    // its loop would try again
                }
            }
            case Step.Reopen() -> {
                store.close();
                durable();
                store = open(disk, options);
            }
        }
    }

    void create(String name, int blocks) {
        change(next -> next.create(name, blocks));
        assertTrue(
                store.create(VolumeSpec.of(name, (long) blocks * Block.BYTES)).isPresent());
        durable();
    }

    private Optional<Volume> volume(String name) {
        return store.find(new VolumeName(name));
    }

    private boolean write(String name, int lba, int blocks) {
        Optional<Volume> found = volume(name);
        if (found.isEmpty()) {
            return false;
        }
        long value = nextValue;
        nextValue += 100;
        StoreModel.Vol now = model.vol(name);
        int first = Math.min(lba, now.cells.length - 1);
        int count = Math.min(blocks, now.cells.length - first);
        change(next -> next.write(next.vol(name), first, count, value));
        ByteBuffer bytes = ByteBuffer.allocate(count * Block.BYTES);
        for (int i = 0; i < count; i++) {
            fill(bytes, value + first + i);
        }
        found.get().write((long) first * Block.BYTES, bytes.flip());
        return true;
    }

    /** A block is the same number again and again. */
    private static void fill(ByteBuffer bytes, long value) {
        for (int i = 0; i < Block.BYTES / Long.BYTES; i++) {
            bytes.putLong(value);
        }
    }

    /** Changes a part of a block to what it is, so that the block stays readable as one number, and is dirty all the same. */
    private void patch(String name, int offset, int length) {
        Optional<Volume> found = volume(name);
        if (found.isEmpty()) {
            return;
        }
        StoreModel.Vol now = model.vol(name);
        int lba = Math.min(offset / Block.BYTES, now.cells.length - 1);
        int within = offset % Block.BYTES & ~7;
        int count = Math.max(8, Math.min(length, Block.BYTES - within) & ~7);
        long value = now.cells[lba].value();
        change(next -> {
            StoreModel.Vol volume = next.vol(name);
            volume.cells[lba] = new StoreModel.Cell(StoreModel.Cell.Held.DATA, value);
            volume.dirty.add((long) lba);
        });
        ByteBuffer bytes = ByteBuffer.allocate(count);
        while (bytes.hasRemaining()) {
            bytes.putLong(value);
        }
        found.get().write((long) lba * Block.BYTES + within, bytes.flip());
    }

    private void trim(String name, int lba, int blocks) {
        volume(name).ifPresent(volume -> {
            StoreModel.Vol now = model.vol(name);
            int first = Math.min(lba, now.cells.length - 1);
            int count = Math.min(blocks, now.cells.length - first);
            boolean isBased = volume.stat().isBased();
            change(next -> next.trim(next.vol(name), first, count, isBased));
            volume.trim((long) first * Block.BYTES, (long) count * Block.BYTES);
        });
    }

    private void zero(String name, int lba, int blocks) {
        volume(name).ifPresent(volume -> {
            StoreModel.Vol now = model.vol(name);
            int first = Math.min(lba, now.cells.length - 1);
            int count = Math.min(blocks, now.cells.length - first);
            change(next -> next.zero(next.vol(name), first, count));
            volume.zero((long) first * Block.BYTES, (long) count * Block.BYTES, false);
        });
    }

    private void release(String name, int nth) {
        volume(name).ifPresent(volume -> {
            List<SealedView> views = volume.views();
            if (!views.isEmpty()) {
                SealedView view = views.get(nth % views.size());
                change(next -> next.vol(name).views.remove(view.epoch()));
                view.release();
                durable();
            }
        });
    }

    private void cloneOf(String name, int nth, String made) {
        volume(name).ifPresent(volume -> {
            List<SealedView> views = volume.views();
            if (!views.isEmpty() && volume(made).isEmpty()) {
                SealedView view = views.get(nth % views.size());
                change(next -> next.cloneOf(name, view.epoch(), made));
                assertTrue(store.cloneOf(view, new VolumeName(made)).isPresent());
                durable();
            }
        });
    }

    private interface Change {
        void to(StoreModel model);
    }

    /** The next moment; the store is to follow. */
    private void change(Change change) {
        StoreModel next = model.copy();
        change.to(next);
        model = next;
        moments.add(next);
    }

    private void durable() {
        moments = new ArrayList<>(List.of(model));
    }

    /** What a store shows, in the form of {@link StoreModel#lines}. */
    static List<String> shown(VolumeStore store) {
        List<String> lines = new ArrayList<>();
        for (Volume volume : store.list()) {
            String name = volume.name().value();
            long epoch = volume.stat().epoch();
            lines.add(name + " size " + volume.sizeBytes() + " epoch " + epoch);
            lines.add(name + " content " + content(volume.sizeBytes(), volume::read));
            lines.add(name + " held " + held(volume));
            lines.add(name + " dirty " + blocks(volume.dirty()));
            for (SealedView view : volume.views()) {
                lines.add(name + "@" + view.epoch() + " content " + content(view.sizeBytes(), view::read));
            }
            for (long from = 0; from < epoch; from++) {
                for (long to = from + 1; to < epoch; to++) {
                    lines.add(name + " changed " + from + " to " + to + " "
                            + volume.changedBetween(from, to).map(StoreRun::blocks));
                }
            }
        }
        return lines;
    }

    private static List<Allocation.Kind> held(Volume volume) {
        List<Allocation.Kind> kinds = new ArrayList<>();
        for (long at = 0; at < volume.sizeBytes(); at += Block.BYTES) {
            kinds.add(volume.allocation(at, Block.BYTES).kind());
        }
        return kinds;
    }

    private interface Reader {
        void read(long offset, ByteBuffer target);
    }

    private static List<Long> content(long sizeBytes, Reader reader) {
        ByteBuffer bytes = ByteBuffer.allocate((int) sizeBytes);
        reader.read(0, bytes);
        List<Long> values = new ArrayList<>();
        for (int at = 0; at < sizeBytes; at += Block.BYTES) {
            long value = bytes.getLong(at);
            for (int i = 0; i < Block.BYTES; i += Long.BYTES) {
                if (bytes.getLong(at + i) != value) {
                    throw new AssertionError(
                            "block " + at / Block.BYTES + " is a mix of " + value + " and " + bytes.getLong(at + i));
                }
            }
            values.add(value);
        }
        return values;
    }

    private static Set<Long> blocks(BlockSet set) {
        TreeSet<Long> blocks = new TreeSet<>();
        BlockSet.Runs runs = set.runs(0);
        while (runs.hasNext()) {
            BlockSet.Run run = runs.next();
            for (long i = 0; i < run.count(); i++) {
                blocks.add(run.lba() + i);
            }
        }
        return blocks;
    }

    /** Random steps; writes the most of them. */
    static List<Step> steps(RandomGenerator random, int count) {
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            steps.add(step(random));
        }
        return Collections.unmodifiableList(steps);
    }

    private static Step step(RandomGenerator random) {
        String volume = List.of("a", "a", "a", "b", "c").get(random.nextInt(5));
        int lba = random.nextInt(BLOCKS);
        int blocks = 1 + random.nextInt(6);
        return switch (random.nextInt(35)) {
            case 0, 1, 2 -> new Step.Trim(volume, lba, blocks);
            case 3, 4 -> new Step.Zero(volume, lba, blocks);
            case 5, 6 -> new Step.Flush(volume);
            case 7, 8 -> new Step.Fua(volume, lba, blocks);
            case 9, 10, 11 -> new Step.Seal(volume);
            case 12 -> new Step.SealAll();
            case 13, 14, 15 -> new Step.Release(volume, random.nextInt(4));
            case 16 -> new Step.Forget(volume);
            case 17 -> new Step.Resize(volume, 1 + random.nextInt(3));
            case 18, 19 ->
                new Step.Clone(volume, random.nextInt(4), List.of("b", "c").get(random.nextInt(2)));
            case 20 -> new Step.Delete(List.of("b", "c").get(random.nextInt(2)));
            case 21, 22 -> new Step.Flatten();
            case 23, 24 -> new Step.Clean();
            case 25, 26 -> new Step.Checkpoint();
            case 27 -> new Step.Reopen();
            case 28, 29 -> new Step.Patch(volume, random.nextInt(BLOCKS * Block.BYTES), 1 + random.nextInt(4000));
            case 30 -> new Step.Prepare();
            default -> new Step.Write(volume, lba, blocks);
        };
    }
}
