package io.firn.extent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.Disk;
import io.firn.io.DiskFile;
import io.firn.io.MemoryDisk;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * Files of released format versions, written once (as hexadecimal lines, zeros left out) and readable for ever. A sample is never
 * changed: a new version gets a new one.
 */
class FormatSampleTest {
    private static final long ID = 0x0123_4567_89AB_CDEFL;
    private static final String NAME = "zone/" + ExtentNames.name(ID);

    /** What the sample of version 1 holds, sealed, with a hole of torn bytes between the second and the third frame. */
    private static final List<FrameEntry> VERSION_1 = List.of(
            new FrameEntry(new ExtentRef(ID, 4096, 5, 0x9951_0136), new FrameOwner(1, 2)),
            new FrameEntry(new ExtentRef(ID, 4160, 70, 0x3ED8_FC5A), new FrameOwner(-1, Long.MIN_VALUE)),
            new FrameEntry(new ExtentRef(ID, 8192, 65_537, 0x04EE_4822), new FrameOwner(3, 4)));

    private static ByteBuffer payload(FrameEntry frame) {
        ByteBuffer bytes = ByteBuffer.allocate(frame.ref().length());
        switch (frame.ref().length()) {
            case 5 -> bytes.put("snow\n".getBytes(StandardCharsets.US_ASCII));
            case 70 -> {
                while (bytes.hasRemaining()) {
                    bytes.put((byte) (bytes.position() + 1));
                }
            }
            default -> bytes.put(0, (byte) 'f').put(65_535, (byte) 'i').put(65_536, (byte) 'r');
        }
        return bytes.clear();
    }

    private static Disk load(String resource) throws IOException {
        String text;
        try (InputStream in = Objects.requireNonNull(FormatSampleTest.class.getResourceAsStream(resource))) {
            text = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        }
        Disk disk = new MemoryDisk();
        try (DiskFile file = disk.open(NAME, Disk.OpenMode.CREATE)) {
            for (String line : text.lines().toList()) {
                int colon = line.indexOf(':');
                file.write(
                        ByteBuffer.wrap(HexFormat.of()
                                .parseHex(line.substring(colon + 1).strip())),
                        HexFormat.fromHexDigits(line, 0, colon));
            }
        }
        return disk;
    }

    @Test
    void readsVersion1() throws IOException {
        Disk disk = load("extent-v1.hex");
        try (ExtentDirectory directory = ExtentDirectory.open(disk, "zone", ExtentOptions.defaults())) {
            assertTrue(directory.isSealed(ID));
            assertEquals(VERSION_1, directory.frames(ID));
            for (FrameEntry frame : VERSION_1) {
                assertEquals(payload(frame), Payloads.readAll(directory, frame.ref()));
            }
            Scrub scrub = new Scrub(directory, (extentId, offset, damage, what) -> {
                throw new AssertionError(what);
            });
            assertTrue(scrub.step(1 << 20) > 0);
        }
        // The same file without its seal mark is an open extent, found by scanning.
        Payloads.put(disk, NAME, ExtentFormat.SEAL_OFFSET, ByteBuffer.allocate(ExtentFormat.SEAL_BYTES));
        try (ExtentDirectory directory = ExtentDirectory.open(disk, "zone", ExtentOptions.defaults())) {
            assertEquals(VERSION_1, directory.frames(ID));
        }
    }

    /** While version 1 is the version we write, we write the very bytes of the sample. */
    @Test
    void writesTheFramesOfVersion1() {
        for (FrameEntry frame : VERSION_1) {
            assertEquals(
                    frame.ref(),
                    Frame.encode(ID, frame.ref().offset(), frame.owner(), payload(frame))
                            .ref());
        }
    }
}
