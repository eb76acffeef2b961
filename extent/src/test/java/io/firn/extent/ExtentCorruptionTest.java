package io.firn.extent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.firn.extent.ScrubListener.Damage;
import io.firn.io.Disk;
import io.firn.io.MemoryDisk;
import io.firn.io.StorageException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One bit turned at a time, everywhere: it is detected or it is harmless, and nothing else is lost. */
class ExtentCorruptionTest {
    private static final String FILE = "zone/0000000000000001.extent";
    /** Beyond this many bytes of a payload, and in bytes that nobody reads, one bit of a byte is turned and not each of its eight. */
    private static final int THOROUGH_BYTES = 64;

    private final Disk disk = new MemoryDisk();
    private final List<EncodedFrame> frames = new ArrayList<>();

    private long write(boolean seal) {
        try (ExtentDirectory directory = ExtentDirectory.open(disk, "zone", ExtentOptions.defaults())) {
            directory.create(1);
            long offset = Frame.FIRST_OFFSET;
            for (int length : new int[] {1, 100, 3, 600}) {
                EncodedFrame frame =
                        Frame.encode(1, offset, new FrameOwner(length, 9), Payloads.numbered(length, length));
                directory.write(frame);
                frames.add(frame);
                offset = frame.ref().endOffset();
            }
            if (seal) {
                directory.seal(1);
            }
            return directory.lengthBytes(1);
        }
    }

    /** The frame that has this byte in its header or payload. */
    private List<EncodedFrame> holding(long offset) {
        return frames.stream()
                .filter(frame -> offset >= frame.ref().offset()
                        && offset
                                < frame.ref().offset()
                                        + frame.header().remaining()
                                        + frame.ref().length())
                .toList();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyFlippedBitIsDetectedOrHarmless(boolean sealed) {
        long length = write(sealed);
        for (long offset = 0; offset < length; offset++) {
            List<EncodedFrame> hit = holding(offset);
            boolean deepInPayload = !hit.isEmpty()
                    && offset - hit.getFirst().ref().offset()
                            >= hit.getFirst().header().remaining() + THOROUGH_BYTES;
            boolean unused = offset >= ExtentFormat.PREAMBLE_BYTES && offset < ExtentFormat.FIRST_FRAME_OFFSET;
            for (int bit = 0; bit < (deepInPayload || unused ? 1 : 8); bit++) {
                Payloads.flip(disk, FILE, offset, bit);
                check(sealed, offset, hit);
                Payloads.flip(disk, FILE, offset, bit);
            }
        }
    }

    private void check(boolean sealed, long offset, List<EncodedFrame> hit) {
        try (ExtentDirectory directory = ExtentDirectory.open(disk, "zone", ExtentOptions.defaults())) {
            for (EncodedFrame frame : frames) {
                assertEquals(!hit.contains(frame), reads(directory, frame), () -> "byte " + offset);
            }
            Set<ExtentRef> walked = new HashSet<>();
            directory.frames(1).forEach(entry -> walked.add(entry.ref()));
            for (EncodedFrame frame : frames) {
                boolean headerHit = hit.contains(frame)
                        && offset < frame.ref().offset() + frame.header().remaining();
                assertEquals(sealed || !headerHit, walked.remove(frame.ref()), () -> "byte " + offset);
            }
            assertEquals(Set.of(), walked, () -> "byte " + offset);
            checkScrub(directory, sealed, offset, hit);
        }
    }

    /** The payload or {@code Corrupt}: true for the payload. */
    private static boolean reads(ExtentDirectory directory, EncodedFrame frame) {
        try {
            assertEquals(frame.payload(), Payloads.readAll(directory, frame.ref()));
            directory.verify(frame.ref());
            return true;
        } catch (StorageException.Corrupt e) {
            ByteBuffer one = ByteBuffer.allocate(1);
            try {
                directory.read(frame.ref(), frame.ref().length() - 1, one);
                fail("a part of a damaged block was returned");
            } catch (StorageException.Corrupt expected) {
                assertEquals(0, one.position());
            }
            return false;
        }
    }

    private void checkScrub(ExtentDirectory directory, boolean sealed, long offset, List<EncodedFrame> hit) {
        List<Damage> found = new ArrayList<>();
        Scrub scrub = new Scrub(directory, (extentId, at, damage, what) -> {
            assertEquals(1, extentId);
            assertFalse(what.isEmpty());
            found.add(damage);
        });
        while (scrub.step(1 << 20) > 0) {}
        if (offset < ExtentFormat.SUPERBLOCK_BYTES) {
            assertEquals(List.of(Damage.SUPERBLOCK), found);
        } else if (offset >= ExtentFormat.SEAL_OFFSET && offset < ExtentFormat.PREAMBLE_BYTES) {
            assertTrue(found.contains(Damage.SEAL), found::toString);
        } else if (!hit.isEmpty()) {
            boolean header = offset
                    < hit.getFirst().ref().offset() + hit.getFirst().header().remaining();
            assertEquals(List.of(sealed || !header ? Damage.FRAME : Damage.UNRECOGNISED), found, "byte " + offset);
        } else if (offset >= ExtentFormat.FIRST_FRAME_OFFSET) {
            ExtentRef last = frames.getLast().ref();
            boolean footer = offset >= ExtentFormat.alignUp(last.endOffset());
            // Bytes between frames are nobody's; of the footer every byte counts.
            assertEquals(footer ? List.of(Damage.SEAL) : List.of(), found, "byte " + offset);
        } else {
            assertEquals(List.of(), found);
        }
    }
}
