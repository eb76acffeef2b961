package io.firn.objectstore;

import java.util.Base64;
import java.util.Optional;

/**
 * A checksum of an object or of a part: what a client sent, what the store computed, what it keeps.
 *
 * <p>Immutable; two checksums are equal when algorithm, type, digest and number of parts are.
 *
 * @param algorithm how the digest was computed
 * @param type what it covers
 * @param base64 the digest in canonical Base64 with padding, without the {@code -N} of composites
 * @param partCount how many parts a composite was made of, 1 to 10,000; 0 for a full-object checksum
 */
public record Checksum(ChecksumAlgorithm algorithm, ChecksumType type, String base64, int partCount) {

    private static final int MAX_PARTS = 10_000;

    public Checksum {
        if (!isDigest(algorithm, base64)) {
            throw new IllegalArgumentException("Not a canonical Base64 " + algorithm + " digest: " + base64);
        }
        boolean fits = switch (type) {
            case COMPOSITE -> partCount >= 1 && partCount <= MAX_PARTS;
            case FULL_OBJECT -> partCount == 0;
        };
        if (!fits) {
            throw new IllegalArgumentException("A " + type + " checksum of " + partCount + " parts");
        }
    }

    /** The checksum of a whole object or part whose digest is {@code digest} (copied). */
    public static Checksum fullObject(ChecksumAlgorithm algorithm, byte[] digest) {
        return new Checksum(
                algorithm, ChecksumType.FULL_OBJECT, Base64.getEncoder().encodeToString(digest), 0);
    }

    /**
     * Reads a value as clients write it: {@code base64} for a full-object checksum, {@code base64-N} for a composite. Empty when
     * the text is not one: wrong length, not Base64, or N not in 1 to 10,000.
     */
    public static Optional<Checksum> parse(ChecksumAlgorithm algorithm, String text) {
        int dash = text.indexOf('-');
        String base64 = dash < 0 ? text : text.substring(0, dash);
        if (!isDigest(algorithm, base64)) {
            return Optional.empty();
        }
        if (dash < 0) {
            return Optional.of(new Checksum(algorithm, ChecksumType.FULL_OBJECT, base64, 0));
        }
        String count = text.substring(dash + 1);
        if (count.isEmpty() || count.length() > 5 || !count.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return Optional.empty();
        }
        int partCount = Integer.parseInt(count);
        if (partCount < 1 || partCount > MAX_PARTS) {
            return Optional.empty();
        }
        return Optional.of(new Checksum(algorithm, ChecksumType.COMPOSITE, base64, partCount));
    }

    /** The digest's bytes; a fresh copy. */
    public byte[] digest() {
        return Base64.getDecoder().decode(base64);
    }

    /** The value as S3 writes it: {@code base64}, or {@code base64-N} for a composite. */
    public String wireValue() {
        return type == ChecksumType.COMPOSITE ? base64 + "-" + partCount : base64;
    }

    private static boolean isDigest(ChecksumAlgorithm algorithm, String base64) {
        if (base64.length() != (algorithm.bytes() + 2) / 3 * 4) {
            return false;
        }
        try {
            byte[] digest = Base64.getDecoder().decode(base64);
            // The decoder tolerates stray low bits in the last digit; two spellings of one digest would not be equal.
            return digest.length == algorithm.bytes()
                    && Base64.getEncoder().encodeToString(digest).equals(base64);
        } catch (IllegalArgumentException notBase64) {
            return false;
        }
    }
}
