package io.firn.snapshot;

import com.github.benmanes.caffeine.cache.Cache;
import io.firn.objectstore.ByteRange;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A run that can be asked: its filter and the first hash of each block in memory, some 2.1 bytes an entry. Safe for threads. */
final class HashRun {
    private final SnapshotBucket bucket;
    private final Cache<Block, byte[]> blocks;
    private final String key;
    private final HashRunFormat.Footer footer;

    /** The first hashes, moved so that their order as signed numbers is that of the hashes. */
    private final long[] firsts;

    /** A block of a run, for the cache. */
    record Block(String run, int number) {}

    private HashRun(SnapshotBucket bucket, Cache<Block, byte[]> blocks, String key, HashRunFormat.Footer footer) {
        this.bucket = bucket;
        this.blocks = blocks;
        this.key = key;
        this.footer = footer;
        this.firsts = Arrays.stream(footer.firsts())
                .map(first -> first ^ Long.MIN_VALUE)
                .toArray();
    }

    /** Reads what is kept in memory; {@code Corrupt} when it is not there or damaged. */
    static HashRun open(SnapshotBucket bucket, Cache<Block, byte[]> blocks, String key) {
        byte[] end = tail(bucket, key, HashRunFormat.TRAILER_BYTES);
        byte[] tail = tail(bucket, key, HashRunFormat.footerBytes(end, key));
        return new HashRun(bucket, blocks, key, HashRunFormat.footer(tail, key));
    }

    private static byte[] tail(SnapshotBucket bucket, String key, int bytes) {
        return bucket.get(key, ByteRange.suffix(bytes))
                .orElseThrow(() -> HashRunFormat.damaged(key))
                .bytes();
    }

    String key() {
        return key;
    }

    int entries() {
        return footer.entries();
    }

    /** The entry of a hash: one read of a block at most, and none for nearly all that are not there. */
    Optional<HashEntry> find(ChunkHash hash) {
        if (!footer.filter().mayHave(hash)) {
            return Optional.empty();
        }
        int found = Arrays.binarySearch(firsts, hash.high() ^ Long.MIN_VALUE);
        int number = found >= 0 ? found : -2 - found;
        if (number < 0) {
            return Optional.empty();
        }
        byte[] block = block(number);
        int low = 0;
        int high = block.length / HashRunFormat.ENTRY_BYTES;
        while (low < high) {
            int middle = (low + high) >>> 1;
            HashEntry entry = HashRunFormat.entry(block, middle * HashRunFormat.ENTRY_BYTES);
            int order = entry.hash().compareTo(hash);
            if (order == 0) {
                return Optional.of(entry);
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return Optional.empty();
    }

    private byte[] block(int number) {
        Block id = new Block(key, number);
        byte[] cached = blocks.getIfPresent(id);
        if (cached != null) {
            return cached;
        }
        int length = HashRunFormat.blockBytes(footer.entries(), number);
        long from = HashRunFormat.HEADER_BYTES + (long) number * HashRunFormat.BLOCK_BYTES;
        byte[] read = bucket.get(key, ByteRange.of(from, from + length + Integer.BYTES - 1))
                .orElseThrow(() -> HashRunFormat.damaged(key))
                .bytes();
        if (!HashRunFormat.isWholeBlock(read, 0, length)) {
            throw HashRunFormat.damaged(key);
        }
        byte[] block = Arrays.copyOf(read, length);
        blocks.put(id, block);
        return block;
    }

    /** All entries, in ascending order, of blocks that are whole; reads the whole object. */
    Iterator<HashEntry> all() {
        byte[] run = bucket.get(key).map(SnapshotBucket.Stored::bytes).orElseGet(() -> new byte[0]);
        List<Integer> numbers = IntStream.range(0, firsts.length).boxed().toList();
        return numbers.stream().flatMap(number -> entriesOf(run, number)).iterator();
    }

    private Stream<HashEntry> entriesOf(byte[] run, int number) {
        int from = HashRunFormat.HEADER_BYTES + number * HashRunFormat.BLOCK_BYTES;
        int length = HashRunFormat.blockBytes(footer.entries(), number);
        if (!HashRunFormat.isWholeBlock(run, from, length)) {
            return Stream.empty();
        }
        return IntStream.range(0, length / HashRunFormat.ENTRY_BYTES)
                .mapToObj(at -> HashRunFormat.entry(run, from + at * HashRunFormat.ENTRY_BYTES));
    }
}
