package io.firn.server.ebs;

import io.firn.io.Clock;
import io.firn.io.Disk;
import io.firn.io.DiskFile;
import io.firn.io.Randomness;
import io.firn.io.SmallFile;
import io.firn.io.StorageException;
import io.firn.server.ebs.EbsError.Invalid;
import io.firn.server.wire.ServiceException;
import io.firn.snapshot.BlockIdentity;
import io.firn.snapshot.SnapshotId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Block tokens and page tokens. Nothing of them is kept: each carries when it ends and an HMAC-SHA256, under a key of the data folder, over
 * that and over all it is good for. So they survive restarts, and none can be made, changed or used for another block or listing.
 *
 * <p>A token is the Base64 of kind (1 byte), end (8 bytes, milliseconds since 1970), for page tokens the next block (4 bytes), and the HMAC
 * (32 bytes); of an HMAC that differs nothing is told but that.
 *
 * <p><b>Threads.</b> Safe for many.
 */
final class Tokens {
    static final Duration BLOCK_LIFE = Duration.ofDays(7);
    static final Duration PAGE_LIFE = Duration.ofMinutes(60);

    private static final String KEY = "ebs-tokens.key";
    private static final int KEY_BYTES = 32;
    private static final String ALGORITHM = "HmacSHA256";
    private static final int MAC_BYTES = 32;
    private static final byte BLOCK = 1;
    private static final byte PAGE = 2;

    private final SecretKeySpec key;
    private final Clock clock;

    private Tokens(SecretKeySpec key, Clock clock) {
        this.key = key;
        this.clock = clock;
    }

    /** With the key of a folder for its owner only; made, and durable, at the first opening. */
    static Tokens open(Disk secrets, Clock clock) {
        if (!secrets.exists(KEY)) {
            SmallFile.replace(secrets, KEY, ByteBuffer.wrap(Randomness.secureBytes(KEY_BYTES)));
        }
        ByteBuffer bytes = ByteBuffer.allocate(KEY_BYTES);
        try (DiskFile file = secrets.open(KEY, Disk.OpenMode.READ)) {
            file.read(bytes, 0);
        }
        if (bytes.hasRemaining()) {
            throw new StorageException.Corrupt("file " + KEY + " is not a key of " + KEY_BYTES + " bytes");
        }
        return new Tokens(new SecretKeySpec(bytes.array(), ALGORITHM), clock);
    }

    /** When block tokens that are given now will end. */
    Instant blockExpiry() {
        return Instant.ofEpochMilli(clock.now().plus(BLOCK_LIFE).toEpochMilli());
    }

    /** A token with which a block can be read until {@code expiry}. */
    String block(SnapshotId snapshot, int block, BlockIdentity identity, Instant expiry) {
        ByteBuffer open = ByteBuffer.allocate(1 + Long.BYTES).put(BLOCK).putLong(expiry.toEpochMilli());
        return token(open.array(), of(snapshot, block, identity));
    }

    private static byte[] of(SnapshotId snapshot, int block, BlockIdentity identity) {
        byte[] id = text(snapshot.text());
        return ByteBuffer.allocate(id.length + Integer.BYTES + 2 * Long.BYTES)
                .put(id)
                .putInt(block)
                .putLong(identity.high())
                .putLong(identity.low())
                .array();
    }

    /** Throws unless the token was given for this block and has not ended. */
    void requireBlock(String token, SnapshotId snapshot, int block, BlockIdentity identity) {
        if (opened(token, BLOCK, 0, of(snapshot, block, identity)).isEmpty()) {
            throw EbsError.invalid(Invalid.INVALID_BLOCK_TOKEN, "The block token is not valid, or it has expired.");
        }
    }

    /** A token with which a listing, which its snapshots tell, goes on at a block. */
    String page(List<SnapshotId> listing, int nextBlock) {
        ByteBuffer open = ByteBuffer.allocate(1 + Long.BYTES + Integer.BYTES)
                .put(PAGE)
                .putLong(clock.now().plus(PAGE_LIFE).toEpochMilli())
                .putInt(nextBlock);
        return token(open.array(), of(listing));
    }

    private static byte[] of(List<SnapshotId> listing) {
        return text(String.join(" ", listing.stream().map(SnapshotId::text).toList()));
    }

    /** The block at which the listing goes on. */
    int nextBlock(String token, List<SnapshotId> listing) {
        return opened(token, PAGE, Integer.BYTES, of(listing))
                .map(ByteBuffer::getInt)
                .orElseThrow(() -> expiredPage());
    }

    private static ServiceException expiredPage() {
        return EbsError.invalid(Invalid.INVALID_PAGE_TOKEN, "The page token is not valid, or it has expired.");
    }

    private String token(byte[] open, byte[] goodFor) {
        byte[] mac = mac(open, goodFor);
        return Base64.getEncoder()
                .encodeToString(ByteBuffer.allocate(open.length + mac.length)
                        .put(open)
                        .put(mac)
                        .array());
    }

    /** What a token carries beside kind and end; nothing when it was not given here for this, or has ended. */
    private Optional<ByteBuffer> opened(String token, byte kind, int carriedBytes, byte[] goodFor) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(token);
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        }
        int length = 1 + Long.BYTES + carriedBytes;
        // The last character has bits that stand for nothing, and the decoder takes them as they come.
        boolean isAsGiven = Base64.getEncoder().encodeToString(bytes).equals(token);
        if (!isAsGiven || bytes.length != length + MAC_BYTES || bytes[0] != kind) {
            return Optional.empty();
        }
        byte[] open = java.util.Arrays.copyOf(bytes, length);
        byte[] mac = java.util.Arrays.copyOfRange(bytes, length, bytes.length);
        if (!MessageDigest.isEqual(mac, mac(open, goodFor))) {
            return Optional.empty();
        }
        ByteBuffer carried = ByteBuffer.wrap(open).position(1);
        Instant end = Instant.ofEpochMilli(carried.getLong());
        return clock.now().isAfter(end) ? Optional.empty() : Optional.of(carried);
    }

    private byte[] mac(byte[] open, byte[] goodFor) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            mac.update(open);
            return mac.doFinal(goodFor);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + ALGORITHM, e);
        }
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
