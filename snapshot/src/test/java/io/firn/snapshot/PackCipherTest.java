package io.firn.snapshot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.blockstore.MasterKey;
import io.firn.io.Randomness;
import io.firn.io.StorageException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** Against counter mode made of single AES blocks, and what is refused. */
final class PackCipherTest {
    private static final MasterKey MASTER = new MasterKey(VolumeSnapshotsRig.bytes(1, MasterKey.BYTES));

    private final PackCipher cipher = new PackCipher(Optional.of(MASTER), Randomness.seeded(2));
    private final byte[] clear = VolumeSnapshotsRig.bytes(3, 1000);

    @Test
    void isCounterModeFromZero() throws Exception {
        PackCipher.Encrypted encrypted = cipher.encrypt(clear);
        byte[] key = MASTER.unwrap(Base64.getDecoder().decode(encrypted.wrappedKey()));
        Cipher block = Cipher.getInstance("AES/ECB/NoPadding");
        block.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
        for (int at = 0; at < clear.length; at++) {
            byte[] pad =
                    block.doFinal(ByteBuffer.allocate(16).putLong(8, at / 16).array());
            assertEquals((byte) (clear[at] ^ pad[at % 16]), encrypted.bytes()[at]);
        }
    }

    @Test
    void decryptsAnyRange() {
        PackCipher.Encrypted encrypted = cipher.encrypt(clear);
        for (int from = 0; from < 50; from++) {
            for (int to = from; to < from + 50; to++) {
                byte[] range = Arrays.copyOfRange(encrypted.bytes(), from, to);
                cipher.decrypt(encrypted.wrappedKey(), from, range);
                assertArrayEquals(Arrays.copyOfRange(clear, from, to), range);
            }
        }
    }

    @Test
    void drawsAKeyForEachObject() {
        assertNotEquals(
                cipher.encrypt(clear).wrappedKey(), cipher.encrypt(clear).wrappedKey());
    }

    @Test
    void refusesAnotherMasterKeyOrNone() {
        String wrapped = cipher.encrypt(clear).wrappedKey();
        MasterKey other = new MasterKey(VolumeSnapshotsRig.bytes(4, MasterKey.BYTES));
        for (Optional<MasterKey> wrong : List.of(Optional.of(other), Optional.<MasterKey>empty())) {
            PackCipher without = new PackCipher(wrong, Randomness.seeded(5));
            StorageException.Unavailable refused =
                    assertThrows(StorageException.Unavailable.class, () -> without.decrypt(wrapped, 0, clear.clone()));
            assertTrue(String.valueOf(refused.getMessage()).contains("master key"), refused.getMessage());
        }
    }
}
