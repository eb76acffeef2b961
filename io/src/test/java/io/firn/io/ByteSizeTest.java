package io.firn.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ByteSizeTest {

    @ParameterizedTest
    @CsvSource({
        "4KiB, 4096",
        "64MiB, 67108864",
        "10GiB, 10737418240",
        "1.5gib, 1610612736",
        "512, 512",
        "7B, 7",
        "500 MB, 500000000",
        "7EiB, 8070450532247928832",
        "0, 0"
    })
    void reads(String text, long bytes) {
        assertEquals(bytes, ByteSize.parse(text).bytes());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "MiB", "-1", "1.3B", "8EiB", "1 potato", "1e3", "0x10"})
    void refuses(String text) {
        assertThrows(IllegalArgumentException.class, () -> ByteSize.parse(text));
    }

    @ParameterizedTest
    @CsvSource({"0, 0B", "1000, 1000B", "4096, 4KiB", "1610612736, 1536MiB", "1152921504606846976, 1EiB"})
    void prints(long bytes, String text) {
        assertEquals(text, new ByteSize(bytes).toString());
        assertEquals(bytes, ByteSize.parse(text).bytes());
    }

    @Test
    void refusesNegativeSizes() {
        assertThrows(IllegalArgumentException.class, () -> new ByteSize(-1));
        assertThrows(ArithmeticException.class, () -> ByteSize.ofMiB(Long.MAX_VALUE));
    }
}
