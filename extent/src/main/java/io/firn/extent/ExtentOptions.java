package io.firn.extent;

/**
 * The knobs of an {@link ExtentDirectory}.
 *
 * @param openFiles how many file handles are kept open between uses, 3 to 1,000,000 (default 512); more saves an open per read of a cold
 *     extent. Handles in use, and those of extents with unsynced writes, stay open beyond the bound
 */
public record ExtentOptions(int openFiles) {
    public ExtentOptions {
        if (openFiles < 3 || openFiles > 1_000_000) {
            throw new IllegalArgumentException("openFiles is 3 to 1,000,000: " + openFiles);
        }
    }

    public static ExtentOptions defaults() {
        return new ExtentOptions(512);
    }
}
