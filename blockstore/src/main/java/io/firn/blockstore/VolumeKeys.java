package io.firn.blockstore;

import io.firn.io.StorageException;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Makes and unwraps the keys of encrypted volumes.
 *
 * <p><b>Threads.</b> Safe for many.
 */
final class VolumeKeys {
    private final Optional<MasterKey> master;
    private final RandomGenerator random;

    /** {@code random} must be one that cannot be guessed, in production. */
    VolumeKeys(Optional<MasterKey> master, RandomGenerator random) {
        this.master = master;
        this.random = random;
    }

    /** A new key, wrapped; {@link IllegalArgumentException} when the store has no master key. */
    byte[] fresh() {
        MasterKey wrapping = master.orElseThrow(() ->
                new IllegalArgumentException("an encrypted volume needs a store that was opened with a master key"));
        byte[] key = new byte[Xts.KEY_BYTES];
        random.nextBytes(key);
        return wrapping.wrap(key);
    }

    /** The volume's key; {@link StorageException.Unavailable} when the master key is missing or another one. */
    byte[] unwrap(byte[] wrapped) {
        return master.orElseThrow(() -> new StorageException.Unavailable(
                        "the volume is encrypted and the store was opened without a master key"))
                .unwrap(wrapped);
    }
}
