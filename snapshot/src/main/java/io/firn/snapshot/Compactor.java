package io.firn.snapshot;

import io.firn.io.StorageException;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.atomic.LongAdder;
import org.roaringbitmap.RoaringBitmap;

/**
 * Gives the space of dead items back: deletes packs without a living item, and writes those less than half alive anew under the same
 * name, by one atomic put. References stay as they are, since they name the offset of the first writing. What is dead and linked to counts as
 * alive here, and stays noted as dead, so that it goes when the last link does. Belongs to the background task.
 */
final class Compactor {
    private final Engine engine;
    private final SortedSet<PackId> waiting = new TreeSet<>();
    private boolean isListed;
    final LongAdder deleted = new LongAdder();
    final LongAdder compacted = new LongAdder();

    Compactor(Engine engine) {
        this.engine = engine;
    }

    void add(PackId pack) {
        waiting.add(pack);
    }

    /** Looks at one pack; false when none waits. Only when no tree waits to be reclaimed, whose pages could go with it. */
    boolean step() {
        if (!isListed) {
            waiting.addAll(engine.packs().withDead());
            isListed = true;
        }
        for (PackId pack : engine.dying()) {
            waiting.add(pack);
            engine.dying().remove(pack);
        }
        if (waiting.isEmpty()) {
            return false;
        }
        PackId pack = waiting.getFirst();
        waiting.remove(pack);
        // A draft reads its packs back as they were written; they come again when something of its tree dies.
        if (!engine.catalogue().isDraft(pack.birth())) {
            boolean isDone = false;
            try {
                look(pack);
                isDone = true;
            } finally {
                engine.links().open();
                if (!isDone) {
                    waiting.add(pack);
                }
            }
        }
        return true;
    }

    private void look(PackId pack) {
        Packs packs = engine.packs();
        Optional<Packs.Index> index = packs.index(pack);
        if (index.isEmpty()) {
            packs.forgetDead(pack);
            return;
        }
        RoaringBitmap dead = packs.dead(pack);
        List<PackFormat.Item> items = index.get().items();
        // What only dead links need may go at once, whether the links go now or later.
        waiting.addAll(engine.links().shrink(pack, items, dead));
        RoaringBitmap linked = engine.links().closeAndFind(pack, dead);
        List<PackFormat.Item> staying = items.stream()
                .filter(item ->
                        item.kind().hasBytes() && (!dead.contains(item.offset()) || linked.contains(item.offset())))
                .toList();
        if (staying.isEmpty()) {
            packs.delete(pack);
            packs.forgetDead(pack);
            deleted.increment();
            engine.deduplication().note(items, staying);
        } else if (new Packs.Index(index.get().form(), staying).bytes() * 2
                < index.get().bytes()) {
            rewrite(pack, staying);
            packs.setDead(pack, offsets(staying, linked));
            compacted.increment();
            engine.deduplication().note(items, staying);
        }
    }

    private static RoaringBitmap offsets(List<PackFormat.Item> items, RoaringBitmap among) {
        RoaringBitmap offsets = new RoaringBitmap();
        items.forEach(item -> offsets.add(item.offset()));
        offsets.and(among);
        return offsets;
    }

    private void rewrite(PackId id, List<PackFormat.Item> staying) {
        SnapshotBucket.Stored old = engine.packs()
                .whole(id)
                .orElseThrow(() -> new StorageException.Corrupt("pack " + id.key() + " is missing"));
        ByteArrayOutputStream pack = new ByteArrayOutputStream();
        pack.writeBytes(PackFormat.header(id, staying));
        List<PackFormat.Item> items = new ArrayList<>();
        for (PackFormat.Item item : staying) {
            items.add(item.at(pack.size()));
            pack.write(old.bytes(), item.place(), item.length());
        }
        pack.writeBytes(PackFormat.footer(id, items));
        engine.packs().put(id, PackBytes.of(pack.toByteArray()), old.form().next());
    }
}
