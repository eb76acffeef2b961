package io.firn.server.ec2;

import com.fasterxml.jackson.databind.JsonNode;
import io.firn.io.Crc32c;
import io.firn.io.Disk;
import io.firn.io.DiskFile;
import io.firn.io.SmallFile;
import io.firn.io.StorageException;
import io.firn.server.wire.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * A journal of JSON records in one file.
 *
 * <pre>
 * file    magic "FIRNEC2\n" (8 bytes), format version (4 bytes, big-endian), records
 * record  length of the JSON (4), CRC32C of the JSON (4), JSON in UTF-8
 * </pre>
 *
 * <p><b>Durability.</b> {@link #append} has synced when it returns. A record is only written after the one before it was synced, so only the
 * last may be torn: it is cut off at opening. A broken record that others follow is {@code StorageException.Corrupt}.
 *
 * <p><b>Threads.</b> For one at a time.
 */
final class RegisterFile implements AutoCloseable {
    static final String NAME = "register";

    private static final byte[] MAGIC = {'F', 'I', 'R', 'N', 'E', 'C', '2', '\n'};
    private static final int FORMAT = 1;
    private static final int HEADER_BYTES = 12;
    private static final int RECORD_HEADER_BYTES = 8;
    /** The tags of the 1,000 things that one call may change are 115 MB of JSON at the very worst. */
    private static final int MAX_RECORD_BYTES = 128 << 20;

    private static final byte[] NOTHING = {};

    private final Disk disk;
    private DiskFile file;
    private long length;

    private RegisterFile(Disk disk, DiskFile file) {
        this.disk = disk;
        this.file = file;
    }

    /** Opens the file, making it when it is missing, and hands over its records in order. */
    static RegisterFile open(Disk disk, Consumer<JsonNode> replay) {
        if (!disk.exists(NAME)) {
            SmallFile.replace(disk, NAME, ByteBuffer.wrap(header()));
        }
        DiskFile file = disk.open(NAME, Disk.OpenMode.WRITE);
        try {
            RegisterFile register = new RegisterFile(disk, file);
            register.replay(replay);
            return register;
        } catch (RuntimeException | Error failed) {
            file.close();
            throw failed;
        }
    }

    private static byte[] header() {
        return ByteBuffer.allocate(HEADER_BYTES).put(MAGIC).putInt(FORMAT).array();
    }

    private void replay(Consumer<JsonNode> replay) {
        ByteBuffer start = read(0, HEADER_BYTES);
        byte[] magic = new byte[MAGIC.length];
        if (start.remaining() < HEADER_BYTES
                || !ByteBuffer.wrap(MAGIC).equals(start.get(magic).flip().limit(MAGIC.length))) {
            throw new StorageException.Corrupt("file " + NAME + " is no register of EC2 facts");
        }
        int format = start.limit(HEADER_BYTES).position(MAGIC.length).getInt();
        if (format != FORMAT) {
            throw new StorageException.Fenced(
                    "file " + NAME + " has format " + format + ", this Firn knows " + FORMAT + ": use a newer one");
        }
        long end = file.length();
        long at = HEADER_BYTES;
        while (at < end) {
            long next = next(at, end, replay);
            if (next < 0) {
                file.truncate(at);
                file.sync();
                break;
            }
            at = next;
        }
        length = at;
    }

    /** Replays the record at a position and tells where the next begins; -1 for one that a crash tore. */
    private long next(long at, long end, Consumer<JsonNode> replay) {
        byte[] record = whole(at, end);
        if (record.length == 0) {
            for (long later = at + 1; later < end; later++) {
                if (whole(later, end).length != 0) {
                    throw new StorageException.Corrupt("file " + NAME + " is damaged at offset " + at);
                }
            }
            return -1;
        }
        try {
            replay.accept(Json.read(record));
        } catch (IOException unreadable) {
            throw new StorageException.Corrupt("file " + NAME + " has no JSON at offset " + at + ": " + unreadable);
        }
        return at + RECORD_HEADER_BYTES + record.length;
    }

    /** The JSON of the whole record at a position; nothing when there is none. */
    private byte[] whole(long at, long end) {
        ByteBuffer head = read(at, RECORD_HEADER_BYTES);
        if (head.remaining() < RECORD_HEADER_BYTES) {
            return NOTHING;
        }
        int bytes = head.getInt();
        int crc = head.getInt();
        if (bytes <= 0 || bytes > MAX_RECORD_BYTES || at + RECORD_HEADER_BYTES + bytes > end) {
            return NOTHING;
        }
        byte[] record = new byte[bytes];
        file.read(ByteBuffer.wrap(record), at + RECORD_HEADER_BYTES);
        return Crc32c.of(record) == crc ? record : NOTHING;
    }

    private ByteBuffer read(long at, int bytes) {
        ByteBuffer buffer = ByteBuffer.allocate(bytes);
        file.read(buffer, at);
        return buffer.flip();
    }

    /** Adds a record; durable on return. */
    void append(JsonNode record) {
        byte[] bytes = framed(record);
        if (bytes.length > RECORD_HEADER_BYTES + MAX_RECORD_BYTES) {
            throw new IllegalArgumentException("a record of " + bytes.length + " bytes would not be read again");
        }
        file.write(ByteBuffer.wrap(bytes), length);
        file.sync();
        length += bytes.length;
    }

    private static byte[] framed(JsonNode record) {
        byte[] json = Json.write(record);
        return ByteBuffer.allocate(RECORD_HEADER_BYTES + json.length)
                .putInt(json.length)
                .putInt(Crc32c.of(json))
                .put(json)
                .array();
    }

    /** Puts a file with only these records in place of this one; durable on return, and a crash before leaves what was there. */
    void replace(Iterable<? extends JsonNode> records) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(header());
        records.forEach(record -> all.writeBytes(framed(record)));
        SmallFile.replace(disk, NAME, ByteBuffer.wrap(all.toByteArray()));
        DiskFile old = file;
        file = disk.open(NAME, Disk.OpenMode.WRITE);
        length = file.length();
        old.close();
    }

    /** How long the file is. */
    long bytes() {
        return length;
    }

    @Override
    public void close() {
        file.close();
    }
}
