package io.firn.blockstore;

import io.firn.io.Crc32c;
import io.firn.io.Disk;
import io.firn.io.DiskFile;
import io.firn.io.StorageException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A file of a checkpoint, of a {@linkplain LogFormat#VERSION format version} with the log: written once, whole or of no account, since the
 * superblock names it only afterwards. Little-endian.
 *
 * <pre>
 *   head   8 FIRNVCKP | 4 CRC of 12..32 | 4 format version | 8 store salt | 8 file number
 *   record 4 type | 4 length | 4 CRC of the record without this field | 4 volume | 8 tag | 8 index | length bytes
 *   ...
 *   the last record is END, whose index is where META stands
 * </pre>
 *
 * MAP, DIRTY and KEPT are pages; SET holds the blocks of a sealed epoch (tag); META all that is small. The first file of a checkpoint holds
 * all pages, each later one those that changed since; META of the last one counts.
 */
final class CheckpointFile {
    static final String FOLDER = "checkpoints";
    static final int SET = 4;
    static final int META = 5;
    private static final int END = 6;

    private static final long MAGIC = LogFormat.magic("FIRNVCKP");
    private static final int HEAD_BYTES = 32;
    private static final int RECORD_BYTES = 32;
    private static final int CRC = 8;
    private static final int BUFFER_BYTES = 1 << 20;

    private CheckpointFile() {}

    static String name(long number) {
        return FOLDER + "/" + String.format("%016x", number);
    }

    /** Writes one file; belongs to one thread. */
    static final class Writer implements AutoCloseable {
        private final DiskFile file;
        private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        private long position;

        Writer(Disk disk, long salt, long number) {
            String name = name(number);
            disk.delete(name); // what a crash left of one that nothing names
            file = disk.open(name, Disk.OpenMode.CREATE);
            buffer.putLong(0, MAGIC)
                    .putInt(12, LogFormat.VERSION)
                    .putLong(16, salt)
                    .putLong(24, number);
            buffer.putInt(CRC, Crc32c.of(buffer, 12, HEAD_BYTES - 12)).position(HEAD_BYTES);
        }

        /** Bytes so far. */
        long length() {
            return position + buffer.position();
        }

        void page(PageKey key, ByteBuffer page) {
            record(key.kind().type(), key.volume(), key.tag(), key.index(), page);
        }

        void record(int type, int volume, long tag, long index, ByteBuffer payload) {
            ByteBuffer head = ByteBuffer.allocate(RECORD_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            head.putInt(type)
                    .putInt(payload.remaining())
                    .putInt(0)
                    .putInt(volume)
                    .putLong(tag)
                    .putLong(index)
                    .flip();
            head.putInt(CRC, crc(head, payload));
            put(head);
            put(payload);
        }

        private void put(ByteBuffer bytes) {
            while (bytes.hasRemaining()) {
                if (!buffer.hasRemaining()) {
                    drain();
                }
                int part = Math.min(bytes.remaining(), buffer.remaining());
                buffer.put(bytes.slice(bytes.position(), part));
                bytes.position(bytes.position() + part);
            }
        }

        private void drain() {
            int length = buffer.position();
            file.write(buffer.flip(), position);
            position += length;
            buffer.clear();
        }

        /** Ends the file with META; durable on return, its name aside. */
        void finish(byte[] meta) {
            long at = length();
            record(META, 0, 0, 0, ByteBuffer.wrap(meta));
            record(END, 0, 0, at, ByteBuffer.allocate(0));
            drain();
            file.sync();
        }

        @Override
        public void close() {
            file.close();
        }
    }

    /** What a file is read into. */
    @FunctionalInterface
    interface Visitor {
        /** One record; the payload is the reader's and holds until the return. */
        void record(int type, int volume, long tag, long index, ByteBuffer payload);
    }

    /** Reads one file; belongs to one thread. */
    static final class Reader implements AutoCloseable {
        private final String name;
        private final DiskFile file;
        private final long length;

        Reader(Disk disk, long salt, long number) {
            name = name(number);
            file = disk.open(name, Disk.OpenMode.READ);
            length = file.length();
            ByteBuffer head = read(0, HEAD_BYTES);
            if (head.getLong(0) != MAGIC
                    || head.getInt(CRC) != Crc32c.of(head, 12, HEAD_BYTES - 12)
                    || head.getLong(16) != salt
                    || head.getLong(24) != number) {
                throw new StorageException.Corrupt("file " + name + " is damaged at offset 0");
            }
            if (!LogFormat.isKnown(head.getInt(12))) {
                throw new StorageException.Fenced("file " + name + " has format version " + head.getInt(12)
                        + ", this Firn reads up to " + LogFormat.VERSION);
            }
        }

        private ByteBuffer read(long offset, int bytes) {
            ByteBuffer target = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
            if (offset < 0 || offset + bytes > length || file.read(target, offset) < bytes) {
                throw damaged(offset);
            }
            return target.flip();
        }

        private StorageException damaged(long offset) {
            return new StorageException.Corrupt("file " + name + " is damaged at offset " + offset);
        }

        ByteBuffer meta() {
            ByteBuffer end = checked(length - RECORD_BYTES);
            if (end.getInt(0) != END) {
                throw damaged(length - RECORD_BYTES);
            }
            ByteBuffer meta = checked(end.getLong(24));
            if (meta.getInt(0) != META) {
                throw damaged(end.getLong(24));
            }
            return meta.position(RECORD_BYTES).slice();
        }

        /** A record with its head. */
        private ByteBuffer checked(long offset) {
            ByteBuffer head = read(offset, RECORD_BYTES);
            int payload = head.getInt(4);
            if (payload < 0 || offset + RECORD_BYTES + payload > length) {
                throw damaged(offset);
            }
            ByteBuffer all = read(offset, RECORD_BYTES + payload);
            if (all.getInt(CRC)
                    != crc(
                            all.slice(0, RECORD_BYTES).order(ByteOrder.LITTLE_ENDIAN),
                            all.slice(RECORD_BYTES, payload))) {
                throw damaged(offset);
            }
            return all;
        }

        /** Every record but META and END, in order. */
        void forEach(Visitor visitor) {
            ByteBuffer window = ByteBuffer.allocate(BUFFER_BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .limit(0);
            long windowAt = HEAD_BYTES;
            while (true) {
                int need = window.remaining() < RECORD_BYTES
                        ? RECORD_BYTES
                        : RECORD_BYTES + window.getInt(window.position() + 4);
                if (need < RECORD_BYTES) {
                    throw damaged(windowAt + window.position());
                }
                if (window.remaining() < need) {
                    long at = windowAt + window.position();
                    int size = (int) Math.min(Math.max(need, BUFFER_BYTES), length - at);
                    if (size < need) {
                        throw damaged(at);
                    }
                    window = read(at, size);
                    windowAt = at;
                    continue;
                }
                int at = window.position();
                ByteBuffer head = window.slice(at, RECORD_BYTES).order(ByteOrder.LITTLE_ENDIAN);
                ByteBuffer payload = window.slice(at + RECORD_BYTES, need - RECORD_BYTES);
                if (head.getInt(CRC) != crc(head, payload)) {
                    throw damaged(windowAt + at);
                }
                int type = head.getInt(0);
                if (type == META) {
                    return;
                }
                visitor.record(type, head.getInt(12), head.getLong(16), head.getLong(24), payload);
                window.position(at + need);
            }
        }

        long length() {
            return length;
        }

        @Override
        public void close() {
            file.close();
        }
    }

    private static int crc(ByteBuffer head, ByteBuffer payload) {
        return new Crc32c()
                .update(head.slice(0, CRC))
                .update(head.slice(CRC + Integer.BYTES, RECORD_BYTES - CRC - Integer.BYTES))
                .update(payload)
                .value();
    }
}
