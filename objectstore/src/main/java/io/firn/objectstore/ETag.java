package io.firn.objectstore;

import java.util.HexFormat;

/**
 * The entity tag of an object or part, without quotes: the MD5 of its bytes in hexadecimal, or for a multipart object the MD5 of its
 * parts' MD5s followed by {@code -} and the number of parts.
 */
public record ETag(String text) {

    /** The tag of bytes with this MD5. */
    public static ETag ofMd5(byte[] md5) {
        return new ETag(HexFormat.of().formatHex(md5));
    }

    /** The tag of bytes with this checksum: its digest in hexadecimal, for MD5 what S3's clients expect. */
    static ETag of(Checksum checksum) {
        return new ETag(HexFormat.of().formatHex(checksum.digest()));
    }

    static ETag ofParts(byte[] md5OfMd5s, int parts) {
        return new ETag(HexFormat.of().formatHex(md5OfMd5s) + "-" + parts);
    }

    @Override
    public String toString() {
        return text;
    }
}
