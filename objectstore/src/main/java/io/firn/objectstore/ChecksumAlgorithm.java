package io.firn.objectstore;

import java.util.Locale;
import java.util.Optional;

/**
 * The checksum algorithms that S3 accepts from clients, verifies and stores with an object.
 *
 * <p>Which {@link ChecksumType}s a multipart upload may ask for follows from the mathematics: only a CRC of the whole can be
 * computed from the CRCs of its parts. CRC64NVME is never composite. The five algorithms of April 2026 (SHA512, MD5 and the
 * three xxHashes) are composite only, as the SHAs are. An object uploaded in one request always has a full-object checksum.
 *
 * <p>Source: S3 User Guide, "Checking object integrity for data uploads in Amazon S3", and the S3 API page "Checksum", read
 * 2026-11.
 */
public enum ChecksumAlgorithm {
    CRC32(4, true, true),
    CRC32C(4, true, true),
    CRC64NVME(8, false, true),
    SHA1(20, true, false),
    SHA256(32, true, false),
    SHA512(64, true, false),
    MD5(16, true, false),
    XXHASH64(8, true, false),
    XXHASH3(8, true, false),
    XXHASH128(16, true, false);

    private static final String HEADER_PREFIX = "x-amz-checksum-";

    private final int bytes;
    private final boolean compositeInMultipart;
    private final boolean fullObjectInMultipart;
    private final String headerName;

    ChecksumAlgorithm(int bytes, boolean compositeInMultipart, boolean fullObjectInMultipart) {
        this.bytes = bytes;
        this.compositeInMultipart = compositeInMultipart;
        this.fullObjectInMultipart = fullObjectInMultipart;
        this.headerName = HEADER_PREFIX + name().toLowerCase(Locale.ROOT);
    }

    /** The name in {@code x-amz-checksum-algorithm} and in XML: {@code CRC64NVME}. */
    public String wireName() {
        return name();
    }

    /** The header or trailer that carries a value, in lower case: {@code x-amz-checksum-crc64nvme}. */
    public String headerName() {
        return headerName;
    }

    /** The length of a digest in bytes. */
    public int bytes() {
        return bytes;
    }

    /** Whether a multipart upload may be created with this algorithm and {@code type}. */
    public boolean allowsInMultipart(ChecksumType type) {
        return switch (type) {
            case COMPOSITE -> compositeInMultipart;
            case FULL_OBJECT -> fullObjectInMultipart;
        };
    }

    /** The type of a multipart upload that names this algorithm and no type: composite wherever that is allowed. */
    public ChecksumType defaultMultipartType() {
        return allowsInMultipart(ChecksumType.COMPOSITE) ? ChecksumType.COMPOSITE : ChecksumType.FULL_OBJECT;
    }

    /** The algorithm of a wire name in any case, or empty when S3 knows none of that name. */
    public static Optional<ChecksumAlgorithm> parse(String wireName) {
        for (ChecksumAlgorithm algorithm : values()) {
            if (algorithm.wireName().equalsIgnoreCase(wireName)) {
                return Optional.of(algorithm);
            }
        }
        return Optional.empty();
    }

    /** The algorithm whose value travels in the header or trailer {@code name} (any case); empty for every other header. */
    public static Optional<ChecksumAlgorithm> ofHeader(String name) {
        for (ChecksumAlgorithm algorithm : values()) {
            if (algorithm.headerName.equalsIgnoreCase(name)) {
                return Optional.of(algorithm);
            }
        }
        return Optional.empty();
    }
}
