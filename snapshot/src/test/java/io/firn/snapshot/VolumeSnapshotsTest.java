package io.firn.snapshot;

import static io.firn.snapshot.VolumeSnapshotsRig.BLOCK;
import static io.firn.snapshot.VolumeSnapshotsRig.VOLUME_BYTES;
import static io.firn.snapshot.VolumeSnapshotsRig.bytes;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.blockstore.SealedView;
import io.firn.blockstore.Sealing;
import io.firn.blockstore.Volume;
import io.firn.blockstore.VolumeName;
import io.firn.blockstore.VolumeSpec;
import io.firn.blockstore.VolumeType;
import io.firn.io.StorageException;
import io.firn.objectstore.BucketName;
import io.firn.objectstore.ByteRange;
import io.firn.objectstore.GetObject;
import io.firn.objectstore.ObjectKey;
import io.firn.objectstore.ObjectReader;
import io.firn.testkit.DiskCall;
import io.firn.testkit.Fault;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is uploaded, what is not, and what a restored volume fetches. */
final class VolumeSnapshotsTest {
    private final VolumeSnapshotsRig rig = new VolumeSnapshotsRig(1);

    @BeforeEach
    void makeVolume() {
        rig.open();
        rig.create("disk");
        rig.write("disk", 0, bytes(1, VOLUME_BYTES));
    }

    private long put(SnapshotId id) {
        return rig.info(id).putChunks();
    }

    @Test
    void takesAllAtFirstAndThenWhatChanged() {
        SnapshotId first = rig.whole("disk");
        assertEquals(6, put(first));
        rig.write("disk", 70_000, bytes(2, 10)); // chunk 1
        rig.write("disk", 5 * Chunk.BYTES, bytes(3, BLOCK)); // chunk 5
        SnapshotId second = rig.whole("disk");
        assertEquals(2, put(second));
        assertEquals(Optional.of(first), rig.info(second).spec().parent());
        SnapshotId third = rig.whole("disk");
        assertEquals(0, put(third));
        rig.checkSnapshots();
    }

    @Test
    void takesOneThatWaitedOverTheOneBefore() {
        SnapshotId first = rig.snapshot("disk");
        rig.write("disk", 0, bytes(2, BLOCK)); // chunk 0
        SnapshotId second = rig.snapshot("disk");
        rig.write("disk", 2 * Chunk.BYTES, bytes(3, BLOCK)); // chunk 2
        SnapshotId third = rig.snapshot("disk");
        assertEquals(Optional.empty(), rig.info(second).spec().parent());
        rig.upload(1);
        rig.killed();
        rig.uploadAll();
        assertEquals(6, put(first));
        assertEquals(1, put(second));
        assertEquals(1, put(third));
        assertEquals(Optional.of(first), rig.info(second).spec().parent());
        assertEquals(Optional.of(second), rig.info(third).spec().parent());
        rig.delete(first);
        rig.store.step();
        rig.checkSnapshots();
    }

    @Test
    void showsTheInstantOfTheCall() {
        SnapshotId id = rig.snapshot("disk");
        assertEquals(SnapshotState.PENDING, rig.info(id).state());
        rig.write("disk", 0, bytes(9, VOLUME_BYTES));
        rig.uploadAll();
        assertEquals(SnapshotState.COMPLETED, rig.info(id).state());
        rig.checkSnapshots();
        assertTrue(rig.volume("disk").orElseThrow().views().isEmpty(), "the view is released");
    }

    @Test
    void takesNothingOfWhatWasNeverWritten() {
        assertTrue(rig.volumes.create(VolumeSpec.of("thin", 1L << 40)).isPresent());
        Volume thin = rig.volume("thin").orElseThrow();
        thin.write((1L << 40) - BLOCK, ByteBuffer.wrap(bytes(4, BLOCK)));
        SnapshotInfo info = rig.snapshots.create(thin, SnapshotSpec.of(1)).orElseThrow();
        rig.uploadAll();
        assertEquals(1, put(info.id()));
        thin.trim(0, 1L << 40);
        SnapshotInfo empty = rig.snapshots.create(thin, SnapshotSpec.of(1)).orElseThrow();
        rig.uploadAll();
        assertEquals(0, rig.info(empty.id()).writtenChunks());
    }

