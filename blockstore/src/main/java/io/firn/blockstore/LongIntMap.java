package io.firn.blockstore;

/** A hash table from numbers to positive ints, without boxes: open addressing, linear probing, at most half full. */
final class LongIntMap {
    private long[] keys = new long[16];
    private int[] values = new int[16];
    private int size;

    /** The value, or 0. */
    int get(long key) {
        return values[slot(key)];
    }

    /** Puts a positive value, or removes the key with 0. */
    void put(long key, int value) {
        int slot = slot(key);
        if (value == 0) {
            if (values[slot] != 0) {
                remove(slot);
            }
            return;
        }
        if (values[slot] == 0) {
            keys[slot] = key;
            size++;
        }
        values[slot] = value;
        if (2 * size > keys.length) {
            grow();
        }
    }

    private int slot(long key) {
        int slot = home(key);
        while (values[slot] != 0 && keys[slot] != key) {
            slot = (slot + 1) & (keys.length - 1);
        }
        return slot;
    }

    private int home(long key) {
        return (int) ((key * 0x9E3779B97F4A7C15L) >>> 32) & (keys.length - 1);
    }

    /** Empties a slot and moves up what had to probe past it (Knuth, The Art of Computer Programming 3, algorithm 6.4R). */
    private void remove(int from) {
        int hole = from;
        int slot = hole;
        while (true) {
            slot = (slot + 1) & (keys.length - 1);
            if (values[slot] == 0) {
                break;
            }
            int home = home(keys[slot]);
            boolean mayMove = hole <= slot ? home <= hole || home > slot : home <= hole && home > slot;
            if (mayMove) {
                keys[hole] = keys[slot];
                values[hole] = values[slot];
                hole = slot;
            }
        }
        values[hole] = 0;
        size--;
    }

    private void grow() {
        long[] oldKeys = keys;
        int[] oldValues = values;
        keys = new long[2 * oldKeys.length];
        values = new int[keys.length];
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldValues[i] != 0) {
                int slot = slot(oldKeys[i]);
                keys[slot] = oldKeys[i];
                values[slot] = oldValues[i];
            }
        }
    }
}
