package io.firn.testkit;

import io.firn.io.Disk;
import io.firn.io.DiskFile;
import io.firn.io.DiskName;
import io.firn.io.Randomness;
import io.firn.io.StorageException;
import io.firn.testkit.DiskCall.Operation;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;

/**
 * A disk in memory that keeps only what it promised: the worst that a real one may do, on demand and from a seed.
 *
 * <p><b>Crashes.</b> Writes and names are volatile until synced. {@link #crash} gives one disk that may be found after a power failure:
 * unsynced writes dropped, reordered, torn at 512 B or 4 KiB; lengths old or new; unsynced names there or not. {@link #crashAtSync}
 * and {@link Fault#POWER_FAILURE} choose the moment; {@link CrashPoints} tries every one. {@link #kill} is the death of the process
 * alone: nothing is lost, yet what was unsynced still is.
 *
 * <p><b>Faults.</b> Calls are made to fail by predicate ({@link #inject}), once ({@link #injectOnce}) or at the n-th call
 * ({@link #injectAt}); a capacity makes it full; {@link #flipBit} rots it. A failed sync behaves as Linux does (see
 * {@link Fault#IO_ERROR}). {@link DiskFile#transferTo} often sends less than it could.
 *
 * <p><b>Threads.</b> Safe for many, under one lock; the history is the same for the same seed only if one thread drives it.
 */
public final class SimDisk implements Disk {
    private static final long UNLIMITED_BYTES = 1L << 50;

    private record Rule(Fault fault, Predicate<DiskCall> when, boolean once) {}

    private final RandomGenerator random;
    private final SimNames names;
    private final Map<Operation, Long> calls = new EnumMap<>(Operation.class);
    private final List<Rule> rules = new ArrayList<>();
    private final TreeSet<SimFile> open = new TreeSet<>();
    private long capacityBytes = UNLIMITED_BYTES;
    private long sequence;
    private long handles;
    private long syncs;
    private long crashAtSync;
    private boolean off;

    /** An empty disk; the seed decides how faults take effect. */
    public SimDisk(long seed) {
        this(seed, new SimNames());
    }

    private SimDisk(long seed, SimNames names) {
        this.random = Randomness.seeded(seed);
        this.names = names;
    }

    // What a test does to the disk.

    /**
     * The disk that is found after a power failure now, or at the one that has happened: one of the possible images, chosen by the
     * seed. This disk stays as it is, so more images can be taken; its handles throw {@link PowerFailure} from now on.
     */
    public synchronized SimDisk crash(long seed) {
        off = true;
        List<SimInode> inodes = names.reachable();
        long[] unsynced = LongStream.concat(
                        names.pendingSequences().stream().mapToLong(Long::longValue),
                        inodes.stream()
                                .flatMap(inode -> inode.pendingSequences().stream())
                                .mapToLong(Long::longValue))
                .sorted()
                .toArray();
        CrashPlan plan = new CrashPlan(seed, unsynced);
        // In the order of the names, so that the same seed gives the same image.
        Map<SimInode, SimInode> found = new HashMap<>();
        inodes.forEach(inode -> found.put(inode, inode.crashed(plan)));
        return successor(seed, names.crashed(plan, replaced(found)));
    }

    /** The disk as the next process finds it after this one was killed: all that was written is there, unsynced still unsynced. */
    public synchronized SimDisk kill() {
        SimDisk next = copy();
        off = true;
        return next;
    }

    /** A copy in the same state, to look into or to try something on; this disk goes on. Faults are not copied. */
    public synchronized SimDisk copy() {
        Map<SimInode, SimInode> copies = new HashMap<>();
        names.reachable().forEach(inode -> copies.put(inode, inode.copy()));
        return successor(sequence, names.copy(replaced(copies)));
    }

    /** Calls so far that make something durable: file syncs, folder syncs, and makings of new folders. */
    public synchronized long syncCount() {
        return syncs;
    }

    /** Calls of an operation so far. */
    public synchronized long callCount(Operation operation) {
        return calls.getOrDefault(operation, 0L);
    }

    /** The power fails at the {@code n}-th sync, counted from 1 over the life of this disk: that sync throws and promises nothing. */
    public synchronized void crashAtSync(long n) {
        crashAtSync = n;
    }

    /** True when the power has failed. */
    public synchronized boolean isOff() {
        return off;
    }