    @Test
    void goesOnIncrementallyOverClonesAndRestores() {
        SnapshotId first = rig.whole("disk");
        rig.cloneOf("disk", "clone");
        rig.write("clone", 0, bytes(5, 1));
        SnapshotId ofClone = rig.whole("clone");
        assertEquals(1, put(ofClone));
        assertEquals(Optional.of(first), rig.info(ofClone).spec().parent());
        rig.restore(ofClone, "restored", false);
        rig.write("restored", 3 * Chunk.BYTES, bytes(6, BLOCK));
        rig.hydrate(Chunk.BYTES);
        SnapshotId ofRestored = rig.whole("restored");
        assertEquals(1, put(ofRestored), "what was brought in is not dirty");
        assertEquals(Optional.of(ofClone), rig.info(ofRestored).spec().parent());
        rig.hydrateAll();
        assertEquals(0, put(rig.whole("restored")));
        rig.checkSnapshots();
        rig.checkVolumes();
    }

    @Test
    void comparesWhenTheRecordOfChangesIsGone() {
        SnapshotId first = rig.whole("disk");
        rig.volume("disk").orElseThrow().seal().release();
        rig.write("disk", 2 * Chunk.BYTES, bytes(7, BLOCK));
        rig.trim("disk", 4 * Chunk.BYTES, Chunk.BYTES);
        Volume disk = rig.volume("disk").orElseThrow();
        disk.forgetChanges(disk.epoch() - 1);
        SnapshotId second = rig.whole("disk");
        assertEquals(Optional.of(first), rig.info(second).spec().parent());
        assertEquals(2, put(second), "all is looked at, and what differs is put");
        rig.checkSnapshots();
    }

    @Test
    void keepsNothingOfAnEncryptedVolumeInTheClear() {
        rig.whole("disk");
        assertEquals(Set.of("FIRNPACK"), packBegins());
        rig.createEncrypted("secret");
        rig.write("secret", 70_000, bytes(2, VOLUME_BYTES / 2));
        SnapshotId first = rig.whole("secret");
        assertTrue(rig.info(first).spec().isEncrypted());
        rig.write("secret", 70_000, bytes(3, 10));
        SnapshotId second = rig.whole("secret");
        assertEquals(Optional.of(first), rig.info(second).spec().parent());
        assertEquals(1, put(second));
        rig.snapshots.infos().stream()
                .filter(info -> !info.spec().isEncrypted())
                .forEach(info -> rig.delete(info.id()));
        rig.store.step();
        assertFalse(packBegins().contains("FIRNPACK"));
        rig.killed();
        rig.restore(second, "copy", false);
        assertTrue(rig.volume("copy").orElseThrow().isEncrypted(), "asked for or not");
        rig.checkVolumes();
        rig.hydrateAll();
        assertTrue(rig.store.archive(first) instanceof SnapshotOutcome.Done<?>);
        assertFalse(packBegins().contains("FIRNPACK"));
        for (SnapshotId id : List.of(first, second)) {
            assertEquals(
                    List.of(),
                    rig.store.verify(id, VerifyDepth.FULL).orElseThrow().problems());
        }
        rig.store.restoreFromArchive(first, Optional.empty()).orElseThrow();
        rig.checkVolumes();
        rig.checkSnapshots();
    }

    /** The first 8 bytes of the objects of packs, as they are stored. */
    private Set<String> packBegins() {
        Set<String> begins = new HashSet<>();
        SnapshotBucket bucket = PlainBucket.of(rig.objects, new BucketName("snapshots"));
        for (String key : bucket.list("packs/")) {
            GetObject request = GetObject.of(new BucketName("snapshots"), ObjectKey.of(key));
            try (ObjectReader reader =
                    rig.objects.get(request.range(ByteRange.of(0, 7))).orElseThrow()) {
                ByteBuffer begin = ByteBuffer.allocate(8);
                while (begin.hasRemaining() && reader.read(begin) >= 0) {}
                begins.add(new String(begin.array(), StandardCharsets.ISO_8859_1));
            }
        }
        return begins;
    }

