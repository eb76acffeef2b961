package io.firn.objectstore;

import io.firn.io.StorageException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The keys of the index. The first byte is the kind; numbers are big-endian so that bytes order as numbers do.
 *
 * <pre>
 *   B name                                         bucket
 *   C bucketId key 00 00 uploadOrdinal             version made by a completed upload (so that completing again answers the same)
 *   G blobId                                       blob that nothing refers to, to be reclaimed
 *   M name                                         facts about the store itself
 *   O bucketId key 00 00 0                         current version of an object, or the delete marker that hides it
 *   O bucketId key 00 00 ~versionOrdinal           older version, newest first
 *   P blobId                                       blob: its frames or its segments
 *   Q blobId                                       parts table of a blob made by a completed upload
 *   R blobId                                       counter: how many versions, parts and blobs refer to the blob
 *   T uploadOrdinal partNumber                     part of an upload
 *   U bucketId key 00 00 uploadOrdinal             upload in progress
 *   X extentId                                     counter: bytes of live frames in the extent
 * </pre>
 *
 * An object key is written with every 00 as 00 FF and closed by 00 00, so that keys order as their own bytes and no key is the
 * beginning of another's entry.
 */
final class IndexKeys {
    static final byte BUCKET = 'B';
    static final byte COMPLETED = 'C';
    static final byte GARBAGE = 'G';
    static final byte META = 'M';
    static final byte OBJECT = 'O';
    static final byte BLOB = 'P';
    static final byte PARTS = 'Q';
    static final byte REFERENCES = 'R';
    static final byte PART = 'T';
    static final byte UPLOAD = 'U';
    static final byte EXTENT = 'X';

    private static final int HEAD_BYTES = 1 + Long.BYTES;

    private IndexKeys() {}

    static byte[] of(byte kind) {
        return new byte[] {kind};
    }

    static byte[] of(byte kind, long number) {
        return ByteBuffer.allocate(HEAD_BYTES).put(kind).putLong(number).array();
    }

    static byte[] of(byte kind, byte[] name) {
        return ByteBuffer.allocate(1 + name.length).put(kind).put(name).array();
    }

    static long number(byte[] key) {
        return ByteBuffer.wrap(key).getLong(1);
    }

    static byte[] bucket(BucketName name) {
        return of(BUCKET, name.text().getBytes(StandardCharsets.US_ASCII));
    }

    static byte[] part(UploadId upload, int partNumber) {
        return ByteBuffer.allocate(HEAD_BYTES + Integer.BYTES)
                .put(PART)
                .putLong(upload.ordinal())
                .putInt(partNumber)
                .array();
    }

    static int partNumber(byte[] key) {
        return ByteBuffer.wrap(key).getInt(HEAD_BYTES);
    }

    /** All entries of one key: those that begin with this. */
    static byte[] ofKey(byte kind, long bucketId, ObjectKey key) {
        byte[] escaped = escaped(key.utf8(), 2);
        return head(kind, bucketId, escaped, escaped.length);
    }

    /** The entry of the current version. */
    static byte[] current(long bucketId, ObjectKey key) {
        return ordinal(OBJECT, bucketId, key, 0);
    }

    /** The entry of a version that is not the current one. */
    static byte[] older(long bucketId, ObjectKey key, long versionOrdinal) {
        return ordinal(OBJECT, bucketId, key, ~versionOrdinal);
    }

    static byte[] upload(byte kind, long bucketId, ObjectKey key, long uploadOrdinal) {
        return ordinal(kind, bucketId, key, uploadOrdinal);
    }

    private static byte[] ordinal(byte kind, long bucketId, ObjectKey key, long number) {
        byte[] escaped = escaped(key.utf8(), 2);
        return ByteBuffer.allocate(HEAD_BYTES + escaped.length + Long.BYTES)
                .put(kind)
                .putLong(bucketId)
                .put(escaped)
                .putLong(number)
                .array();
    }

    /** Where the entries of keys that begin with {@code prefix} begin. */
    static byte[] prefix(byte kind, long bucketId, byte[] prefix) {
        byte[] escaped = escaped(prefix, 0);
        return head(kind, bucketId, escaped, escaped.length);
    }

    /** {@code prefix} as the whole of a key: what its entries and no others begin with. */
    static byte[] closed(byte[] prefix) {
        return Arrays.copyOf(prefix, prefix.length + 2);
    }

    /** The first possible entry after {@code entry}. */
    static byte[] successor(byte[] entry) {
        return Arrays.copyOf(entry, entry.length + 1);
    }

    /** The first possible entry after all entries that begin with {@code entryPrefix}. */
    static byte[] after(byte[] entryPrefix) {
        int length = entryPrefix.length;
        while (length > 0 && entryPrefix[length - 1] == (byte) 0xFF) {
            length--;
        }
        byte[] next = Arrays.copyOf(entryPrefix, length);
        next[length - 1]++;
        return next;
    }

    private static byte[] head(byte kind, long bucketId, byte[] escaped, int length) {
        return ByteBuffer.allocate(HEAD_BYTES + length)
                .put(kind)
                .putLong(bucketId)
                .put(escaped, 0, length)
                .array();
    }

    private static byte[] escaped(byte[] bytes, int terminatorBytes) {
        int zeros = 0;
        for (byte b : bytes) {
            if (b == 0) {
                zeros++;
            }
        }
        if (zeros == 0) {
            return Arrays.copyOf(bytes, bytes.length + terminatorBytes);
        }
        byte[] escaped = new byte[bytes.length + zeros + terminatorBytes];
        int at = 0;
        for (byte b : bytes) {
            escaped[at++] = b;
            if (b == 0) {
                escaped[at++] = (byte) 0xFF;
            }
        }
        return escaped;
    }

    /** The length of the part of {@code entry} that all entries of its object key share: up to and with the 00 00. */
    static int keyEnd(byte[] entry) {
        int end = entry.length - Long.BYTES;
        if (end < HEAD_BYTES + 2 || entry[end - 1] != 0 || entry[end - 2] != 0) {
            throw new StorageException.Corrupt("index entry of kind " + (char) entry[0] + " has no object key");
        }
        return end;
    }

    static ObjectKey objectKey(byte[] entry) {
        int end = keyEnd(entry) - 2;
        int zeros = 0;
        for (int i = HEAD_BYTES; i < end; i++) {
            if (entry[i] == 0) {
                zeros++;
            }
        }
        if (zeros == 0) {
            return ObjectKey.ofStored(entry, HEAD_BYTES, end);
        }
        byte[] plain = new byte[end - HEAD_BYTES - zeros];
        int at = 0;
        for (int i = HEAD_BYTES; i < end; i++) {
            plain[at++] = entry[i];
            if (entry[i] == 0) {
                i++;
            }
        }
        return ObjectKey.ofStored(plain, 0, plain.length);
    }

    /** The last eight bytes: an upload's ordinal, or the complement of a version's. */
    static long trailingNumber(byte[] entry) {
        return ByteBuffer.wrap(entry).getLong(entry.length - Long.BYTES);
    }

    static boolean startsWith(byte[] entry, byte[] prefix) {
        return entry.length >= prefix.length && Arrays.equals(entry, 0, prefix.length, prefix, 0, prefix.length);
    }
}
