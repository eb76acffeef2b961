package io.firn.snapshot;

import io.firn.objectstore.ObjectSource;
import java.util.ArrayList;
import java.util.List;

/** The bytes of a pack in the pieces they come in, each copied once: when they are sent. Not safe for threads while it grows. */
final class PackBytes {
    private final List<byte[]> pieces = new ArrayList<>();
    private int length;

    static PackBytes of(byte[] bytes) {
        PackBytes all = new PackBytes();
        all.add(bytes);
        return all;
    }

    void add(byte[] piece) {
        pieces.add(piece);
        length += piece.length;
    }

    /** Puts another piece of the same length in the place of the first. */
    void replaceFirst(byte[] piece) {
        pieces.set(0, piece);
    }

    int length() {
        return length;
    }

    byte[] toArray() {
        byte[] all = new byte[length];
        int at = 0;
        for (byte[] piece : pieces) {
            System.arraycopy(piece, 0, all, at, piece.length);
            at += piece.length;
        }
        return all;
    }

    /** To be read once. */
    ObjectSource source() {
        int[] at = {0, 0}; // the piece, and where in it
        return target -> {
            int start = target.position();
            while (at[0] < pieces.size() && target.hasRemaining()) {
                byte[] piece = pieces.get(at[0]);
                int count = Math.min(piece.length - at[1], target.remaining());
                target.put(piece, at[1], count);
                at[1] += count;
                if (at[1] == piece.length) {
                    at[0]++;
                    at[1] = 0;
                }
            }
            boolean isEnd = target.position() == start && at[0] == pieces.size();
            return isEnd ? -1 : target.position() - start;
        };
    }
}
