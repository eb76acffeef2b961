package io.firn.snapshot;

import io.firn.io.StorageException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Checks one tree from its root down. */
final class Verifier {
    private final Engine engine;
    private final VerifyDepth depth;
    private final List<String> problems = new ArrayList<>();
    private final Map<PackId, Set<Integer>> offsets = new HashMap<>();
    private long pages;
    private long chunks;
    private long bytes;

    Verifier(Engine engine, VerifyDepth depth) {
        this.engine = engine;
        this.depth = depth;
    }

    SnapshotVerification verify(PageRef root) {
        visit(root, Page.ROOT_LEVEL, 0);
        return new SnapshotVerification(pages, chunks, bytes, problems);
    }

    private void problem(String sentence) {
        if (problems.size() < SnapshotVerification.MAX_PROBLEMS) {
            problems.add(sentence);
        }
    }

    private void visit(PageRef ref, int level, int start) {
        if (ref.isNone()) {
            return;
        }
        try {
            bytes += engine.pages().verify(ref, level);
            pages++;
            requireIndexed(ref.pack(), ref.offset());
        } catch (StorageException.Corrupt e) {
            problem("the page of chunks from " + start + ": " + e.getMessage());
            return;
        }
        if (level == 0) {
            visitChunks(ref, start);
            return;
        }
        List<PageRef> children = engine.pages().children(ref, level);
        for (int slot = 0; slot < Page.FANOUT; slot++) {
            visit(children.get(slot), level - 1, start + (slot << Page.chunkBits(level - 1)));
        }
    }

    private void visitChunks(PageRef leaf, int start) {
        List<ChunkEntry> entries = engine.pages().leaf(leaf).entries();
        for (int slot = 0; slot < Page.FANOUT; slot++) {
            ChunkEntry entry = entries.get(slot);
            if (entry.isData()) {
                try {
                    requireIndexed(entry.pack(), entry.offset());
                    requireIndexed(entry.place().pack(), entry.place().offset());
                    if (depth == VerifyDepth.FULL) {
                        engine.pages().chunk(entry);
                        bytes += entry.place().length();
                    }
                    chunks++;
                } catch (StorageException.Corrupt e) {
                    problem("chunk " + (start + slot) + ": " + e.getMessage());
                }
            }
        }
    }

    private void requireIndexed(PackId pack, int offset) {
        if (!offsets.computeIfAbsent(pack, this::offsetsOf).contains(offset)) {
            throw new StorageException.Corrupt("pack " + pack.key() + " is missing or has no item of offset " + offset);
        }
    }

    private Set<Integer> offsetsOf(PackId pack) {
        Set<Integer> found = new HashSet<>();
        engine.packs().index(pack).ifPresent(index -> index.items().forEach(item -> found.add(item.offset())));
        return found;
    }
}
