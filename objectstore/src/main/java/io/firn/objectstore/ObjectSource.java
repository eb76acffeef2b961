package io.firn.objectstore;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Where the bytes of a put or of a part come from, pulled by the store.
 *
 * <p>An exception thrown by {@link #read} passes through the store's method unchanged and the put leaves nothing behind.
 */
@FunctionalInterface
public interface ObjectSource {

    /** Puts the next bytes into {@code target}, waiting for at least one; returns how many, or -1 after the last. */
    int read(ByteBuffer target);

    /** A checksum that came after the bytes (an HTTP trailer), asked for once {@link #read} has returned -1. */
    default Optional<Checksum> trailingChecksum() {
        return Optional.empty();
    }

    /** The bytes of an array, which is not copied. */
    static ObjectSource of(byte[] bytes) {
        return of(ByteBuffer.wrap(bytes));
    }

    /** The remaining bytes of a buffer. */
    static ObjectSource of(ByteBuffer bytes) {
        ByteBuffer source = bytes.slice();
        return target -> {
            if (!source.hasRemaining()) {
                return -1;
            }
            int count = Math.min(source.remaining(), target.remaining());
            target.put(target.position(), source, source.position(), count);
            target.position(target.position() + count);
            source.position(source.position() + count);
            return count;
        };
    }
}
