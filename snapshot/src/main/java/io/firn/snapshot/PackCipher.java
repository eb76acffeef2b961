package io.firn.snapshot;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.firn.blockstore.MasterKey;
import io.firn.io.StorageException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.Optional;
import java.util.random.RandomGenerator;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Encrypts the objects of packs: AES-256 in counter mode (NIST SP 800-38A, December 2001) under a key that is drawn for this one object and
 * kept beside it, wrapped by the master key. No key meets two objects, so the counter may begin at 0, and any range can be read alone. What
 * rots is told by the checksums within; whoever may write to the bucket is not kept from forging, as with AES-XTS on volumes.
 *
 * <p><b>Threads.</b> Safe for many.
 */
final class PackCipher {
    private static final int KEY_BYTES = 32;
    private static final int AES_BYTES = 16;
    private static final int CACHED_KEYS = 4096;

    private final Optional<MasterKey> master;
    private final RandomGenerator random;
    private final Cache<String, SecretKeySpec> unwrapped = Caffeine.newBuilder()
            .maximumSize(CACHED_KEYS)
            .executor(Runnable::run)
            .build();

    /** {@code random} must be one that cannot be guessed, in production. */
    PackCipher(Optional<MasterKey> master, RandomGenerator random) {
        this.master = master;
        this.random = random;
    }

    /** Encrypted bytes, never compared, and the wrapped key that {@link #decrypt} asks for. */
    @SuppressWarnings("ArrayRecordComponent")
    record Encrypted(byte[] bytes, String wrappedKey) {}

    Encrypted encrypt(byte[] clear) {
        byte[] key = new byte[KEY_BYTES];
        random.nextBytes(key);
        String wrapped = Base64.getEncoder().encodeToString(masterKey().wrap(key));
        byte[] bytes = clear.clone();
        process(new SecretKeySpec(key, "AES"), 0, bytes);
        return new Encrypted(bytes, wrapped);
    }

    /** Decrypts in place what lies at an offset of an object; {@code Unavailable} when the master key is missing or another one. */
    void decrypt(String wrappedKey, long offset, byte[] bytes) {
        SecretKeySpec key = unwrapped.get(
                wrappedKey,
                wrapped ->
                        new SecretKeySpec(masterKey().unwrap(Base64.getDecoder().decode(wrapped)), "AES"));
        process(key, offset, bytes);
    }

    private MasterKey masterKey() {
        return master.orElseThrow(() -> new StorageException.Unavailable(
                "the snapshot is encrypted and the store was opened without a master key"));
    }

    /** Counter mode is its own inverse. */
    private static void process(SecretKeySpec key, long offset, byte[] bytes) {
        byte[] counter = ByteBuffer.allocate(AES_BYTES)
                .putLong(Long.BYTES, offset / AES_BYTES)
                .array();
        try {
            Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, key, new IvParameterSpec(counter));
            byte[] skipped = new byte[(int) (offset % AES_BYTES)];
            cipher.update(skipped, 0, skipped.length, skipped, 0);
            cipher.doFinal(bytes, 0, bytes.length, bytes, 0);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES in counter mode", e);
        }
    }
}
