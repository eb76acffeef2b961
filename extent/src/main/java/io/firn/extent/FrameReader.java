package io.firn.extent;

import io.firn.io.DiskFile;
import io.firn.io.StorageException;
import java.nio.ByteBuffer;

/**
 * Verified reads of one frame. A frame whose touched part ends in the first block (all small frames) takes one read; otherwise the
 * header takes one and the touched blocks another: straight into the target when the range is made of whole blocks, else through
 * scratch.
 */
final class FrameReader {
    /** Holds a header and one block: a whole small frame. */
    static final int SMALL_BYTES = ExtentFormat.FRAME_HEADER_BYTES_MAX + ExtentFormat.BLOCK_BYTES;

    private final Scratch.Pool small;
    private final Scratch.Pool large;
    private final VerifiedBlocks verified;

    FrameReader(Scratch.Pool small, Scratch.Pool large, VerifiedBlocks verified) {
        this.small = small;
        this.large = large;
        this.verified = verified;
    }

    int read(DiskFile file, ExtentRef ref, int from, ByteBuffer target) {
        int wanted = Math.min(target.remaining(), ref.length() - from);
        if (wanted == 0) {
            return 0;
        }
        Scratch scratch = small.take();
        try {
            if (from + wanted <= ExtentFormat.BLOCK_BYTES) {
                readFirstBlock(file, ref, from, wanted, target, scratch);
            } else {
                readBlocks(file, ref, from, wanted, target, scratch);
            }
        } catch (StorageException.Corrupt damaged) {
            verified.forget(ref);
            throw damaged;
        } finally {
            small.give(scratch);
        }
        return wanted;
    }

    /** Checks header and every payload block. */
    void verify(DiskFile file, ExtentRef ref) {
        Scratch header = small.take();
        try {
            if (ref.length() <= ExtentFormat.BLOCK_BYTES) {
                checkFirstBlock(file, ref, header);
            } else {
                verifyBlocks(file, ref, header);
            }
        } catch (StorageException.Corrupt damaged) {
            verified.forget(ref);
            throw damaged;
        } finally {
            small.give(header);
        }
    }

    private void verifyBlocks(DiskFile file, ExtentRef ref, Scratch header) {
        readHeader(file, ref, header);
        Scratch payload = large.take();
        try {
            readAndCheck(file, ref, 0, ref.length(), payload.buffer.clear().limit(ref.length()), header);
        } finally {
            large.give(payload);
        }
    }

    private static void readFirstBlock(
            DiskFile file, ExtentRef ref, int from, int wanted, ByteBuffer target, Scratch scratch) {
        checkFirstBlock(file, ref, scratch);
        int at = target.position();
        target.put(at, scratch.buffer, ExtentFormat.headerBytes(ref.length()) + from, wanted);
        target.position(at + wanted);
    }

    /** Reads header and first block at once and checks both. */
    private static void checkFirstBlock(DiskFile file, ExtentRef ref, Scratch scratch) {
        int headerBytes = ExtentFormat.headerBytes(ref.length());
        int blockBytes = Math.min(ref.length(), ExtentFormat.BLOCK_BYTES);
        fill(file, ref, ref.offset(), scratch.buffer.clear().limit(headerBytes + blockBytes));
        Frame.checkHeader(ref, scratch.buffer, scratch.crc);
        Frame.checkBlock(ref, scratch.buffer, 0, scratch.buffer, headerBytes, scratch.crc);
    }

    private void readBlocks(DiskFile file, ExtentRef ref, int from, int wanted, ByteBuffer target, Scratch header) {
        readHeader(file, ref, header);
        int blocksFrom = from - from % ExtentFormat.BLOCK_BYTES;
        int end = from + wanted;
        int blocksEnd = Math.min(ExtentFormat.blocks(end) * ExtentFormat.BLOCK_BYTES, ref.length());
        if (blocksFrom == from && blocksEnd == end) {
            int at = target.position();
            int limit = target.limit();
            try {
                target.limit(at + wanted);
                readAndCheck(file, ref, from, end, target, header);
            } finally {
                target.limit(limit).position(at);
            }
            target.position(at + wanted);
            return;
        }
        Scratch payload = large.take();
        try {
            payload.buffer.clear().limit(blocksEnd - blocksFrom);
            readAndCheck(file, ref, blocksFrom, blocksEnd, payload.buffer, header);
            int at = target.position();
            target.put(at, payload.buffer, from - blocksFrom, wanted);
            target.position(at + wanted);
        } finally {
            large.give(payload);
        }
    }

    private static void readHeader(DiskFile file, ExtentRef ref, Scratch header) {
        fill(file, ref, ref.offset(), header.buffer.clear().limit(ExtentFormat.headerBytes(ref.length())));
        Frame.checkHeader(ref, header.buffer, header.crc);
    }

    /** Fills {@code bytes} with the blocks of the payload from {@code from} to {@code to} and checks each. */
    private void readAndCheck(DiskFile file, ExtentRef ref, int from, int to, ByteBuffer bytes, Scratch header) {
        int start = bytes.position();
        fill(file, ref, ref.offset() + ExtentFormat.headerBytes(ref.length()) + from, bytes);
        for (int at = from; at < to; at += ExtentFormat.BLOCK_BYTES) {
            Frame.checkBlock(ref, header.buffer, at / ExtentFormat.BLOCK_BYTES, bytes, start + at - from, header.crc);
        }
        verified.note(ref, from, to);
    }

    private static void fill(DiskFile file, ExtentRef ref, long position, ByteBuffer bytes) {
        int wanted = bytes.remaining();
        int read = file.read(bytes, position);
        if (read < wanted) {
            throw new StorageException.Corrupt(Frame.describe(ref) + ": the file ends at " + (position + read) + ", "
                    + (wanted - read) + " bytes short");
        }
    }
}
