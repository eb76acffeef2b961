package io.firn.extent;

/** Sixteen bytes in every frame header that mean something to the caller only: enough to find who wants the frame. */
public record FrameOwner(long high, long low) {
    /** For frames that need no owner. */
    public static final FrameOwner NONE = new FrameOwner(0, 0);
}
