package io.firn.io;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * CRC-32C (Castagnoli), the checksum of every frame, record and reference. Hardware speed through {@link CRC32C}.
 *
 * <p>Values are the 32 bits as an {@code int}; the reflected polynomial 0x82F63B78, initial value and final xor all ones (RFC 3720,
 * appendix B.4: 32 bytes of zeros give 0x8A9136AA). The static methods move no buffer's position.
 *
 * <p><b>Threads.</b> The static methods are safe for many; an instance belongs to one thread.
 */
public final class Crc32c {
    private final CRC32C crc = new CRC32C();

    /** The checksum of the bytes between position and limit. */
    public static int of(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate());
        return (int) crc.getValue();
    }

    /** The checksum of {@code length} bytes from index {@code offset}, which is absolute. */
    public static int of(ByteBuffer bytes, int offset, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate().clear().slice(offset, length));
        return (int) crc.getValue();
    }

    /** The checksum of all of {@code bytes}. */
    public static int of(byte[] bytes) {
        return of(bytes, 0, bytes.length);
    }

    /** The checksum of {@code length} bytes from {@code offset}. */
    public static int of(byte[] bytes, int offset, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, offset, length);
        return (int) crc.getValue();
    }

    /** Adds the bytes between position and limit; the position does not move. */
    public Crc32c update(ByteBuffer bytes) {
        crc.update(bytes.duplicate());
        return this;
    }

    /** Adds {@code length} bytes from {@code offset}. */
    public Crc32c update(byte[] bytes, int offset, int length) {
        crc.update(bytes, offset, length);
        return this;
    }

    /** The checksum of all bytes added since the last reset. */
    public int value() {
        return (int) crc.getValue();
    }

    /** Forgets the bytes added so far. */
    public Crc32c reset() {
        crc.reset();
        return this;
    }
}
