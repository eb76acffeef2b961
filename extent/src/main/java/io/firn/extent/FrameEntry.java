package io.firn.extent;

/** One frame found by walking an extent: where it is, what it must be, and whose it is. */
public record FrameEntry(ExtentRef ref, FrameOwner owner) {}