    /** Every call that the predicate accepts fails so. */
    public synchronized void inject(Fault fault, Predicate<DiskCall> when) {
        rules.add(new Rule(fault, when, false));
    }

    /** The next call that the predicate accepts fails so. */
    public synchronized void injectOnce(Fault fault, Predicate<DiskCall> when) {
        rules.add(new Rule(fault, when, true));
    }

    /** The {@code n}-th call of an operation from now, counted from 1, fails so. */
    public synchronized void injectAt(Fault fault, Operation operation, long n) {
        long number = callCount(operation) + n;
        injectOnce(fault, call -> call.operation() == operation && call.number() == number);
    }

    /** Forgets all faults that were injected. */
    public synchronized void clearFaults() {
        rules.clear();
    }

    /** The disk is full when its files hold this many bytes, counted in pages of 4 KiB. */
    public synchronized void limitCapacity(long bytes) {
        capacityBytes = bytes;
    }

    /** Turns a bit of what the disk holds, as a decaying medium does. */
    public synchronized void flipBit(String name, long offset, int bit) {
        SimInode inode = names.find(name).orElseThrow(() -> new IllegalArgumentException("no file " + name));
        if (offset < 0 || offset >= inode.live().length() || bit < 0 || bit > 7) {
            throw new IllegalArgumentException("no bit " + bit + " at " + offset + " in " + name);
        }
        inode.flipBit(offset, bit);
    }

    /** All files (not folders), in order. */
    public synchronized List<String> files() {
        return names.live().entrySet().stream()
                .filter(entry -> !entry.getValue().isFolder())
                .map(Map.Entry::getKey)
                .toList();
    }

    /** The names of the files that are open, one for each handle: a test's end should leave none. */
    public synchronized List<String> openFiles() {
        return open.stream().map(SimFile::name).toList();
    }

    /** A number that differs when names, bytes, or what of them is durable differ. */
    public synchronized long fingerprint() {
        return names.fingerprint();
    }

    // What programs do.

    @Override
    public synchronized DiskFile open(String name, OpenMode mode) {
        DiskName.requireFile(name);
        Optional<Fault> fault = enter(Operation.OPEN, name, 0, 0);
        fault.filter(found -> found != Fault.POWER_FAILURE).ifPresent(found -> fail(found, "open " + name));
        Optional<SimInode> inode = names.find(name);
        if (mode == OpenMode.CREATE) {
            if (inode.isPresent()) {
                throw new StorageException.Unavailable("create " + name + ": it exists");
            }
            createDirectory(DiskName.parent(name));
            inode = Optional.of(new SimInode(false));
            names.create(++sequence, name, inode.get());
        }
        fault.ifPresent(found -> fail(found, "open " + name));
        SimInode found = inode.filter(node -> !node.isFolder())
                .orElseThrow(() -> new StorageException.Unavailable("open " + name + ": no such file"));
        SimFile file = new SimFile(this, found, name, mode != OpenMode.READ, handles++);
        open.add(file);
        return file;
    }

    @Override
    public synchronized boolean exists(String name) {
        requireOn();
        return DiskName.requireDirectory(name).isEmpty() || names.find(name).isPresent();
    }

    @Override
    public synchronized List<String> list(String directory) {
        DiskName.requireDirectory(directory);
        enter(Operation.LIST, directory, 0, 0).ifPresent(fault -> fail(fault, "list " + directory));
        if (names.find(directory).filter(inode -> !inode.isFolder()).isPresent()) {
            throw new StorageException.Unavailable("list " + directory + ": it is a file");
        }
        return names.below(directory).keySet().stream()
                .filter(name -> DiskName.parent(name).equals(directory))
                .map(DiskName::last)
                .sorted()
                .toList();
    }

    @Override
    public synchronized void createDirectory(String directory) {
        DiskName.requireDirectory(directory);
        requireOn();
        if (names.isFolder(directory)) {
            return;
        }
        if (names.find(directory).isPresent()) {
            throw new StorageException.Unavailable("create folder " + directory + ": it is a file");
        }
        createDirectory(DiskName.parent(directory));
        enter(Operation.CREATE_DIRECTORY, directory, 0, 0)
                .ifPresent(fault -> fail(fault, "create folder " + directory));
        countSync("create folder " + directory);
        names.createDurably(++sequence, directory, new SimInode(true));
    }

