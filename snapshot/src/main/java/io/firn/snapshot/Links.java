package io.firn.snapshot;

import io.firn.io.StorageException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.roaringbitmap.RoaringBitmap;

/**
 * What links protect of the packs they point into. A link is an item of its own pack, the <i>holder</i>, and lives and dies as any item; what
 * it links to must not go before it, though nobody else may refer to it.
 *
 * <p>For each pack that is linked to and each holder a record says which offsets that holder's links need. The records are always a superset
 * of what the links of living items need: they are durable before the holder is put, and shrink only for links that are dead, which never
 * come back. What a draft linked to and has not recorded yet is <i>pinned</i>, in memory, until it completes or is purged: a crash takes pins and
 * unwritten links together.
 *
 * <p>Whether an item may go and whether it may be linked to is decided under one lock: while the compactor has a pack {@linkplain #close closed}
 * nobody can pin anything of it. Who pinned then reads what he means to link to, which shows that it had not gone before.
 *
 * <p>Safe for threads. Records of a holder are written by its draft until that completes, and after it by the background task alone.
 */
final class Links {
    private final SnapshotBucket bucket;
    private final Packs packs;
    private final Catalogue catalogue;
    private final Map<Long, Map<PackId, RoaringBitmap>> pins = new HashMap<>();

    /** Packs that were closed while something of them was pinned. */
    private final Set<PackId> blocked = new TreeSet<>();

    private Optional<PackId> closed = Optional.empty();

    Links(SnapshotBucket bucket, Packs packs, Catalogue catalogue) {
        this.bucket = bucket;
        this.packs = packs;
        this.catalogue = catalogue;
    }

    /** What items link to: offsets by pack. */
    static Map<PackId, RoaringBitmap> of(Stream<PackFormat.Item> items) {
        Map<PackId, RoaringBitmap> targets = new TreeMap<>();
        items.flatMap(item -> item.target().stream())
                .forEach(target -> targets.computeIfAbsent(target.pack(), ignored -> new RoaringBitmap())
                        .add(target.offset()));
        return targets;
    }

    // Pins

    /** Keeps an item for a draft that means to link to it; false when it may be going just now, or the draft is over. */
    synchronized boolean pin(long draft, PackId target, int offset) {
        if (closed.filter(target::equals).isPresent() || !catalogue.isDraft(draft)) {
            return false;
        }
        pins.computeIfAbsent(draft, ignored -> new HashMap<>())
                .computeIfAbsent(target, ignored -> new RoaringBitmap())
                .add(offset);
        return true;
    }

    /** Ends the pins of a draft, whose links are recorded by now or were never written; returns packs that may give up something by it. */
    synchronized Set<PackId> release(long draft) {
        Map<PackId, RoaringBitmap> released = pins.remove(draft);
        Set<PackId> freed = new TreeSet<>(blocked);
        freed.retainAll(released == null ? Set.of() : released.keySet());
        blocked.removeAll(freed);
        return freed;
    }

    /** Lets nobody pin anything of a pack until {@link #open}; returns what is pinned. */
    private synchronized RoaringBitmap close(PackId pack) {
        closed = Optional.of(pack);
        RoaringBitmap pinned = new RoaringBitmap();
        pins.values().forEach(targets -> pinned.or(targets.getOrDefault(pack, new RoaringBitmap())));
        if (!pinned.isEmpty()) {
            blocked.add(pack);
        }
        return pinned;
    }

    synchronized void open() {
        closed = Optional.empty();
    }

    // Records

    /** Records what a holder links to, before it is put; durable on return. */
    void record(PackId holder, Map<PackId, RoaringBitmap> targets) {
        targets.forEach((target, offsets) -> write(target, holder, offsets));
    }

    private void write(PackId target, PackId holder, RoaringBitmap offsets) {
        String key = target.linkKey(holder);
        if (offsets.isEmpty()) {
            bucket.delete(key);
        } else {
            bucket.put(key, OffsetSet.seal(offsets));
        }
    }

    /** What each holder needs of a pack, as recorded: for a count from scratch. */
    Map<PackId, RoaringBitmap> recorded(PackId target) {
        Map<PackId, RoaringBitmap> recorded = new TreeMap<>();
        for (String key : bucket.list(target.linksPrefix())) {
            bucket.get(key)
                    .ifPresent(stored -> recorded.put(PackId.holderOfKey(key), OffsetSet.open(stored.bytes(), key)));
        }
        return recorded;
    }

