package io.firn.snapshot;

import io.firn.io.RecordReader;
import io.firn.io.RecordWriter;
import io.firn.io.StorageException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;

/** The records of the catalogue as bytes, each in a {@link SealedRecord}: a snapshot, a tree, a rule, field after field. */
final class CatalogueFormat {
    private static final int VERSION = 1;

    private CatalogueFormat() {}

    @SuppressWarnings("EnumOrdinal") // the order of the constants is part of the format
    static byte[] encode(SnapshotRecord record) {
        SnapshotInfo info = record.info();
        RecordWriter out = new RecordWriter(512);
        out.text(info.id().text()).i64(record.tree()).i64(record.base()).u8(record.isDropped() ? 1 : 0);
        spec(out, info.spec());
        out.u8(info.state().ordinal());
        time(out, info.started());
        time(out, info.completed());
        out.text(info.reason()).varint(info.putChunks()).varint(info.expectedChunks());
        out.varint(info.writtenChunks()).varint(info.storedBytes()).varint(info.incrementalBytes());
        out.u8(info.tier().ordinal());
        out.u8(info.lock().isPresent() ? 1 : 0);
        info.lock().ifPresent(lock -> lock(out, lock));
        time(out, info.recycled());
        time(out, info.recoverableUntil());
        time(out, info.archived());
        time(out, info.restoredUntil());
        out.map(info.settings());
        return SealedRecord.seal(VERSION, out);
    }

    static SnapshotRecord snapshot(byte[] bytes, String name) {
        RecordReader in = SealedRecord.open(bytes, VERSION, name);
        SnapshotId id = new SnapshotId(in.text());
        long tree = in.i64();
        long base = in.i64();
        boolean isDropped = in.u8() == 1;
        SnapshotSpec spec = spec(in);
        SnapshotState state = one(in, SnapshotState.values());
        InfoEdit edit = new InfoEdit(id, spec, time(in));
        edit.state = state;
        edit.completed = maybeTime(in);
        edit.reason = in.text();
        edit.putChunks = in.varint();
        edit.expectedChunks = in.varint();
        edit.writtenChunks = in.varint();
        edit.storedBytes = in.varint();
        edit.incrementalBytes = in.varint();
        edit.tier = one(in, SnapshotTier.values());
        edit.lock = maybe(in, CatalogueFormat::lock);
        edit.recycled = maybeTime(in);
        edit.recoverableUntil = maybeTime(in);
        edit.archived = maybeTime(in);
        edit.restoredUntil = maybeTime(in);
        edit.settings = in.map();
        return new SnapshotRecord(edit.done(), tree, base, isDropped);
    }

    private static void spec(RecordWriter out, SnapshotSpec spec) {
        out.varint(spec.sizeBytes())
                .textOrNone(spec.parent().map(SnapshotId::text))
                .text(spec.volume())
                .text(spec.lineage())
                .text(spec.description())
                .map(spec.tags())
                .text(spec.owner())
                .u8(spec.isEncrypted() ? 1 : 0);
        time(out, spec.started());
        duration(out, spec.timeout());
        out.textOrNone(spec.clientToken());
    }

    private static SnapshotSpec spec(RecordReader in) {
        return new SnapshotSpec(
                in.varint(),
                in.textOrNone().map(SnapshotId::new),
                in.text(),
                in.text(),
                in.text(),
                in.map(),
                in.text(),
                in.u8() == 1,
                maybeTime(in),
                maybeDuration(in),
                in.textOrNone());
    }

    @SuppressWarnings("EnumOrdinal") // the order of the constants is part of the format
    private static void lock(RecordWriter out, SnapshotLock lock) {
        out.u8(lock.mode().ordinal());
        time(out, lock.created());
        duration(out, lock.duration());
        time(out, lock.start());
        time(out, lock.expires());
        time(out, lock.coolOffUntil());
    }

    private static SnapshotLock lock(RecordReader in) {
        return new SnapshotLock(
                one(in, SnapshotLock.Mode.values()),
                time(in),
                maybeDuration(in),
                maybeTime(in),
                maybeTime(in),
                maybeTime(in));
    }

    static byte[] encode(Tree tree) {
        RecordWriter out = new RecordWriter(96);
        PageRef root = tree.root();
        out.i64(tree.birth()).i64(tree.parent()).u8(tree.isReclaimed() ? 1 : 0);
        out.i64(root.pack().birth()).varint(root.pack().number());
        out.varint(root.offset()).varint(root.length()).i32(root.crc());
        out.i64(root.hashHigh()).i64(root.hashLow()).varint(root.written()).varint(root.storedBytes());
        return SealedRecord.seal(VERSION, out);
    }

    static Tree tree(byte[] bytes, String name) {
        RecordReader in = SealedRecord.open(bytes, VERSION, name);
        long birth = in.i64();
        long parent = in.i64();
        boolean isReclaimed = in.u8() == 1;
        PackId pack = new PackId(in.i64(), in.small());
        PageRef root = new PageRef(pack, in.small(), in.small(), in.i32(), in.i64(), in.i64(), in.small(), in.varint());
        return new Tree(birth, parent, root, isReclaimed);
    }

    static byte[] encode(RetentionRule rule) {
        RecordWriter out = new RecordWriter(256);
        out.text(rule.id()).text(rule.owner()).text(rule.description()).map(rule.tags());
        return SealedRecord.seal(VERSION, out.varint(rule.retentionDays()));
    }

    static RetentionRule rule(byte[] bytes, String name) {
        RecordReader in = SealedRecord.open(bytes, VERSION, name);
        return new RetentionRule(in.text(), in.text(), in.text(), in.map(), in.small());
    }

    private static void time(RecordWriter out, Instant time) {
        out.i64(time.getEpochSecond()).i32(time.getNano());
    }

    private static void time(RecordWriter out, Optional<Instant> time) {
        out.u8(time.isPresent() ? 1 : 0);
        time.ifPresent(instant -> time(out, instant));
    }

    private static Instant time(RecordReader in) {
        return Instant.ofEpochSecond(in.i64(), in.i32());
    }

    private static Optional<Instant> maybeTime(RecordReader in) {
        return maybe(in, CatalogueFormat::time);
    }

    private static void duration(RecordWriter out, Optional<Duration> duration) {
        out.u8(duration.isPresent() ? 1 : 0);
        duration.ifPresent(length -> out.i64(length.toMillis()));
    }

    private static Optional<Duration> maybeDuration(RecordReader in) {
        return maybe(in, reader -> Duration.ofMillis(reader.i64()));
    }

    private static <T> Optional<T> maybe(RecordReader in, Function<RecordReader, T> read) {
        return in.u8() == 0 ? Optional.empty() : Optional.of(read.apply(in));
    }

    private static <T> T one(RecordReader in, T[] all) {
        int ordinal = in.u8();
        if (ordinal >= all.length) {
            throw new StorageException.Corrupt("a record of a snapshot names a state that there is not");
        }
        return all[ordinal];
    }
}
