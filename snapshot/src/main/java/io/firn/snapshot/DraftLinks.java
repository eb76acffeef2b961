package io.firn.snapshot;

import io.firn.io.StorageException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import org.roaringbitmap.RoaringBitmap;

/**
 * How a draft finds chunks that its tenant has stored before, in it or in any snapshot that completed, and lets others find its own. What is
 * linked to is read and compared, so that equal hashes alone never make a link.
 *
 * <p>Chunks of the draft itself can be linked to once their pack is durable, so that a draft that is read back after a crash has no link that
 * leads nowhere; and not while that is a small one, whose chunks are written again in the end. After a restart the chunks that it had before are
 * not found any more.
 *
 * <p>Safe for threads.
 */
final class DraftLinks {
    /** What is stored in less is not worth a link, its record and the look-up. */
    private static final int STORED_BYTES_MIN = 4096;

    private final Engine engine;
    private final Tenant tenant;
    private final long birth;

    /** Numbers of packs whose chunks can be linked to. */
    private final RoaringBitmap settled = new RoaringBitmap();

    private DraftHashes hashes;

    DraftLinks(Engine engine, Tenant tenant, long birth) {
        this.engine = engine;
        this.tenant = tenant;
        this.birth = birth;
        this.hashes = new DraftHashes(birth);
    }

    ChunkHash hash(byte[] chunk) {
        return tenant.hash(chunk);
    }

    /** Where these very bytes are, kept from going until the draft completes or is purged. */
    Optional<ChunkPlace> find(ChunkHash hash, byte[] chunk, int crc) {
        Optional<HashEntry> own = own(hash).filter(entry -> isThere(entry, chunk, crc));
        return own.or(() -> tenant.runs().find(hash, entry -> isThere(entry, chunk, crc)))
                .map(HashEntry::place);
    }

    private synchronized Optional<HashEntry> own(ChunkHash hash) {
        return hashes.find(hash);
    }

    private boolean isThere(HashEntry entry, byte[] chunk, int crc) {
        ChunkPlace place = entry.place();
        return entry.crc() == crc
                && isSettled(place.pack())
                && engine.links().pin(birth, place.pack(), place.offset())
                && isStored(place, chunk, crc);
    }

    private synchronized boolean isSettled(PackId pack) {
        return pack.birth() == birth
                ? settled.contains(pack.number())
                : !engine.catalogue().isDraft(pack.birth());
    }

    private boolean isStored(ChunkPlace place, byte[] chunk, int crc) {
        ChunkEntry entry = ChunkEntry.data(place.pack(), place.offset(), place.length(), crc);
        try {
            return Arrays.equals(engine.pages().chunk(entry), chunk);
        } catch (StorageException unread) {
            // Gone, damaged or out of reach: the chunk is stored.
            return false;
        }
    }

    /** Notes a chunk that the draft stored. */
    synchronized void add(ChunkHash hash, ChunkEntry entry) {
        if (entry.length() < STORED_BYTES_MIN) {
            return;
        }
        if (hashes.isFull()) {
            tenant.runs().add(hashes, Map.of());
            hashes = new DraftHashes(birth);
        }
        hashes.put(hash, entry);
    }

    /** Notes that a pack is durable and as it will stay. */
    synchronized void settle(PackId pack) {
        settled.add(pack.number());
    }

    /** To be told of the chunks of packs that are written again. */
    synchronized DraftHashes.Moves moves(Collection<PackId> packs) {
        RoaringBitmap numbers = new RoaringBitmap();
        packs.forEach(pack -> numbers.add(pack.number()));
        return hashes.moves(numbers);
    }

    /** Lets others find the draft's chunks, now that it counts; nothing is added after it. */
    synchronized void complete(Map<PackId, RoaringBitmap> superseded) {
        tenant.runs().add(hashes, superseded);
        hashes = new DraftHashes(birth);
    }
}
