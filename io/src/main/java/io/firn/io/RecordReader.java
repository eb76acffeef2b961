package io.firn.io;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads what {@link RecordWriter} wrote; anything that does not fit is {@code StorageException.Corrupt}. */
public final class RecordReader {
    private final byte[] buffer;
    private int position;
    private final int end;

    public RecordReader(byte[] buffer) {
        this(buffer, 0, buffer.length);
    }

    public RecordReader(byte[] buffer, int from, int to) {
        this.buffer = buffer;
        this.position = from;
        this.end = to;
    }

    private void need(long bytes) {
        if (bytes < 0 || bytes > end - position) {
            throw new StorageException.Corrupt(
                    "record ends after " + (end - position) + " bytes where " + bytes + " more were expected");
        }
    }

    public int remaining() {
        return end - position;
    }

    public int u8() {
        need(1);
        return buffer[position++] & 0xFF;
    }

    public int i32() {
        need(4);
        int value = (buffer[position] & 0xFF) << 24
                | (buffer[position + 1] & 0xFF) << 16
                | (buffer[position + 2] & 0xFF) << 8
                | (buffer[position + 3] & 0xFF);
        position += 4;
        return value;
    }

    public long i64() {
        long high = i32();
        return high << 32 | (i32() & 0xFFFFFFFFL);
    }

    public long varint() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int next = u8();
            value |= (long) (next & 0x7F) << shift;
            if (next < 0x80) {
                return value;
            }
        }
        throw new StorageException.Corrupt("a varint is longer than 64 bits");
    }

    /** A varint that is an int and not negative. */
    public int small() {
        long value = varint();
        if (value < 0 || value > Integer.MAX_VALUE) {
            throw new StorageException.Corrupt("a number is " + value + " where it should fit an int");
        }
        return (int) value;
    }

    /** How many things follow, each of which takes {@code leastBytes} or more: never more than there is room for. */
    public int count(int leastBytes) {
        long count = varint();
        if (count < 0 || count > remaining() / leastBytes) {
            throw new StorageException.Corrupt("a count is " + count + " with " + remaining() + " bytes left");
        }
        return (int) count;
    }

    public byte[] raw(int count) {
        need(count);
        byte[] bytes = Arrays.copyOfRange(buffer, position, position + count);
        position += count;
        return bytes;
    }

    private int length() {
        long length = varint();
        need(length);
        return (int) length;
    }

    public byte[] bytes() {
        return raw(length());
    }

    public String text() {
        int length = length();
        String text = new String(buffer, position, length, StandardCharsets.UTF_8);
        position += length;
        return text;
    }

    public Optional<String> textOrNone() {
        return u8() == 0 ? Optional.empty() : Optional.of(text());
    }

    public SortedMap<String, String> map() {
        int count = count(2);
        if (count == 0) {
            return Collections.emptySortedMap();
        }
        SortedMap<String, String> map = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            String key = text();
            map.put(key, text());
        }
        return map;
    }
}