    @Test
    void takesNothingOverFromASnapshotThatIsKeptOtherwise() {
        SnapshotId plain = rig.whole("disk");
        byte[] expected = rig.expectedOf("disk").clone();
        rig.snapshots
                .restore(plain, VolumeSpec.of("secret", VOLUME_BYTES).encrypted(), 0)
                .orElseThrow();
        rig.hydrateAll();
        SnapshotInfo secret = rig.snapshots
                .create(rig.volume("secret").orElseThrow(), SnapshotSpec.of(1))
                .orElseThrow();
        rig.uploadAll();
        assertEquals(Optional.empty(), rig.info(secret.id()).spec().parent());
        assertEquals(6, put(secret.id()));
        VolumeSnapshotsRig.assertSame(
                "secret",
                expected,
                VolumeSnapshotsRig.content(rig.store.snapshot(secret.id()).orElseThrow(), VOLUME_BYTES));
        SnapshotSpec child = SnapshotSpec.of(VOLUME_BYTES).withParent(Optional.of(secret.id()));
        assertInstanceOf(SnapshotOutcome.Refused.class, rig.store.begin(child));
    }

    @Test
    void copiesWhatIsInTheClearEncrypted() {
        SnapshotId plain = rig.whole("disk");
        SnapshotSpec encrypted = SnapshotSpec.of(1).encrypted();
        SnapshotId copy = rig.store.copy(plain, encrypted).orElseThrow().id();
        assertEquals(SnapshotState.PENDING, rig.info(copy).state());
        rig.killed();
        while (rig.store.step() > 0) {}
        assertEquals(SnapshotState.COMPLETED, rig.info(copy).state());
        SnapshotId again =
                rig.store.copy(copy, SnapshotSpec.of(1)).orElseThrow().id();
        assertTrue(rig.info(again).spec().isEncrypted(), "the copy of an encrypted one always is");
        SnapshotId lost = rig.store.copy(plain, encrypted).orElseThrow().id();
        byte[] expected = Objects.requireNonNull(rig.expected.get(plain));
        rig.delete(plain);
        while (rig.store.step() > 0) {}
        assertEquals(SnapshotState.ERROR, rig.info(lost).state());
        assertEquals(Set.of(), packBegins().stream().filter("FIRNPACK"::equals).collect(Collectors.toSet()));
        for (SnapshotId id : List.of(copy, again)) {
            VolumeSnapshotsRig.assertSame(
                    "copy",
                    expected,
                    VolumeSnapshotsRig.content(rig.store.snapshot(id).orElseThrow(), VOLUME_BYTES));
        }
    }

    /** Seed 1639 of the model test: what only the parent held was taken over, for nobody could be asked what that was. */
    @Test
    void comparesWithAParentThatWasDeletedMeanwhile() {
        SnapshotId first = rig.whole("disk");
        rig.volume("disk").orElseThrow().seal().release();
        rig.trim("disk", 4 * Chunk.BYTES, Chunk.BYTES);
        Volume disk = rig.volume("disk").orElseThrow();
        disk.forgetChanges(disk.epoch() - 1);
        SnapshotId second = rig.snapshot("disk");
        rig.delete(first);
        rig.uploadAll();
        assertEquals(1, put(second), "the chunk that is a hole now");
        rig.checkSnapshots();
    }

    @Test
    void staysIncrementalWhenTheNewestIsDeleted() {
        SnapshotId first = rig.whole("disk");
        rig.write("disk", 0, bytes(2, 1));
        SnapshotId second = rig.whole("disk");
        rig.write("disk", Chunk.BYTES, bytes(3, 1));
        rig.delete(second);
        SnapshotId third = rig.whole("disk");
        assertEquals(Optional.of(first), rig.info(third).spec().parent());
        assertEquals(2, put(third));
        rig.checkSnapshots();
    }

    @Test
    void goesOnWithAnUploadAfterAKill() {
        SnapshotId id = rig.snapshot("disk");
        rig.upload(1);
        rig.upload(2 * Chunk.BYTES); // reads neighbours together, and saves
        rig.write("disk", 0, bytes(8, VOLUME_BYTES));
        long before = put(id);
        assertTrue(before > 0, "put before: " + before);
        rig.killed();
        assertEquals(1, rig.snapshots.uploading());
        rig.uploadAll();
        rig.checkSnapshots();
        assertTrue(rig.volume("disk").orElseThrow().views().isEmpty());
    }