    /** The items of a pack that are dead and must stay, for they are linked to. The pack is closed until {@link #open}. */
    RoaringBitmap closeAndFind(PackId pack, RoaringBitmap dead) {
        RoaringBitmap linked = close(pack);
        for (String key : bucket.list(pack.linksPrefix())) {
            linked.or(needed(pack, PackId.holderOfKey(key), dead));
        }
        linked.and(dead);
        return linked;
    }

    /**
     * What a holder needs of a pack. A record whose holder was not put before a crash is removed; one that is damaged is written anew from
     * the holder; and when that is damaged too, everything is needed.
     */
    private RoaringBitmap needed(PackId target, PackId holder, RoaringBitmap dead) {
        boolean isDraft = catalogue.isDraft(holder.birth());
        try {
            RoaringBitmap offsets = bucket.get(target.linkKey(holder))
                    .map(stored -> OffsetSet.open(stored.bytes(), target.linkKey(holder)))
                    .orElseGet(RoaringBitmap::new);
            if (isDraft || !RoaringBitmap.intersects(offsets, dead) || packs.has(holder)) {
                return offsets;
            }
            bucket.delete(target.linkKey(holder));
            return new RoaringBitmap();
        } catch (StorageException.Corrupt damaged) {
            return isDraft ? dead : rebuilt(target, holder, dead);
        }
    }

    private RoaringBitmap rebuilt(PackId target, PackId holder, RoaringBitmap dead) {
        try {
            RoaringBitmap offsets = livingLinks(holder).getOrDefault(target, new RoaringBitmap());
            write(target, holder, offsets);
            return offsets;
        } catch (StorageException.Corrupt alsoDamaged) {
            return dead;
        }
    }

    private Map<PackId, RoaringBitmap> livingLinks(PackId holder) {
        RoaringBitmap dead = packs.dead(holder);
        List<PackFormat.Item> items =
                packs.index(holder).map(Packs.Index::items).orElse(List.of());
        return of(items.stream().filter(item -> !dead.contains(item.offset())));
    }

    /** Gives up what only dead links of a holder need; returns the packs that may go by it. Doing it again changes nothing. */
    Set<PackId> shrink(PackId holder, List<PackFormat.Item> items, RoaringBitmap dead) {
        Map<PackId, RoaringBitmap> given = of(items.stream().filter(item -> dead.contains(item.offset())));
        if (given.isEmpty()) {
            return Set.of();
        }
        Map<PackId, RoaringBitmap> living = of(items.stream().filter(item -> !dead.contains(item.offset())));
        Set<PackId> shrunk = new TreeSet<>();
        for (PackId target : given.keySet()) {
            RoaringBitmap left = living.getOrDefault(target, new RoaringBitmap());
            String key = target.linkKey(holder);
            boolean isDone =
                    bucket.get(key).map(stored -> isSame(stored, left, key)).orElse(left.isEmpty());
            if (!isDone) {
                write(target, holder, left);
                shrunk.add(target);
            }
        }
        return shrunk;
    }

    private static boolean isSame(SnapshotBucket.Stored stored, RoaringBitmap offsets, String key) {
        try {
            return OffsetSet.open(stored.bytes(), key).equals(offsets);
        } catch (StorageException.Corrupt damaged) {
            return false;
        }
    }

    /** The packs that those of a draft link to, for {@link #forget}; what cannot be read tells nothing, and its records go when they are met. */
    Map<PackId, Set<PackId>> targetsOf(long draft) {
        Map<PackId, Set<PackId>> targets = new TreeMap<>();
        for (PackId holder : packs.of(draft)) {
            try {
                packs.index(holder)
                        .ifPresent(index ->
                                targets.put(holder, of(index.items().stream()).keySet()));
            } catch (StorageException.Corrupt | StorageException.Unavailable unread) {
                // Damaged, or encrypted under a master key that is not here: then it has no links.
                targets.put(holder, Set.of());
            }
        }
        return targets;
    }

    /** Ends all that a draft protects, whose packs are gone; returns the packs that may give up something by it. */
    Set<PackId> forget(long draft, Map<PackId, Set<PackId>> targetsByHolder) {
        bucket.list(PackId.linksPrefix(draft)).forEach(bucket::delete);
        Set<PackId> freed = release(draft);
        targetsByHolder.forEach((holder, targets) -> {
            for (PackId target : targets) {
                bucket.delete(target.linkKey(holder));
                freed.add(target);
            }
        });
        return freed;
    }
}
