package io.firn.snapshot;

import io.firn.io.StorageException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The records that say what there is: one object each, in memory too. Every change is durable before it is seen, and is one object, so
 * that each either happened or did not.
 *
 * <p>Safe to read by many threads; its owner lets one at a time change it.
 */
final class Catalogue {
    private static final String SNAPSHOTS = "snapshots/";
    private static final String TREES = "trees/";
    private static final String RULES = "rules/";

    private final SnapshotBucket bucket;
    private final NavigableMap<SnapshotId, SnapshotRecord> snapshots = new ConcurrentSkipListMap<>();

    /** Births of trees that are not whole yet, or never will be, whose packs may go at any time. */
    private final Set<Long> drafts = ConcurrentHashMap.newKeySet();

    private final NavigableMap<Long, Tree> trees = new ConcurrentSkipListMap<>();
    private final NavigableMap<String, RetentionRule> rules = new ConcurrentSkipListMap<>();
    private final AtomicLong changes = new AtomicLong(1);

    private Catalogue(SnapshotBucket bucket) {
        this.bucket = bucket;
    }

    /** Reads all records. A tree that was written for a draft and not committed is forgotten. */
    static Catalogue load(SnapshotBucket bucket) {
        Catalogue catalogue = new Catalogue(bucket);
        for (String key : bucket.list(SNAPSHOTS)) {
            SnapshotRecord record = CatalogueFormat.snapshot(catalogue.bytes(key), key);
            catalogue.noteDraft(record);
            catalogue.snapshots.put(record.info().id(), record);
        }
        for (String key : bucket.list(TREES)) {
            Tree tree = CatalogueFormat.tree(catalogue.bytes(key), key);
            catalogue.trees.put(tree.birth(), tree);
        }
        for (String key : bucket.list(RULES)) {
            RetentionRule rule = CatalogueFormat.rule(catalogue.bytes(key), key);
            catalogue.rules.put(rule.id(), rule);
        }
        for (SnapshotRecord record : catalogue.snapshots.values()) {
            if (!record.holdsTree() && catalogue.trees.containsKey(record.tree())) {
                catalogue.remove(catalogue.tree(record.tree()));
            } else if (record.holdsTree()) {
                catalogue.tree(record.tree());
            }
        }
        return catalogue;
    }

    private byte[] bytes(String key) {
        return bucket.get(key)
                .orElseThrow(() -> new StorageException.Corrupt("record " + key + " is listed and missing"))
                .bytes();
    }

    // Snapshots

    Optional<SnapshotRecord> find(SnapshotId id) {
        return Optional.ofNullable(snapshots.get(id)).filter(record -> !record.isDropped());
    }

    /** All records, dropped drafts included, by id. */
    Collection<SnapshotRecord> all() {
        return snapshots.values();
    }

    void put(SnapshotRecord record) {
        bucket.put(SNAPSHOTS + record.info().id(), CatalogueFormat.encode(record));
        SnapshotRecord before = snapshots.put(record.info().id(), record);
        if (before != null && before.tree() != record.tree()) {
            drafts.remove(before.tree());
        }
        noteDraft(record);
        changes.incrementAndGet();
    }

    void remove(SnapshotRecord record) {
        bucket.delete(SNAPSHOTS + record.info().id());
        snapshots.remove(record.info().id());
        drafts.remove(record.tree());
        changes.incrementAndGet();
    }

    private void noteDraft(SnapshotRecord record) {
        if (record.holdsTree()) {
            drafts.remove(record.tree());
        } else {
            drafts.add(record.tree());
        }
    }

    /** Whether a tree is one of a draft, under way or given up: its packs may be written or deleted by the draft's owner. */
    boolean isDraft(long birth) {
        return drafts.contains(birth);
    }

    /** Moves with every change: what was computed at one value holds until the next. */
    long changes() {
        return changes.get();
    }

    // Rules

    NavigableMap<String, RetentionRule> rules() {
        return rules;
    }

    void put(RetentionRule rule) {
        bucket.put(RULES + rule.id(), CatalogueFormat.encode(rule));
        rules.put(rule.id(), rule);
    }

    void remove(RetentionRule rule) {
        bucket.delete(RULES + rule.id());
        rules.remove(rule.id());
    }

    // Trees

    Tree tree(long birth) {
        Tree tree = trees.get(birth);
        if (tree == null) {
            throw new StorageException.Corrupt("the record of tree " + Long.toHexString(birth) + " is missing");
        }
        return tree;
    }

    Collection<Tree> trees() {
        return trees.values();
    }

    void put(Tree tree) {
        bucket.put(TREES + Long.toHexString(tree.birth()), CatalogueFormat.encode(tree));
        trees.put(tree.birth(), tree);
        changes.incrementAndGet();
    }

    void remove(Tree tree) {
        bucket.delete(TREES + Long.toHexString(tree.birth()));
        trees.remove(tree.birth());
        changes.incrementAndGet();
    }

    /** How many snapshots show a tree. */
    long holders(long birth) {
        return snapshots.values().stream()
                .filter(record -> record.holdsTree() && record.tree() == birth)
                .count();
    }

    /** Trees that no snapshot shows and no draft is made from, whose space was not given back. */
    List<Tree> unheld() {
        Set<Long> held = new HashSet<>();
        for (SnapshotRecord record : snapshots.values()) {
            if (record.holdsTree()) {
                held.add(record.tree());
            } else if (record.isPending()) {
                held.add(record.base());
            }
        }
        return trees.values().stream()
                .filter(tree -> !tree.isReclaimed() && !held.contains(tree.birth()))
                .toList();
    }

    List<Tree> children(long birth) {
        return trees.values().stream().filter(tree -> tree.parent() == birth).toList();
    }

    /** The nearest trees that have pages, in every direction of the family: if any other has a thing of this tree, one of them has it. */
    List<PageRef> neighbours(Tree tree) {
        List<PageRef> roots = new ArrayList<>();
        Set<Long> seen = new HashSet<>(Set.of(tree.birth()));
        Deque<Tree> border = new ArrayDeque<>(List.of(tree));
        while (!border.isEmpty()) {
            for (Tree relative : relatives(border.remove())) {
                if (!seen.add(relative.birth())) {
                    continue;
                }
                if (relative.isReclaimed()) {
                    border.add(relative);
                } else {
                    roots.add(relative.root());
                }
            }
        }
        return roots;
    }

    private List<Tree> relatives(Tree tree) {
        List<Tree> relatives = new ArrayList<>(children(tree.birth()));
        Optional.ofNullable(trees.get(tree.parent())).ifPresent(relatives::add);
        return relatives;
    }

    /** The eldest of a tree's family, by which two are seen to be related. */
    long eldest(Tree tree) {
        Tree eldest = tree;
        for (Tree parent = trees.get(eldest.parent()); parent != null; parent = trees.get(eldest.parent())) {
            eldest = parent;
        }
        return eldest.birth();
    }

    /** Takes reclaimed trees that link fewer than two others out of the family, each step durable by itself. */
    void prune(Tree reclaimed) {
        List<Tree> children = children(reclaimed.birth());
        boolean isLinkOfTwo = children.size() == 1;
        if (isLinkOfTwo) {
            put(children.getFirst().withParent(reclaimed.parent()));
        }
        if (children.size() <= 1) {
            remove(reclaimed);
            Tree parent = trees.get(reclaimed.parent());
            if (parent != null && parent.isReclaimed()) {
                prune(parent);
            }
        }
    }
}
