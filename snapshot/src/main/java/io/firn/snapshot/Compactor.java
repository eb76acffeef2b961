package io.firn.snapshot;

import io.firn.io.StorageException;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.atomic.LongAdder;
import org.roaringbitmap.RoaringBitmap;

/**
 * Gives the space of dead items back: deletes packs without a living item, and writes those less than half alive anew under the same
 * name, by one atomic put. References stay as they are, since they name the offset of the first writing. Belongs to the background task.
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
        Set<Long> drafts = new LinkedHashSet<>();
        for (SnapshotRecord record : engine.catalogue().all()) {
            if (record.isPending()) {
                drafts.add(record.tree());
            }
        }
        // A draft reads its packs back as they were written; they come again when something of its tree dies.
        if (!drafts.contains(pack.birth())) {
            look(pack);
        }
        waiting.remove(pack);
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
        List<PackFormat.Item> living = index.get().items().stream()
                .filter(item -> item.kind().hasBytes() && !dead.contains(item.offset()))
                .toList();
        if (living.isEmpty()) {
            packs.delete(pack);
            packs.forgetDead(pack);
            deleted.increment();
        } else if (new Packs.Index(index.get().form(), living).bytes() * 2
                < index.get().bytes()) {
            rewrite(pack, living);
            packs.forgetDead(pack);
            compacted.increment();
        }
    }

    private void rewrite(PackId id, List<PackFormat.Item> living) {
        SnapshotBucket.Stored old = engine.packs()
                .whole(id)
                .orElseThrow(() -> new StorageException.Corrupt("pack " + id.key() + " is missing"));
        ByteArrayOutputStream pack = new ByteArrayOutputStream();
        pack.writeBytes(PackFormat.header(id));
        List<PackFormat.Item> items = new ArrayList<>();
        for (PackFormat.Item item : living) {
            items.add(new PackFormat.Item(
                    item.kind(), item.first(), item.count(), item.offset(), pack.size(), item.length(), item.crc()));
            pack.write(old.bytes(), item.place(), item.length());
        }
        pack.writeBytes(PackFormat.footer(id, items));
        engine.packs().put(id, pack.toByteArray(), old.form().next());
    }
}
