package io.firn.objectstore;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the sender claims about the bytes, checked before anything becomes visible.
 *
 * @param lengthBytes the exact length; a body over its limit is refused before a byte is read when this is present
 * @param md5 Base64 or nothing: {@code Content-MD5}
 * @param checksum a checksum sent ahead of the bytes
 * @param algorithm the algorithm to store a checksum of, when the value comes after the bytes or not at all
 * @param isMd5Wanted whether the ETag is the MD5, as S3's clients have it; otherwise, for those who never look at it, it is made of the
 *     checksum, which takes a tenth of the time
 */
public record Expectations(
        OptionalLong lengthBytes,
        Optional<String> md5,
        Optional<Checksum> checksum,
        Optional<ChecksumAlgorithm> algorithm,
        boolean isMd5Wanted) {
    public static final Expectations NONE =
            new Expectations(OptionalLong.empty(), Optional.empty(), Optional.empty(), Optional.empty(), true);

    public static Expectations length(long lengthBytes) {
        return new Expectations(
                OptionalLong.of(lengthBytes), Optional.empty(), Optional.empty(), Optional.empty(), true);
    }

    /** The same for bytes whose MD5 nobody asks for; one that is claimed is checked all the same. */
    public Expectations withoutMd5() {
        return new Expectations(lengthBytes, md5, checksum, algorithm, false);
    }

    /** The same, with a checksum of this algorithm to be stored in place of the usual one. */
    public Expectations storing(ChecksumAlgorithm wanted) {
        return new Expectations(lengthBytes, md5, checksum, Optional.of(wanted), isMd5Wanted);
    }
}
