package io.firn.server.ebs;

import static io.firn.server.ebs.EbsRig.block;
import static io.firn.server.ebs.EbsRig.completion;
import static io.firn.server.ebs.EbsRig.content;
import static io.firn.server.ebs.EbsRig.indexes;
import static io.firn.server.ebs.EbsRig.invalid;
import static io.firn.server.ebs.EbsRig.volume;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.blockstore.Volume;
import io.firn.blockstore.VolumeName;
import io.firn.blockstore.VolumeSpec;
import io.firn.server.auth.Sha256;
import io.firn.server.ebs.EbsError.Invalid;
import io.firn.server.wire.Fields;
import io.firn.server.wire.ServiceException;
import io.firn.snapshot.SnapshotId;
import io.firn.snapshot.SnapshotInfo;
import io.firn.snapshot.SnapshotSpec;
import io.firn.snapshot.SnapshotState;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class EbsDirectTest {
    private final EbsRig rig = new EbsRig(1);

    private SnapshotInfo info(String id) {
        return rig.store.info(new SnapshotId(id)).orElseThrow();
    }

    @Test
    void startsFillsCompletesAndReads() {
        Fields started = rig.call(
                "StartSnapshot",
                volume(3)
                        .put("Description", "a disk")
                        .put("Tags", List.of(new Fields().put("Key", "a").put("Value", "b"))));
        String id = started.requiredText("SnapshotId");
        assertEquals("pending", started.requiredText("Status"));
        assertEquals(3, started.number("VolumeSize").orElseThrow());
        assertEquals(EbsRig.BLOCK, started.number("BlockSize").orElseThrow());
        assertEquals(
                Instant.parse("2026-01-01T00:00:00Z"),
                started.moment("StartTime").orElseThrow());
        assertEquals("a disk", started.requiredText("Description"));
        assertEquals("b", started.structures("Tags").getFirst().requiredText("Value"));
        rig.put(id, 6143, 5);
        rig.put(id, 0, 0);
        Fields put = rig.call("PutSnapshotBlock", block(id, 7, content(9)).put("Progress", 50));
        assertEquals(Base64.getEncoder().encodeToString(Sha256.of(content(9))), put.requiredText("Checksum"));
        assertEquals(50, info(id).progressPercent());
        assertEquals(
                "completed", rig.call("CompleteSnapshot", completion(id, 3)).requiredText("Status"));
        List<Fields> blocks = rig.blocks(id);
        assertEquals(List.of(0, 7, 6143), indexes(blocks), "a block of zeros that was put is listed");
        assertArrayEquals(content(9), rig.read(id, 7, blocks.get(1).requiredText("BlockToken")));
        assertArrayEquals(content(0), rig.read(id, 0, blocks.get(0).requiredText("BlockToken")));
        assertEquals("vol-ffffffff", info(id).spec().volume());
    }

    @Test
    void takesOnlyBlocksThatAreWhole() {
        String id = rig.start(volume(1));
        assertEquals(invalid(Invalid.INVALID_BLOCK), rig.refused("PutSnapshotBlock", block(id, 2048, content(1))));
        assertEquals(
                invalid(Invalid.INVALID_PARAMETER_VALUE),
                rig.refused("PutSnapshotBlock", block(id, 0, new byte[1024])));
        assertEquals(
                invalid(Invalid.INVALID_PARAMETER_VALUE),
                rig.refused("PutSnapshotBlock", block(id, 0, new byte[1024]).put("DataLength", EbsRig.BLOCK)));
        Fields other = block(id, 0, content(1))
                .put("Checksum", block(id, 0, content(2)).requiredText("Checksum"));
        assertEquals(invalid(Invalid.INVALID_BLOCK), rig.refused("PutSnapshotBlock", other));
        assertEquals(
                invalid(Invalid.INVALID_PARAMETER_VALUE),
                rig.refused("PutSnapshotBlock", block(id, 0, content(1)).put("Checksum", "A+/=A")));
        rig.complete(id, 0);
        assertEquals(List.of(), rig.blocks(id));
    }

    @Test
    void knowsWhichSnapshotsTakeBlocks() {
        assertEquals(
                "ResourceNotFoundException SNAPSHOT_NOT_FOUND",
                rig.refused("PutSnapshotBlock", block("snap-00000000000000000", 0, content(1))));
        assertEquals(
                "ResourceNotFoundException SNAPSHOT_NOT_FOUND",
                rig.refused("CompleteSnapshot", completion("snap-1", 0)));
        String whole = rig.snapshot(Optional.empty(), 1);
        assertEquals(
                invalid(Invalid.INVALID_SNAPSHOT_ID), rig.refused("PutSnapshotBlock", block(whole, 0, content(1))));
        String imported =
                rig.store.begin(SnapshotSpec.of(1 << 30)).orElseThrow().id().text();
        assertEquals(
                invalid(Invalid.INVALID_SNAPSHOT_ID), rig.refused("PutSnapshotBlock", block(imported, 0, content(1))));
        assertEquals(invalid(Invalid.INVALID_SNAPSHOT_ID), rig.refused("CompleteSnapshot", completion(imported, 0)));
        String deleted = rig.start(volume(1));
        rig.put(deleted, 0, 1);
        rig.snapshots.delete(new SnapshotId(deleted)).orElseThrow();
        assertEquals(
                "ResourceNotFoundException SNAPSHOT_NOT_FOUND",
                rig.refused("CompleteSnapshot", completion(deleted, 1)));
    }

    @Test
    void completesOnlyWithTheCountAndChecksumOfWhatWasPut() {
        String id = rig.start(volume(1));
        rig.put(id, 900, 1);
        rig.put(id, 3, 2);
        rig.killed();
        rig.put(id, 20, 3);
        rig.put(id, 3, 4);
        MessageDigest linear = Sha256.digest();
        for (int value : List.of(4, 3, 1)) {
            linear.update(Sha256.of(content(value)));
        }
        String checksum = Base64.getEncoder().encodeToString(linear.digest());
        assertEquals(invalid(Invalid.INVALID_PARAMETER_VALUE), rig.refused("CompleteSnapshot", completion(id, 2)));
        Fields right = completion(id, 3)
                .put("Checksum", checksum)
                .put("ChecksumAlgorithm", "SHA256")
                .put("ChecksumAggregationMethod", "LINEAR");
        Fields wrong = completion(id, 3)
                .put("Checksum", "A" + checksum.substring(1).replace("A", "B"))
                .put("ChecksumAlgorithm", "SHA256")
                .put("ChecksumAggregationMethod", "LINEAR");
        assertEquals(invalid(Invalid.INVALID_PARAMETER_VALUE), rig.refused("CompleteSnapshot", wrong));
        assertEquals(
                invalid(Invalid.INVALID_PARAMETER_VALUE),
                rig.refused("CompleteSnapshot", completion(id, 3).put("Checksum", checksum)));
        rig.call("CompleteSnapshot", right);
        rig.killed();
        rig.call("CompleteSnapshot", right);
        assertEquals(invalid(Invalid.INVALID_SNAPSHOT_ID), rig.refused("CompleteSnapshot", completion(id, 2)));
        assertEquals(List.of(3, 20, 900), indexes(rig.blocks(id)));
    }

    private static Fields withChecksum(String id, int... values) {
        MessageDigest linear = Sha256.digest();
        for (int value : values) {
            linear.update(Sha256.of(content(value)));
        }
        return completion(id, values.length)
                .put("Checksum", Base64.getEncoder().encodeToString(linear.digest()))
                .put("ChecksumAlgorithm", "SHA256")
                .put("ChecksumAggregationMethod", "LINEAR");
    }

    @Test
    void allUploadsTogetherRememberAFewChecksums() {
        EbsRig few = new EbsRig(2, 3);
        String one = few.start(volume(1));
        String two = few.start(volume(1));
        for (int block = 0; block < 3; block++) {
            few.put(one, block, block + 1);
            few.put(two, block, block + 4);
        }
        few.put(one, 0, 9);
        assertEquals(0, few.sums.left());
        few.call("CompleteSnapshot", withChecksum(one, 9, 2, 3));
        few.put(two, 0, 7);
        few.call("CompleteSnapshot", withChecksum(two, 7, 5, 6));
        assertEquals(3, few.sums.left());
        String given = few.start(volume(1));
        few.put(given, 0, 1);
        few.put(given, 0, 2);
        assertEquals(2, few.sums.left());
        few.snapshots.delete(new SnapshotId(given)).orElseThrow();
        few.start(volume(1));
        assertEquals(3, few.sums.left());
    }

    @Test
    void knowsAClientTokenAgain() {
        Fields input = volume(1).put("ClientToken", "one").put("Description", "first");
        String id = rig.start(input);
        assertEquals(id, rig.start(input));
        rig.store
                .setTags(new SnapshotId(id), new TreeMap<>(java.util.Map.of("late", "tag")))
                .orElseThrow();
        rig.killed();
        rig.complete(id, 0);
        Fields again = rig.call("StartSnapshot", input);
        assertEquals(id, again.requiredText("SnapshotId"));
        assertEquals("completed", again.requiredText("Status"));
        assertEquals("ConflictException", rig.refused("StartSnapshot", volume(2).put("ClientToken", "one")));
        assertEquals(
                "ConflictException",
                rig.refused("StartSnapshot", volume(1).put("ClientToken", "one").put("Description", "other")));
    }

    @Test
    void failsWhatLiesTooLong() {
        String usual = rig.start(volume(1));
        String shorter = rig.start(volume(1).put("Timeout", 10));
        String put = rig.start(volume(1).put("Timeout", 10));
        rig.clock.advance(Duration.ofMinutes(9));
        rig.put(put, 0, 1);
        rig.clock.advance(Duration.ofMinutes(2));
        assertEquals(
                invalid(Invalid.INVALID_SNAPSHOT_ID), rig.refused("PutSnapshotBlock", block(shorter, 0, content(1))));
        assertEquals(SnapshotState.ERROR, info(shorter).state());
        rig.put(put, 1, 1);
        rig.clock.advance(Duration.ofMinutes(48));
        rig.store.step();
        assertEquals(SnapshotState.ERROR, info(put).state());
        assertEquals(invalid(Invalid.INVALID_SNAPSHOT_ID), rig.refused("CompleteSnapshot", completion(put, 2)));
        assertEquals(SnapshotState.PENDING, info(usual).state());
        rig.killed();
        rig.clock.advance(Duration.ofMinutes(59));
        rig.complete(usual, 0);
        rig.clock.advance(Duration.ofDays(1));
        rig.store.step();
        assertEquals(SnapshotState.COMPLETED, info(usual).state());
    }

    @Test
    void refusesStartsThatCannotBe() {
        assertEquals(invalid(Invalid.INVALID_VOLUME_SIZE), rig.refused("StartSnapshot", volume(65_537)));
        String parent = rig.start(volume(2));
        assertEquals(
                invalid(Invalid.INVALID_SNAPSHOT_ID),
                rig.refused("StartSnapshot", volume(2).put("ParentSnapshotId", parent)));
        rig.complete(parent, 0);
        assertEquals(
                invalid(Invalid.INVALID_VOLUME_SIZE),
                rig.refused("StartSnapshot", volume(1).put("ParentSnapshotId", parent)));
        assertEquals(
                "ResourceNotFoundException SNAPSHOT_NOT_FOUND",
                rig.refused("StartSnapshot", volume(2).put("ParentSnapshotId", "snap-00000000000000000")));
        assertEquals(
                invalid(Invalid.INVALID_PARAMETER_VALUE),
                rig.refused(
                        "StartSnapshot",
                        volume(2).put("ParentSnapshotId", parent).put("Encrypted", true)));
        assertEquals(
                invalid(Invalid.INVALID_PARAMETER_VALUE),
                rig.refused("StartSnapshot", volume(2).put("KmsKeyArn", "arn:aws:kms:us-east-1:123456789012:key/1")));
        assertEquals(
                invalid(Invalid.INVALID_CUSTOMER_KEY),
                rig.refused("StartSnapshot", volume(2).put("Encrypted", true).put("KmsKeyArn", "my-key")));
        Fields tag = new Fields().put("Key", "a").put("Value", "b");
        assertEquals(
                invalid(Invalid.INVALID_TAG),
                rig.refused("StartSnapshot", volume(1).put("Tags", List.of(tag, tag))));
        assertEquals(
                invalid(Invalid.INVALID_TAG),
                rig.refused("StartSnapshot", volume(1).put("Tags", List.of(new Fields().put("Key", "aws:x")))));
        for (int i = 0; i < 100; i++) {
            rig.start(volume(1));
        }
        assertEquals("ConcurrentLimitExceededException", rig.refused("StartSnapshot", volume(1)));
    }

    @Test
    void encryptsAsIsAskedAndAsTheParentIs() {
        String key = "arn:aws:kms:us-east-1:123456789012:key/1";
        Fields started =
                rig.call("StartSnapshot", volume(1).put("Encrypted", true).put("KmsKeyArn", key));
        assertEquals("sse-kms", started.requiredText("SseType"));
        assertEquals(key, started.requiredText("KmsKeyArn"));
        String parent = started.requiredText("SnapshotId");
        rig.put(parent, 1, 1);
        rig.complete(parent, 1);
        Fields child = rig.call("StartSnapshot", volume(1).put("ParentSnapshotId", parent));
        assertEquals("sse-kms", child.requiredText("SseType"));
        assertEquals(key, child.requiredText("KmsKeyArn"));
        String id = child.requiredText("SnapshotId");
        rig.put(id, 0, 2);
        rig.complete(id, 1);
        rig.killed();
        assertArrayEquals(content(1), rig.read(id, 1, rig.blocks(id).get(1).requiredText("BlockToken")));
    }

    @Test
    void encryptsWhatSaysNothingOfItByDefault() {
        String parent = rig.snapshot(Optional.empty(), 1);
        String key = "arn:aws:kms:us-east-1:123456789012:key/2";
        Fields begun = volume(1).put("ParentSnapshotId", parent).put("ClientToken", "before");
        Fields earlier = rig.call("StartSnapshot", begun);
        Fields asked = volume(1).put("ClientToken", "once");
        rig.isEncryptingByDefault = true;
        rig.defaultKeyArn = Optional.of(key);
        Fields started = rig.call("StartSnapshot", asked);
        assertEquals("sse-kms", started.requiredText("SseType"));
        assertEquals(key, started.requiredText("KmsKeyArn"));
        Fields child = volume(1).put("ParentSnapshotId", parent);
        assertEquals(invalid(Invalid.INVALID_PARAMETER_VALUE), rig.refused("StartSnapshot", child));
        assertEquals(
                earlier.requiredText("SnapshotId"),
                rig.call("StartSnapshot", begun).requiredText("SnapshotId"),
                "a client token is looked up before");
        rig.isEncryptingByDefault = false;
        assertEquals("none", rig.call("StartSnapshot", child).requiredText("SseType"));
        assertEquals(
                started.requiredText("SnapshotId"),
                rig.call("StartSnapshot", asked).requiredText("SnapshotId"));
        assertEquals("none", rig.call("StartSnapshot", volume(1)).requiredText("SseType"));
    }

    @Test
    void blockTokensAreForTheirBlockAndTheirTime() {
        String id = rig.snapshot(Optional.empty(), 1, 2);
        String child = rig.snapshot(Optional.of(id), 5);
        List<Fields> blocks = rig.blocks(id);
        String token = blocks.getFirst().requiredText("BlockToken");
        assertTrue(token.length() <= 256 && token.matches("[A-Za-z0-9+/=]+"));
        rig.killed();
        assertArrayEquals(content(2), rig.read(id, 1, token));
        String bad = invalid(Invalid.INVALID_BLOCK_TOKEN);
        assertEquals(bad, rig.refused("GetSnapshotBlock", EbsRig.get(id, 2, token)));
        assertEquals(bad, rig.refused("GetSnapshotBlock", EbsRig.get(child, 1, token)));
        assertEquals(invalid(Invalid.INVALID_BLOCK), rig.refused("GetSnapshotBlock", EbsRig.get(id, 3, token)));
        for (int i = 0; i < token.length() - 1; i++) {
            char other = token.charAt(i) == 'A' ? 'B' : 'A';
            String forged = token.substring(0, i) + other + token.substring(i + 1);
            assertEquals(bad, rig.refused("GetSnapshotBlock", EbsRig.get(id, 1, forged)), forged);
        }
        String digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        int last = digits.indexOf(token.charAt(token.length() - 2));
        for (int i = 1; i < digits.length(); i++) {
            String forged = token.substring(0, token.length() - 2) + digits.charAt((last + i) % digits.length()) + "=";
            assertEquals(bad, rig.refused("GetSnapshotBlock", EbsRig.get(id, 1, forged)), forged);
        }
        assertEquals(bad, rig.refused("GetSnapshotBlock", EbsRig.get(id, 1, "AAAA")));
        assertEquals(bad, rig.refused("GetSnapshotBlock", EbsRig.get(id, 1, "A")));
        EbsRig elsewhere = new EbsRig(1);
        assertEquals(id, elsewhere.snapshot(Optional.empty(), 1, 2), "all is the same there but the key");
        assertEquals(bad, elsewhere.refused("GetSnapshotBlock", EbsRig.get(id, 1, token)));
        rig.clock.advance(Duration.ofDays(7));
        rig.read(id, 1, token);
        rig.clock.advance(Duration.ofMillis(1));
        assertEquals(bad, rig.refused("GetSnapshotBlock", EbsRig.get(id, 1, token)));
        rig.read(id, 1, rig.blocks(id).getFirst().requiredText("BlockToken"));
    }

    @Test
    void pagesListings() {
        String id = rig.start(volume(1));
        for (int block = 0; block < 250; block++) {
            rig.put(id, block < 150 ? block : block * 4, block % 3);
        }
        rig.complete(id, 250);
        Fields first = new Fields().put("SnapshotId", id).put("MaxResults", 100);
        Fields page = rig.call("ListSnapshotBlocks", first);
        assertEquals(100, page.structures("Blocks").size());
        assertEquals(1, page.number("VolumeSize").orElseThrow());
        assertEquals(
                rig.clock.now().plus(Duration.ofDays(7)),
                page.moment("ExpiryTime").orElseThrow());
        String token = page.requiredText("NextToken");
        Fields next = new Fields()
                .put("SnapshotId", id)
                .put("NextToken", token)
                .put("MaxResults", 100)
                .put("StartingBlockIndex", 5);
        assertEquals(
                100,
                EbsRig.index(rig.call("ListSnapshotBlocks", next)
                        .structures("Blocks")
                        .getFirst()),
                "a token is stronger than a starting index");
        assertEquals(250, rig.blocks(id).size());
        assertEquals(996, EbsRig.index(rig.blocks(id).getLast()));
        Fields start = new Fields().put("SnapshotId", id).put("StartingBlockIndex", 151);
        List<Fields> rest = rig.call("ListSnapshotBlocks", start).structures("Blocks");
        assertEquals(600, EbsRig.index(rest.getFirst()));
        assertEquals(100, rest.size());
        Fields beyond = new Fields().put("SnapshotId", id).put("StartingBlockIndex", Integer.MAX_VALUE);
        assertEquals(List.of(), rig.call("ListSnapshotBlocks", beyond).structures("Blocks"));
        String bad = invalid(Invalid.INVALID_PAGE_TOKEN);
        String other = rig.snapshot(Optional.of(id), 1);
        assertEquals(
                bad,
                rig.refused(
                        "ListSnapshotBlocks",
                        new Fields().put("SnapshotId", other).put("NextToken", token)));
        String blockToken = page.structures("Blocks").getFirst().requiredText("BlockToken");
        assertEquals(
                bad,
                rig.refused(
                        "ListSnapshotBlocks", new Fields().put("SnapshotId", id).put("NextToken", blockToken)));
        assertEquals(
                bad,
                rig.refused(
                        "ListChangedBlocks",
                        new Fields().put("SecondSnapshotId", id).put("NextToken", token)));
        rig.killed();
        rig.clock.advance(Duration.ofMinutes(60));
        rig.call("ListSnapshotBlocks", next);
        rig.clock.advance(Duration.ofMillis(1));
        assertEquals(bad, rig.refused("ListSnapshotBlocks", next));
    }

    @Test
    void listsWhatChanged() {
        String first = rig.snapshot(Optional.empty(), 1, 2, 700);
        String second = rig.start(volume(2).put("ParentSnapshotId", first));
        rig.put(second, 2, 77);
        rig.put(second, 4000, 78);
        rig.complete(second, 2);
        List<Fields> changed = rig.changed(first, second);
        assertEquals(List.of(2, 4000), indexes(changed));
        assertArrayEquals(content(3), rig.read(first, 2, changed.getFirst().requiredText("FirstBlockToken")));
        assertArrayEquals(content(77), rig.read(second, 2, changed.getFirst().requiredText("SecondBlockToken")));
        assertTrue(changed.getLast().text("FirstBlockToken").isEmpty(), "not in the first");
        List<Fields> back = rig.changed(second, first);
        assertEquals(List.of(2, 4000), indexes(back));
        assertTrue(back.getLast().text("SecondBlockToken").isEmpty(), "not in the second");
        assertEquals(List.of(), rig.changed(first, first));
        assertEquals(
                List.of(1, 2, 700, 4000),
                indexes(rig.list("ListChangedBlocks", new Fields().put("SecondSnapshotId", second), "ChangedBlocks")));
        String stranger = rig.snapshot(Optional.empty(), 1);
        assertEquals(
                invalid(Invalid.UNRELATED_SNAPSHOTS),
                rig.refused(
                        "ListChangedBlocks",
                        new Fields().put("FirstSnapshotId", stranger).put("SecondSnapshotId", second)));
    }

    @Test
    void readsOnlyWhatIsWholeAndThere() {
        String pending = rig.start(volume(1));
        String unfit = invalid(Invalid.INVALID_SNAPSHOT_ID);
        assertEquals(unfit, rig.refused("ListSnapshotBlocks", new Fields().put("SnapshotId", pending)));
        String archived = rig.snapshot(Optional.empty(), 1);
        String token = rig.blocks(archived).getFirst().requiredText("BlockToken");
        rig.snapshots.archive(new SnapshotId(archived)).orElseThrow();
        assertEquals(unfit, rig.refused("ListSnapshotBlocks", new Fields().put("SnapshotId", archived)));
        assertEquals(unfit, rig.refused("GetSnapshotBlock", EbsRig.get(archived, 1, token)));
        rig.store.restoreFromArchive(new SnapshotId(archived), Optional.empty()).orElseThrow();
        assertArrayEquals(content(2), rig.read(archived, 1, token), "tokens live over the archive");
        rig.snapshots.delete(new SnapshotId(archived)).orElseThrow();
        assertEquals(
                "ResourceNotFoundException SNAPSHOT_NOT_FOUND",
                rig.refused("GetSnapshotBlock", EbsRig.get(archived, 1, token)));
    }

    @Test
    void volumesAndDirectSnapshotsAreOneLineage() {
        String id = rig.snapshot(Optional.empty(), 1, 5);
        Volume restored = rig.snapshots
                .restore(new SnapshotId(id), VolumeSpec.of("restored", 1 << 30), 0)
                .orElseThrow();
        rig.snapshots.awaitFilled(restored);
        ByteBuffer read = ByteBuffer.allocate(EbsRig.BLOCK);
        restored.read(5L * EbsRig.BLOCK, read);
        assertArrayEquals(content(6), read.array());
        restored.write(9L * EbsRig.BLOCK + 4096, ByteBuffer.wrap(new byte[] {1, 2, 3, 4}));
        SnapshotInfo taken = rig.snapshots.create(restored, SnapshotSpec.of(1)).orElseThrow();
        while (rig.snapshots.uploads().step(1 << 20) > 0) {}
        List<Fields> changed = rig.changed(id, taken.id().text());
        assertEquals(List.of(9), indexes(changed));
        byte[] block = rig.read(taken.id().text(), 9, changed.getFirst().requiredText("SecondBlockToken"));
        assertEquals(3, block[4098]);
        // A stand-in for a snapshot that is deleted while a volume needs it is nobody's to see.
        rig.snapshots.restore(taken.id(), VolumeSpec.of("filling", 1 << 30), 0).orElseThrow();
        rig.snapshots.delete(taken.id()).orElseThrow();
        rig.store.infos().stream()
                .filter(info -> rig.snapshots.info(info.id()).isEmpty())
                .forEach(hidden -> assertEquals(
                        "ResourceNotFoundException SNAPSHOT_NOT_FOUND",
                        rig.refused(
                                "ListSnapshotBlocks",
                                new Fields().put("SnapshotId", hidden.id().text()))));
        assertEquals(2, rig.store.infos().size(), "the stand-in is there");
        assertTrue(rig.volumes.find(new VolumeName("filling")).isPresent());
    }

    @Test
    void boundsBlocksUnderWay() {
        Turns turns = new Turns(1, 2);
        SnapshotId one = new SnapshotId("snap-00000000000000001");
        SnapshotId two = new SnapshotId("snap-00000000000000002");
        Turns.Turn first = turns.take(one);
        ServiceException ofSnapshot = assertThrows(ServiceException.class, () -> turns.take(one));
        assertEquals("RESOURCE_LEVEL_THROTTLE", ofSnapshot.members().get("Reason"));
        try (var _ = turns.take(two)) {
            SnapshotId three = new SnapshotId("snap-00000000000000003");
            ServiceException ofAll = assertThrows(ServiceException.class, () -> turns.take(three));
            assertEquals("ACCOUNT_THROTTLED", ofAll.members().get("Reason"));
        }
        first.close();
        turns.take(one).close();
    }

    @Test
    void saysThatTheDiskIsFull() {
        String id = rig.start(volume(1));
        rig.put(id, 0, 1);
        rig.objectDisk.limitCapacity(1);
        byte[] random = new byte[EbsRig.BLOCK];
        io.firn.io.Randomness.seeded(3).nextBytes(random);
        assertEquals(
                "ServiceQuotaExceededException DEPENDENCY_SERVICE_QUOTA_EXCEEDED",
                rig.refused("PutSnapshotBlock", block(id, 1, random)));
        rig.objectDisk.limitCapacity(Long.MAX_VALUE);
        rig.call("PutSnapshotBlock", block(id, 1, random));
        rig.complete(id, 2);
        assertArrayEquals(random, rig.read(id, 1, rig.blocks(id).getLast().requiredText("BlockToken")));
    }
}
