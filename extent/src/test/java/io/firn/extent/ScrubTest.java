package io.firn.extent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.extent.ScrubListener.Damage;
import io.firn.io.MemoryDisk;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ScrubTest {
    private record Report(long extentId, long offset, Damage damage) {}

    private final WatchedDisk disk = new WatchedDisk(new MemoryDisk());
    private final ExtentDirectory directory = ExtentDirectory.open(disk, "zone", ExtentOptions.defaults());
    private final List<Report> reports = new ArrayList<>();
    private final Scrub scrub =
            new Scrub(directory, (extentId, offset, damage, what) -> reports.add(new Report(extentId, offset, damage)));

    @AfterEach
    void leavesNoFileOpen() {
        directory.close();
        assertEquals(0, disk.open.get());
    }

    private List<ExtentRef> fill(long extentId, int frames, int length) {
        directory.create(extentId);
        List<ExtentRef> refs = new ArrayList<>();
        long offset = Frame.FIRST_OFFSET;
        for (int i = 0; i < frames; i++) {
            EncodedFrame frame = Frame.encode(extentId, offset, FrameOwner.NONE, Payloads.numbered(i, length));
            directory.write(frame);
            refs.add(frame.ref());
            offset = frame.ref().endOffset();
        }
        directory.sync(extentId);
        return refs;
    }

    private long pass(long budget) {
        long total = 0;
        while (true) {
            long done = scrub.step(budget);
            if (done == 0) {
                return total;
            }
            assertTrue(done <= Math.max(budget, Frame.encodedBytes(100_000)), () -> done + " of " + budget);
            total += done;
        }
    }

    private static String file(long extentId) {
        return "zone/" + ExtentNames.name(extentId);
    }

    @Test
    void verifiesEveryFrameWithinTheBudget() {
        fill(1, 10, 100_000);
        fill(2, 100, 1000);
        directory.seal(2);
        long bytes = 10L * Frame.encodedBytes(100_000) + 100L * Frame.encodedBytes(1000) + 2 * 4096;
        assertEquals(bytes, pass(10_000));
        assertEquals(bytes, pass(300_000), "the next pass sees everything again");
        assertEquals(List.of(), reports);
    }

    @Test
    void reportsWhatIsDamaged() {
        List<ExtentRef> open = fill(1, 5, 1000);
        List<ExtentRef> sealed = fill(2, 5, 1000);
        directory.seal(2);
        Payloads.flip(disk, file(1), open.get(1).offset() + 500, 0);
        Payloads.flip(disk, file(1), open.get(3).offset() + 5, 0);
        Payloads.flip(disk, file(2), sealed.get(2).offset() + 5, 0);
        Payloads.flip(disk, file(2), 3, 0);
        pass(1 << 20);
        assertEquals(
                List.of(
                        new Report(1, open.get(3).offset(), Damage.UNRECOGNISED),
                        new Report(2, 0, Damage.SUPERBLOCK),
                        new Report(1, open.get(1).offset(), Damage.FRAME),
                        new Report(2, sealed.get(2).offset(), Damage.FRAME)),
                reports);
    }

    @Test
    void frameWrittenMeanwhileIsNotDamage() {
        directory.create(1);
        EncodedFrame frame = Frame.encode(1, 4096, FrameOwner.NONE, Payloads.numbered(1, 1000));
        // The header is there already, the payload comes a moment later.
        directory.write(Frame.encode(1, 8192, FrameOwner.NONE, Payloads.numbered(2, 10)));
        Payloads.put(disk, file(1), 4096, frame.header());
        scrub.step(1);
        scrub.step(1);
        Payloads.put(disk, file(1), 4096 + frame.header().remaining(), frame.payload());
        pass(1000);
        assertEquals(List.of(), reports);
        Payloads.put(disk, file(1), 5000, ByteBuffer.allocate(10));
        pass(1000);
        assertEquals(List.of(new Report(1, 4096, Damage.FRAME)), reports);
    }

    @Test
    void deletedExtentIsPassedOver() {
        fill(1, 5, 1000);
        fill(2, 5, 1000);
        fill(3, 1, 1000);
        scrub.step(6000);
        directory.delete(1);
        directory.delete(2);
        pass(1 << 20);
        assertEquals(List.of(), reports);
    }
}
