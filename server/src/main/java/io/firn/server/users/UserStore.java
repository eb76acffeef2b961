package io.firn.server.users;

import io.firn.io.Disk;
import io.firn.io.Randomness;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * All users, root first of all, in memory and in one file.
 *
 * <p><b>Durability.</b> A change is on stable storage when its method returns: the whole file is written anew beside the old one, synced,
 * and renamed over it.
 *
 * <p><b>Threads.</b> Safe for use by many threads; lookups neither lock nor wait. The folder belongs to this object.
 */
public final class UserStore {
    private final UsersFile file;
    private final boolean isRootFromOutside;
    private final boolean isRootGenerated;
    private volatile Snapshot snapshot;

    private record Snapshot(Map<String, User> byName, Map<String, User> byAccessKey) {
        static Snapshot of(Iterable<User> users) {
            Map<String, User> byName = new TreeMap<>();
            Map<String, User> byAccessKey = new HashMap<>();
            for (User user : users) {
                byName.put(user.name(), user);
                byAccessKey.put(user.keys().accessKey(), user);
            }
            return new Snapshot(byName, byAccessKey);
        }
    }

    private UserStore(UsersFile file, List<User> users, boolean isRootFromOutside, boolean isRootGenerated) {
        this.file = file;
        this.isRootFromOutside = isRootFromOutside;
        this.isRootGenerated = isRootGenerated;
        this.snapshot = Snapshot.of(users);
    }

    /**
     * Reads the users, making root first when there is none.
     *
     * @param disk a folder for its owner only
     * @param rootKeys root's keys when they are given from outside: used and not stored. Otherwise the stored ones, generated at the
     *     first start
     */
    public static UserStore open(Disk disk, Optional<KeyPair> rootKeys) {
        UsersFile file = new UsersFile(disk);
        List<User> users = new ArrayList<>(file.read());
        Optional<User> stored = users.stream().filter(User::isRoot).findFirst();
        boolean isGenerated = stored.isEmpty() && rootKeys.isEmpty();
        // Root keeps its canonical id, which owns its buckets, whatever keys it is given later.
        User root = stored.orElseGet(() -> new User(
                User.ROOT,
                KeyPair.generate(),
                HexFormat.of().formatHex(Randomness.secureBytes(32)),
                Optional.empty(),
                User.ROOT));
        if (stored.isEmpty()) {
            users.add(root);
            file.write(users);
        }
        if (rootKeys.isPresent()) {
            users.removeIf(User::isRoot);
            users.add(root.with(rootKeys.get()));
        }
        return new UserStore(file, users, rootKeys.isPresent(), isGenerated);
    }

    /** True when root's keys were made by this start: the one time they are shown. */
    public boolean isRootGenerated() {
        return isRootGenerated;
    }

    public User root() {
        return byName(User.ROOT).orElseThrow();
    }

    public Optional<User> byName(String name) {
        return Optional.ofNullable(snapshot.byName.get(name));
    }

    /** Who signs with this access key. */
    public Optional<User> byAccessKey(String accessKey) {
        return Optional.ofNullable(snapshot.byAccessKey.get(accessKey));
    }

    public Optional<User> byCanonicalId(String canonicalId) {
        return all().stream()
                .filter(user -> user.canonicalId().equals(canonicalId))
                .findFirst();
    }

    public Optional<User> byEmail(String email) {
        return all().stream()
                .filter(user -> user.email().filter(email::equals).isPresent())
                .findFirst();
    }

    /** All users in the order of their names. */
    public List<User> all() {
        return List.copyOf(snapshot.byName.values());
    }

    /** What became of {@link #add}. */
    public sealed interface Added {
        /** The user can sign requests from now on. */
        record Done(User user) implements Added {}

        /** Another user has this already: nothing was changed. */
        record Taken(String what) implements Added {}
    }

    /** Adds a user; durable on return. */
    public synchronized Added add(User user) {
        Optional<String> taken = taken(user);
        if (taken.isPresent()) {
            return new Added.Taken(taken.get());
        }
        List<User> users = new ArrayList<>(all());
        users.add(user);
        replace(users);
        return new Added.Done(user);
    }

    private Optional<String> taken(User user) {
        if (byName(user.name()).isPresent()) {
            return Optional.of("name");
        }
        if (byAccessKey(user.keys().accessKey()).isPresent()) {
            return Optional.of("access key");
        }
        if (byCanonicalId(user.canonicalId()).isPresent()) {
            return Optional.of("canonical id");
        }
        return user.email().flatMap(this::byEmail).map(other -> "email");
    }

    /** Removes a user; durable on return. False when there is none of this name. Root stays: {@link IllegalArgumentException}. */
    public synchronized boolean remove(String name) {
        if (name.equals(User.ROOT)) {
            throw new IllegalArgumentException("root cannot be removed");
        }
        List<User> users = new ArrayList<>(all());
        boolean isRemoved = users.removeIf(user -> user.name().equals(name));
        if (isRemoved) {
            replace(users);
        }
        return isRemoved;
    }

    private void replace(List<User> users) {
        List<User> stored = new ArrayList<>(users);
        if (isRootFromOutside) {
            User kept = file.read().stream().filter(User::isRoot).findFirst().orElseThrow();
            stored.replaceAll(user -> user.isRoot() ? kept : user);
        }
        file.write(stored);
        snapshot = Snapshot.of(users);
    }
}
