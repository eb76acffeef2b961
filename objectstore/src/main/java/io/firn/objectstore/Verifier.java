package io.firn.objectstore;

import io.firn.extent.ExtentRef;
import io.firn.extent.Frame;
import io.firn.io.StorageException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Checks a frozen view of the store from end to end: every frame of every zone against its reference, every reference against what it
 * refers to, the counters against a count from scratch, and that no extent or blob is left that nothing explains.
 */
final class Verifier {
    private final Engine engine;
    private final List<String> problems = new ArrayList<>();
    private final Map<Long, Long> references = new HashMap<>();
    private final Map<Long, Long> storedReferences = new HashMap<>();
    private final Set<Long> blobIds = new HashSet<>();
    private final Set<Long> garbage = new HashSet<>();
    private final Map<Long, Long> live = new HashMap<>();
    private final Map<Long, Long> storedLive = new HashMap<>();
    private long versions;
    private long frames;
    private long bytes;

    Verifier(Engine engine) {
        this.engine = engine;
    }

    VerifyReport verify() {
        // Nothing that the view refers to is reclaimed while this reader is inside.
        long epoch = engine.epochs().enter();
        try (OrderedIndex.Cursor cursor = engine.index().cursor(new byte[0])) {
            for (; cursor.isValid(); cursor.next()) {
                visit(cursor.key(), cursor.value());
            }
        } finally {
            engine.epochs().leave(epoch);
        }
        compareCounters();
        return new VerifyReport(versions, blobIds.size(), frames, bytes, problems);
    }

    private void problem(String sentence) {
        if (problems.size() < VerifyReport.MAX_PROBLEMS) {
            problems.add(sentence);
        }
    }

    private void visit(byte[] key, byte[] value) {
        switch (key[0]) {
            case IndexKeys.OBJECT -> visitVersion(key, value);
            case IndexKeys.BLOB -> visitBlob(IndexKeys.number(key), IndexFormat.blob(value));
            case IndexKeys.PART -> refer(IndexFormat.part(value).blobId());
            case IndexKeys.REFERENCES -> storedReferences.put(IndexKeys.number(key), IndexBatch.counter(value));
            case IndexKeys.EXTENT -> storedLive.put(IndexKeys.number(key), IndexBatch.counter(value));
            case IndexKeys.GARBAGE -> garbage.add(IndexKeys.number(key));
            case IndexKeys.BUCKET, IndexKeys.META, IndexKeys.UPLOAD, IndexKeys.COMPLETED, IndexKeys.PARTS -> {}
            default -> problem("an index entry of unknown kind " + (char) key[0]);
        }
    }

    private void refer(long blobId) {
        references.merge(blobId, 1L, Long::sum);
    }

    private void visitVersion(byte[] key, byte[] value) {
        versions++;
        StoredVersion version = IndexFormat.version(value);
        switch (version.body()) {
            case Body.Empty() -> {
                if (version.lengthBytes() != 0) {
                    problem("object " + IndexKeys.objectKey(key) + " has a length and no bytes");
                }
            }
            case Body.Inline(ExtentRef frame) ->
                visitFrame(frame, "object " + IndexKeys.objectKey(key) + ", version " + version.ordinal());
            case Body.InBlob(long blobId) -> refer(blobId);
        }
    }

    private void visitBlob(long blobId, Blob blob) {
        blobIds.add(blobId);
        switch (blob) {
            case Blob.Frames(long length, List<ExtentRef> refs) -> {
                long sum = 0;
                for (ExtentRef frame : refs) {
                    visitFrame(frame, "blob " + blobId);
                    sum += frame.length();
                }
                if (sum != length) {
                    problem("blob " + blobId + " has " + sum + " bytes in frames, not " + length);
                }
            }
            case Blob.Segments(long length, int depth, List<Blob.Segment> segments) -> {
                long sum = 0;
                for (Blob.Segment segment : segments) {
                    refer(segment.blobId());
                    sum += segment.length();
                }
                if (sum != length) {
                    problem("blob " + blobId + " has " + sum + " bytes in segments, not " + length);
                }
            }
        }
    }

    private void visitFrame(ExtentRef frame, String owner) {
        live.merge(frame.extentId(), (long) Frame.encodedBytes(frame.length()), Long::sum);
        for (Zone zone : engine.zones().all()) {
            if (!zone.isReadable()) {
                continue;
            }
            try {
                zone.extents().verify(frame);
                frames++;
                bytes += frame.length();
            } catch (StorageException damaged) {
                problem(owner + ": zone " + zone.name() + ", extent " + frame.extentId() + " at offset "
                        + frame.offset() + ": " + damaged.getMessage());
            }
        }
    }

    private void compareCounters() {
        Set<Long> known = new HashSet<>(references.keySet());
        known.addAll(storedReferences.keySet());
        for (long blobId : known) {
            long counted = references.getOrDefault(blobId, 0L);
            long stored = storedReferences.getOrDefault(blobId, 0L);
            if (counted != stored) {
                problem("blob " + blobId + " is referred to " + counted + " times, not " + stored);
            }
            if (!blobIds.contains(blobId)) {
                problem("blob " + blobId + " is referred to and missing");
            }
        }
        for (long blobId : blobIds) {
            boolean isReferred = references.containsKey(blobId);
            if (isReferred == garbage.contains(blobId)) {
                problem("blob " + blobId + (isReferred ? " is referred to and marked as garbage" : " is an orphan"));
            }
        }
        Set<Long> extents = new HashSet<>(live.keySet());
        extents.addAll(storedLive.keySet());
        for (long extentId : extents) {
            long counted = live.getOrDefault(extentId, 0L);
            long stored = storedLive.getOrDefault(extentId, 0L);
            if (counted != stored) {
                problem("extent " + extentId + " has " + counted + " live bytes, not " + stored);
            }
        }
        for (Zone zone : engine.zones().all()) {
            for (long extentId : zone.isReadable() ? zone.extents().extents() : new long[0]) {
                boolean isExplained = storedLive.containsKey(extentId)
                        || engine.space().isInUse(extentId)
                        || engine.index().get(IndexKeys.of(IndexKeys.EXTENT, extentId)) != null;
                if (!isExplained) {
                    problem("zone " + zone.name() + " has extent " + extentId + ", which nothing refers to");
                }
            }
        }
    }
}
