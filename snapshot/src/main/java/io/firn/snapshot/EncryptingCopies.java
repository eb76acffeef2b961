package io.firn.snapshot;

import io.firn.io.StorageException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Copies of snapshots in the clear that are to be encrypted, which can share nothing: each is a draft that says of what it is the copy, and
 * is put a piece at a time, after a restart from where it was. Belongs to the background task.
 */
final class EncryptingCopies {
    /** Names the source in the settings of a draft, and in those of the copy for good. */
    static final String SOURCE = "encrypted copy of";

    private static final int CHUNKS_PER_STEP = 32;

    private final SnapshotStore store;

    /** Up to where each was put, by this process. */
    private final Map<SnapshotId, Integer> next = new HashMap<>();

    EncryptingCopies(SnapshotStore store) {
        this.store = store;
    }

    /** Does a piece of a copy; false when the pending snapshot is not one. */
    boolean step(SnapshotInfo info) {
        Optional<SnapshotId> source =
                Optional.ofNullable(info.settings().get(SOURCE)).flatMap(SnapshotId::parse);
        Optional<SnapshotDraft> found = source.isPresent() ? store.draft(info.id()) : Optional.empty();
        if (found.isEmpty()) {
            return false;
        }
        SnapshotDraft draft = found.get();
        OptionalInt rest;
        try {
            rest = put(draft, readable(source.get()));
        } catch (StorageException.Corrupt damaged) {
            fail(draft, source.get(), "is damaged: " + damaged.getMessage());
            return true;
        } catch (StorageException.Closed gone) {
            fail(draft, source.get(), "was deleted or archived meanwhile");
            return true;
        }
        if (rest.isPresent()) {
            next.put(draft.id(), rest.getAsInt());
        } else {
            draft.complete();
            next.remove(draft.id());
        }
        return true;
    }

    private void fail(SnapshotDraft draft, SnapshotId source, String why) {
        next.remove(draft.id());
        draft.fail("snapshot " + source + ", of which it is a copy, " + why);
    }

    private Snapshot readable(SnapshotId id) {
        return store.snapshot(id)
                .filter(snapshot -> snapshot.info().tier() == SnapshotTier.STANDARD)
                .orElseThrow(() -> new StorageException.Closed("snapshot " + id + " cannot be read any more"));
    }

    /** From where on there is more to put. */
    private OptionalInt put(SnapshotDraft draft, Snapshot source) {
        draft.expect(source.info().writtenChunks());
        ChunkPage page = source.writtenChunks(next.getOrDefault(draft.id(), 0), CHUNKS_PER_STEP);
        ByteBuffer chunk = ByteBuffer.allocate(Chunk.BYTES);
        for (ChunkRun run : page.runs()) {
            for (int index = run.first(); index < run.end(); index++) {
                if (!draft.isPut(index)) {
                    source.readChunk(index, chunk.clear());
                    draft.put(index, chunk.flip());
                }
            }
        }
        return page.next();
    }
}
