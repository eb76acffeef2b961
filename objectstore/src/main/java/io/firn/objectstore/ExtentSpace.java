package io.firn.objectstore;

import io.firn.extent.EncodedFrame;
import io.firn.extent.Frame;
import io.firn.extent.FrameOwner;
import io.firn.io.Invariant;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Gives out places in extents: every frame gets coordinates that are the same in all zones and are never given out twice.
 *
 * <p>Small frames, which the journal carries, and large ones, which are synced on their own, grow in different extents.
 *
 * <p><b>Threads.</b> Safe for use by many threads.
 */
final class ExtentSpace {
    private final Zones zones;
    private final AtomicLong ordinals;
    private final long extentBytes;

    private final Map<Stream, Open> open = new HashMap<>();
    private final Map<Long, Integer> unwritten = new HashMap<>();
    private final Set<Long> unsealed = new HashSet<>();
    private final Set<Long> unsyncedSmall = new HashSet<>();
    private volatile long placedBytes;

    /** Who makes frames durable. */
    enum Stream {
        /** The journal, until a checkpoint syncs the extent. */
        JOURNALED,
        /** The writer, before its record is committed. */
        DIRECT
    }

    private static final class Open {
        private final long extentId;
        private long end = Frame.FIRST_OFFSET;

        Open(long extentId) {
            this.extentId = extentId;
        }
    }

    ExtentSpace(Zones zones, AtomicLong ordinals, long extentBytes) {
        this.zones = zones;
        this.ordinals = ordinals;
        this.extentBytes = extentBytes;
    }

    /** Makes a frame of {@code payload} with a place of its own; it must be {@linkplain #written reported} as written or given up. */
    EncodedFrame place(Stream stream, FrameOwner owner, ByteBuffer payload) {
        int bytes = Frame.encodedBytes(payload.remaining());
        long extentId;
        long offset;
        synchronized (this) {
            Open extent = open.get(stream);
            if (extent == null || (extent.end + bytes > extentBytes && extent.end > Frame.FIRST_OFFSET)) {
                extent = new Open(ordinals.incrementAndGet());
                zones.create(extent.extentId);
                open.put(stream, extent);
                unsealed.add(extent.extentId);
            }
            extentId = extent.extentId;
            offset = extent.end;
            extent.end += bytes;
            placedBytes += bytes;
            unwritten.merge(extentId, 1, Integer::sum);
            if (stream == Stream.JOURNALED) {
                unsyncedSmall.add(extentId);
            }
        }
        return Frame.encode(extentId, offset, owner, payload);
    }

    /** Bytes that were given a place since the store was opened. */
    long placedBytes() {
        return placedBytes;
    }

    /** The frame is written, or will never be. */
    synchronized void written(EncodedFrame frame) {
        long extentId = frame.ref().extentId();
        Integer left = unwritten.merge(extentId, -1, Integer::sum);
        Invariant.check(left >= 0, "extent %d has %d frames to be written", extentId, left);
        if (left == 0) {
            unwritten.remove(extentId);
        }
    }

    /** The extents that have taken small frames since the last call; they are what a checkpoint syncs. */
    synchronized List<Long> takeUnsyncedSmall() {
        List<Long> extents = new ArrayList<>(unsyncedSmall);
        // A frame that has its place may be written after this sync: its extent is named again.
        unsyncedSmall.retainAll(unwritten.keySet());
        extents.sort(null);
        return extents;
    }

    /** These have not been synced after all. */
    synchronized void putBackUnsyncedSmall(List<Long> extents) {
        unsyncedSmall.addAll(extents);
    }

    /** Extents made since the store was opened that will take no more frames, each named once. */
    synchronized List<Long> takeSealable() {
        List<Long> sealable = new ArrayList<>();
        for (Long extentId : unsealed) {
            boolean isOpen = open.values().stream().anyMatch(extent -> extent.extentId == extentId);
            if (!isOpen && !unwritten.containsKey(extentId)) {
                sealable.add(extentId);
            }
        }
        unsealed.removeAll(sealable);
        sealable.sort(null);
        return sealable;
    }

    /** True when the extent may still take frames, or has some whose owner is not committed yet. */
    synchronized boolean isInUse(long extentId) {
        return unsealed.contains(extentId) || unwritten.containsKey(extentId);
    }
}
