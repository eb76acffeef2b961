package io.firn.objectstore;

import io.firn.extent.EncodedFrame;
import io.firn.extent.ExtentRef;
import io.firn.io.FileStretch;
import io.firn.io.StorageException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The zones of a store, holding the same frames at the same coordinates: a frame is written to each and read from the first that has
 * it whole.
 *
 * <p>A zone whose disk fails is taken out of use and the store goes on as long as a majority of its zones (or its only one) is left.
 * A full disk takes no zone out of use: the write is refused.
 */
final class Zones implements AutoCloseable {
    private final List<Zone> all;
    private final Executor parallel;
    private final DamageListener damage;

    /** Told of each frame that a zone could not give back as it was written. */
    @FunctionalInterface
    interface DamageListener {
        void damaged(String zone, ExtentRef frame, StorageException why);
    }

    /** {@code parallel} runs the work of different zones; a same-thread executor makes it deterministic. */
    Zones(List<Zone> all, Executor parallel, DamageListener damage) {
        this.all = List.copyOf(all);
        this.parallel = parallel;
        this.damage = damage;
    }

    List<Zone> all() {
        return all;
    }

    List<Zone> healthy() {
        List<Zone> healthy = new ArrayList<>(all.size());
        for (Zone zone : all) {
            if (zone.isHealthy()) {
                healthy.add(zone);
            }
        }
        return healthy;
    }

    /** Runs {@code work} on each healthy zone; throws when too few zones are left, or when one refuses for want of space. */
    void onEach(Consumer<Zone> work) {
        if (all.size() == 1) {
            // With one zone there is nothing to fail over to: its error is the caller's.
            work.accept(all.getFirst());
            return;
        }
        for (Zone zone : healthy()) {
            attempt(zone, work);
        }
        requireMajority();
    }

    /** As {@link #onEach}, the zones at the same time. */
    void onEachInParallel(Consumer<Zone> work) {
        if (all.size() == 1) {
            work.accept(all.getFirst());
            return;
        }
        List<CompletableFuture<Void>> running = new ArrayList<>();
        for (Zone zone : healthy()) {
            running.add(CompletableFuture.runAsync(() -> attempt(zone, work), parallel));
        }
        // All are waited for, whatever one throws: the work may be using the caller's buffer.
        RuntimeException refused = null;
        for (CompletableFuture<Void> one : running) {
            try {
                one.join();
            } catch (CompletionException e) {
                refused = e.getCause() instanceof RuntimeException cause ? cause : e;
            }
        }
        if (refused != null) {
            throw refused;
        }
        requireMajority();
    }

    private static void attempt(Zone zone, Consumer<Zone> work) {
        try {
            work.accept(zone);
        } catch (StorageException.OutOfSpace full) {
            throw full;
        } catch (StorageException broken) {
            zone.fail(broken);
        }
    }

    private void requireMajority() {
        long whole = all.stream().filter(Zone::isReadable).count();
        if (whole <= all.size() / 2) {
            throw new StorageException.DiskFailed(
                    "only " + whole + " of " + all.size() + " zones are left; writes need a majority", null);
        }
    }

    /** Which zones are out of use, as a set of bits. */
    long outOfUse() {
        long bits = 0;
        for (int i = 0; i < all.size(); i++) {
            if (!all.get(i).isReadable()) {
                bits |= 1L << i;
            }
        }
        return bits;
    }

    void write(EncodedFrame frame) {
        onEach(zone -> zone.write(frame));
    }

    void write(List<EncodedFrame> frames) {
        onEach(zone -> zone.write(frames));
    }

    void sync(long extentId) {
        onEachInParallel(zone -> zone.sync(extentId));
    }

    void create(long extentId) {
        onEach(zone -> zone.extents().create(extentId));
    }

    /** Reads verified bytes of a frame from the first zone that has them. */
    int read(ExtentRef frame, int offset, ByteBuffer target) {
        int position = target.position();
        StorageException first = null;
        for (Zone zone : all) {
            if (!zone.isReadable()) {
                continue;
            }
            try {
                return zone.extents().read(frame, offset, target);
            } catch (StorageException.Corrupt | StorageException.Unavailable | StorageException.DiskFailed bad) {
                damage.damaged(zone.name(), frame, bad);
                target.position(position);
                first = first == null ? bad : first;
            }
        }
        throw noneHas(frame, first);
    }

    /** Lends bytes of a frame that a zone has verified lately. */
    Optional<FileStretch> lend(ExtentRef frame, int offset, int mostBytes) {
        for (Zone zone : all) {
            if (!zone.isReadable()) {
                continue;
            }
            try {
                Optional<FileStretch> lent = zone.extents().lend(frame, offset, mostBytes);
                if (lent.isPresent()) {
                    return lent;
                }
            } catch (StorageException.Unavailable | StorageException.DiskFailed bad) {
                damage.damaged(zone.name(), frame, bad);
            }
        }
        return Optional.empty();
    }

    /** What was verified a while ago is to be verified again. */
    void ageVerified() {
        all.stream().filter(Zone::isReadable).forEach(zone -> zone.extents().ageVerified());
    }

    private static StorageException noneHas(ExtentRef frame, @Nullable StorageException first) {
        if (first != null) {
            return first;
        }
        return new StorageException.Unavailable(
                "no zone is in use to read extent " + frame.extentId() + " at " + frame.offset());
    }

    @Override
    public void close() {
        all.forEach(Zone::close);
    }
}
