package io.firn.server.s3;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/** Makes {@link ReplyIds}: a counter from a random start, mixed so that ids do not show the order of requests. */
final class ReplyIdSource {
    private static final byte[] DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".getBytes(StandardCharsets.US_ASCII);
    private static final int LENGTH = 16;
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    private final AtomicLong counter;
    private final String hostId;

    ReplyIdSource(RandomGenerator random) {
        this.counter = new AtomicLong(random.nextLong());
        byte[] host = new byte[48];
        random.nextBytes(host);
        this.hostId = Base64.getEncoder().encodeToString(host);
    }

    ReplyIds next() {
        long sequence = counter.addAndGet(GOLDEN_GAMMA);
        long high = mix(sequence);
        long low = mix(high ^ sequence);
        byte[] id = new byte[LENGTH];
        for (int i = 0; i < LENGTH; i++) {
            long half = i < LENGTH / 2 ? high : low;
            id[i] = DIGITS[(int) (half >>> (5 * (i % (LENGTH / 2)))) & 31];
        }
        return new ReplyIds(new String(id, StandardCharsets.US_ASCII), hostId);
    }

    /** The finalizer of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014), a bijection. */
    private static long mix(long value) {
        long z = (value ^ value >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }
}