    @Override
    public synchronized void delete(String name) {
        DiskName.requireFile(name);
        Optional<Fault> fault = enter(Operation.DELETE, name, 0, 0);
        if (!names.below(name).isEmpty()) {
            throw new StorageException.Unavailable("delete " + name + ": the folder is not empty");
        }
        changeNames(fault, "delete " + name, () -> {
            if (names.find(name).isPresent()) {
                names.delete(++sequence, name);
            }
        });
    }

    @Override
    public synchronized void rename(String from, String to) {
        DiskName.requireFile(from);
        DiskName.requireFile(to);
        String what = "rename " + from + " to " + to;
        Optional<Fault> fault = enter(Operation.RENAME, from, 0, 0);
        if (names.find(from).filter(inode -> !inode.isFolder()).isEmpty()) {
            throw new StorageException.Unavailable(what + ": no such file");
        }
        if (names.isFolder(to) || !names.isFolder(DiskName.parent(to))) {
            throw new StorageException.Unavailable(what + ": the target is a folder, or not in one");
        }
        changeNames(fault, what, () -> {
            if (!from.equals(to)) {
                names.rename(++sequence, from, to);
            }
        });
    }

    @Override
    public synchronized void syncDirectory(String directory) {
        DiskName.requireDirectory(directory);
        String what = "sync folder " + directory;
        enter(Operation.SYNC_DIRECTORY, directory, 0, 0).ifPresent(fault -> fail(fault, what));
        if (!names.isFolder(directory)) {
            throw new StorageException.Unavailable(what + ": no such folder");
        }
        countSync(what);
        names.sync(directory);
    }

    @Override
    public synchronized long usableBytes() {
        requireOn();
        long heldBytes = names.live().values().stream()
                .mapToLong(inode -> inode.live().heldBytes())
                .sum();
        return Math.max(0, capacityBytes - heldBytes);
    }

    // What its files do, under this object's lock.

    /** Counts a call and gives the fault it must end with. */
    Optional<Fault> enter(Operation operation, String name, long offset, long length) {
        requireOn();
        DiskCall call = new DiskCall(operation, name, offset, length, calls.merge(operation, 1L, Long::sum));
        Optional<Rule> broken =
                rules.stream().filter(rule -> rule.when().test(call)).findFirst();
        broken.filter(Rule::once).ifPresent(rules::remove);
        return broken.map(Rule::fault);
    }

    void requireOn() {
        if (off) {
            throw new PowerFailure("the power has failed");
        }
    }

    /** Throws what a fault means; for a power failure, the power is gone. */
    void fail(Fault fault, String what) {
        switch (fault) {
            case IO_ERROR -> throw new StorageException.DiskFailed(what + ": injected I/O error", null);
            case NO_SPACE -> throw new StorageException.OutOfSpace(what + ": injected, no space left", null);
            case UNAVAILABLE -> throw new StorageException.Unavailable(what + ": injected, not now");
            case POWER_FAILURE -> {
                off = true;
                throw new PowerFailure("the power fails at: " + what);
            }
        }
    }

    void countSync(String what) {
        syncs++;
        if (syncs == crashAtSync) {
            fail(Fault.POWER_FAILURE, "sync " + syncs + ", " + what);
        }
    }

    long nextSequence() {
        return ++sequence;
    }

    RandomGenerator random() {
        return random;
    }

    /** How many of {@code length} bytes fit at an offset of a file. */
    int fitting(SimInode inode, long offset, int length) {
        if (capacityBytes == UNLIMITED_BYTES) {
            return length;
        }
        long usableBytes = usableBytes();
        int fitting = length;
        while (fitting > 0 && inode.live().growthBytes(offset, fitting) > usableBytes) {
            fitting -= Math.min(fitting, SparseBytes.PAGE_BYTES);
        }
        return fitting;
    }

    void closed(SimFile file) {
        open.remove(file);
    }

    private void changeNames(Optional<Fault> fault, String what, Runnable change) {
        if (fault.isPresent()) {
            // An error is reported before anything was done; a power failure may come after.
            if (fault.get() == Fault.POWER_FAILURE) {
                change.run();
            }
            fail(fault.get(), what);
        }
        change.run();
    }

    private SimDisk successor(long seed, SimNames found) {
        SimDisk next = new SimDisk(seed, found);
        next.capacityBytes = capacityBytes;
        next.sequence = sequence;
        return next;
    }

    private static Function<SimInode, SimInode> replaced(Map<SimInode, SimInode> inodes) {
        return inode -> Optional.ofNullable(inodes.get(inode)).orElseThrow();
    }
}
