package io.firn.testkit;

import io.firn.io.DiskName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The names of a simulated disk: those programs see, those the disk holds, and the changes between the two in order.
 *
 * <p>A change (create, delete, rename) survives a crash as a whole or not at all, and only with the earlier changes it builds on: those
 * of the same names, of what is in them, and of the folders they are in.
 */
final class SimNames {

    /** New inodes of names; empty where the name goes. */
    private record Change(long sequence, SortedMap<String, Optional<SimInode>> inodes) {

        boolean touches(String directory) {
            return inodes.keySet().stream()
                    .anyMatch(name -> DiskName.parent(name).equals(directory));
        }

        boolean buildsOn(Change earlier) {
            return inodes.keySet().stream()
                    .anyMatch(mine -> earlier.inodes.keySet().stream().anyMatch(other -> related(mine, other)));
        }

        private static boolean related(String one, String other) {
            return one.equals(other) || one.startsWith(other + "/") || other.startsWith(one + "/");
        }

        void applyTo(Map<String, SimInode> names) {
            inodes.forEach((name, inode) -> {
                if (inode.isPresent()) {
                    names.put(name, inode.get());
                } else {
                    names.remove(name);
                }
            });
        }
    }

    private final TreeMap<String, SimInode> live = new TreeMap<>();
    private final TreeMap<String, SimInode> durable = new TreeMap<>();
    private final List<Change> pending = new ArrayList<>();

    Optional<SimInode> find(String name) {
        return Optional.ofNullable(live.get(name));
    }

    boolean isFolder(String name) {
        return name.isEmpty() || find(name).filter(SimInode::isFolder).isPresent();
    }

    /** All names and what they lead to, in order. */
    SortedMap<String, SimInode> live() {
        return live;
    }

    /** The names in a folder, at any depth: '0' is the character after '/'. */
    SortedMap<String, SimInode> below(String directory) {
        return directory.isEmpty() ? live : live.subMap(directory + "/", directory + "0");
    }

    void create(long sequence, String name, SimInode inode) {
        change(sequence, new TreeMap<>(Map.of(name, Optional.of(inode))));
    }

    void delete(long sequence, String name) {
        change(sequence, new TreeMap<>(Map.of(name, Optional.empty())));
    }

    void rename(long sequence, String from, String to) {
        change(
                sequence,
                new TreeMap<>(Map.of(
                        from, Optional.empty(), to, Optional.of(find(from).orElseThrow()))));
    }

    /** As {@link #create}, and durable at once, with the changes it builds on. */
    void createDurably(long sequence, String name, SimInode inode) {
        create(sequence, name, inode);
        commit(change -> change.sequence() == sequence);
    }

    /** Makes the changes of names in a folder durable. */
    void sync(String directory) {
        commit(change -> change.touches(directory));
    }

    private void commit(Predicate<Change> asked) {
        Set<Change> wanted = new HashSet<>();
        for (Change change : pending.reversed()) {
            if (asked.test(change) || wanted.stream().anyMatch(later -> later.buildsOn(change))) {
                wanted.add(change);
            }
        }
        for (Change change : pending) {
            if (wanted.contains(change)) {
                change.applyTo(durable);
            }
        }
        pending.removeIf(wanted::contains);
    }

    List<Long> pendingSequences() {
        return pending.stream().map(Change::sequence).toList();
    }

    /** All inodes that a program or a crash can still come to, by name. */
    List<SimInode> reachable() {
        Set<SimInode> seen = new HashSet<>();
        List<SimInode> inodes = new ArrayList<>();
        List<SimInode> candidates = new ArrayList<>(durable.values());
        candidates.addAll(live.values());
        pending.forEach(change -> change.inodes().values().forEach(inode -> inode.ifPresent(candidates::add)));
        for (SimInode inode : candidates) {
            if (seen.add(inode)) {
                inodes.add(inode);
            }
        }
        return inodes;
    }

    /** The names found after a crash, with each inode turned into what is found of it. */
    SimNames crashed(CrashPlan plan, Function<SimInode, SimInode> inodes) {
        TreeMap<String, SimInode> found = new TreeMap<>(durable);
        List<Change> lost = new ArrayList<>();
        for (Change change : pending) {
            if (lost.stream().noneMatch(change::buildsOn) && plan.keepsName(change.sequence())) {
                change.applyTo(found);
            } else {
                lost.add(change);
            }
        }
        SimNames crashed = new SimNames();
        found.forEach((name, inode) -> crashed.durable.put(name, inodes.apply(inode)));
        crashed.live.putAll(crashed.durable);
        return crashed;
    }

    /** The same names in the same state, with each inode replaced. */
    SimNames copy(Function<SimInode, SimInode> inodes) {
        SimNames copy = new SimNames();
        live.forEach((name, inode) -> copy.live.put(name, inodes.apply(inode)));
        durable.forEach((name, inode) -> copy.durable.put(name, inodes.apply(inode)));
        for (Change change : pending) {
            TreeMap<String, Optional<SimInode>> replaced = new TreeMap<>();
            change.inodes().forEach((name, inode) -> replaced.put(name, inode.map(inodes)));
            copy.pending.add(new Change(change.sequence(), replaced));
        }
        return copy;
    }

    long fingerprint() {
        long hash = pending.size();
        for (Map<String, SimInode> names : List.of(live, durable)) {
            for (Map.Entry<String, SimInode> entry : names.entrySet()) {
                hash = (hash * 31 + entry.getKey().hashCode()) * 31
                        + entry.getValue().fingerprint();
            }
        }
        return hash;
    }

    private void change(long sequence, SortedMap<String, Optional<SimInode>> inodes) {
        Change change = new Change(sequence, inodes);
        change.applyTo(live);
        pending.add(change);
    }
}
