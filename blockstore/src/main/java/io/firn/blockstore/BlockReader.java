package io.firn.blockstore;

import io.firn.io.Crc32c;
import io.firn.io.StorageException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Verified reads of one volume: runs of blocks that lie together in the log are read with one call straight into the caller's buffer,
 * each block is checked against its map entry, then decrypted.
 *
 * <p><b>Threads.</b> Safe for many; takes no lock but for what a volume is based on.
 */
final class BlockReader {
    private static final int RUN_MAX = 256;
    private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(1 << 16);

    private final Engine engine;
    private final VolumeState volume;
    private final Optional<byte[]> key;
    private final ConcurrentLinkedQueue<Xts> ciphers = new ConcurrentLinkedQueue<>();

    BlockReader(Engine engine, VolumeState volume) {
        this.engine = engine;
        this.volume = volume;
        this.key = engine.key(volume);
    }

    boolean isEncrypted() {
        return key.isPresent();
    }

    /** A cipher of the volume's key; to be given back. */
    Xts takeCipher() {
        Xts cipher = ciphers.poll();
        return cipher == null ? new Xts(key.orElseThrow()) : cipher;
    }

    void giveCipher(Xts cipher) {
        ciphers.add(cipher);
    }

    /**
     * Fills the target from {@code offset}.
     *
     * @param entries what is shown of each block; asked inside a reader epoch, after the source was looked for
     */
    void read(long offset, ByteBuffer target, LongUnaryOperator entries) {
        long token = engine.readers.enter();
        try {
            // Before any entry: when it is gone everything was brought in, so what is absent then is absent there too.
            BlockSource source = engine.source(volume);
            long at = offset;
            while (target.hasRemaining()) {
                at += readSome(at, target, entries, source);
            }
        } finally {
            engine.readers.leave(token);
        }
    }

    private int readSome(long at, ByteBuffer target, LongUnaryOperator entries, @Nullable BlockSource source) {
        long lba = Block.at(at);
        int within = (int) at & Block.MASK;
        if (within != 0 || target.remaining() < Block.BYTES) {
            ByteBuffer whole = ByteBuffer.allocate(Block.BYTES);
            readRun(lba, whole, entries, source, 1);
            int length = Math.min(target.remaining(), Block.BYTES - within);
            target.put(whole.array(), within, length);
            return length;
        }
        return readRun(lba, target, entries, source, Math.min(RUN_MAX, target.remaining() >> Block.SHIFT))
                << Block.SHIFT;
    }

    /** Reads blocks that are alike, at most {@code max}; returns how many. */
    private int readRun(long lba, ByteBuffer target, LongUnaryOperator entries, @Nullable BlockSource source, int max) {
        long first = entries.applyAsLong(lba);
        if (MapEntry.isData(first)) {
            return readData(lba, first, target, entries, max);
        }
        if (first == MapEntry.IMPAIRED) {
            throw new StorageException.Corrupt("volume " + volume.name + ": block " + lba
                    + " was lost to corruption of the log; write it to heal it");
        }
        int count = 1;
        while (count < max && entries.applyAsLong(lba + count) == first) {
            count++;
        }
        if (source == null || first != MapEntry.ABSENT) {
            zero(target, count << Block.SHIFT);
        } else {
            ByteBuffer part = target.slice(target.position(), count << Block.SHIFT);
            source.read(lba << Block.SHIFT, part);
            target.position(target.position() + (count << Block.SHIFT));
        }
        return count;
    }

    private int readData(long lba, long first, ByteBuffer target, LongUnaryOperator entries, int max) {
        long @Nullable [] run = max == 1 ? null : new long[max];
        int count = 1;
        if (run != null) {
            run[0] = first;
            long location = MapEntry.location(first);
            while (count < max) {
                long next = entries.applyAsLong(lba + count);
                if (!MapEntry.isData(next) || MapEntry.location(next) != location + count) {
                    break;
                }
                run[count++] = next;
            }
        }
        Segment segment = engine.segments.get(MapEntry.segment(first));
        int start = target.position();
        ByteBuffer part = target.duplicate().limit(start + (count << Block.SHIFT));
        engine.segments.read(segment, MapEntry.slot(first), part);
        for (int i = 0; i < count; i++) {
            long entry = run == null ? first : run[i];
            if (!MapEntry.matches(entry, Crc32c.of(target, start + (i << Block.SHIFT), Block.BYTES))) {
                throw new StorageException.Corrupt("volume " + volume.name + ": block " + (lba + i) + " is damaged in "
                        + Segments.name(segment.number()) + " at offset "
                        + (long) MapEntry.slot(entry) * Block.BYTES);
            }
        }
        if (key.isPresent()) {
            Xts cipher = takeCipher();
            for (int i = 0; i < count; i++) {
                cipher.decrypt(lba + i, target, start + (i << Block.SHIFT), Block.BYTES);
            }
            giveCipher(cipher);
        }
        target.position(start + (count << Block.SHIFT));
        return count;
    }

    private static void zero(ByteBuffer target, int length) {
        int left = length;
        while (left > 0) {
            int part = Math.min(left, ZEROS.capacity());
            target.put(ZEROS.slice(0, part));
            left -= part;
        }
    }
}
