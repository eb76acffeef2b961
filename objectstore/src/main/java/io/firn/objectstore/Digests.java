package io.firn.objectstore;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What is computed of a body while it passes: always MD5, and one or two checksums. One thread at a time. */
final class Digests {
    private final Digester md5 = Digester.of(ChecksumAlgorithm.MD5);
    private final List<Digester> others = new ArrayList<>(2);

    Digests(Set<ChecksumAlgorithm> algorithms) {
        for (ChecksumAlgorithm algorithm : algorithms) {
            if (algorithm != ChecksumAlgorithm.MD5) {
                others.add(Digester.of(algorithm));
            }
        }
    }

    /** What to compute for a body of which {@code expectations} are claimed, to store a checksum of {@code stored}. */
    static Set<ChecksumAlgorithm> wanted(Expectations expectations, ChecksumAlgorithm stored) {
        Set<ChecksumAlgorithm> wanted = EnumSet.of(stored);
        expectations.checksum().ifPresent(checksum -> wanted.add(checksum.algorithm()));
        expectations.algorithm().ifPresent(wanted::add);
        return wanted;
    }

    /** Feeds what remains in {@code bytes}, whose position stays. */
    void update(ByteBuffer bytes) {
        md5.update(bytes.duplicate());
        for (Digester other : others) {
            other.update(bytes.duplicate());
        }
    }

    Results finish() {
        byte[] md5Digest = md5.digest();
        List<Checksum> checksums = new ArrayList<>(others.size() + 1);
        checksums.add(Checksum.fullObject(ChecksumAlgorithm.MD5, md5Digest));
        for (Digester other : others) {
            checksums.add(other.checksum());
        }
        return new Results(md5Digest, checksums);
    }

    /** The digests of a whole body. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Results(byte[] md5, List<Checksum> checksums) {
        Optional<Checksum> of(ChecksumAlgorithm algorithm) {
            return checksums.stream()
                    .filter(checksum -> checksum.algorithm() == algorithm)
                    .findFirst();
        }
    }
}
