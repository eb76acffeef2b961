package io.firn.objectstore;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The key of an object: 1 to 1,024 bytes of UTF-8, any characters at all. {@code a}, {@code a/b}, {@code //} and {@code ..} are
 * ordinary keys that know nothing of each other. Keys are ordered by their bytes.
 */
public final class ObjectKey implements Comparable<ObjectKey> {
    /** The most bytes a key may have. */
    public static final int MAX_BYTES = 1024;

    private final String text;
    private final byte[] utf8;

    private ObjectKey(String text, byte[] utf8) {
        this.text = text;
        this.utf8 = utf8;
    }

    /** The key with this text; an {@link IllegalArgumentException} when it is empty, too long or not encodable as UTF-8. */
    public static ObjectKey of(String text) {
        byte[] utf8;
        try {
            ByteBuffer encoded = StandardCharsets.UTF_8
                    .newEncoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .encode(CharBuffer.wrap(text));
            utf8 = new byte[encoded.remaining()];
            encoded.get(utf8);
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("an object key must be encodable as UTF-8", e);
        }
        if (utf8.length == 0 || utf8.length > MAX_BYTES) {
            throw new IllegalArgumentException("an object key has 1 to 1,024 bytes, not " + utf8.length);
        }
        return new ObjectKey(text, utf8);
    }

    /** The key whose UTF-8 is {@code bytes[from, to)}, which Firn itself stored: not validated again. */
    static ObjectKey ofStored(byte[] bytes, int from, int to) {
        byte[] utf8 = Arrays.copyOfRange(bytes, from, to);
        return new ObjectKey(new String(utf8, StandardCharsets.UTF_8), utf8);
    }

    public String text() {
        return text;
    }

    /** The UTF-8 bytes; not to be changed. */
    byte[] utf8() {
        return utf8;
    }

    public int lengthBytes() {
        return utf8.length;
    }

    @Override
    public int compareTo(ObjectKey other) {
        return Arrays.compareUnsigned(utf8, other.utf8);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ObjectKey that && Arrays.equals(utf8, that.utf8);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(utf8);
    }

    @Override
    public String toString() {
        return text;
    }
}