    /** A piece that could not be read was passed over, and the snapshot completed without it. */
    @Test
    void aFailedReadOfTheVolumeLosesNoChunk() {
        rig.snapshot("disk");
        rig.killed();
        rig.volumeDisk.inject(Fault.UNAVAILABLE, call -> call.operation() == DiskCall.Operation.READ);
        assertThrows(StorageException.class, () -> {
            for (int i = 0; i < 5; i++) {
                rig.upload(1 << 20);
            }
        });
        rig.volumeDisk.clearFaults();
        rig.uploadAll();
        rig.checkSnapshots();
    }

    /** As above: what followed in the piece of the chunk whose pack could not be written. */
    @Test
    void aFullObjectStoreLosesNoChunk() {
        rig.snapshot("disk");
        rig.objectDisk.inject(Fault.NO_SPACE, call -> call.operation() == DiskCall.Operation.WRITE);
        assertThrows(StorageException.class, () -> {
            for (int i = 0; i < 5; i++) {
                rig.upload(1 << 20);
            }
        });
        rig.objectDisk.clearFaults();
        rig.uploadAll();
        rig.checkSnapshots();
    }

    /** A chunk that could not be read was passed over, and the volume let go of its snapshot without it. */
    @Test
    void aFailedReadOfTheSnapshotLosesNoBlock() {
        SnapshotId id = rig.whole("disk");
        rig.restore(id, "copy", false);
        rig.objectDisk.inject(Fault.UNAVAILABLE, call -> call.operation() == DiskCall.Operation.READ);
        assertThrows(StorageException.class, () -> rig.hydrate(1 << 20));
        rig.objectDisk.clearFaults();
        rig.hydrateAll();
        rig.checkVolumes();
    }

    @Test
    void aDamagedChunkKeepsTheVolumeOnItsSnapshot() {
        SnapshotId id = rig.whole("disk");
        rig.restore(id, "copy", false);
        SnapshotBucket bucket = PlainBucket.of(rig.objects, new BucketName("snapshots"));
        String pack = bucket.list("packs/").getFirst();
        byte[] whole = bucket.get(pack).orElseThrow().bytes();
        byte[] rotten = whole.clone();
        rotten[1000] ^= 1;
        bucket.put(pack, rotten);
        for (int i = 0; i < 100; i++) {
            rig.hydrate(1 << 20);
        }
        Volume copy = rig.volume("copy").orElseThrow();
        assertTrue(copy.source().isPresent());
        assertThrows(StorageException.Corrupt.class, () -> copy.read(0, ByteBuffer.allocate(BLOCK)));
        assertEquals(VolumeSnapshots.Fill.STUCK, rig.snapshots.fill(copy));
        assertThrows(StorageException.Corrupt.class, () -> rig.snapshots.awaitFilled(copy));
        bucket.put(pack, whole);
        rig.killed();
        rig.hydrateAll();
        rig.checkVolumes();
    }

    @Test
    void takesNoVolumeTwiceAtOneInstant() {
        Volume disk = rig.volume("disk").orElseThrow();
        VolumeSnapshots.Wish wish = new VolumeSnapshots.Wish(disk, SnapshotSpec.of(1));
        assertInstanceOf(SnapshotOutcome.Refused.class, rig.snapshots.createSet(List.of(wish, wish)));
        assertEquals(List.of(), disk.views());
    }

    @Test
    void limitsWhatIsPending() {
        for (int i = 0; i < 5; i++) {
            rig.snapshot("disk");
        }
        Volume disk = rig.volume("disk").orElseThrow();
        SnapshotOutcome<SnapshotInfo> sixth = rig.snapshots.create(disk, SnapshotSpec.of(1));
        assertEquals(
                SnapshotRefusal.Reason.LIMIT_EXCEEDED,
                assertInstanceOf(SnapshotOutcome.Refused.class, sixth).refusal().reason());
        assertTrue(rig.volumes
                .create(VolumeSpec.of("slow", VOLUME_BYTES).withType(VolumeType.ST1))
                .isPresent());
        Volume slow = rig.volume("slow").orElseThrow();
        rig.snapshots.create(slow, SnapshotSpec.of(1)).orElseThrow();
        assertInstanceOf(SnapshotOutcome.Refused.class, rig.snapshots.create(slow, SnapshotSpec.of(1)));
        rig.uploadAll();
        rig.checkSnapshots();
    }

