package io.firn.server.s3;

import io.firn.objectstore.Checksum;
import io.firn.objectstore.ChecksumAlgorithm;
import io.firn.server.xml.XmlElement;
import io.firn.server.xml.XmlWriter;
import java.util.Optional;

/** Checksums as elements: {@code <ChecksumCRC32>}, {@code <ChecksumType>}. */
final class ChecksumXml {
    private ChecksumXml() {}

    /** Adds value and type. */
    static void write(XmlWriter xml, Checksum checksum) {
        writeValue(xml, checksum);
        xml.element("ChecksumType", checksum.type().name());
    }

    /** Adds the value. */
    static void writeValue(XmlWriter xml, Checksum checksum) {
        xml.element("Checksum" + checksum.algorithm().wireName(), checksum.wireValue());
    }

    /** The first checksum directly in {@code parent}. */
    static Optional<Checksum> read(XmlElement parent) {
        for (ChecksumAlgorithm algorithm : ChecksumAlgorithm.values()) {
            Optional<String> value = parent.text("Checksum" + algorithm.wireName());
            if (value.isPresent()) {
                return Optional.of(Checksum.parse(algorithm, value.get().strip())
                        .orElseThrow(() -> new S3Exception(
                                S3ErrorCode.INVALID_PART,
                                "The checksum of a part is not a " + algorithm.wireName() + " value")));
            }
        }
        return Optional.empty();
    }
}
