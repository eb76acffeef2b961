package io.firn.snapshot;

import io.firn.io.Crc32c;
import io.firn.io.RecordReader;

/** Bytes among others that were read with them; handed on, never compared. */
@SuppressWarnings("ArrayRecordComponent")
record Stretch(byte[] bytes, int offset, int length) {
    static final Stretch NONE = of(new byte[0]);

    static Stretch of(byte[] bytes) {
        return new Stretch(bytes, 0, bytes.length);
    }

    RecordReader reader() {
        return new RecordReader(bytes, offset, offset + length);
    }

    int crc() {
        return Crc32c.of(bytes, offset, length);
    }
}
