package io.firn.blockstore;

import io.firn.io.Crc32c;
import io.firn.io.Disk;
import io.firn.io.DiskFile;
import io.firn.io.RecordReader;
import io.firn.io.RecordWriter;
import io.firn.io.SmallFile;
import io.firn.io.StorageException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The small file that says what the rest is: which store, which checkpoint files to load, from which sequence each term of the log counts.
 *
 * <pre>
 *   8 FIRNVSUP | 4 format version | 4 CRC32C of the body | body: salt 8, segment bytes, sequence and files of the checkpoint, terms
 * </pre>
 *
 * @param checkpoints numbers of the files, the whole one first, then those with what changed since
 * @param terms ascending; the first covers everything after the checkpoint until the next one's sequence
 */
record Superblock(long salt, long segmentBytes, List<Long> checkpoints, List<Term> terms) {
    static final String FILE = "superblock";
    private static final long MAGIC = LogFormat.magic("PUSVNRIF"); // read big-endian: FIRNVSUP
    private static final int HEADER_BYTES = 16;
    private static final int MAX_BYTES = 1 << 20;

    /** A term counts from {@code firstSequence} until the next term's. */
    record Term(long number, long firstSequence) {}

    static Superblock fresh(long salt, long segmentBytes) {
        return new Superblock(salt, segmentBytes, List.of(), List.of(new Term(1, 1)));
    }

    /** With a new term from a sequence on; terms that would begin later count no more. */
    Superblock withTerm(long number, long firstSequence) {
        List<Term> next = new ArrayList<>(terms.stream()
                .filter(term -> term.firstSequence() < firstSequence)
                .toList());
        next.add(new Term(number, firstSequence));
        return new Superblock(salt, segmentBytes, checkpoints, List.copyOf(next));
    }

    /** After a checkpoint that holds everything up to {@code sequence}: terms that ended before are forgotten. */
    Superblock withCheckpoints(List<Long> files, long sequence) {
        List<Term> next = new ArrayList<>();
        for (int i = 0; i < terms.size(); i++) {
            boolean isOver = i + 1 < terms.size() && terms.get(i + 1).firstSequence() <= sequence + 1;
            if (!isOver) {
                next.add(terms.get(i));
            }
        }
        return new Superblock(salt, segmentBytes, List.copyOf(files), List.copyOf(next));
    }

    long lastTerm() {
        return terms.getLast().number();
    }

    /** The term that a batch of this sequence must carry. */
    long termOf(long sequence) {
        long found = terms.getFirst().number();
        for (Term term : terms) {
            if (term.firstSequence() <= sequence) {
                found = term.number();
            }
        }
        return found;
    }

    /** Durable on return. */
    void write(Disk disk) {
        RecordWriter body = new RecordWriter(256);
        body.i64(salt).i64(segmentBytes).varint(checkpoints.size());
        checkpoints.forEach(body::varint);
        body.varint(terms.size());
        terms.forEach(term -> body.varint(term.number()).varint(term.firstSequence()));
        ByteBuffer bytes = ByteBuffer.allocate(HEADER_BYTES + body.length())
                .putLong(MAGIC)
                .putInt(LogFormat.VERSION)
                .putInt(Crc32c.of(body.array(), 0, body.length()))
                .put(body.array(), 0, body.length());
        SmallFile.replace(disk, FILE, bytes.flip());
    }

    /** Empty when there is no store. */
    static Optional<Superblock> read(Disk disk) {
        if (!disk.exists(FILE)) {
            return Optional.empty();
        }
        ByteBuffer bytes = ByteBuffer.allocate(MAX_BYTES);
        try (DiskFile file = disk.open(FILE, Disk.OpenMode.READ)) {
            file.read(bytes, 0);
        }
        bytes.flip();
        if (bytes.limit() < HEADER_BYTES || bytes.getLong() != MAGIC) {
            throw new StorageException.Corrupt(
                    "file " + FILE + " is not a volume store's: no magic number at offset 0");
        }
        int version = bytes.getInt();
        if (version > LogFormat.VERSION) {
            throw new StorageException.Fenced("the volume store was written by a newer Firn: file " + FILE
                    + " has format version " + version + ", this Firn reads up to " + LogFormat.VERSION);
        }
        int crc = bytes.getInt();
        if (version < 1 || crc != Crc32c.of(bytes)) {
            throw new StorageException.Corrupt("file " + FILE + " does not have its checksum");
        }
        RecordReader body = new RecordReader(bytes.array(), HEADER_BYTES, bytes.limit());
        long salt = body.i64();
        long segmentBytes = body.i64();
        List<Long> checkpoints = new ArrayList<>();
        for (int left = body.count(1); left > 0; left--) {
            checkpoints.add(body.varint());
        }
        List<Term> terms = new ArrayList<>();
        for (int left = body.count(2); left > 0; left--) {
            terms.add(new Term(body.varint(), body.varint()));
        }
        if (terms.isEmpty()) {
            throw new StorageException.Corrupt("file " + FILE + " names no term");
        }
        return Optional.of(new Superblock(salt, segmentBytes, List.copyOf(checkpoints), List.copyOf(terms)));
    }
}
