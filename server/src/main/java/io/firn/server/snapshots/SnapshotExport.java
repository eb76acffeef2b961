package io.firn.server.snapshots;

import io.firn.nbd.ExportProfile;
import io.firn.nbd.ExtentMap;
import io.firn.nbd.ReadOnlyExport;
import io.firn.snapshot.Chunk;
import io.firn.snapshot.ChunkPage;
import io.firn.snapshot.ChunkRun;
import io.firn.snapshot.Snapshot;
import io.firn.snapshot.SnapshotId;
import io.firn.snapshot.SnapshotStore;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.ToIntFunction;

/**
 * A snapshot as a disk that is only read. Its contexts, in units of 64 KiB: {@code base:allocation}, and
 * {@code qemu:dirty-bitmap:since-SNAPSHOT} of what differs from any other snapshot; the parent's is listed.
 */
final class SnapshotExport implements ReadOnlyExport {
    private static final String ALLOCATION = "base:allocation";
    private static final String SINCE = "qemu:dirty-bitmap:since-";
    private static final int PAGE_CHUNKS = 4096;

    private final Snapshot snapshot;
    private final SnapshotStore store;

    SnapshotExport(Snapshot snapshot, SnapshotStore store) {
        this.snapshot = snapshot;
        this.store = store;
    }

    @Override
    public ExportProfile profile() {
        return ExportProfile.readOnly(snapshot.sizeBytes(), "snapshot " + snapshot.id());
    }

    @Override
    public List<String> contexts() {
        List<String> names = new ArrayList<>(List.of(ALLOCATION));
        snapshot.info()
                .spec()
                .parent()
                .filter(parent -> store.snapshot(parent).isPresent())
                .ifPresent(parent -> names.add(SINCE + parent));
        return names;
    }

    @Override
    public Optional<ExtentMap> context(String name) {
        if (name.equals(ALLOCATION)) {
            return Optional.of(
                    map(snapshot::writtenChunks, ExtentMap.HOLE | ExtentMap.ZERO, run -> switch (run.state()) {
                        case ABSENT -> ExtentMap.HOLE | ExtentMap.ZERO;
                        case ZERO -> ExtentMap.ZERO;
                        case DATA -> 0;
                    }));
        }
        return name.startsWith(SINCE)
                ? SnapshotId.parse(name.substring(SINCE.length()))
                        .flatMap(store::snapshot)
                        .map(since -> map(
                                (from, limit) -> snapshot.changedChunks(since, from, limit), 0, run -> ExtentMap.DIRTY))
                : Optional.empty();
    }

    @FunctionalInterface
    private interface Pages {
        ChunkPage from(int chunk, int limitChunks);
    }

    /** Runs of chunks, with {@code between} for what no run tells of. */
    private ExtentMap map(Pages pages, int between, ToIntFunction<ChunkRun> flags) {
        return (offset, length, visitor) -> {
            Cursor cursor = new Cursor(offset, Math.min(snapshot.sizeBytes(), offset + length), visitor);
            OptionalInt next = OptionalInt.of((int) (offset / Chunk.BYTES));
            while (next.isPresent() && cursor.wantsMore()) {
                ChunkPage page = pages.from(next.getAsInt(), PAGE_CHUNKS);
                for (ChunkRun run : page.runs()) {
                    cursor.upTo((long) run.first() * Chunk.BYTES, between);
                    cursor.upTo((long) run.end() * Chunk.BYTES, flags.applyAsInt(run));
                }
                next = page.next();
                next.ifPresent(chunk -> cursor.upTo((long) chunk * Chunk.BYTES, between));
            }
            cursor.upTo(Long.MAX_VALUE, between);
        };
    }

    /** Where a walk is. */
    private static final class Cursor {
        private final long end;
        private final ExtentMap.Visitor visitor;
        private long at;
        private boolean isEnough;

        Cursor(long offset, long end, ExtentMap.Visitor visitor) {
            this.at = offset;
            this.end = end;
            this.visitor = visitor;
        }

        boolean wantsMore() {
            return !isEnough && at < end;
        }

        void upTo(long offset, int flags) {
            long to = Math.min(end, offset);
            if (!isEnough && to > at) {
                isEnough = !visitor.run(to - at, flags);
                at = to;
            }
        }
    }

    @Override
    public void read(long offset, ByteBuffer target) {
        snapshot.read(offset, target);
    }
}
