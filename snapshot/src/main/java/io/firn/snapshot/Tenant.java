package io.firn.snapshot;

import java.nio.ByteBuffer;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Among whose snapshots content is shared: those of one owner. Nobody else's hash of the same content is the same. Safe for threads. */
final class Tenant {
    private static final String ALGORITHM = "HmacSHA256";

    private final SecretKeySpec key;
    private final HashRuns runs;

    /** @param key its own, of 32 bytes */
    Tenant(byte[] key, HashRuns runs) {
        this.key = new SecretKeySpec(key, ALGORITHM);
        this.runs = runs;
    }

    HashRuns runs() {
        return runs;
    }

    ChunkHash hash(byte[] chunk) {
        ByteBuffer hash = ByteBuffer.wrap(hmac(key, chunk));
        return new ChunkHash(hash.getLong(), hash.getLong());
    }

    /** HMAC-SHA-256 (RFC 2104, FIPS 180-4). */
    static byte[] hmac(byte[] key, byte[] message) {
        return hmac(new SecretKeySpec(key, ALGORITHM), message);
    }

    private static byte[] hmac(SecretKeySpec key, byte[] message) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return mac.doFinal(message);
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
        }
    }
}
