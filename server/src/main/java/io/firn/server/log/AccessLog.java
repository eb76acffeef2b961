package io.firn.server.log;

import io.firn.io.Clock;
import io.firn.io.Disk;
import io.firn.io.DiskFile;
import io.firn.io.StorageException;
import io.firn.io.Threads;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Appends lines to {@code access-DAY-NNN.log}, a new file each day (of the server's clock, UTC) and each {@value #FILE_BYTES} bytes.
 *
 * <p>As at AWS, delivery is best effort: lines are queued and written within a second, not synced; when the disk cannot keep up, or is full,
 * lines are dropped and counted. {@link #close} writes what is queued.
 *
 * <p><b>Threads.</b> {@link #add} is safe for many threads and never waits.
 */
public final class AccessLog implements AutoCloseable {
    private static final long FILE_BYTES = 64 << 20;
    private static final int QUEUED_LINES = 16 << 10;
    private static final int BATCH_BYTES = 256 << 10;

    private final Disk disk;
    private final Clock clock;
    private final BlockingQueue<String> lines = new ArrayBlockingQueue<>(QUEUED_LINES);
    private final LongAdder dropped = new LongAdder();
    private final Threads.Loop writing;
    private final ByteBuffer batch = ByteBuffer.allocate(BATCH_BYTES);
    private @Nullable DiskFile file;
    private LocalDate day = LocalDate.MIN;
    private long position;

    private AccessLog(Clock clock, Disk disk) {
        this.clock = clock;
        this.disk = disk;
        this.writing = Threads.loop("firn-access-log", budget -> writeSome(), Duration.ofMillis(500));
    }

    /** Logs into a folder, in new files. */
    public static AccessLog open(Clock clock, Disk disk) {
        return new AccessLog(clock, disk);
    }

    /** Queues a line (without its end); drops it when the queue is full. */
    public void add(String line) {
        if (!lines.offer(line)) {
            dropped.increment();
        }
    }

    /** Lines that were lost because the disk did not keep up. */
    public long droppedLines() {
        return dropped.sum();
    }

    private long writeSome() {
        int count = 0;
        batch.clear();
        for (String line = lines.peek(); line != null; line = lines.peek()) {
            byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
            if (bytes.length > batch.remaining() && count > 0) {
                break;
            }
            lines.remove();
            count++;
            if (bytes.length <= batch.remaining()) {
                batch.put(bytes);
            } else {
                dropped.increment();
            }
        }
        if (count > 0) {
            write(count);
        }
        return count;
    }

    private void write(int count) {
        batch.flip();
        try {
            int bytes = batch.remaining();
            current().write(batch, position);
            position += bytes;
        } catch (StorageException failed) {
            dropped.add(count);
            closeFile(); // its handle is poisoned: the next batch goes to a new file
            throw failed;
        }
    }

    private DiskFile current() {
        LocalDate today = LocalDate.ofInstant(clock.now(), ZoneOffset.UTC);
        DiskFile open = file;
        if (open != null && today.equals(day) && position < FILE_BYTES) {
            return open;
        }
        closeFile();
        int number = 1;
        while (disk.exists(name(today, number))) {
            number++;
        }
        open = disk.open(name(today, number), Disk.OpenMode.CREATE);
        file = open;
        day = today;
        position = 0;
        return open;
    }

    private static String name(LocalDate day, int number) {
        return "access-%s-%03d.log".formatted(day, number);
    }

    private void closeFile() {
        DiskFile open = file;
        file = null;
        if (open != null) {
            open.close();
        }
    }

    @Override
    public void close() {
        writing.close();
        try {
            while (writeSome() > 0) {
                // Writes what is queued.
            }
        } catch (StorageException failed) {
            System.getLogger(AccessLog.class.getName())
                    .log(System.Logger.Level.WARNING, "the access log is not whole", failed);
        }
        closeFile();
    }
}
