package io.firn.objectstore;

import java.util.HexFormat;
import java.util.Optional;

/**
 * Names a multipart upload: 32 hexadecimal digits.
 *
 * @param ordinal the store-wide order in which uploads were begun
 * @param nonce random bits, so that an id cannot be guessed from another
 */
public record UploadId(long ordinal, long nonce) {

    /** The id that {@link #text} gave, or nothing when no upload ever had this text. */
    public static Optional<UploadId> parse(String text) {
        if (text.length() != 32 || !text.chars().allMatch(HexFormat::isHexDigit)) {
            return Optional.empty();
        }
        return Optional.of(
                new UploadId(HexFormat.fromHexDigitsToLong(text, 0, 16), HexFormat.fromHexDigitsToLong(text, 16, 32)));
    }

    public String text() {
        return HexFormat.of().toHexDigits(ordinal) + HexFormat.of().toHexDigits(nonce);
    }

    @Override
    public String toString() {
        return text();
    }
}
