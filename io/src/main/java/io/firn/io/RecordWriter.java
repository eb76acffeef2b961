package io.firn.io;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** Writes the fields of a record to a growing array: fixed numbers big-endian, lengths and small numbers as LEB128 varints. */
public final class RecordWriter {
    private byte[] buffer;
    private int length;

    public RecordWriter(int capacity) {
        buffer = new byte[capacity];
    }

    private void reserve(int more) {
        if (buffer.length - length < more) {
            buffer = Arrays.copyOf(buffer, Math.max(buffer.length * 2, length + more));
        }
    }

    public RecordWriter u8(int value) {
        reserve(1);
        buffer[length++] = (byte) value;
        return this;
    }

    public RecordWriter i32(int value) {
        reserve(4);
        buffer[length++] = (byte) (value >>> 24);
        buffer[length++] = (byte) (value >>> 16);
        buffer[length++] = (byte) (value >>> 8);
        buffer[length++] = (byte) value;
        return this;
    }

    public RecordWriter i64(long value) {
        i32((int) (value >>> 32));
        return i32((int) value);
    }

    public RecordWriter varint(long value) {
        reserve(10);
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            buffer[length++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        buffer[length++] = (byte) rest;
        return this;
    }

    public RecordWriter raw(byte[] bytes) {
        reserve(bytes.length);
        System.arraycopy(bytes, 0, buffer, length, bytes.length);
        length += bytes.length;
        return this;
    }

    public RecordWriter bytes(byte[] bytes) {
        return varint(bytes.length).raw(bytes);
    }

    public RecordWriter text(String text) {
        return bytes(text.getBytes(StandardCharsets.UTF_8));
    }

    public RecordWriter textOrNone(Optional<String> text) {
        u8(text.isPresent() ? 1 : 0);
        text.ifPresent(this::text);
        return this;
    }

    public RecordWriter map(Map<String, String> map) {
        varint(map.size());
        map.forEach((key, value) -> text(key).text(value));
        return this;
    }

    public int length() {
        return length;
    }

    /** The array behind, of which the first {@link #length} bytes are written. */
    public byte[] array() {
        return buffer;
    }

    public byte[] toBytes() {
        return Arrays.copyOf(buffer, length);
    }
}
