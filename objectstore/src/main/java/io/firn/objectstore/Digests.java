package io.firn.objectstore;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What is computed of a body while it passes: MD5 unless nobody wants it, and one or two checksums. One thread at a time. */
final class Digests {
    private final List<Digester> digesters = new ArrayList<>(3);

    Digests(Set<ChecksumAlgorithm> algorithms) {
        algorithms.forEach(algorithm -> digesters.add(Digester.of(algorithm)));
    }

    /** What to compute for a body of which {@code expectations} are claimed, to store a checksum of {@code stored}. */
    static Set<ChecksumAlgorithm> wanted(Expectations expectations, ChecksumAlgorithm stored) {
        Set<ChecksumAlgorithm> wanted = EnumSet.of(stored);
        expectations.checksum().ifPresent(checksum -> wanted.add(checksum.algorithm()));
        expectations.algorithm().ifPresent(wanted::add);
        if (expectations.isMd5Wanted() || expectations.md5().isPresent()) {
            wanted.add(ChecksumAlgorithm.MD5);
        }
        return wanted;
    }

    /** Feeds what remains in {@code bytes}, whose position stays. */
    void update(ByteBuffer bytes) {
        for (Digester digester : digesters) {
            digester.update(bytes.duplicate());
        }
    }

    Results finish() {
        return new Results(digesters.stream().map(Digester::checksum).toList());
    }

    /** The digests of a whole body. */
    record Results(List<Checksum> checksums) {
        /** Of the MD5, or without it of the first checksum there is. */
        ETag etag() {
            return ETag.of(of(ChecksumAlgorithm.MD5).orElseGet(checksums::getFirst));
        }

        Optional<Checksum> of(ChecksumAlgorithm algorithm) {
            return checksums.stream()
                    .filter(checksum -> checksum.algorithm() == algorithm)
                    .findFirst();
        }
    }
}
