package io.firn.server.ebs;

import io.firn.server.ebs.EbsError.Invalid;
import io.firn.server.snapshots.EbsTerms;
import io.firn.server.wire.Call;
import io.firn.server.wire.Fields;
import io.firn.server.wire.Value;
import io.firn.snapshot.BlockIdentity;
import io.firn.snapshot.Chunk;
import io.firn.snapshot.ChunkPage;
import io.firn.snapshot.ChunkRun;
import io.firn.snapshot.Snapshot;
import io.firn.snapshot.SnapshotId;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The three calls that read. A listing takes time for what it lists, whatever the size of the snapshot; a page holds at most as many blocks
 * as was asked for and may hold fewer, none even, although there are more.
 *
 * <p><b>Threads.</b> Safe for many. <b>Memory.</b> A block or a page of a listing for each call.
 */
final class SnapshotReads {
    private static final int RESULTS_MAX = 10_000;

    /** Chunks looked at in one step of a listing: leaves of the tree that are read in vain are bounded by it. */
    private static final int STEP_CHUNKS = 8_192;

    private final Known known;
    private final Tokens tokens;
    private final Turns turns;

    SnapshotReads(Known known, Tokens tokens, Turns turns) {
        this.known = known;
        this.tokens = tokens;
        this.turns = turns;
    }

    /** Pages of chunks of one listing. */
    @FunctionalInterface
    private interface Chunks {
        ChunkPage from(int chunk, int limitChunks);
    }

    /** Blocks that a page lists, and where the next one begins. */
    private record Page(List<Integer> blocks, OptionalInt next) {}

    Fields listSnapshotBlocks(Call call) {
        return Known.whileThere(known::readable, call.input().requiredText("SnapshotId"), snapshot -> {
            List<SnapshotId> listing = List.of(snapshot.id());
            Page page = page(call.input(), listing, snapshot::writtenChunks);
            Instant expiry = tokens.blockExpiry();
            List<Fields> blocks = new ArrayList<>();
            for (int block : page.blocks()) {
                token(snapshot, block, expiry)
                        .ifPresent(token ->
                                blocks.add(new Fields().put("BlockIndex", block).put("BlockToken", token)));
            }
            return answer(snapshot, expiry, page, listing).put("Blocks", blocks);
        });
    }

    Fields listChangedBlocks(Call call) {
        Optional<String> first = call.input().text("FirstSnapshotId");
        String second = call.input().requiredText("SecondSnapshotId");
        return first.isEmpty()
                ? Known.whileThere(
                        known::readable, second, snapshot -> changed(call.input(), Optional.empty(), snapshot))
                : Known.whileThere(
                        known::readable,
                        first.get(),
                        since -> Known.whileThere(
                                known::readable,
                                second,
                                snapshot -> changed(call.input(), Optional.of(since), snapshot)));
    }

    /** Without a first snapshot, all that the second has written. */
    private Fields changed(Fields input, Optional<Snapshot> first, Snapshot second) {
        if (first.filter(since -> !second.isRelatedTo(since)).isPresent()) {
            throw EbsError.invalid(
                    Invalid.UNRELATED_SNAPSHOTS, "The snapshots are not of one volume or its descendants.");
        }
        List<SnapshotId> listing =
                first.map(since -> List.of(since.id(), second.id())).orElseGet(() -> List.of(second.id(), second.id()));
        Page page = page(
                input,
                listing,
                (chunk, limit) -> first.isPresent()
                        ? second.changedChunks(first.get(), chunk, limit)
                        : second.writtenChunks(chunk, limit));
        Instant expiry = tokens.blockExpiry();
        List<Fields> blocks = new ArrayList<>();
        for (int block : page.blocks()) {
            blocks.add(new Fields()
                    .put("BlockIndex", block)
                    .put("FirstBlockToken", first.flatMap(since -> token(since, block, expiry)))
                    .put("SecondBlockToken", token(second, block, expiry)));
        }
        return answer(second, expiry, page, listing).put("ChangedBlocks", blocks);
    }

    private Page page(Fields input, List<SnapshotId> listing, Chunks chunks) {
        int max = Math.toIntExact(input.number("MaxResults").orElse(RESULTS_MAX));
        Optional<String> token = input.text("NextToken");
        long from = token.isPresent()
                ? tokens.nextBlock(token.get(), listing)
                : input.number("StartingBlockIndex").orElse(0);
        List<Integer> blocks = new ArrayList<>();
        OptionalInt next = OptionalInt.of((int) Math.min(Chunk.COUNT_MAX / Chunk.PER_BLOCK, from));
        while (next.isPresent() && blocks.size() < max) {
            int limit = Math.min(STEP_CHUNKS, (max - blocks.size()) * Chunk.PER_BLOCK);
            ChunkPage step = chunks.from(next.getAsInt() * Chunk.PER_BLOCK, limit);
            for (ChunkRun run : step.runs()) {
                add(blocks, run);
            }
            next = step.next().isPresent()
                    ? OptionalInt.of(after(blocks, step.next().getAsInt() / Chunk.PER_BLOCK))
                    : OptionalInt.empty();
        }
        if (blocks.size() > max) {
            next = OptionalInt.of(blocks.get(max));
        }
        return new Page(List.copyOf(blocks.subList(0, Math.min(max, blocks.size()))), next);
    }

    private static void add(List<Integer> blocks, ChunkRun run) {
        for (int block = after(blocks, run.first() / Chunk.PER_BLOCK);
                block <= (run.end() - 1) / Chunk.PER_BLOCK;
                block++) {
            blocks.add(block);
        }
    }

    /** The block, or the one behind it when it is listed already. */
    private static int after(List<Integer> blocks, int block) {
        return !blocks.isEmpty() && blocks.getLast() == block ? block + 1 : block;
    }

    private Optional<String> token(Snapshot snapshot, int block, Instant expiry) {
        return snapshot.blockIdentity(block).map(identity -> tokens.block(snapshot.id(), block, identity, expiry));
    }

    private Fields answer(Snapshot snapshot, Instant expiry, Page page, List<SnapshotId> listing) {
        Fields answer = new Fields()
                .put("ExpiryTime", expiry)
                .put("VolumeSize", EbsTerms.gibibytes(snapshot.sizeBytes()))
                .put("BlockSize", Chunk.BLOCK_BYTES);
        page.next().ifPresent(next -> answer.put("NextToken", tokens.page(listing, next)));
        return answer;
    }

    Fields getSnapshotBlock(Call call) {
        long block = call.input().number("BlockIndex").orElseThrow();
        return Known.whileThere(known::readable, call.input().requiredText("SnapshotId"), snapshot -> {
            BlockIdentity identity = snapshot.blockIdentity((int) block)
                    .orElseThrow(() -> EbsError.invalid(
                            Invalid.INVALID_BLOCK, "The snapshot '" + snapshot.id() + "' has no block " + block + "."));
            tokens.requireBlock(call.input().requiredText("BlockToken"), snapshot.id(), (int) block, identity);
            try (var _ = turns.take(snapshot.id())) {
                byte[] bytes = new byte[Chunk.BLOCK_BYTES];
                byte[] sha256 = snapshot.readBlock((int) block, ByteBuffer.wrap(bytes));
                return new Fields()
                        .put("DataLength", Chunk.BLOCK_BYTES)
                        .put("BlockData", new Value.Bytes(bytes))
                        .put("Checksum", Base64.getEncoder().encodeToString(sha256))
                        .put("ChecksumAlgorithm", "SHA256");
            }
        });
    }
}
