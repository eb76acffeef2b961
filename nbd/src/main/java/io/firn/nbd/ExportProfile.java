package io.firn.nbd;

/**
 * What a client is told of an export.
 *
 * @param sizeBytes of the disk; what a connection was told holds for its lifetime
 * @param isReadOnly writes, trims and zeroes are refused with NBD_EPERM
 * @param isTlsOnly under {@link NbdTls.Mode#SELECTIVE}, not offered without TLS
 * @param description for people, at most 4,096 bytes of UTF-8; may be empty
 * @param blocks what sizes and alignments are taken
 * @param isMultiConn a flush of any session covers what all sessions submitted, and all see one content: NBD_FLAG_CAN_MULTI_CONN
 * @param isRotational near is faster than far
 * @param canFastZero {@link ExportSession#zero} is faster than writing zeroes, with and without holes; otherwise NBD_CMD_FLAG_FAST_ZERO is
 *     answered with NBD_ENOTSUP
 */
public record ExportProfile(
        long sizeBytes,
        boolean isReadOnly,
        boolean isTlsOnly,
        String description,
        BlockSizes blocks,
        boolean isMultiConn,
        boolean isRotational,
        boolean canFastZero) {

    public ExportProfile {
        if (sizeBytes < 0) {
            throw new IllegalArgumentException("size " + sizeBytes);
        }
        if (Protocol.utf8(description).length > Protocol.MAX_STRING_BYTES) {
            throw new IllegalArgumentException("a description of more than 4,096 bytes");
        }
    }

    /** A disk that any number of connections may write at once, with fast zeroes and {@link BlockSizes#DEFAULT}. */
    public static ExportProfile writable(long sizeBytes, String description) {
        return new ExportProfile(sizeBytes, false, false, description, BlockSizes.DEFAULT, true, false, true);
    }

    /** A disk that does not change. */
    public static ExportProfile readOnly(long sizeBytes, String description) {
        return new ExportProfile(sizeBytes, true, false, description, BlockSizes.DEFAULT, true, false, false);
    }

    /**
     * NBD_INFO_BLOCK_SIZE.
     *
     * @param minimumBytes of a request and its offset: a power of two up to 65,536. Requests that are no multiples get NBD_EINVAL
     * @param preferredBytes at which requests are efficient: a power of two, at least 512 and {@code minimumBytes}
     * @param maximumPayloadBytes of one read or write: at least 1 MiB, at most 64 MiB
     */
    public record BlockSizes(int minimumBytes, int preferredBytes, int maximumPayloadBytes) {
        /** Any byte, best 4 KiB, at most 32 MiB: what every client can. */
        public static final BlockSizes DEFAULT = new BlockSizes(1, 4096, 32 << 20);

        public BlockSizes {
            if (Integer.bitCount(minimumBytes) != 1 || minimumBytes < 1 || minimumBytes > 1 << 16) {
                throw new IllegalArgumentException("minimum block " + minimumBytes);
            }
            if (Integer.bitCount(preferredBytes) != 1 || preferredBytes < Math.max(512, minimumBytes)) {
                throw new IllegalArgumentException("preferred block " + preferredBytes);
            }
            if (maximumPayloadBytes < Math.max(1 << 20, preferredBytes) || maximumPayloadBytes > 64 << 20) {
                throw new IllegalArgumentException("maximum payload " + maximumPayloadBytes);
            }
        }
    }
}
