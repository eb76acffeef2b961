package io.firn.snapshot;

import io.firn.io.StorageException;
import java.util.List;
import java.util.Map;
import org.roaringbitmap.RoaringBitmap;

/**
 * Finds what a tree that nobody holds any more had alone, and writes it beside the packs as dead. Every step can be done again: adding to
 * a set that has it changes nothing, and the tree's own pages stay until its record says that it is done with.
 */
final class Reclaimer {
    private final Engine engine;
    private final Compactor compactor;
    private long seenChanges;

    Reclaimer(Engine engine, Compactor compactor) {
        this.engine = engine;
        this.compactor = compactor;
    }

    /** Reclaims one tree; false when there is none to be reclaimed now. */
    boolean step() {
        Catalogue catalogue = engine.catalogue();
        if (catalogue.changes() == seenChanges) {
            return false;
        }
        Tree tree;
        List<PageRef> neighbours;
        engine.lock().lock();
        try {
            List<Tree> unheld = catalogue.unheld();
            if (unheld.isEmpty()) {
                catalogue.trees().stream()
                        .filter(link -> link.isReclaimed()
                                && catalogue.children(link.birth()).size() <= 1)
                        .findFirst()
                        .ifPresent(catalogue::prune);
                seenChanges = catalogue.changes();
                return false;
            }
            tree = unheld.getFirst();
            neighbours = catalogue.neighbours(tree);
        } finally {
            engine.lock().unlock();
        }
        reclaim(tree, neighbours);
        return true;
    }

    private void reclaim(Tree tree, List<PageRef> neighbours) {
        // Neighbours may be let go of meanwhile, and only after this step give anything up; new ones share with them
        // alone.
        Map<PackId, RoaringBitmap> dead;
        try {
            dead = ExclusiveWalk.of(engine.pages(), tree.root(), neighbours).found();
        } catch (StorageException.Corrupt e) {
            throw new StorageException.Unavailable(
                    "what tree " + Long.toHexString(tree.birth())
                            + " alone holds cannot be told while a page is damaged; nothing is freed",
                    e);
        }
        dead.forEach((pack, offsets) -> {
            engine.packs().addDead(pack, offsets);
            compactor.add(pack);
        });
        engine.lock().lock();
        try {
            Tree done = engine.catalogue().tree(tree.birth()).reclaimed();
            engine.catalogue().put(done);
            engine.catalogue().prune(done);
        } finally {
            engine.lock().unlock();
        }
    }
}
