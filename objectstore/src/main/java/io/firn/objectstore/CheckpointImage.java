package io.firn.objectstore;

import io.firn.io.Crc32c;
import io.firn.io.Disk;
import io.firn.io.DiskFile;
import io.firn.io.StorageException;
import io.firn.objectstore.StoreFormat.StoreId;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * The whole index at one sequence, as a file in every zone: with the journal after it, a lost index is rebuilt and older journal
 * segments can go.
 *
 * <pre>
 *   image/SSSSSSSSSSSSSSSS.img, named by its sequence in hexadecimal
 *     0  8  magic "FIRNIMAG"   8  4  format version   12 16  store id   28  8  sequence   36  4  CRC32C of bytes 0..36
 *    40  blocks: body bytes (4), CRC32C of sequence and body (4), body: {key length (4), key, value length (4), value}*
 *        end: a block with no body, whose CRC is over sequence and entry count, then the entry count (8)
 * </pre>
 *
 * It is written under another name, synced, and renamed: an image that is there is whole, and its checksums say so again when it is
 * read.
 */
final class CheckpointImage {
    static final String FOLDER = "image";

    private static final long MAGIC = 0x4649524E494D4147L;
    private static final int HEADER_BYTES = 40;
    private static final int BLOCK_BYTES = 1 << 20;
    private static final int BLOCK_HEADER_BYTES = 8;
    private static final int MAX_BLOCK_BYTES = 64 << 20;

    private CheckpointImage() {}

    static String name(long seq) {
        return FOLDER + "/" + HexFormat.of().toHexDigits(seq) + ".img";
    }

    /** Writes the entries of {@code cursor} to every disk and returns the bytes of one; durable on return. Images of other sequences are removed by {@link #removeOthers}. */
    static long write(List<Disk> disks, StoreId store, long seq, OrderedIndex.Cursor cursor) {
        List<DiskFile> files = new ArrayList<>();
        String fresh = name(seq) + ".new";
        long bytes;
        try {
            for (Disk disk : disks) {
                disk.delete(fresh);
                files.add(disk.open(fresh, Disk.OpenMode.CREATE));
            }
            Writer writer = new Writer(files, seq);
            writer.header(store);
            for (; cursor.isValid(); cursor.next()) {
                writer.entry(cursor.key(), cursor.value());
            }
            writer.end();
            bytes = writer.offset;
            files.forEach(DiskFile::sync);
        } finally {
            files.forEach(DiskFile::close);
        }
        for (Disk disk : disks) {
            disk.rename(fresh, name(seq));
            disk.syncDirectory(FOLDER);
        }
        return bytes;
    }

    /** Removes all files of the folder but the image of {@code seq}. */
    static void removeOthers(Disk disk, long seq) {
        String kept = name(seq);
        for (String file : disk.list(FOLDER)) {
            String path = FOLDER + "/" + file;
            if (!path.equals(kept)) {
                disk.delete(path);
            }
        }
    }

    /** Hands out all entries in order, verified. */
    static void read(Disk disk, StoreId store, long seq, BiConsumer<byte[], byte[]> entries) {
        String name = name(seq);
        try (DiskFile file = disk.open(name, Disk.OpenMode.READ)) {
            ByteBuffer header = readFully(file, 0, HEADER_BYTES, name);
            boolean isWhole = header.getLong(0) == MAGIC
                    && header.getLong(12) == store.high()
                    && header.getLong(20) == store.low()
                    && header.getLong(28) == seq
                    && header.getInt(36) == Crc32c.of(header, 0, 36);
            if (!isWhole) {
                throw new StorageException.Corrupt(name + " does not begin with its header");
            }
            long offset = HEADER_BYTES;
            long count = 0;
            while (true) {
                ByteBuffer blockHeader = readFully(file, offset, BLOCK_HEADER_BYTES, name);
                int length = blockHeader.getInt(0);
                if (length < 0 || length > MAX_BLOCK_BYTES) {
                    throw new StorageException.Corrupt(name + " has a block of " + length + " bytes at " + offset);
                }
                ByteBuffer body = readFully(file, offset + BLOCK_HEADER_BYTES, length == 0 ? Long.BYTES : length, name);
                if (crc(seq, body) != blockHeader.getInt(4)) {
                    throw new StorageException.Corrupt(name + " has a damaged block at " + offset);
                }
                if (length == 0) {
                    if (body.getLong() != count) {
                        throw new StorageException.Corrupt(name + " does not have all its entries");
                    }
                    return;
                }
                while (body.hasRemaining()) {
                    byte[] key = new byte[body.getInt()];
                    body.get(key);
                    byte[] value = new byte[body.getInt()];
                    body.get(value);
                    entries.accept(key, value);
                    count++;
                }
                offset += BLOCK_HEADER_BYTES + length;
            }
        }
    }

    private static ByteBuffer readFully(DiskFile file, long offset, int length, String name) {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        if (file.read(bytes, offset) != length) {
            throw new StorageException.Corrupt(name + " ends before offset " + (offset + length));
        }
        return bytes.flip();
    }

    private static int crc(long seq, ByteBuffer body) {
        ByteBuffer seeded =
                ByteBuffer.allocate(Long.BYTES + Integer.BYTES).putLong(seq).putInt(Crc32c.of(body));
        return Crc32c.of(seeded.array());
    }

    private static final class Writer {
        private final List<DiskFile> files;
        private final long seq;
        private long offset;
        private long count;
        private ByteBuffer block = ByteBuffer.allocate(BLOCK_HEADER_BYTES + BLOCK_BYTES);

        Writer(List<DiskFile> files, long seq) {
            this.files = files;
            this.seq = seq;
            block.position(BLOCK_HEADER_BYTES);
        }

        void header(StoreId store) {
            ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES)
                    .putLong(MAGIC)
                    .putInt(StoreFormat.VERSION)
                    .putLong(store.high())
                    .putLong(store.low())
                    .putLong(seq);
            header.putInt(Crc32c.of(header, 0, 36));
            write(header.flip());
        }

        void entry(byte[] key, byte[] value) {
            int bytes = 2 * Integer.BYTES + key.length + value.length;
            if (block.remaining() < bytes) {
                closeBlock();
                if (block.remaining() < bytes) {
                    block = ByteBuffer.allocate(BLOCK_HEADER_BYTES + bytes).position(BLOCK_HEADER_BYTES);
                }
            }
            block.putInt(key.length).put(key).putInt(value.length).put(value);
            count++;
        }

        private void closeBlock() {
            int length = block.position() - BLOCK_HEADER_BYTES;
            if (length > 0) {
                block.flip();
                block.putInt(0, length).putInt(4, crc(seq, block.slice(BLOCK_HEADER_BYTES, length)));
                write(block);
                block.clear().position(BLOCK_HEADER_BYTES);
            }
        }

        void end() {
            closeBlock();
            ByteBuffer end = ByteBuffer.allocate(BLOCK_HEADER_BYTES + Long.BYTES);
            end.putLong(BLOCK_HEADER_BYTES, count);
            end.putInt(4, crc(seq, end.slice(BLOCK_HEADER_BYTES, Long.BYTES)));
            write(end.position(0));
        }

        private void write(ByteBuffer bytes) {
            int length = bytes.remaining();
            for (DiskFile file : files) {
                file.write(bytes.duplicate(), offset);
            }
            offset += length;
        }
    }
}
