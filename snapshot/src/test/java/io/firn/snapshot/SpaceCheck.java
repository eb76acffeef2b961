package io.firn.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.roaringbitmap.RoaringBitmap;

/** The count from scratch beside which reclaim is held, for a store without drafts whose background work is done. */
final class SpaceCheck {
    private SpaceCheck() {}

    /** Mark from every root; what the packs hold alive must be that, and each snapshot's exclusive bytes what only it marks. */
    static void check(SnapshotStore store) {
        Engine engine = store.engine();
        Map<PackId, Map<Integer, Set<SnapshotId>>> marked = new HashMap<>();
        Map<PackId, Map<Integer, Integer>> chunkBytes = new HashMap<>();
        for (SnapshotRecord record : engine.catalogue().all()) {
            if (record.holdsTree()) {
                ExclusiveWalk all = ExclusiveWalk.of(
                        engine.pages(), engine.catalogue().tree(record.tree()).root(), List.of());
                all.found()
                        .forEach((pack, offsets) ->
                                offsets.forEach((int offset) -> marked.computeIfAbsent(pack, ignored -> new HashMap<>())
                                        .computeIfAbsent(offset, ignored -> new HashSet<>())
                                        .add(record.info().id())));
            }
        }
        Map<PackId, Set<Integer>> alive = new HashMap<>();
        Map<PackId, Set<Integer>> reached = new HashMap<>();
        marked.forEach((pack, offsets) ->
                reached.computeIfAbsent(pack, ignored -> new HashSet<>()).addAll(offsets.keySet()));
        for (PackId pack : engine.packs().all()) {
            RoaringBitmap dead = engine.packs().dead(pack);
            RoaringBitmap linked = new RoaringBitmap();
            engine.links().recorded(pack).values().forEach(linked::or);
            engine.packs().index(pack).orElseThrow().items().forEach(item -> {
                boolean isMarked = marked.getOrDefault(pack, Map.of()).containsKey(item.offset());
                if (isMarked && item.target().isPresent()) {
                    ChunkPlace target = item.target().get();
                    reached.computeIfAbsent(target.pack(), ignored -> new HashSet<>())
                            .add(target.offset());
                    assertTrue(
                            engine.links()
                                    .recorded(target.pack())
                                    .getOrDefault(pack, new RoaringBitmap())
                                    .contains(target.offset()),
                            "a link of " + pack + " is not recorded");
                }
                if (item.kind().hasBytes() && (!dead.contains(item.offset()) || linked.contains(item.offset()))) {
                    alive.computeIfAbsent(pack, ignored -> new HashSet<>()).add(item.offset());
                    if (item.kind() != PackFormat.Kind.PAGE) {
                        chunkBytes
                                .computeIfAbsent(pack, ignored -> new HashMap<>())
                                .put(item.offset(), item.length());
                    }
                }
            });
        }
        assertEquals(reached, alive, "alive in the packs is what is reached from the roots, links followed");
        for (SnapshotInfo info : store.infos()) {
            SnapshotId id = info.id();
            long exclusive = 0;
            for (Map.Entry<PackId, Map<Integer, Set<SnapshotId>>> pack : marked.entrySet()) {
                for (Map.Entry<Integer, Set<SnapshotId>> item : pack.getValue().entrySet()) {
                    if (item.getValue().equals(Set.of(id))) {
                        exclusive +=
                                chunkBytes.getOrDefault(pack.getKey(), Map.of()).getOrDefault(item.getKey(), 0);
                    }
                }
            }
            if (store.snapshot(id).isPresent()) {
                assertEquals(exclusive, store.snapshot(id).get().usage().exclusiveBytes(), "exclusive bytes of " + id);
            }
        }
    }
}
