package io.firn.server.ec2;

import io.firn.blockstore.VolumeStat;
import io.firn.io.Crc32c;
import io.firn.io.RecordWriter;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * Ids as EC2 has them: a prefix and 17 hexadecimal digits.
 *
 * <p>A volume that was not made through EC2 has an id that follows from the store's number for it and the moment it was made, so that it has
 * the same one for ever without anything being written: {@code vol-0}, the number in 8 digits, a check in 8.
 *
 * <p><b>Threads.</b> Safe.
 */
final class Ids {
    private static final Pattern FORM = Pattern.compile("[a-z]+-([0-9a-f]{8}|[0-9a-f]{17})");
    private static final Pattern DERIVED = Pattern.compile("vol-0[0-9a-f]{16}");
    private static final int NUMBER_AT = 5;
    private static final int CHECK_AT = 13;

    private final RandomGenerator random;
    private final ReentrantLock turn = new ReentrantLock();

    Ids(RandomGenerator random) {
        this.random = random;
    }

    /** An id that nobody had. */
    String fresh(String prefix) {
        turn.lock();
        try {
            return String.format(Locale.ROOT, "%s-0%016x", prefix, random.nextLong());
        } finally {
            turn.unlock();
        }
    }

    static boolean isWellFormed(String prefix, String id) {
        return id.startsWith(prefix + "-") && FORM.matcher(id).matches();
    }

    /** The id of a volume of the store that EC2 was never told of. */
    static String derived(int number, VolumeStat stat) {
        byte[] birth = new RecordWriter(Integer.BYTES + Long.BYTES)
                .i32(number)
                .i64(stat.created().toEpochMilli())
                .toBytes();
        return String.format(Locale.ROOT, "vol-0%08x%08x", number, Crc32c.of(birth));
    }

    /** The number in a derived id, if it is one: whether the check is right is for the caller to see. */
    static OptionalInt derivedNumber(String id) {
        return DERIVED.matcher(id).matches()
                ? OptionalInt.of(Integer.parseUnsignedInt(id.substring(NUMBER_AT, CHECK_AT), 16))
                : OptionalInt.empty();
    }
}