    /** As a crash between the two syncs of a create leaves it; seals of others are none of its business. */
    @Test
    void letsGoOfASealWhoseSnapshotNobodyKnows() {
        Volume disk = rig.volume("disk").orElseThrow();
        SnapshotId pending = rig.snapshot("disk");
        rig.volumes.beginSeal(List.of(new Sealing.Wish(disk, 42))).sync();
        disk.seal();
        rig.killed();
        assertEquals(
                List.of(pending.mark(), 0L),
                rig.volume("disk").orElseThrow().views().stream()
                        .map(SealedView::mark)
                        .toList());
        rig.uploadAll();
        rig.checkSnapshots();
        assertEquals(1, rig.volume("disk").orElseThrow().views().size());
    }

    @Test
    void aRecordThatCannotBeWrittenLeavesNoSeal() {
        Volume disk = rig.volume("disk").orElseThrow();
        rig.objectDisk.inject(Fault.NO_SPACE, call -> call.operation() == DiskCall.Operation.WRITE);
        assertThrows(StorageException.class, () -> rig.snapshots.create(disk, SnapshotSpec.of(1)));
        rig.objectDisk.clearFaults();
        assertTrue(disk.views().isEmpty());
        rig.snapshot("disk");
        rig.killed();
        rig.uploadAll();
        rig.checkSnapshots();
        assertEquals(1, rig.store.infos().size());
    }

    /** The second of the set cannot be begun, which shows only once the first is. */
    @Test
    void aSetIsTakenBackWhenOneOfItIsRefused() {
        rig.create("log");
        SnapshotSpec wish = SnapshotSpec.of(1).withClientToken("once");
        List<VolumeSnapshots.Wish> wishes = rig.volumes.list().stream()
                .map(volume -> new VolumeSnapshots.Wish(volume, wish))
                .toList();
        assertInstanceOf(SnapshotOutcome.Refused.class, rig.snapshots.createSet(wishes));
        assertEquals(List.of(), rig.store.infos());
        rig.volumes.list().forEach(volume -> assertTrue(volume.views().isEmpty()));
    }

    @Test
    void takesASetAtOneInstant() {
        rig.create("log");
        rig.write("log", 0, bytes(5, 100_000));
        List<VolumeSnapshots.Wish> wishes = new ArrayList<>();
        for (Volume volume : rig.volumes.list()) {
            wishes.add(new VolumeSnapshots.Wish(volume, SnapshotSpec.of(1)));
        }
        List<SnapshotInfo> made = rig.snapshots.createSet(wishes).orElseThrow();
        assertEquals(made.getFirst().started(), made.getLast().started());
        rig.expected.put(made.getFirst().id(), rig.expectedOf("disk").clone());
        rig.expected.put(made.getLast().id(), rig.expectedOf("log").clone());
        rig.write("log", 0, bytes(6, 1000));
        rig.uploadAll();
        rig.checkSnapshots();
    }

    @Test
    void aRestoredVolumeServesAtOnceAndOutlivesItsSnapshot() {
        SnapshotId id = rig.whole("disk");
        rig.restore(id, "copy", false);
        assertTrue(rig.volume("copy").orElseThrow().source().isPresent());
        rig.checkVolumes();
        rig.write("copy", 10, bytes(7, 100));
        rig.trim("copy", 2 * Chunk.BYTES, 2 * BLOCK);
        rig.delete(id);
        assertFalse(rig.store.snapshot(id).isPresent());
        assertEquals(List.of(), rig.snapshots.infos());
        rig.checkVolumes();
        rig.killed();
        rig.checkVolumes();
        rig.hydrateAll();
        assertTrue(rig.volume("copy").orElseThrow().source().isEmpty());
        assertEquals(List.of(), rig.store.infos(), "what was kept for it is gone");
        rig.checkVolumes();
        rig.killed();
        rig.checkVolumes();
    }

    @Test
    void theRecycleBinKeepsNoCopyThatStoodIn() {
        SnapshotId id = rig.whole("disk");
        rig.restore(id, "copy", false);
        rig.delete(id);
        rig.store
                .putRule(new RetentionRule("all", "", "", Collections.emptySortedMap(), 1))
                .orElseThrow();
        rig.hydrateAll();
        assertEquals(List.of(), rig.store.infos());
        rig.checkVolumes();
    }

