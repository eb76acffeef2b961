package io.firn.blockstore;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.Disk;
import io.firn.io.DiskFile;
import io.firn.io.Randomness;
import io.firn.io.StorageException;
import io.firn.testkit.SimDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** One bit turned in every class of byte: detected, or harmless; never wrong data. The table is in docs/durability.md. */
final class VolumeStoreCorruptionTest {
    private static final VolumeStoreOptions OPTIONS = VolumeStoreOptions.DEFAULT.withSmallFiles();
    private static final int TRIES = 150;

    /** What comes of it, in the words of the table. */
    private enum Outcome {
        REFUSED("the store does not open, and says which file"),
        READ_FAILS("reading the block fails by name; scrub and verify report it"),
        REPORTED("nothing is lost; scrub reports it once the segment is full"),
        IMPAIRED("volumes are impaired, what is lost is named"),
        CUT("it and what follows are taken for a torn tail, when no later batch calls it durable"),
        HARMLESS("nothing comes of it");

        private final String words;

        Outcome(String words) {
            this.words = words;
        }
    }

    /** A class of bytes, and what may come of a bit of it behind the last checkpoint, and in the tail that opening replays. */
    @SuppressWarnings("ImmutableEnumChecker") // the sets are never changed
    private enum Place {
        SUPERBLOCK("superblock", EnumSet.of(Outcome.REFUSED), EnumSet.of(Outcome.REFUSED)),
        CHECKPOINT_HEAD("checkpoint: head", EnumSet.of(Outcome.REFUSED), EnumSet.noneOf(Outcome.class)),
        CHECKPOINT_RECORD("checkpoint: head of a record", EnumSet.of(Outcome.REFUSED), EnumSet.noneOf(Outcome.class)),
        CHECKPOINT_CONTENT(
                "checkpoint: page, set or small state", EnumSet.of(Outcome.REFUSED), EnumSet.noneOf(Outcome.class)),
        SEGMENT_HEADER("segment header", EnumSet.of(Outcome.HARMLESS), EnumSet.of(Outcome.HARMLESS)),
        BATCH_HEADER(
                "batch header",
                EnumSet.of(Outcome.HARMLESS, Outcome.REPORTED),
                EnumSet.of(Outcome.IMPAIRED, Outcome.REFUSED, Outcome.CUT)),
        ENTRY(
                "entry of a batch",
                EnumSet.of(Outcome.HARMLESS, Outcome.REPORTED),
                EnumSet.of(Outcome.IMPAIRED, Outcome.REFUSED, Outcome.CUT)),
        LIVE_PAYLOAD(
                "payload that is referred to",
                EnumSet.of(Outcome.READ_FAILS),
                EnumSet.of(Outcome.IMPAIRED, Outcome.CUT, Outcome.HARMLESS)),
        DEAD_PAYLOAD(
                "payload that nothing refers to",
                EnumSet.of(Outcome.HARMLESS),
                EnumSet.of(Outcome.IMPAIRED, Outcome.CUT, Outcome.HARMLESS)),
        SLACK(
                "rest of a header's slot, or behind the last batch",
                EnumSet.of(Outcome.HARMLESS),
                EnumSet.of(Outcome.HARMLESS));

        private final String words;
        private final Set<Outcome> settled;
        private final Set<Outcome> tail;

        Place(String words, Set<Outcome> settled, Set<Outcome> tail) {
            this.words = words;
            this.settled = settled;
            this.tail = tail;
        }

        String row() {
            return "| " + words + " | " + words(settled) + " | " + words(tail) + " |";
        }

        private static String words(Set<Outcome> outcomes) {
            return outcomes.isEmpty()
                    ? "-"
                    : String.join(
                            "; or ",
                            outcomes.stream().map(outcome -> outcome.words).toList());
        }
    }

    private record Bit(String file, long offset) {}

    /** A store that was used, what it showed at each moment that may be found, and where its bytes belong. */
    private static final class Patient {
        private final SimDisk disk;
        private final List<List<String>> moments = new ArrayList<>();
        private final Map<Place, List<Bit>> places = new EnumMap<>(Place.class);
        private final Set<Long> hidden;

