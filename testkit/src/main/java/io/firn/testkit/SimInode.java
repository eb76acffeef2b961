package io.firn.testkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/**
 * A simulated file or folder, apart from its names. A file has what programs see (live), what the disk holds (durable), and the changes
 * between the two in order (pending).
 *
 * <p>After a crash each sector holds one of the states it went through since the last sync, as a page cache writes whole sectors in
 * whatever order; the length holds one of its states too. A length without its data reads as zeros.
 */
final class SimInode {

    /** Bytes put at an offset, and the length the file has then. A cut puts zeros where bytes were. */
    @SuppressWarnings("ArrayRecordComponent") // changes are never compared, and the bytes never written to
    private record Change(long sequence, long offset, byte[] bytes, long lengthAfter) {}

    private final boolean folder;
    private SparseBytes live = new SparseBytes();
    private SparseBytes durable = new SparseBytes();
    private final List<Change> pending = new ArrayList<>();

    SimInode(boolean folder) {
        this.folder = folder;
    }

    boolean isFolder() {
        return folder;
    }

    SparseBytes live() {
        return live;
    }

    List<Long> pendingSequences() {
        return pending.stream().map(Change::sequence).toList();
    }

    void write(long sequence, byte[] bytes, int length, long offset) {
        byte[] written = Arrays.copyOf(bytes, length);
        live.write(written, 0, length, offset);
        pending.add(new Change(sequence, offset, written, live.length()));
    }

    void truncate(long sequence, long length) {
        // Zeros matter only where there were bytes: a hole stays a hole.
        for (long page : live.pagesFrom(length)) {
            long start = Math.max(length, page * SparseBytes.PAGE_BYTES);
            long end = Math.min(live.length(), (page + 1) * SparseBytes.PAGE_BYTES);
            pending.add(new Change(sequence, start, new byte[(int) Math.max(0, end - start)], length));
        }
        pending.add(new Change(sequence, length, new byte[0], length));
        live.setLength(length);
    }

    void sync() {
        for (Change change : pending) {
            apply(durable, change);
        }
        pending.clear();
    }

    /** Persists a part of what is pending and forgets the rest, though programs go on seeing it. */
    void failSync(CrashPlan plan) {
        durable = image(plan);
        pending.clear();
    }

    void flipBit(long offset, int bit) {
        live.flipBit(offset, bit);
        durable.flipBit(offset, bit);
    }

    /** A copy that is in the same state, unsynced changes included. */
    SimInode copy() {
        SimInode copy = new SimInode(folder);
        copy.live = live.copy();
        copy.durable = durable.copy();
        copy.pending.addAll(pending);
        return copy;
    }

    /** What is found after a crash: live and durable are one. */
    SimInode crashed(CrashPlan plan) {
        SimInode crashed = new SimInode(folder);
        crashed.durable = image(plan);
        crashed.live = crashed.durable.copy();
        return crashed;
    }

    long fingerprint() {
        return (live.fingerprint() * 31 + durable.fingerprint()) * 31 + pending.size();
    }

    private SparseBytes image(CrashPlan plan) {
        SparseBytes image = durable.copy();
        TreeMap<Long, List<Change>> sectors = new TreeMap<>();
        int sectorBytes = plan.tearBytes();
        for (Change change : pending) {
            long end = change.offset() + change.bytes().length;
            for (long sector = change.offset() / sectorBytes; sector * sectorBytes < end; sector++) {
                sectors.computeIfAbsent(sector, key -> new ArrayList<>()).add(change);
            }
        }
        sectors.forEach((sector, changes) -> {
            int kept =
                    plan.keptStates(changes.stream().mapToLong(Change::sequence).toArray());
            for (Change change : changes.subList(0, kept)) {
                putSector(image, change, sector * sectorBytes, sectorBytes);
            }
        });
        int kept = plan.keptStates(pending.stream().mapToLong(Change::sequence).toArray());
        long length = kept == 0 ? durable.length() : pending.get(kept - 1).lengthAfter();
        long reached = Math.max(
                length,
                pending.stream()
                        .mapToLong(change -> change.offset() + change.bytes().length)
                        .max()
                        .orElse(0));
        // First over everything that was put, then back: what lies beyond the length is cut.
        image.setLength(Math.max(reached, image.length()));
        image.setLength(length);
        return image;
    }

    private static void putSector(SparseBytes image, Change change, long sectorStart, int sectorBytes) {
        long from = Math.max(sectorStart, change.offset());
        long to = Math.min(sectorStart + sectorBytes, change.offset() + change.bytes().length);
        image.put(change.bytes(), (int) (from - change.offset()), (int) (to - from), from);
    }

    private static void apply(SparseBytes bytes, Change change) {
        bytes.put(change.bytes(), 0, change.bytes().length, change.offset());
        bytes.setLength(Math.max(bytes.length(), change.offset() + change.bytes().length));
        bytes.setLength(change.lengthAfter());
    }
}
