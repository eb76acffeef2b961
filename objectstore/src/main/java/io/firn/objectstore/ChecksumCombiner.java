package io.firn.objectstore;

/**
 * Makes the checksum of a multipart object from those of its parts, fed in part order, without reading the object.
 *
 * <p>A composite is the digest of the parts' digests. A full-object CRC is combined algebraically: appending n bytes to a message
 * multiplies its CRC, seen as a polynomial over GF(2), by x^(8n) modulo the CRC's polynomial. The power is found by repeated
 * squaring, so a part costs a few hundred shifts however long it is. Source: M. Adler, zlib's {@code crc32_combine}, 2022.
 *
 * <p><b>Threads.</b> For one thread at a time. <b>Memory.</b> Constant.
 */
public final class ChecksumCombiner {

    private final ChecksumAlgorithm algorithm;
    private final ChecksumType type;
    private final Digester digester;
    private long crc;
    private int partCount;

    /** Throws {@code IllegalArgumentException} when {@code algorithm} does not allow {@code type} in multipart uploads. */
    public ChecksumCombiner(ChecksumAlgorithm algorithm, ChecksumType type) {
        if (!algorithm.allowsInMultipart(type)) {
            throw new IllegalArgumentException(algorithm + " has no " + type + " checksum for multipart uploads");
        }
        this.algorithm = algorithm;
        this.type = type;
        this.digester = Digester.of(algorithm);
    }

    /** Adds the next part, whose own full-object checksum is {@code part} and which is {@code lengthBytes} long. */
    public void add(Checksum part, long lengthBytes) {
        if (part.algorithm() != algorithm || part.type() != ChecksumType.FULL_OBJECT || lengthBytes < 0) {
            throw new IllegalArgumentException("Not a part of " + algorithm + ": " + part + ", " + lengthBytes);
        }
        byte[] digest = part.digest();
        switch (type) {
            case COMPOSITE -> digester.update(digest, 0, digest.length);
            case FULL_OBJECT -> crc = append(crc, bigEndianValue(digest), lengthBytes);
        }
        partCount++;
    }

    /** The checksum of all parts so far; begins anew. Throws {@code IllegalStateException} when there was no part. */
    public Checksum combined() {
        if (partCount == 0) {
            throw new IllegalStateException("No part to combine");
        }
        Checksum whole = switch (type) {
            case COMPOSITE -> {
                String base64 =
                        Checksum.fullObject(algorithm, digester.digest()).base64();
                yield new Checksum(algorithm, type, base64, partCount);
            }
            case FULL_OBJECT -> Checksum.fullObject(algorithm, Digester.bigEndian(crc, algorithm.bytes()));
        };
        crc = 0;
        partCount = 0;
        return whole;
    }

    private long append(long before, long part, long lengthBytes) {
        return multiply(powerOfX(lengthBytes), before) ^ part;
    }

    /** x^(8 n) modulo the polynomial. */
    private long powerOfX(long lengthBytes) {
        long power = one();
        long square = one() >>> 8; // x^8
        for (long left = lengthBytes; left != 0; left >>>= 1) {
            if ((left & 1) != 0) {
                power = multiply(power, square);
            }
            square = multiply(square, square);
        }
        return power;
    }

    /** The product of two reflected polynomials modulo the CRC's: the coefficient of x^0 is the highest bit of the width. */
    private long multiply(long a, long b) {
        long polynomial = reflectedPolynomial();
        long product = 0;
        long shifted = b;
        for (long bit = one(); bit != 0; bit >>>= 1) {
            if ((a & bit) != 0) {
                product ^= shifted;
            }
            shifted = (shifted >>> 1) ^ ((shifted & 1) == 0 ? 0 : polynomial);
        }
        return product;
    }

    private long one() {
        return 1L << (algorithm.bytes() * 8 - 1);
    }

    private long reflectedPolynomial() {
        return switch (algorithm) {
            case CRC32 -> 0xEDB88320L;
            case CRC32C -> 0x82F63B78L;
            case CRC64NVME -> Crc64Nvme.REFLECTED_POLYNOMIAL;
            case SHA1, SHA256, SHA512, MD5, XXHASH64, XXHASH3, XXHASH128 ->
                throw new IllegalStateException(algorithm + " is no CRC");
        };
    }

    private static long bigEndianValue(byte[] digest) {
        long value = 0;
        for (byte b : digest) {
            value = value << 8 | (b & 0xFF);
        }
        return value;
    }
}
