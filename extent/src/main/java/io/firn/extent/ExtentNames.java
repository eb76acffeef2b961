package io.firn.extent;

import java.util.HexFormat;
import java.util.OptionalLong;

/** File names of extents: sixteen hexadecimal digits, so that sorted names are sorted ids. */
final class ExtentNames {
    private static final String SUFFIX = ".extent";
    private static final int DIGITS = 16;

    private ExtentNames() {}

    static String name(long extentId) {
        return HexFormat.of().toHexDigits(extentId) + SUFFIX;
    }

    /** The id in a name that {@link #name} made; empty for anything else. */
    static OptionalLong parse(String name) {
        if (name.length() != DIGITS + SUFFIX.length() || !name.endsWith(SUFFIX)) {
            return OptionalLong.empty();
        }
        for (int i = 0; i < DIGITS; i++) {
            char c = name.charAt(i);
            if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f')) {
                return OptionalLong.empty();
            }
        }
        long id = HexFormat.fromHexDigitsToLong(name, 0, DIGITS);
        return id < 0 ? OptionalLong.empty() : OptionalLong.of(id);
    }
}
