package io.firn.extent;

import java.nio.ByteBuffer;

/**
 * A frame ready to be written: header and payload, checksums computed once, the same bytes for every zone and for the journal.
 *
 * <p>The payload is not copied: whoever made the frame leaves its bytes alone until the last write of it has returned.
 *
 * <p><b>Threads.</b> Safe for use by many threads: each call hands out its own view.
 */
public final class EncodedFrame {
    private final ExtentRef ref;
    private final FrameOwner owner;
    private final ByteBuffer header;
    private final ByteBuffer payload;

    EncodedFrame(ExtentRef ref, FrameOwner owner, ByteBuffer header, ByteBuffer payload) {
        this.ref = ref;
        this.owner = owner;
        this.header = header;
        this.payload = payload;
    }

    /** The pointer to keep. */
    public ExtentRef ref() {
        return ref;
    }

    public FrameOwner owner() {
        return owner;
    }

    /** The header with its table of block CRCs; the payload follows it directly. */
    public ByteBuffer header() {
        return header.duplicate();
    }

    /** The payload, {@code ref().length()} bytes. */
    public ByteBuffer payload() {
        return payload.duplicate();
    }
}
