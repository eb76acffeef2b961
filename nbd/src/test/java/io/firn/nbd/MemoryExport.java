package io.firn.nbd;

import io.firn.io.StorageException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * An export in memory, which counts what it is asked and can be told to fail or to wait. Writes take effect at once; {@link #durable} is the content
 * as of the last flush of what was submitted.
 */
final class MemoryExport implements Export {
    final ByteBuffer bytes;
    final @Nullable ByteBuffer durable;
    final ExportProfile profile;
    final AtomicInteger sessions = new AtomicInteger();
    final AtomicInteger flushes = new AtomicInteger();
    final AtomicInteger submits = new AtomicInteger();
    final AtomicInteger closes = new AtomicInteger();
    final AtomicReference<@Nullable StorageException> failure = new AtomicReference<>();
    final AtomicReference<@Nullable CountDownLatch> flushWaits = new AtomicReference<>();
    final AtomicReference<@Nullable CountDownLatch> writeWaits = new AtomicReference<>();

    /** Runs in the middle of each read. */
    volatile Runnable besideReads = () -> {};

    /** Where flushes wait for the test to complete them, when there is such a place. */
    final AtomicReference<@Nullable Queue<CompletableFuture<Void>>> heldFlushes = new AtomicReference<>();

    MemoryExport(ExportProfile profile, boolean watchesDurability) {
        this.profile = profile;
        this.bytes = ByteBuffer.allocateDirect((int) profile.sizeBytes());
        this.durable = watchesDurability ? ByteBuffer.allocate((int) profile.sizeBytes()) : null;
    }

    @Override
    public ExportProfile profile() {
        return profile;
    }

    @Override
    public List<String> contexts() {
        return List.of("base:allocation", "qemu:allocation-depth", "qemu:dirty-bitmap:open");
    }

    @Override
    public Optional<ExtentMap> context(String name) {
        return switch (name) {
            case "base:allocation" -> Optional.of((offset, length, visitor) -> walkBlocks(offset, length, 3, visitor));
            // One that is there without being listed.
            case "qemu:dirty-bitmap:a..b" -> Optional.of((offset, length, visitor) -> visitor.run(length, 0));
            case "qemu:dirty-bitmap:open" ->
                Optional.of((offset, length, visitor) -> walkBlocks(
                        offset, length, 0, (run, flags) -> visitor.run(run, flags == 0 ? ExtentMap.DIRTY : 0)));
            case "qemu:allocation-depth" -> Optional.of((offset, length, visitor) -> visitor.run(length, 1));
            default -> Optional.empty();
        };
    }

    /** Runs of 4 KiB: {@code zeroFlags} where all is zero. The dirty bitmap calls what is not zero dirty. */
    private void walkBlocks(long offset, long length, int zeroFlags, ExtentMap.Visitor visitor) {
        boolean goesOn = true;
        for (long at = offset; goesOn && at < offset + length; ) {
            long end = Math.min((at / 4096 + 1) * 4096, bytes.capacity());
            boolean zero = true;
            for (long i = at; zero && i < end; i++) {
                zero = bytes.get((int) i) == 0;
            }
            int flags = zeroFlags == 0 ? (zero ? 1 : 0) : (zero ? zeroFlags : 0);
            goesOn = visitor.run(end - at, flags);
            at = end;
        }
    }

    @Override
    public ExportSession openSession() {
        sessions.incrementAndGet();
        return new Session();
    }

    @Override
    public void close() {
        closes.incrementAndGet();
    }

    private final class Session implements ExportSession {
        private final List<long[]> staged = new ArrayList<>();

        private void failIfTold() {
            StorageException told = failure.get();
            if (told != null) {
                throw told;
            }
        }

        @Override
        public void read(long offset, ByteBuffer target) {
            besideReads.run();
            failIfTold();
            int count = target.remaining();
            target.put(target.position(), bytes, (int) offset, count);
            target.position(target.position() + count);
        }

        @Override
        public void write(long offset, ByteBuffer source) {
            failIfTold();
            await(writeWaits.get());
            int count = source.remaining();
            bytes.put((int) offset, source, source.position(), count);
            source.position(source.position() + count);
        }

        @Override
        public void trim(long offset, long length) {
            zero(offset, length, true);
        }

        @Override
        public void zero(long offset, long length, boolean mayPunchHole) {
            failIfTold();
            for (long i = offset; i < offset + length; i++) {
                bytes.put((int) i, (byte) 0);
            }
            staged.add(new long[] {offset, length});
        }

        @Override
        public void cache(long offset, long length) {
            failIfTold();
        }

        @Override
        public void submit() {
            submits.incrementAndGet();
            staged.clear();
        }

        @Override
        public void flush() {
            flushes.incrementAndGet();
            if (heldFlushes.get() != null) {
                flushAsync().join();
            }
            await(flushWaits.get());
            failIfTold();
            if (durable != null) {
                durable.put(0, bytes, 0, bytes.capacity());
            }
        }

        @Override
        public CompletableFuture<Void> flushAsync() {
            Queue<CompletableFuture<Void>> held = heldFlushes.get();
            if (held == null) {
                return ExportSession.super.flushAsync();
            }
            CompletableFuture<Void> flush = new CompletableFuture<>();
            held.add(flush);
            return flush;
        }

        @Override
        public void close() {
            sessions.decrementAndGet();
        }
    }

    private static void await(@Nullable CountDownLatch latch) {
        if (latch != null) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
