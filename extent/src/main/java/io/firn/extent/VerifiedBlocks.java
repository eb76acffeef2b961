package io.firn.extent;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Which blocks of large frames were lately read and found whole, so that they may be sent straight from the file.
 *
 * <p>A table of fixed size in which a frame has one place: newcomers push others out, and lost updates between threads cost a verified
 * read, never a false answer. {@link #age} makes what was noted two ages ago count no more.
 *
 * <p><b>Threads.</b> Safe for use by many threads.
 */
final class VerifiedBlocks {
    /** Of 1 MiB each: 8 GiB are remembered. */
    private static final int FRAMES = 1 << 13;

    private final AtomicReferenceArray<@Nullable Noted> table = new AtomicReferenceArray<>(FRAMES);
    private final AtomicInteger age = new AtomicInteger();

    /** The blocks of a frame that were found whole in one age, as a set of bits. */
    private record Noted(ExtentRef ref, int age, int blocks) {}

    /** The bytes from {@code from} to {@code to} of a payload, which start and end with blocks, are as they were written. */
    void note(ExtentRef ref, int from, int to) {
        if (ref.length() <= ExtentFormat.BLOCK_BYTES) {
            return;
        }
        int place = place(ref);
        int now = age.get();
        int blocks = blocks(from, to);
        Noted known = table.get(place);
        if (known != null && known.age() == now && known.ref().equals(ref)) {
            if ((known.blocks() & blocks) == blocks) {
                return;
            }
            blocks |= known.blocks();
        }
        table.set(place, new Noted(ref, now, blocks));
    }

    /** True when every block of these bytes was found whole in this age or the one before. */
    boolean covers(ExtentRef ref, int from, int to) {
        Noted known = table.get(place(ref));
        int blocks = blocks(from, to);
        return known != null
                && age.get() - known.age() <= 1
                && (known.blocks() & blocks) == blocks
                && known.ref().equals(ref);
    }

    /** Something is wrong with the frame. */
    void forget(ExtentRef ref) {
        table.set(place(ref), null);
    }

    void age() {
        age.incrementAndGet();
    }

    private static int blocks(int from, int to) {
        int first = from / ExtentFormat.BLOCK_BYTES;
        int end = ExtentFormat.blocks(to);
        return (int) ((1L << end) - (1L << first));
    }

    private static int place(ExtentRef ref) {
        int hash = Long.hashCode((ref.offset() >>> 3) * 0x9E3779B97F4A7C15L + ref.extentId() * 0xC2B2AE3D27D4EB4FL);
        return (hash ^ hash >>> 15) & (FRAMES - 1);
    }
}