        Patient(boolean isClosed) {
            disk = new SimDisk(3);
            StoreRun run = new StoreRun(disk, OPTIONS);
            run.create("a", StoreRun.BLOCKS);
            if (isClosed) {
                run.doAll(StoreRun.steps(Randomness.seeded(11), 150));
                run.store().close();
                moments.add(run.moments().getLast().lines());
            } else {
                // Every state in between is a moment that a cut tail may bring back.
                for (StoreRun.Step step : StoreRun.steps(Randomness.seeded(13), 90)) {
                    if (!(step instanceof StoreRun.Step.Checkpoint || step instanceof StoreRun.Step.Reopen)) {
                        run.apply(step);
                        moments.add(run.lines());
                    }
                }
            }
            Collection<VolumeState> all = run.store().state().volumes.values();
            // Of a deleted volume that a clone is based on, only that clone shows anything: its blocks are left out.
            hidden = live(all.stream().filter(volume -> volume.isDeleted).toList());
            classify(live(all));
        }

        private static Set<Long> live(Collection<VolumeState> volumes) {
            Set<Long> live = new HashSet<>();
            for (VolumeState state : volumes) {
                state.map.forEach(page -> {
                    for (int i = 0; i < Page.LONGS; i++) {
                        if (MapEntry.isData(page.get(i))) {
                            live.add(MapEntry.location(page.get(i)));
                        }
                    }
                });
                state.kept.forEach(entry -> live.add(MapEntry.isData(entry) ? MapEntry.location(entry) : -1));
            }
            return live;
        }

        private void classify(Set<Long> live) {
            for (String file : disk.files()) {
                ByteBuffer bytes = bytes(file);
                if (file.equals(Superblock.FILE)) {
                    add(Place.SUPERBLOCK, file, 0, bytes.limit());
                } else if (file.startsWith(CheckpointFile.FOLDER)) {
                    checkpoint(file, bytes);
                } else if (bytes.hasRemaining()) { // a segment that was made ahead has no byte yet
                    segment(file, bytes, live);
                }
            }
        }

        private ByteBuffer bytes(String file) {
            try (DiskFile opened = disk.copy().open(file, Disk.OpenMode.READ)) {
                ByteBuffer bytes = ByteBuffer.allocate((int) opened.length()).order(ByteOrder.LITTLE_ENDIAN);
                opened.read(bytes, 0);
                return bytes.flip();
            }
        }

        private void add(Place place, String file, int from, int to) {
            List<Bit> all = places.computeIfAbsent(place, ignored -> new ArrayList<>());
            for (int at = from; at < to; at++) {
                all.add(new Bit(file, at));
            }
        }

        private void checkpoint(String file, ByteBuffer bytes) {
            add(Place.CHECKPOINT_HEAD, file, 0, 32);
            int at = 32;
            while (at < bytes.limit()) {
                int length = bytes.getInt(at + 4);
                add(Place.CHECKPOINT_RECORD, file, at, at + 32);
                add(Place.CHECKPOINT_CONTENT, file, at + 32, at + 32 + length);
                at += 32 + length;
            }
        }

