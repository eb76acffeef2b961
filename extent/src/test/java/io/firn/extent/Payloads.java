package io.firn.extent;

import io.firn.io.Disk;
import io.firn.io.DiskFile;
import java.nio.ByteBuffer;
import java.util.random.RandomGenerator;

/** Bytes to put into frames, and bytes of files to look at or to break. */
final class Payloads {
    private Payloads() {}

    static ByteBuffer random(RandomGenerator random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return ByteBuffer.wrap(bytes);
    }

    /** Bytes that depend on the number only. */
    static ByteBuffer numbered(long number, int length) {
        byte[] bytes = new byte[length];
        long state = number * 0x9E37_79B9_7F4A_7C15L + 1;
        for (int i = 0; i < length; i++) {
            state = state * 6_364_136_223_846_793_005L + 1_442_695_040_888_963_407L;
            bytes[i] = (byte) (state >>> 56);
        }
        return ByteBuffer.wrap(bytes);
    }

    static ByteBuffer readAll(ExtentDirectory directory, ExtentRef ref) {
        ByteBuffer target = ByteBuffer.allocate(ref.length());
        directory.read(ref, 0, target);
        return target.flip();
    }

    static void flip(Disk disk, String name, long offset, int bit) {
        try (DiskFile file = disk.open(name, Disk.OpenMode.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            file.read(one, offset);
            one.put(0, (byte) (one.get(0) ^ (1 << bit)));
            file.write(one.flip(), offset);
        }
    }

    static void put(Disk disk, String name, long offset, ByteBuffer bytes) {
        try (DiskFile file = disk.open(name, Disk.OpenMode.WRITE)) {
            file.write(bytes.duplicate(), offset);
        }
    }
}
