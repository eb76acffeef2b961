package io.firn.snapshot;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.firn.io.StorageException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/** Reads pages, through a cache of bounded memory, and finds chunks by them: three pages for each, at any size and any chain. */
final class Pages {
    private final Packs packs;
    private final Cache<PageRef, Page> cache;
    final LongAdder reads = new LongAdder();
    final LongAdder hits = new LongAdder();

    Pages(Packs packs, long cacheBytes) {
        this.packs = packs;
        this.cache = Caffeine.newBuilder()
                .maximumWeight(cacheBytes)
                .weigher((PageRef ref, Page page) -> page.memoryBytes())
                .executor(Runnable::run)
                .build();
    }

    /** How a tree holds a chunk. */
    ChunkEntry entry(PageRef root, int chunk) {
        PageRef ref = root;
        for (int level = Page.ROOT_LEVEL; level > 0; level--) {
            ref = inner(ref, level).children().get(chunk >>> Page.chunkBits(level - 1) & (Page.FANOUT - 1));
        }
        return leaf(ref).entries().get(chunk & (Page.FANOUT - 1));
    }

    /** The bytes of a chunk. */
    byte[] chunk(ChunkEntry entry) {
        if (!entry.isData()) {
            return new byte[Chunk.BYTES];
        }
        ChunkPlace place = entry.place();
        return entry.expand(packs.read(place.pack(), place.offset(), place.length()));
    }

    Page.Leaf leaf(PageRef ref) {
        return ref.isNone() ? Page.Leaf.EMPTY : (Page.Leaf) page(ref, 0);
    }

    Page.Inner inner(PageRef ref, int level) {
        return ref.isNone() ? Page.Inner.EMPTY : (Page.Inner) page(ref, level);
    }

    /** The slots of an inner page, or of a leaf. */
    List<PageRef> children(PageRef ref, int level) {
        return inner(ref, level).children();
    }

    private Page page(PageRef ref, int level) {
        Page cached = cache.getIfPresent(ref);
        if (cached != null) {
            hits.increment();
            return cached;
        }
        Page page = PageFormat.decode(bytes(ref), level);
        cache.put(ref, page);
        return page;
    }

    private byte[] bytes(PageRef ref) {
        reads.increment();
        return verified(ref, Stretch.of(packs.read(ref.pack(), ref.offset(), ref.length())))
                .bytes();
    }

    private static Stretch verified(PageRef ref, Stretch bytes) {
        if (bytes.crc() != ref.crc()) {
            throw new StorageException.Corrupt("the page of " + ref.length() + " bytes at offset " + ref.offset()
                    + " of pack " + ref.pack().key() + " does not carry its checksum");
        }
        return bytes;
    }

    /**
     * The stored bytes of pages, in their order, past the cache: for walks that look at each page once. Pages of a pack that follow each
     * other are read together.
     */
    List<Stretch> stored(List<PageRef> refs) {
        List<Stretch> all = new ArrayList<>(refs.size());
        int first = 0;
        while (first < refs.size()) {
            int end = first + 1;
            PackId pack = refs.get(first).pack();
            while (end < refs.size() && refs.get(end).pack().equals(pack)) {
                end++;
            }
            List<PageRef> together = refs.subList(first, end);
            if (!refs.get(first).isNone()) {
                List<Stretch> read = packs.read(
                        pack,
                        together.stream()
                                .map(ref -> new Packs.Item(ref.offset(), ref.length()))
                                .toList());
                for (int i = 0; i < read.size(); i++) {
                    all.add(verified(together.get(i), read.get(i)));
                }
                reads.add(read.size());
            } else {
                together.forEach(none -> all.add(Stretch.NONE));
            }
            first = end;
        }
        return all;
    }

    /** Reads a page from the object store, whatever the cache has, and verifies its hash too; returns its bytes' count. */
    int verify(PageRef ref, int level) {
        byte[] bytes = bytes(ref);
        ByteBuffer hash = PageFormat.hash(bytes);
        if (hash.getLong(0) != ref.hashHigh() || hash.getLong(Long.BYTES) != ref.hashLow()) {
            throw new StorageException.Corrupt("the page at offset " + ref.offset() + " of pack "
                    + ref.pack().key() + " does not carry its hash");
        }
        PageFormat.decode(bytes, level);
        return bytes.length;
    }
}
