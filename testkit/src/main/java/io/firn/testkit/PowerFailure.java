package io.firn.testkit;

/**
 * The simulated machine lost power: every call on its disk throws this from then on, until {@link SimDisk#crash} gives the disk that
 * is found afterwards. Not a {@code StorageException}, so that no code under test can handle it.
 */
public final class PowerFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    PowerFailure(String message) {
        super(message);
    }
}
