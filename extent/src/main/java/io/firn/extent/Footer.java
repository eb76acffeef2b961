package io.firn.extent;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The frame table at the end of a sealed extent. */
final class Footer {
    private Footer() {}

    static ByteBuffer encode(long extentId, List<FrameEntry> frames) {
        ByteBuffer footer = ByteBuffer.allocate(Math.addExact(
                ExtentFormat.FOOTER_FIXED_BYTES, Math.multiplyExact(ExtentFormat.FOOTER_ENTRY_BYTES, frames.size())));
        ExtentFormat.putFooterHead(footer, extentId, frames.size());
        int at = ExtentFormat.FOOTER_FIXED_BYTES;
        for (FrameEntry frame : frames) {
            ExtentFormat.putLong(footer, at, frame.ref().offset());
            ExtentFormat.putLong(footer, at + 8, frame.owner().high());
            ExtentFormat.putLong(footer, at + 16, frame.owner().low());
            ExtentFormat.putInt(footer, at + 24, frame.ref().length());
            ExtentFormat.putInt(footer, at + 28, frame.ref().crc());
            at += ExtentFormat.FOOTER_ENTRY_BYTES;
        }
        return footer;
    }

    /** The table, or empty when these are not the bytes that {@link #encode} makes; the CRC was checked before. */
    static Optional<List<FrameEntry>> decode(long extentId, ByteBuffer footer) {
        if (!ExtentFormat.isFooterHead(footer, extentId)) {
            return Optional.empty();
        }
        List<FrameEntry> frames = new ArrayList<>(ExtentFormat.intAt(footer, 16));
        for (int at = ExtentFormat.FOOTER_FIXED_BYTES; at < footer.limit(); at += ExtentFormat.FOOTER_ENTRY_BYTES) {
            frames.add(new FrameEntry(
                    new ExtentRef(
                            extentId,
                            ExtentFormat.longAt(footer, at),
                            ExtentFormat.intAt(footer, at + 24),
                            ExtentFormat.intAt(footer, at + 28)),
                    new FrameOwner(ExtentFormat.longAt(footer, at + 8), ExtentFormat.longAt(footer, at + 16))));
        }
        return Optional.of(frames);
    }
}