        private void segment(String file, ByteBuffer bytes, Set<Long> live) {
            int number = Integer.parseInt(file.substring(file.lastIndexOf('/') + 1), 16);
            long ordinal = bytes.getLong(24);
            add(Place.SEGMENT_HEADER, file, 0, 36);
            add(Place.SLACK, file, 64, Block.BYTES);
            int slot = 1;
            while (slot * Block.BYTES < bytes.limit()) {
                ByteBuffer header = bytes.slice(slot * Block.BYTES, Block.BYTES).order(ByteOrder.LITTLE_ENDIAN);
                int at = slot * Block.BYTES;
                if (!LogFormat.isBatch(header, header.getLong(LogFormat.SALT), ordinal, slot)) {
                    add(Place.SLACK, file, at, at + Block.BYTES);
                    slot++;
                    continue;
                }
                int used = header.getInt(LogFormat.USED);
                add(Place.BATCH_HEADER, file, at, at + LogFormat.FIRST_ENTRY);
                add(Place.ENTRY, file, at + LogFormat.FIRST_ENTRY, at + used);
                add(Place.SLACK, file, at + used, at + Block.BYTES);
                int payload = header.getInt(LogFormat.PAYLOAD_SLOTS);
                for (int i = 1; i <= payload; i++) {
                    long location = MapEntry.location(number, slot + i);
                    if (hidden.contains(location)) {
                        continue;
                    }
                    boolean isLive = live.contains(location);
                    add(
                            isLive ? Place.LIVE_PAYLOAD : Place.DEAD_PAYLOAD,
                            file,
                            at + i * Block.BYTES,
                            at + (i + 1) * Block.BYTES);
                }
                slot += 1 + payload;
            }
        }

        /** Turns bits of a class; every outcome that came of it. */
        Set<Outcome> outcomes(Place place, RandomGenerator random) {
            Set<Outcome> outcomes = EnumSet.noneOf(Outcome.class);
            List<Bit> bits = places.getOrDefault(place, List.of());
            for (int i = 0; i < (bits.isEmpty() ? 0 : TRIES); i++) {
                Bit bit = bits.get(random.nextInt(bits.size()));
                SimDisk rotten = disk.copy();
                rotten.flipBit(bit.file(), bit.offset(), random.nextInt(8));
                outcomes.add(outcome(rotten, place + " " + bit));
            }
            return outcomes;
        }

        /** Throws when something wrong was shown and nothing said so. */
        private Outcome outcome(SimDisk rotten, String where) {
            try (VolumeStore store = StoreRun.open(rotten, OPTIONS)) {
                boolean isImpaired =
                        store.list().stream().anyMatch(volume -> volume.stat().isImpaired());
                if (isImpaired) {
                    return Outcome.IMPAIRED;
                }
                while (store.scrub(1_000) > 0) {}
                boolean isReported = store.scrubStat().damages() > 0;
                try {
                    List<String> shown = StoreRun.shown(store);
                    assertTrue(moments.contains(shown), () -> "a bit of " + where + " shows\n" + shown);
                    assertTrue(store.verify().isSound(), where);
                    if (!shown.equals(moments.getLast())) {
                        return Outcome.CUT;
                    }
                    return isReported ? Outcome.REPORTED : Outcome.HARMLESS;
                } catch (StorageException.Corrupt byName) {
                    assertTrue(!store.verify().isSound(), where);
                    return Outcome.READ_FAILS;
                }
            } catch (StorageException.Corrupt | StorageException.Fenced refused) {
                return Outcome.REFUSED;
            }
        }
    }

    @Test
    void aTurnedBitIsDetectedOrHarmless() throws IOException {
        Patient settled = new Patient(true);
        Patient tail = new Patient(false);
        RandomGenerator random = Randomness.seeded(12);
        String documented = Files.readString(Path.of("..", "docs", "durability.md"), StandardCharsets.UTF_8);
        StringBuilder wrong = new StringBuilder();
        for (Place place : Place.values()) {
            check(place, "settled", place.settled, settled.outcomes(place, random), wrong);
            check(place, "tail", place.tail, tail.outcomes(place, random), wrong);
            if (!documented.contains(place.row() + "\n")) {
                wrong.append("docs/durability.md lacks: ").append(place.row()).append('\n');
            }
        }
        assertEquals("", wrong.toString());
    }

    private static void check(Place place, String when, Set<Outcome> told, Set<Outcome> found, StringBuilder wrong) {
        if (!told.containsAll(found) || told.isEmpty() != found.isEmpty()) {
            wrong.append(place + ", " + when + ": the table says " + told + ", found " + found + "\n");
        }
    }

