package io.firn.objectstore;

import java.util.HexFormat;
import java.util.Optional;

/**
 * Names one version of an object: {@link #NULL} for the version written while versioning was not enabled, else 32 hexadecimal digits.
 *
 * @param ordinal the store-wide order in which versions were made; newer is larger
 * @param nonce random bits, so that an id cannot be guessed from another
 * @param isNull true for the null version
 */
public record VersionId(long ordinal, long nonce, boolean isNull) {
    /** The null version, whatever its ordinal. */
    public static final VersionId NULL = new VersionId(0, 0, true);

    private static final int TEXT_LENGTH = 32;

    public VersionId {
        if (isNull && (ordinal != 0 || nonce != 0)) {
            throw new IllegalArgumentException("the null version id carries no ordinal");
        }
    }

    /** The id that {@link #text} gave, or nothing when no version ever had this text. */
    public static Optional<VersionId> parse(String text) {
        if (text.equals("null")) {
            return Optional.of(NULL);
        }
        if (text.length() != TEXT_LENGTH || !text.chars().allMatch(HexFormat::isHexDigit)) {
            return Optional.empty();
        }
        return Optional.of(new VersionId(
                HexFormat.fromHexDigitsToLong(text, 0, 16), HexFormat.fromHexDigitsToLong(text, 16, 32), false));
    }

    /** {@code null}, or 32 hexadecimal digits. */
    public String text() {
        return isNull
                ? "null"
                : HexFormat.of().toHexDigits(ordinal) + HexFormat.of().toHexDigits(nonce);
    }

    @Override
    public String toString() {
        return text();
    }
}
