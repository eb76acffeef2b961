package io.firn.server.ebs;

import io.firn.server.auth.Sha256;
import io.firn.server.ebs.EbsError.Invalid;
import io.firn.snapshot.Chunk;
import io.firn.snapshot.SnapshotDraft;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;

/**
 * What this process knows of a draft that clients fill: which blocks are being put, and the checksums of those that were. Nothing of it has
 * to survive: checksums that are not known are computed from what was stored.
 *
 * <p><b>Threads.</b> Safe for many; completing waits for puts under way, and holds off others.
 */
final class Upload {
    private final Sums budget;
    private final Set<Integer> underWay = ConcurrentHashMap.newKeySet();
    private final Map<Integer, byte[]> sums = new ConcurrentHashMap<>();
    private final ReentrantReadWriteLock turn = new ReentrantReadWriteLock();
    private volatile boolean isOver;

    Upload(Sums budget) {
        this.budget = budget;
    }

    /** Puts a block whose checksum was verified; durable on return. */
    void put(SnapshotDraft draft, int block, byte[] bytes, byte[] sha256) {
        if (!underWay.add(block)) {
            throw EbsError.invalid(
                    Invalid.CONFLICTING_BLOCK_UPDATE, "Block " + block + " is being put by another request.");
        }
        turn.readLock().lock();
        try {
            if (sums.remove(block) != null) {
                budget.giveBack(1);
            }
            draft.putBlock(block, ByteBuffer.wrap(bytes));
            if (!isOver && budget.take()) {
                sums.put(block, sha256);
            }
            draft.save();
        } finally {
            turn.readLock().unlock();
            underWay.remove(block);
        }
    }

    /** Runs what no put may be beside. */
    <T> T alone(Function<Upload, T> step) {
        turn.writeLock().lock();
        try {
            return step.apply(this);
        } finally {
            turn.writeLock().unlock();
        }
    }

    /** Forgets the checksums, once no blocks will be put any more. */
    void end() {
        turn.writeLock().lock();
        try {
            isOver = true;
            budget.giveBack(sums.size());
            sums.clear();
        } finally {
            turn.writeLock().unlock();
        }
    }

    /** How many blocks were put. */
    static int countBlocks(SnapshotDraft draft) {
        int count = 0;
        for (OptionalInt block = draft.nextPutBlock(0);
                block.isPresent();
                block = draft.nextPutBlock(block.getAsInt() + 1)) {
            count++;
        }
        return count;
    }

    /** EBS's LINEAR aggregate: SHA-256 over the SHA-256 of each block put, by index. Reads the blocks whose checksum is not known. */
    byte[] aggregate(SnapshotDraft draft) {
        draft.save();
        MessageDigest aggregate = Sha256.digest();
        ByteBuffer block = ByteBuffer.allocate(Chunk.BLOCK_BYTES);
        for (OptionalInt at = draft.nextPutBlock(0); at.isPresent(); at = draft.nextPutBlock(at.getAsInt() + 1)) {
            byte[] known = sums.get(at.getAsInt());
            if (known == null) {
                draft.readBlock(at.getAsInt(), block.clear());
                known = Sha256.of(block.array());
            }
            aggregate.update(known);
        }
        return aggregate.digest();
    }
}
