package io.firn.blockstore;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/**
 * AES-256-XTS over 4 KiB blocks, with the LBA as the tweak (IEEE Std 1619-2018; NIST SP 800-38E): as long as the clear text, so the log
 * holds it as it is, and its CRC is checked without the key.
 *
 * <p><b>Threads.</b> Belongs to one.
 */
final class Xts {
    static final int KEY_BYTES = 64;

    private static final int AES_BYTES = 16;
    /** x^128 = x^7 + x^2 + x + 1. */
    private static final long POLYNOMIAL = 0x87;

    private final Cipher encrypt;
    private final Cipher decrypt;
    private final Cipher tweak;
    private final byte[] text = new byte[Block.BYTES];
    private final long[] tweaks = new long[Block.BYTES / Long.BYTES];

    /** {@code key}: 32 bytes for the data, then 32 for the tweak. */
    Xts(byte[] key) {
        try {
            encrypt = cipher(Cipher.ENCRYPT_MODE, key, 0);
            decrypt = cipher(Cipher.DECRYPT_MODE, key, 0);
            tweak = cipher(Cipher.ENCRYPT_MODE, key, KEY_BYTES / 2);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES", e);
        }
    }

    /** One AES block after the other; what chains them is XTS's tweak. */
    @SuppressWarnings("InsecureCryptoUsage")
    private static Cipher cipher(int mode, byte[] key, int offset) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/ECB/NoPadding");
        cipher.init(mode, new SecretKeySpec(key, offset, KEY_BYTES / 2, "AES"));
        return cipher;
    }

    /** Encrypts {@code length} bytes of a buffer in place, a multiple of 16 and at most 4 KiB. */
    void encrypt(long lba, ByteBuffer bytes, int offset, int length) {
        process(encrypt, lba, bytes, offset, length);
    }

    /** Decrypts in place. */
    void decrypt(long lba, ByteBuffer bytes, int offset, int length) {
        process(decrypt, lba, bytes, offset, length);
    }

    private void process(Cipher cipher, long lba, ByteBuffer bytes, int offset, int length) {
        try {
            fillTweaks(lba, length);
            ByteBuffer scratch = ByteBuffer.wrap(text).order(ByteOrder.LITTLE_ENDIAN);
            bytes.get(offset, text, 0, length);
            mask(scratch, length);
            cipher.doFinal(text, 0, length, text, 0);
            mask(scratch, length);
            bytes.put(offset, text, 0, length);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES of whole blocks cannot fail", e);
        }
    }

    private void mask(ByteBuffer scratch, int length) {
        for (int i = 0; i < length / Long.BYTES; i++) {
            scratch.putLong(i * Long.BYTES, scratch.getLong(i * Long.BYTES) ^ tweaks[i]);
        }
    }

    private void fillTweaks(long lba, int length) throws GeneralSecurityException {
        ByteBuffer first =
                ByteBuffer.allocate(AES_BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(0, lba);
        ByteBuffer start = ByteBuffer.wrap(tweak.doFinal(first.array())).order(ByteOrder.LITTLE_ENDIAN);
        long low = start.getLong(0);
        long high = start.getLong(Long.BYTES);
        for (int i = 0; i < length / Long.BYTES; i += 2) {
            tweaks[i] = low;
            tweaks[i + 1] = high;
            long carry = high >> 63 & POLYNOMIAL;
            high = high << 1 | low >>> 63;
            low = low << 1 ^ carry;
        }
    }
}
