package io.firn.blockstore;

import io.firn.io.StorageException;
import java.security.GeneralSecurityException;
import java.util.Optional;
import java.util.random.RandomGenerator;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/**
 * Makes and unwraps the keys of encrypted volumes (AES key wrap, RFC 3394).
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
        byte[] key = new byte[Xts.KEY_BYTES];
        random.nextBytes(key);
        try {
            Cipher wrap = wrapping(Cipher.WRAP_MODE);
            return wrap.wrap(new SecretKeySpec(key, "AES"));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a key of whole blocks can be wrapped", e);
        }
    }

    /** The volume's key; {@link StorageException.Unavailable} when the master key is missing or another one. */
    byte[] unwrap(byte[] wrapped) {
        if (master.isEmpty()) {
            throw new StorageException.Unavailable(
                    "the volume is encrypted and the store was opened without a master key");
        }
        try {
            return wrapping(Cipher.UNWRAP_MODE)
                    .unwrap(wrapped, "AES", Cipher.SECRET_KEY)
                    .getEncoded();
        } catch (GeneralSecurityException e) {
            throw new StorageException.Unavailable("the volume's key is wrapped by another master key", e);
        }
    }

    private Cipher wrapping(int mode) throws GeneralSecurityException {
        byte[] key = master.orElseThrow(() -> new IllegalArgumentException(
                        "an encrypted volume needs a store that was opened with a master key"))
                .bytes();
        Cipher cipher = Cipher.getInstance("AESWrap");
        cipher.init(mode, new SecretKeySpec(key, "AES"));
        return cipher;
    }
}