    @Test
    void aFastRestoreHasEverything() {
        SnapshotId id = rig.whole("disk");
        rig.restore(id, "copy", true);
        assertTrue(rig.volume("copy").orElseThrow().source().isEmpty());
        assertEquals(0, rig.snapshots.hydrating());
        rig.checkVolumes();
    }

    @Test
    void keepsTheRateOfAFillOverARestart() {
        int size = 4 << 20;
        Volume big = rig.volumes.create(VolumeSpec.of("big", size)).orElseThrow();
        big.write(0, ByteBuffer.wrap(bytes(1, size)));
        SnapshotInfo info = rig.snapshots.create(big, SnapshotSpec.of(1)).orElseThrow();
        rig.uploadAll();
        rig.snapshots.restore(info.id(), VolumeSpec.of("copy", size), 1 << 20).orElseThrow();
        rig.killed();
        for (int i = 0; i < 20; i++) {
            rig.hydrate(size);
        }
        assertEquals(1, rig.snapshots.hydrating(), "the clock stands still, and with it all but a burst");
        assertEquals(
                VolumeSnapshots.Fill.UNDER_WAY,
                rig.snapshots.fill(rig.volume("copy").orElseThrow()));
        for (int i = 0; i < 50; i++) {
            rig.clock.advance(Duration.ofMillis(100));
            rig.hydrate(size);
        }
        assertEquals(0, rig.snapshots.hydrating());
        assertEquals(
                VolumeSnapshots.Fill.WHOLE,
                rig.snapshots.fill(rig.volume("copy").orElseThrow()));
    }

    @Test
    void whoeverWaitsForAFillDoesNotWaitForItsRate() {
        int size = 4 << 20;
        Volume big = rig.volumes.create(VolumeSpec.of("big", size)).orElseThrow();
        big.write(0, ByteBuffer.wrap(bytes(1, size)));
        SnapshotInfo info = rig.snapshots.create(big, SnapshotSpec.of(1)).orElseThrow();
        rig.uploadAll();
        Volume copy = rig.snapshots
                .restore(info.id(), VolumeSpec.of("copy", size), 1 << 20)
                .orElseThrow();
        rig.snapshots.awaitFilled(copy); // the clock stands still
        assertTrue(copy.source().isEmpty());
        assertArrayEquals(bytes(1, size), VolumeSnapshotsRig.content(copy));
    }

    @Test
    void fillsViewsAndClonesOfARestoredVolume() {
        SnapshotId id = rig.whole("disk");
        rig.restore(id, "copy", false);
        rig.cloneOf("copy", "clone");
        rig.write("copy", 0, bytes(8, VOLUME_BYTES)); // nothing of the snapshot is left in it, but in its clone
        rig.hydrateAll();
        rig.delete("copy");
        rig.delete(id);
        rig.volumes.flatten(1 << 20);
        rig.checkVolumes();
        rig.killed();
        rig.checkVolumes();
    }

    @Test
    void fillsInTheOrderOfFirstTouches() {
        SnapshotId id = rig.whole("disk");
        rig.restore(id, "one", false);
        for (int chunk : new int[] {4, 1, 3}) {
            rig.volume("one").orElseThrow().read((long) chunk * Chunk.BYTES + 5, ByteBuffer.allocate(10));
        }
        rig.hydrateAll();
        rig.killed();
        rig.restore(id, "two", false);
        Volume two = rig.volume("two").orElseThrow();
        rig.hydrate(1);
        assertTrue(two.missing(4L * Chunk.BYTES, Chunk.BYTES).isEmpty(), "first");
        assertFalse(two.missing(Chunk.BYTES, Chunk.BYTES).isEmpty());
        rig.hydrate(1);
        assertTrue(two.missing(Chunk.BYTES, Chunk.BYTES).isEmpty(), "second");
        assertFalse(two.missing(0, Chunk.BYTES).isEmpty(), "the rest comes later");
    }

    @Test
    void refusesToRestoreIntoLess() {
        SnapshotId id = rig.whole("disk");
        assertInstanceOf(
                SnapshotOutcome.Refused.class, rig.snapshots.restore(id, VolumeSpec.of("small", VOLUME_BYTES - 1), 0));
        assertTrue(rig.volumes.find(new VolumeName("small")).isEmpty());
    }
}
