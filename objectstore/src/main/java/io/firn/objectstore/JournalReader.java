package io.firn.objectstore;

import io.firn.io.Crc32c;
import io.firn.io.Disk;
import io.firn.io.DiskFile;
import io.firn.io.StorageException;
import io.firn.objectstore.JournalFormat.BatchHeader;
import io.firn.objectstore.StoreFormat.StoreId;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The read end of the journal: finds every whole batch in every zone, so that one zone's damage is made good by another, and tells a
 * torn tail from lost history.
 *
 * <p>The journal ends at the first sequence that no zone has. That is a torn tail, and fine, unless some later batch is whole or says
 * that the missing one had been durable: then acknowledged records are lost and {@link #checkTail} refuses. It also refuses when a
 * segment with batches has a damaged header in every zone: a header is durable before its first batch, so that is no torn write.
 */
final class JournalReader {
    private static final int CHUNK_BYTES = 1 << 20;

    private final StoreId store;
    private final NavigableSet<Long> segments = new TreeSet<>();
    private final TreeMap<Long, Location> batches = new TreeMap<>();
    private final Map<Zone, Set<Long>> firstSeqs = new LinkedHashMap<>();
    private final Set<String> scanned = new TreeSet<>();
    private final Set<String> readable = new TreeSet<>();
    private final TreeMap<String, String> damaged = new TreeMap<>();

    private record Location(Zone zone, String file, long offset, BatchHeader header) {
        DiskFile open() {
            return zone.disk().open(file, Disk.OpenMode.READ);
        }
    }

    /** What replay hands out: one record, its sequence, and the highest ordinal its batch knows. */
    @FunctionalInterface
    interface Consumer {
        void accept(long seq, Mutation mutation, long highestOrdinal);
    }

    JournalReader(List<Zone> zones, StoreId store, long fromSeq) {
        this.store = store;
        for (Zone zone : zones) {
            attempt(zone, zones.size(), () -> {
                for (String name : zone.disk().list(JournalFormat.FOLDER)) {
                    JournalFormat.firstSeq(name).ifPresent(segments::add);
                }
            });
        }
        for (Zone zone : zones) {
            attempt(zone, zones.size(), () -> scan(zone, fromSeq));
        }
    }

    /** With several zones, one that cannot be read is put out of use. */
    private void attempt(Zone zone, int zones, Runnable work) {
        if (!zone.isHealthy()) {
            return;
        }
        try {
            work.run();
        } catch (StorageException broken) {
            if (zones == 1) {
                throw broken;
            }
            firstSeqs.remove(zone);
            batches.values().removeIf(location -> location.zone() == zone);
            zone.fail(broken);
        }
    }

    private void scan(Zone zone, long fromSeq) {
        firstSeqs.put(zone, new HashSet<>());
        for (String name : zone.disk().list(JournalFormat.FOLDER)) {
            OptionalLong firstSeq = JournalFormat.firstSeq(name);
            if (firstSeq.isPresent() && mayHoldAfter(firstSeq.getAsLong(), fromSeq)) {
                scanned.add(name);
                scan(zone, JournalFormat.FOLDER + "/" + name, firstSeq.getAsLong());
            }
        }
    }

    /** First sequences of all segments seen. */
    NavigableSet<Long> segments() {
        return segments;
    }

    private boolean mayHoldAfter(long firstSeq, long fromSeq) {
        Long next = segments.higher(firstSeq);
        return next == null || next > fromSeq + 1;
    }

    private void scan(Zone zone, String file, long segmentSeq) {
        Long next = segments.higher(segmentSeq);
        long endSeq = next == null ? Long.MAX_VALUE : next;
        try (DiskFile open = zone.disk().open(file, Disk.OpenMode.READ)) {
            ByteBuffer header = ByteBuffer.allocate(JournalFormat.SEGMENT_HEADER_BYTES);
            open.read(header, 0);
            OptionalLong salt = JournalFormat.salt(header.flip(), store, segmentSeq);
            long length = open.length();
            long offset = JournalFormat.SEGMENT_HEADER_BYTES;
            if (salt.isEmpty()) {
                // A whole header of another segment is a recycled file that was not begun.
                if (!JournalFormat.isWhole(header) && nextMagic(new Window(open), offset, length) < length) {
                    damaged.putIfAbsent(file, "zone " + zone.name() + ", " + file + " at offset 0");
                }
                return;
            }
            readable.add(file);
            Window window = new Window(open);
            while (offset < length) {
                Optional<BatchHeader> found = batchAt(window, offset, salt.getAsLong(), length);
                if (found.isPresent()) {
                    BatchHeader batch = found.get();
                    if (batch.firstSeq() < endSeq) {
                        batches.putIfAbsent(batch.firstSeq(), new Location(zone, file, offset, batch));
                        firstSeqs.getOrDefault(zone, Set.of()).add(batch.firstSeq());
                    }
                    offset += batch.stride();
                } else {
                    offset = nextMagic(window, offset + JournalFormat.ALIGNMENT, length);
                }
            }
        }
    }

    /** A piece of a segment in memory: there may be a hundred thousand small batches, and in a recycled file as many stale ones behind them. */
    private static final class Window {
        private final DiskFile file;
        private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES).limit(0);
        private long start;

        Window(DiskFile file) {
            this.file = file;
        }

        /** Bytes of the file, fewer at its end; good until the next call. */
        ByteBuffer bytes(long offset, int length) {
            if (length > CHUNK_BYTES) {
                ByteBuffer own = ByteBuffer.allocate(length);
                file.read(own, offset);
                return own.flip();
            }
            if (offset < start || offset + length > start + chunk.limit()) {
                fill(offset);
            }
            int from = (int) (offset - start);
            return chunk.slice(from, Math.min(length, chunk.limit() - from));
        }

        /** What is in memory from here on, at least enough for a magic unless the file ends; good until the next call. */
        ByteBuffer ahead(long offset) {
            if (offset < start || offset + Integer.BYTES > start + chunk.limit()) {
                fill(offset);
            }
            int from = (int) (offset - start);
            return chunk.slice(from, chunk.limit() - from);
        }

        private void fill(long offset) {
            file.read(chunk.clear(), offset);
            chunk.flip();
            start = offset;
        }
    }

    private static Optional<BatchHeader> batchAt(Window file, long offset, long salt, long length) {
        ByteBuffer header = file.bytes(offset, JournalFormat.BATCH_HEADER_BYTES);
        return JournalFormat.batchHeader(header, 0, salt)
                .filter(found -> offset + JournalFormat.BATCH_HEADER_BYTES + found.bodyBytes() <= length
                        && Crc32c.of(file.bytes(offset + JournalFormat.BATCH_HEADER_BYTES, found.bodyBytes()))
                                == found.bodyCrc());
    }

    private static ByteBuffer body(DiskFile file, long offset, BatchHeader header) {
        ByteBuffer body = ByteBuffer.allocate(header.bodyBytes());
        file.read(body, offset + JournalFormat.BATCH_HEADER_BYTES);
        return body.flip();
    }

    /** The first place from {@code offset} on that could begin a batch, or {@code length}. */
    private static long nextMagic(Window file, long offset, long length) {
        long at = offset;
        while (at < length) {
            ByteBuffer ahead = file.ahead(at);
            int i = 0;
            for (; i + Integer.BYTES <= ahead.limit(); i += JournalFormat.ALIGNMENT) {
                if (ahead.getInt(i) == JournalFormat.BATCH_MAGIC) {
                    return at + i;
                }
            }
            at += Math.max(i, JournalFormat.ALIGNMENT);
        }
        return length;
    }

    /** Hands out every record after {@code fromSeq} in order and returns the last sequence there is. */
    long replay(long fromSeq, Consumer consumer) {
        long expected = fromSeq + 1;
        while (true) {
            var candidate = batches.floorEntry(expected);
            if (candidate == null || candidate.getValue().header().lastSeq() < expected) {
                return expected - 1;
            }
            Location location = candidate.getValue();
            try (DiskFile file = location.open()) {
                ByteBuffer body = body(file, location.offset(), location.header());
                long seq = location.header().firstSeq();
                for (int i = 0; i < location.header().records(); i++, seq++) {
                    int length = body.getInt();
                    ByteBuffer record = body.slice(body.position(), length);
                    body.position(body.position() + length);
                    if (seq >= expected) {
                        consumer.accept(
                                seq, Mutation.decode(record), location.header().highestOrdinal());
                    }
                }
                expected = seq;
            }
        }
    }

    /**
     * Makes what is replayed durable in every zone: gives each the batches up to {@code lastSeq} that another has and it lacks (a power
     * cut may have come between their syncs), and syncs what a process that was killed may have left in the page cache.
     */
    void complete(long lastSeq) {
        int zones = firstSeqs.size();
        Map.copyOf(firstSeqs)
                .forEach((zone, has) -> attempt(zone, zones, () -> {
                    for (String name : scanned) {
                        String file = JournalFormat.FOLDER + "/" + name;
                        if (zone.disk().exists(file)) {
                            try (DiskFile segment = zone.disk().open(file, Disk.OpenMode.WRITE)) {
                                segment.sync();
                            }
                        }
                    }
                    zone.disk().syncDirectory(JournalFormat.FOLDER);
                    for (Location location : batches.headMap(lastSeq, true).values()) {
                        if (!has.contains(location.header().firstSeq())) {
                            copy(location, zone);
                        }
                    }
                }));
    }

    private static void copy(Location location, Zone zone) {
        ByteBuffer header = ByteBuffer.allocate(JournalFormat.SEGMENT_HEADER_BYTES);
        ByteBuffer batch = ByteBuffer.allocate(
                JournalFormat.BATCH_HEADER_BYTES + location.header().bodyBytes());
        try (DiskFile source = location.open()) {
            source.read(header, 0);
            source.read(batch, location.offset());
        }
        Disk disk = zone.disk();
        Disk.OpenMode mode = disk.exists(location.file()) ? Disk.OpenMode.WRITE : Disk.OpenMode.CREATE;
        try (DiskFile target = disk.open(location.file(), mode)) {
            target.write(header.flip(), 0);
            target.write(batch.flip(), location.offset());
            target.sync();
        }
        disk.syncDirectory(JournalFormat.FOLDER);
    }

    /**
     * Refuses when records after {@code lastSeq} were acknowledged once.
     *
     * @param durableSeq what the checkpoint states to have been durable
     */
    void checkTail(long lastSeq, long durableSeq) {
        damaged.forEach((file, where) -> {
            if (!readable.contains(file)) {
                throw new StorageException.Corrupt("the journal lost acknowledged records: " + where
                        + " has batches but a damaged header, and no zone has it whole");
            }
        });
        if (lastSeq < durableSeq) {
            String newest = segments.isEmpty() ? "no segment is left" : JournalFormat.segmentName(segments.last());
            throw new StorageException.Corrupt(
                    "the journal lost acknowledged records " + (lastSeq + 1) + " to " + durableSeq
                            + ", which the checkpoint states: no zone has them whole (newest segment: " + newest + ")");
        }
        var later = batches.higherEntry(lastSeq);
        if (later != null && later.getValue().header().durableSeq() > lastSeq) {
            Location location = later.getValue();
            throw new StorageException.Corrupt("the journal lost acknowledged records "
                    + (lastSeq + 1) + " to " + location.header().durableSeq() + ": zone "
                    + location.zone().name() + ", "
                    + location.file() + " at offset " + location.offset()
                    + " follows them, and no zone has them whole");
        }
    }
}
