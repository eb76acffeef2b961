package io.firn.server.ebs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.Randomness;
import io.firn.server.auth.Sha256;
import io.firn.server.wire.Fields;
import io.firn.snapshot.SnapshotId;
import io.firn.testkit.Seeds;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/**
 * Random histories of drafts side by side: starts with and without a parent, puts and puts again in any order, zeros, kills of the process,
 * parents deleted meanwhile, completions with their checksum. Beside them a model of a number per block. Every snapshot shows what the model
 * shows, and two of them differ where their models do.
 */
final class EbsDirectModelTest {
    private static final int[] BLOCKS = {0, 1, 2, 127, 128, 129, 1000, 2047};
    private static final int STEPS = 30;

    /** Values by block: of whole snapshots, what drafts will show, and what of it was put in them. */
    private final Map<String, SortedMap<Integer, Integer>> whole = new TreeMap<>();

    private final Map<String, SortedMap<Integer, Integer>> drafts = new TreeMap<>();
    private final Map<String, SortedMap<Integer, Integer>> puts = new TreeMap<>();
    private final Map<String, String> eldest = new TreeMap<>();
    private EbsRig rig = new EbsRig(0);
    private RandomGenerator random = Randomness.seeded(0);

    @Test
    void showsWhatTheModelShows() {
        Seeds.forEach(100, (seed, random) -> {
            EbsDirectModelTest run = new EbsDirectModelTest();
            run.rig = new EbsRig(seed);
            run.random = random;
            for (int i = 0; i < STEPS; i++) {
                run.step();
            }
            List.copyOf(run.drafts.keySet()).forEach(run::complete);
            run.check();
            run.rig.killed();
            run.check();
        });
    }

    private void step() {
        switch (random.nextInt(16)) {
            case 0, 1 -> start();
            case 2 -> any(drafts).ifPresent(this::complete);
            case 3 -> rig.killed();
            case 4 -> rig.clock.advance(Duration.ofMinutes(10));
            case 5 -> {
                if (whole.size() > 2) {
                    any(whole).ifPresent(this::delete);
                }
            }
            case 6 -> rig.store.step();
            default -> {
                if (drafts.isEmpty()) {
                    start();
                }
                any(drafts).ifPresent(this::put);
            }
        }
    }

    private Optional<String> any(Map<String, ?> snapshots) {
        List<String> ids = new ArrayList<>(snapshots.keySet());
        return ids.isEmpty() ? Optional.empty() : Optional.of(ids.get(random.nextInt(ids.size())));
    }

    private void start() {
        Optional<String> parent = random.nextInt(4) == 0 ? Optional.empty() : any(whole);
        Fields input = EbsRig.volume(1).put("ParentSnapshotId", parent).put("Timeout", 4320);
        String id = rig.start(input);
        drafts.put(id, new TreeMap<>(parent.map(of -> values(whole, of)).orElseGet(TreeMap::new)));
        puts.put(id, new TreeMap<>());
        eldest.put(id, parent.map(eldest::get).orElse(id));
    }

    private void put(String id) {
        int block = BLOCKS[random.nextInt(BLOCKS.length)];
        int value = random.nextInt(4) == 0 ? 0 : random.nextInt();
        rig.put(id, block, value);
        values(drafts, id).put(block, value);
        values(puts, id).put(block, value);
    }

    private static SortedMap<Integer, Integer> values(Map<String, SortedMap<Integer, Integer>> of, String id) {
        return Objects.requireNonNull(of.get(id));
    }

    private void complete(String id) {
        MessageDigest linear = Sha256.digest();
        values(puts, id).values().forEach(value -> linear.update(Sha256.of(EbsRig.content(value))));
        rig.call(
                "CompleteSnapshot",
                EbsRig.completion(id, values(puts, id).size())
                        .put("Checksum", Base64.getEncoder().encodeToString(linear.digest()))
                        .put("ChecksumAlgorithm", "SHA256")
                        .put("ChecksumAggregationMethod", "LINEAR"));
        whole.put(id, values(drafts, id));
        drafts.remove(id);
    }

    private void delete(String id) {
        rig.snapshots.delete(new SnapshotId(id)).orElseThrow();
        whole.remove(id);
    }

    private void check() {
        whole.forEach((id, content) -> {
            List<Fields> blocks = rig.blocks(id);
            assertEquals(List.copyOf(content.keySet()), EbsRig.indexes(blocks), id);
            for (Fields block : blocks) {
                checkBlock(id, content, EbsRig.index(block), block.text("BlockToken"));
            }
        });
        whole.forEach((first, before) -> any(whole).ifPresent(second -> {
            if (Objects.equals(eldest.get(first), eldest.get(second))) {
                checkChanged(first, before, second, values(whole, second));
            }
        }));
    }

    private void checkBlock(String id, SortedMap<Integer, Integer> content, int block, Optional<String> token) {
        assertEquals(content.containsKey(block), token.isPresent(), id + " " + block);
        token.ifPresent(given -> assertArrayEquals(
                EbsRig.content(Objects.requireNonNull(content.get(block))), rig.read(id, block, given)));
    }

    /** A difference is never left out, and every block that is told can be read. */
    private void checkChanged(
            String first, SortedMap<Integer, Integer> before, String second, SortedMap<Integer, Integer> after) {
        List<Fields> changed = rig.changed(first, second);
        for (int block : BLOCKS) {
            boolean isTold = EbsRig.indexes(changed).contains(block);
            assertTrue(
                    isTold || Objects.equals(before.get(block), after.get(block)), first + " " + second + " " + block);
        }
        for (Fields block : changed) {
            checkBlock(first, before, EbsRig.index(block), block.text("FirstBlockToken"));
            checkBlock(second, after, EbsRig.index(block), block.text("SecondBlockToken"));
        }
    }
}
