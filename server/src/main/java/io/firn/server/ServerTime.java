package io.firn.server;

import io.firn.io.Clock;
import io.firn.io.Disk;
import io.firn.io.DiskFile;
import io.firn.io.ScaledClock;
import io.firn.io.SmallFile;
import io.firn.io.StorageException;
import io.firn.io.SystemClock;
import io.firn.io.VirtualClock;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The clock of a data folder. A virtual or scaled one goes on after a restart where it was: the file {@code clock} keeps the virtual
 * time, or the moment at which the scaled clock began.
 *
 * <p><b>Threads.</b> Safe for use by many threads.
 */
final class ServerTime {
    private static final String FILE = "clock";
    private static final int MAX_BYTES = 64;

    private final Disk disk;
    private final Clock clock;

    private ServerTime(Disk disk, Clock clock) {
        this.disk = disk;
        this.clock = clock;
    }

    static ServerTime open(Disk disk, ServerOptions.Time time) {
        SystemClock machine = new SystemClock();
        // No switch over types on the way of every start: a process's first one takes a tenth of a second.
        if (time instanceof ServerOptions.Time.Virtual virtual) {
            Instant start = virtual.start();
            return new ServerTime(
                    disk, new VirtualClock(read(disk).filter(start::isBefore).orElse(start)));
        }
        if (time instanceof ServerOptions.Time.Scaled scaled) {
            Instant now = machine.now();
            Instant anchor = read(disk).filter(now::isAfter).orElse(now);
            write(disk, anchor);
            return new ServerTime(disk, new ScaledClock(machine, scaled.day(), anchor));
        }
        return new ServerTime(disk, machine);
    }

    Clock clock() {
        return clock;
    }

    boolean isVirtual() {
        return clock instanceof VirtualClock;
    }

    /** Moves a virtual clock forward, durably; the new time. */
    synchronized Instant advance(Duration duration) {
        if (!(clock instanceof VirtualClock virtual)) {
            throw new IllegalArgumentException("only a virtual clock can be moved: start with --clock virtual:INSTANT");
        }
        Instant now = virtual.advance(duration);
        write(disk, now);
        return now;
    }

    private static Optional<Instant> read(Disk disk) {
        if (!disk.exists(FILE)) {
            return Optional.empty();
        }
        try (DiskFile file = disk.open(FILE, Disk.OpenMode.READ)) {
            ByteBuffer bytes = ByteBuffer.allocate(MAX_BYTES);
            file.read(bytes, 0);
            return Optional.of(Instant.parse(
                    StandardCharsets.US_ASCII.decode(bytes.flip()).toString().strip()));
        } catch (DateTimeException e) {
            throw new StorageException.Corrupt("the file " + FILE + " holds no instant: " + e.getMessage());
        }
    }

    private static void write(Disk disk, Instant instant) {
        SmallFile.replace(disk, FILE, StandardCharsets.US_ASCII.encode(instant + "\n"));
    }
}
