package io.firn.extent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.Disk;
import io.firn.io.MemoryDisk;
import io.firn.io.StorageException;
import io.firn.testkit.DiskCall.Operation;
import io.firn.testkit.Fault;
import io.firn.testkit.Property;
import io.firn.testkit.SimDisk;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Random histories against a map from reference to bytes: over a plain disk, and over one that crashes, fails and fills up. */
class ExtentModelTest {
    private static final int STEPS = 120;
    private static final int EXTENTS = 5;

    private sealed interface Step {
        record Write(int extent, int gap, int length, long seed) implements Step {}

        record Rewrite(int extent, int pick) implements Step {}

        record Read(int extent, int pick, int from, int bytes) implements Step {}

        record Sync(int extent) implements Step {}

        record Seal(int extent, boolean listed) implements Step {}

        record Delete(int extent) implements Step {}

        record Walk(int extent) implements Step {}

        record ScrubAll(long budget) implements Step {}

        record Reopen() implements Step {}

        record Kill() implements Step {}

        record Crash(long seed) implements Step {}

        record FailSync(int extent, Fault fault) implements Step {}

        record FailWrite(int extent, int length, long seed) implements Step {}
    }

    private static List<Step> plain(RandomGenerator random) {
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < STEPS; i++) {
            steps.add(plainStep(random));
        }
        return steps;
    }

    private static List<Step> rough(RandomGenerator random) {
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < STEPS; i++) {
            steps.add(
                    switch (random.nextInt(24)) {
                        case 0 -> new Step.Kill();
                        case 1 -> new Step.Crash(random.nextLong());
                        case 2 ->
                            new Step.FailSync(
                                    random.nextInt(EXTENTS), random.nextBoolean() ? Fault.IO_ERROR : Fault.NO_SPACE);
                        case 3 -> new Step.FailWrite(random.nextInt(EXTENTS), length(random), random.nextLong());
                        default -> plainStep(random);
                    });
        }
        return steps;
    }

    private static Step plainStep(RandomGenerator random) {
        int extent = random.nextInt(EXTENTS);
        int pick = random.nextInt(1000);
        return switch (random.nextInt(20)) {
            case 0, 1, 2, 3, 4, 5, 6 ->
                new Step.Write(
                        extent, random.nextInt(4) == 0 ? random.nextInt(20_000) : 0, length(random), random.nextLong());
            case 7 -> new Step.Rewrite(extent, pick);
            case 8, 9, 10, 11 -> new Step.Read(extent, pick, random.nextInt(1 << 20), random.nextInt(1 << 20));
            case 12, 13, 14 -> new Step.Sync(extent);
            case 15 -> new Step.Seal(extent, random.nextBoolean());
            case 16 -> random.nextInt(4) == 0 ? new Step.Delete(extent) : new Step.Walk(extent);
            case 17 -> new Step.Walk(extent);
            case 18 -> new Step.ScrubAll(1 + random.nextInt(1 << 20));
            default -> new Step.Reopen();
        };
    }

    private static int length(RandomGenerator random) {
        return switch (random.nextInt(10)) {
            case 0 -> 1 + random.nextInt(16);
            case 1 -> 65_530 + random.nextInt(16);
            case 2 -> 1 + random.nextInt(300_000);
            default -> 1 + random.nextInt(6000);
        };
    }

    @Test
    void agreesWithAMap() {
        Property.check("extents over memory", 40, ExtentModelTest::plain, (seed, steps) -> {
            try (World world = new World(new MemoryDisk())) {
                steps.forEach(world::take);
            }
        });
    }

    @Test
    void agreesWithAMapWhateverTheDiskDoes() {
        Property.check("extents over a rough disk", 160, ExtentModelTest::rough, (seed, steps) -> {
            try (World world = new World(new SimDisk(seed))) {
                steps.forEach(world::take);
            }
        });
    }

    /** What is known of one extent. */
    private static final class Model {
        final Map<ExtentRef, EncodedFrame> frames = new TreeMap<>(Comparator.comparingLong(ExtentRef::offset));
        /** Headers that may be found though their write failed. */
        final Set<ExtentRef> torn = new HashSet<>();

        final Set<ExtentRef> unsynced = new HashSet<>();
        long end = Frame.FIRST_OFFSET;
        boolean sealed;
        boolean poisoned;
    }

    /** The directory under test, the model, and a caller who replays its journal as the object store does. */
    private static final class World implements AutoCloseable {
        private final Map<Long, Model> models = new TreeMap<>();
        private Disk disk;
        private ExtentDirectory directory;
        private long nextId = EXTENTS;
        private final long[] ids = {0, 1, 2, 3, 4};

        World(Disk disk) {
            this.disk = disk;
            this.directory = ExtentDirectory.open(disk, "zone", new ExtentOptions(4));
        }

        void take(Step step) {
            switch (step) {
                case Step.Write write -> write(write);
                case Step.Rewrite rewrite -> rewrite(rewrite);
                case Step.Read read -> read(read);
                case Step.Sync sync -> sync(sync);
                case Step.Seal seal -> seal(seal);
                case Step.Delete delete -> delete(delete);
                case Step.Walk walk -> walk(ids[walk.extent]);
                case Step.ScrubAll scrub -> scrub(scrub.budget);
                case Step.Reopen() -> {
                    directory.close();
                    recover();
                }
                case Step.Kill() -> {
                    disk = ((SimDisk) disk).kill();
                    recover();
                }
                case Step.Crash crash -> {
                    disk = ((SimDisk) disk).crash(crash.seed);
                    recover();
                }
                case Step.FailSync fail -> failSync(fail);
                case Step.FailWrite fail -> failWrite(fail);
            }
        }

        private EncodedFrame next(Model model, long id, int gap, int length, long seed) {
            long offset = ExtentFormat.alignUp(model.end + gap);
            EncodedFrame frame =
                    Frame.encode(id, offset, new FrameOwner(seed, length), Payloads.numbered(seed, length));
            model.end = frame.ref().endOffset();
            return frame;
        }

        private Model model(long id) {
            return models.computeIfAbsent(id, key -> {
                directory.create(key);
                return new Model();
            });
        }

        private void write(Step.Write step) {
            long id = ids[step.extent];
            Model model = model(id);
            EncodedFrame frame = next(model, id, step.gap, step.length, step.seed);
            if (model.poisoned) {
                assertThrows(StorageException.DiskFailed.class, () -> directory.write(frame));
            } else if (model.sealed) {
                assertThrows(IllegalArgumentException.class, () -> directory.write(frame));
            } else {
                directory.write(frame);
                model.frames.put(frame.ref(), frame);
                model.unsynced.add(frame.ref());
            }
        }

        private void rewrite(Step.Rewrite step) {
            Model model = models.get(ids[step.extent]);
            if (model != null && !model.frames.isEmpty() && !model.poisoned) {
                EncodedFrame frame = pick(model, step.pick);
                directory.write(frame);
                model.unsynced.add(frame.ref());
            }
        }

        private void read(Step.Read step) {
            Model model = models.get(ids[step.extent]);
            if (model == null || model.frames.isEmpty()) {
                return;
            }
            EncodedFrame frame = pick(model, step.pick);
            int length = frame.ref().length();
            int from = step.from % (length + 1);
            int wanted = Math.min(step.bytes, length - from);
            ByteBuffer target = ByteBuffer.allocate(step.bytes);
            assertEquals(wanted, directory.read(frame.ref(), from, target));
            assertEquals(frame.payload().slice(from, wanted), target.flip());
        }

        private void sync(Step.Sync step) {
            long id = ids[step.extent];
            Model model = models.get(id);
            if (model == null) {
                assertThrows(StorageException.Unavailable.class, () -> directory.sync(id));
            } else if (model.poisoned) {
                assertThrows(StorageException.DiskFailed.class, () -> directory.sync(id));
            } else {
                directory.sync(id);
                model.unsynced.clear();
            }
        }

        private void seal(Step.Seal step) {
            long id = ids[step.extent];
            Model model = models.get(id);
            if (model == null) {
                return;
            }
            if (model.poisoned) {
                assertThrows(StorageException.DiskFailed.class, () -> directory.seal(id));
                return;
            }
            if (step.listed && !model.sealed) {
                directory.seal(id, entries(model));
                model.torn.clear();
            } else {
                directory.seal(id);
            }
            assertTrue(directory.isSealed(id));
            model.sealed = true;
            model.unsynced.clear();
        }

        private void delete(Step.Delete step) {
            directory.delete(ids[step.extent]);
            models.remove(ids[step.extent]);
            ids[step.extent] = nextId++;
        }

        private void walk(long id) {
            Model model = models.get(id);
            if (model == null) {
                assertThrows(StorageException.Unavailable.class, () -> directory.frames(id));
                return;
            }
            List<FrameEntry> found = directory.frames(id).stream()
                    .filter(entry -> !model.torn.contains(entry.ref()))
                    .toList();
            assertEquals(entries(model), found);
        }

        private void scrub(long budget) {
            Scrub scrub = new Scrub(directory, (extentId, offset, damage, what) -> {
                Model model = Objects.requireNonNull(models.get(extentId), what);
                boolean wanted = model.frames.keySet().stream().anyMatch(ref -> ref.offset() == offset);
                assertTrue(!wanted && damage != ScrubListener.Damage.SUPERBLOCK, what);
            });
            while (scrub.step(budget) > 0) {}
        }

        private void failSync(Step.FailSync step) {
            long id = ids[step.extent];
            Model model = models.get(id);
            if (model == null || model.poisoned || model.unsynced.isEmpty()) {
                return;
            }
            ((SimDisk) disk).injectOnce(step.fault, call -> call.operation() == Operation.SYNC);
            assertThrows(StorageException.DiskFailed.class, () -> directory.sync(id));
            model.poisoned = true;
        }

        private void failWrite(Step.FailWrite step) {
            long id = ids[step.extent];
            Model model = models.get(id);
            if (model == null || model.poisoned || model.sealed) {
                return;
            }
            EncodedFrame frame = next(model, id, 0, step.length, step.seed);
            ((SimDisk) disk).injectOnce(Fault.NO_SPACE, call -> call.operation() == Operation.WRITE);
            assertThrows(StorageException.OutOfSpace.class, () -> directory.write(frame));
            model.torn.add(frame.ref());
        }

        /** Opens what is there, checks it against what was promised, then writes again what was not. */
        private void recover() {
            directory = ExtentDirectory.open(disk, "zone", new ExtentOptions(4));
            for (long id : directory.extents()) {
                if (!models.containsKey(id)) {
                    assertTrue(id < nextId, "a deleted extent may come back, an unknown one may not");
                    directory.delete(id);
                }
            }
            models.forEach((id, model) -> {
                checkFound(id, model);
                directory.ensure(id);
                for (EncodedFrame frame : model.frames.values()) {
                    if (model.unsynced.contains(frame.ref())) {
                        directory.write(frame);
                    }
                }
                model.poisoned = false;
            });
        }

        private void checkFound(long id, Model model) {
            if (directory.contains(id)) {
                Set<ExtentRef> walked = new HashSet<>();
                directory.frames(id).forEach(entry -> walked.add(entry.ref()));
                walked.removeAll(model.frames.keySet());
                walked.removeAll(model.torn);
                assertEquals(Set.of(), walked, "frames that nobody wrote");
                assertEquals(model.sealed, directory.isSealed(id));
            }
            for (EncodedFrame frame : model.frames.values()) {
                try {
                    assertEquals(frame.payload(), Payloads.readAll(directory, frame.ref()));
                } catch (StorageException.Corrupt | StorageException.Unavailable e) {
                    if (!model.unsynced.contains(frame.ref())) {
                        throw new AssertionError("a synced frame is lost", e);
                    }
                }
            }
        }

        private static EncodedFrame pick(Model model, int pick) {
            List<EncodedFrame> frames = new ArrayList<>(model.frames.values());
            return frames.get(pick % frames.size());
        }

        private static List<FrameEntry> entries(Model model) {
            return model.frames.values().stream()
                    .map(frame -> new FrameEntry(frame.ref(), frame.owner()))
                    .toList();
        }

        @Override
        public void close() {
            for (long id : ids) {
                walk(id);
            }
            scrub(1 << 20);
            directory.close();
            if (disk instanceof SimDisk sim) {
                assertEquals(List.of(), sim.openFiles());
            }
        }
    }
}
