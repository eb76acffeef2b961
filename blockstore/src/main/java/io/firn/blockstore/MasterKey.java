package io.firn.blockstore;

import io.firn.io.StorageException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/**
 * 32 bytes that wrap the keys of volumes and of snapshots (AES key wrap, RFC 3394, September 2002). Never printed; compared in constant
 * time.
 *
 * <p><b>Threads.</b> Safe for many.
 */
public final class MasterKey {
    /** Length of the key. */
    public static final int BYTES = 32;

    private static final String AES = "AES";

    private final byte[] key;

    public MasterKey(byte[] key) {
        if (key.length != BYTES) {
            throw new IllegalArgumentException("a master key has " + BYTES + " bytes, not " + key.length);
        }
        this.key = key.clone();
    }

    /** A key under this one: 8 bytes longer. {@code dataKey} has a multiple of 8 bytes, at least 16. */
    public byte[] wrap(byte[] dataKey) {
        try {
            return cipher(Cipher.WRAP_MODE).wrap(new SecretKeySpec(dataKey, AES));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("a key of " + dataKey.length + " bytes cannot be wrapped", e);
        }
    }

    /** The key that was wrapped; {@link StorageException.Unavailable} when it was wrapped by another master key, or is damaged. */
    public byte[] unwrap(byte[] wrapped) {
        try {
            return cipher(Cipher.UNWRAP_MODE)
                    .unwrap(wrapped, AES, Cipher.SECRET_KEY)
                    .getEncoded();
        } catch (GeneralSecurityException e) {
            throw new StorageException.Unavailable("the key is wrapped by another master key", e);
        }
    }

    private Cipher cipher(int mode) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AESWrap");
        cipher.init(mode, new SecretKeySpec(key, AES));
        return cipher;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof MasterKey that && MessageDigest.isEqual(key, that.key);
    }

    @Override
    public int hashCode() {
        return MasterKey.class.hashCode();
    }

    @Override
    public String toString() {
        return "MasterKey[hidden]";
    }
}