    /** A volume with a flushed write to each of its first four blocks, and a bit turned in its log. Slots: segment header, CREATE, then a header and a block for each write. */
    private static Volume withDamage(int slot, int offset) {
        SimDisk disk = new SimDisk(1);
        Volume volume =
                StoreRun.open(disk, OPTIONS).create(VolumeSpec.of("a", 1 << 20)).orElseThrow();
        for (int i = 0; i < 4; i++) {
            volume.write((long) i * Block.BYTES, VolumeStoreFaultTest.block(i + 1));
            volume.flush();
        }
        SimDisk rotten = disk.kill();
        rotten.flipBit(Segments.name(0), slot * (long) Block.BYTES + offset, 1);
        return StoreRun.open(rotten, OPTIONS).find(new VolumeName("a")).orElseThrow();
    }

    private static void assertBlock(Volume volume, int lba, int value) {
        assertArrayEquals(
                VolumeStoreFaultTest.block(value).array(), VolumeStoreFaultTest.read(volume, (long) lba * Block.BYTES));
    }

    @Test
    void impairsABlockThatWasBroughtInAndRotsAfterItsSourceIsDetached() {
        VolumeStoreOptions options = OPTIONS.withSources(id ->
                (offset, target) -> target.put(VolumeStoreFaultTest.block(7).slice(0, target.remaining())));
        for (boolean isDetached : new boolean[] {false, true}) {
            SimDisk disk = new SimDisk(1);
            VolumeStore store = StoreRun.open(disk, options);
            Volume volume =
                    store.create(VolumeSpec.of("a", 1 << 20).from("snap")).orElseThrow();
            volume.hydrate(Block.BYTES, VolumeStoreFaultTest.block(7));
            if (isDetached) {
                volume.detachSource();
            }
            for (int i = 0; i < 2; i++) {
                volume.write(0, VolumeStoreFaultTest.block(i));
                volume.flush();
            }
            SimDisk rotten = disk.kill();
            rotten.flipBit(Segments.name(0), (2 + 1) * (long) Block.BYTES + 100, 3);
            try (VolumeStore found = StoreRun.open(rotten, options)) {
                Volume filled = found.find(new VolumeName("a")).orElseThrow();
                assertEquals(isDetached, filled.stat().isImpaired());
                if (isDetached) {
                    assertThrows(StorageException.Corrupt.class, () -> VolumeStoreFaultTest.read(filled, Block.BYTES));
                } else {
                    assertArrayEquals(
                            VolumeStoreFaultTest.block(7).array(), VolumeStoreFaultTest.read(filled, Block.BYTES));
                }
            }
        }
    }

    @Test
    void impairsABlockThatRotsInTheMiddleOfTheTail() {
        Volume impaired = withDamage(2 + 2 + 1, 100);
        assertTrue(impaired.stat().isImpaired());
        assertThrows(StorageException.Corrupt.class, () -> VolumeStoreFaultTest.read(impaired, Block.BYTES));
        for (int lba : List.of(0, 2, 3)) {
            assertBlock(impaired, lba, lba + 1);
        }
        assertThrows(StorageException.Corrupt.class, () -> impaired.write(Block.BYTES, VolumeStoreFaultTest.block(9)));
        impaired.acknowledgeImpairment();
        impaired.write(Block.BYTES, VolumeStoreFaultTest.block(9));
        assertBlock(impaired, 1, 9);
    }

    @Test
    void impairsAllWhenAWholeBatchOfTheTailIsGone() {
        Volume impaired = withDamage(2 + 2, 20);
        assertTrue(impaired.stat().isImpaired());
        assertEquals(Optional.empty(), impaired.changedSince(0));
        assertBlock(impaired, 3, 4);
    }

    /** Its batches tell which life of the segment it is. */
    @Test
    void needsNoSegmentHeader() {
        for (int offset : List.of(0, 9, 13, 20, 24, 33)) {
            Volume volume = withDamage(0, offset);
            for (int lba = 0; lba < 4; lba++) {
                assertBlock(volume, lba, lba + 1);
            }
            assertTrue(!volume.stat().isImpaired());
        }
    }
}
