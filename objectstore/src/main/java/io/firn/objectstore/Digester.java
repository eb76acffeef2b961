package io.firn.objectstore;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A running digest of bytes in one of S3's {@link ChecksumAlgorithm}s.
 *
 * <p>{@link #digest} answers for everything fed since the start or the previous {@code digest}, and starts anew, so one
 * digester serves part after part. All digests are in the byte order that S3 puts into Base64: big-endian.
 *
 * <p><b>Threads.</b> For one thread at a time. <b>Memory.</b> Constant; input is never kept beyond the algorithm's own block.
 */
public abstract sealed class Digester permits Digester.JdkMessageDigest, Digester.JdkCrc, Crc64Nvme, XxHash64, XxHash3 {

    private static final int SCRATCH_BYTES = 16 << 10;

    private final ChecksumAlgorithm algorithm;
    private byte @Nullable [] scratch;

    Digester(ChecksumAlgorithm algorithm) {
        this.algorithm = algorithm;
    }

    /** A digester of {@code algorithm} that has seen no byte. */
    public static Digester of(ChecksumAlgorithm algorithm) {
        return switch (algorithm) {
            case CRC32 -> new JdkCrc(algorithm, new CRC32());
            case CRC32C -> new JdkCrc(algorithm, new CRC32C());
            case CRC64NVME -> new Crc64Nvme();
            case SHA1 -> new JdkMessageDigest(algorithm, "SHA-1");
            case SHA256 -> new JdkMessageDigest(algorithm, "SHA-256");
            case SHA512 -> new JdkMessageDigest(algorithm, "SHA-512");
            case MD5 -> new JdkMessageDigest(algorithm, "MD5");
            case XXHASH64 -> new XxHash64();
            case XXHASH3, XXHASH128 -> new XxHash3(algorithm);
        };
    }

    public final ChecksumAlgorithm algorithm() {
        return algorithm;
    }

    /** Feeds {@code bytes[offset .. offset + length)}. */
    public abstract void update(byte[] bytes, int offset, int length);

    /** Feeds what remains in {@code buffer}, of any kind, and moves its position to its limit. */
    public void update(ByteBuffer buffer) {
        if (buffer.hasArray()) {
            update(buffer.array(), buffer.arrayOffset() + buffer.position(), buffer.remaining());
            buffer.position(buffer.limit());
            return;
        }
        // A copy that stays in the L1 cache costs less than a bounds-checked read of every word.
        byte[] copy = scratch;
        if (copy == null) {
            copy = new byte[SCRATCH_BYTES];
            scratch = copy;
        }
        while (buffer.hasRemaining()) {
            int length = Math.min(buffer.remaining(), SCRATCH_BYTES);
            buffer.get(copy, 0, length);
            update(copy, 0, length);
        }
    }

    /** The digest of all bytes fed since the last call; begins anew. */
    public abstract byte[] digest();

    /** As {@link #digest}, as the checksum of a whole object or part. */
    public final Checksum checksum() {
        return Checksum.fullObject(algorithm, digest());
    }

    /** The big-endian bytes of {@code value}'s low {@code length} bytes. */
    static byte[] bigEndian(long value, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (value >>> (8 * (length - 1 - i)));
        }
        return bytes;
    }

    /** SHA and MD5, by the JDK. */
    static final class JdkMessageDigest extends Digester {
        /** By name, digests that are never fed. */
        private static final ConcurrentMap<String, MessageDigest> PROTOTYPES = new ConcurrentHashMap<>();

        private final MessageDigest digest;

        JdkMessageDigest(ChecksumAlgorithm algorithm, String jdkName) {
            super(algorithm);
            try {
                // Cloning spares the search through the providers, which costs as much as digesting a kilobyte.
                this.digest = (MessageDigest) PROTOTYPES
                        .computeIfAbsent(jdkName, JdkMessageDigest::prototype)
                        .clone();
            } catch (CloneNotSupportedException e) {
                throw new IllegalStateException("This JDK's " + jdkName + " cannot be cloned", e);
            }
        }

        private static MessageDigest prototype(String jdkName) {
            try {
                return MessageDigest.getInstance(jdkName);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("This JDK lacks " + jdkName, e);
            }
        }

        @Override
        public void update(byte[] bytes, int offset, int length) {
            digest.update(bytes, offset, length);
        }

        @Override
        public byte[] digest() {
            return digest.digest();
        }
    }

    /** CRC32 and CRC32C, by the JDK's intrinsics. */
    static final class JdkCrc extends Digester {
        private final java.util.zip.Checksum crc;

        JdkCrc(ChecksumAlgorithm algorithm, java.util.zip.Checksum crc) {
            super(algorithm);
            this.crc = crc;
        }

        @Override
        public void update(byte[] bytes, int offset, int length) {
            crc.update(bytes, offset, length);
        }

        @Override
        public void update(ByteBuffer buffer) {
            crc.update(buffer);
        }

        @Override
        public byte[] digest() {
            byte[] value = bigEndian(crc.getValue(), Integer.BYTES);
            crc.reset();
            return value;
        }
    }
}
