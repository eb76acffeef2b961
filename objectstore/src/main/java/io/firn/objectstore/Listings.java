package io.firn.objectstore;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Listings, in the order of the index: the work is proportional to what is returned. A common prefix costs one seek, whatever it hides;
 * so do the older versions of a key.
 */
final class Listings {
    /** Versions stepped over one by one before a seek is cheaper. */
    private static final int STEPS_BEFORE_SEEK = 8;

    private final Engine engine;

    Listings(Engine engine) {
        this.engine = engine;
    }

    /** What all listings share: where keys are rolled up, and when the page is full. */
    private static final class Page {
        private final byte[] prefix;
        private final byte[] delimiter;
        private final int max;
        private final List<String> commonPrefixes = new ArrayList<>();
        private int entries;

        Page(String prefix, String delimiter, int max) {
            this.prefix = prefix.getBytes(StandardCharsets.UTF_8);
            this.delimiter = delimiter.getBytes(StandardCharsets.UTF_8);
            this.max = max;
        }

        /** The length of the prefix that {@code key} is rolled up under, or -1. */
        int rolledUp(byte[] key) {
            if (delimiter.length == 0) {
                return -1;
            }
            int last = key.length - delimiter.length;
            for (int at = prefix.length; at <= last; at++) {
                if (matchesAt(key, at)) {
                    return at + delimiter.length;
                }
            }
            return -1;
        }

        private boolean matchesAt(byte[] key, int at) {
            for (int i = 0; i < delimiter.length; i++) {
                if (key[at + i] != delimiter[i]) {
                    return false;
                }
            }
            return true;
        }

        boolean isFull() {
            return entries >= max;
        }

        void add(String commonPrefix) {
            commonPrefixes.add(commonPrefix);
            entries++;
        }
    }

    private static String text(byte[] key, int length) {
        return new String(key, 0, length, StandardCharsets.UTF_8);
    }

    /** Where a walk over entries of {@code kind} begins that is to come after {@code marker}: its key, and all it rolls up. */
    private static byte[] startAfter(byte kind, long bucketId, Page page, Optional<String> marker) {
        byte[] start = IndexKeys.prefix(kind, bucketId, page.prefix);
        if (marker.isEmpty() || marker.get().isEmpty()) {
            return start;
        }
        byte[] after = marker.get().getBytes(StandardCharsets.UTF_8);
        boolean isCommonPrefix = page.delimiter.length > 0
                && IndexKeys.startsWith(after, page.prefix)
                && page.rolledUp(after) == after.length;
        byte[] from = isCommonPrefix
                ? IndexKeys.after(IndexKeys.prefix(kind, bucketId, after))
                : IndexKeys.after(IndexKeys.closed(IndexKeys.prefix(kind, bucketId, after)));
        return Arrays.compareUnsigned(from, start) > 0 ? from : start;
    }

    // Objects

    Outcome<ListObjects.Page> list(ListObjects request) {
        Optional<Bucket> bucket = engine.bucket(request.bucket());
        if (bucket.isEmpty()) {
            return Engine.noSuchBucket();
        }
        if (request.maxKeys() == 0) {
            return Outcome.done(new ListObjects.Page(List.of(), List.of(), Optional.empty()));
        }
        long bucketId = bucket.get().id();
        Page page = new Page(request.prefix(), request.delimiter(), request.maxKeys());
        byte[] all = IndexKeys.prefix(IndexKeys.OBJECT, bucketId, page.prefix);
        List<ObjectVersion> objects = new ArrayList<>();
        Optional<String> last = Optional.empty();
        try (OrderedIndex.Cursor cursor =
                engine.index().cursor(startAfter(IndexKeys.OBJECT, bucketId, page, request.startAfter()))) {
            while (cursor.isValid()) {
                byte[] entry = cursor.key();
                if (!IndexKeys.startsWith(entry, all)) {
                    break;
                }
                if (IndexKeys.trailingNumber(entry) != 0) {
                    skipOlder(cursor, entry);
                    continue;
                }
                StoredVersion version = IndexFormat.version(cursor.value());
                if (version.isDeleteMarker()) {
                    cursor.next();
                    continue;
                }
                if (page.isFull()) {
                    return Outcome.done(new ListObjects.Page(objects, page.commonPrefixes, last));
                }
                ObjectKey key = IndexKeys.objectKey(entry);
                int rolledUp = page.rolledUp(key.utf8());
                if (rolledUp >= 0) {
                    String commonPrefix = text(key.utf8(), rolledUp);
                    page.add(commonPrefix);
                    last = Optional.of(commonPrefix);
                    cursor.seek(afterPrefix(IndexKeys.OBJECT, bucketId, key, rolledUp));
                } else {
                    objects.add(version.describe(key, true));
                    page.entries++;
                    last = Optional.of(key.text());
                    cursor.next();
                }
            }
        }
        return Outcome.done(new ListObjects.Page(objects, page.commonPrefixes, Optional.empty()));
    }

    private static byte[] afterPrefix(byte kind, long bucketId, ObjectKey key, int length) {
        return IndexKeys.after(IndexKeys.prefix(kind, bucketId, Arrays.copyOf(key.utf8(), length)));
    }

    /** Moves past the older versions of the key of {@code entry}. */
    private static void skipOlder(OrderedIndex.Cursor cursor, byte[] entry) {
        byte[] ofKey = Arrays.copyOf(entry, IndexKeys.keyEnd(entry));
        for (int step = 0; step < STEPS_BEFORE_SEEK; step++) {
            cursor.next();
            if (!cursor.isValid() || !IndexKeys.startsWith(cursor.key(), ofKey)) {
                return;
            }
        }
        cursor.seek(IndexKeys.after(ofKey));
    }

    // Versions

    Outcome<ListVersions.Page> listVersions(ListVersions request) {
        Optional<Bucket> bucket = engine.bucket(request.bucket());
        if (bucket.isEmpty()) {
            return Engine.noSuchBucket();
        }
        if (request.maxKeys() == 0) {
            return Outcome.done(new ListVersions.Page(List.of(), List.of(), Optional.empty()));
        }
        long bucketId = bucket.get().id();
        Page page = new Page(request.prefix(), request.delimiter(), request.maxKeys());
        byte[] all = IndexKeys.prefix(IndexKeys.OBJECT, bucketId, page.prefix);
        List<ObjectVersion> versions = new ArrayList<>();
        Optional<ListVersions.Next> last = Optional.empty();
        try (OrderedIndex.Cursor cursor = engine.index().cursor(versionsStart(request, bucketId, page))) {
            while (cursor.isValid() && IndexKeys.startsWith(cursor.key(), all)) {
                if (page.isFull()) {
                    return Outcome.done(new ListVersions.Page(versions, page.commonPrefixes, last));
                }
                byte[] entry = cursor.key();
                ObjectKey key = IndexKeys.objectKey(entry);
                int rolledUp = page.rolledUp(key.utf8());
                if (rolledUp >= 0) {
                    String commonPrefix = text(key.utf8(), rolledUp);
                    page.add(commonPrefix);
                    last = Optional.of(new ListVersions.Next(commonPrefix, Optional.empty()));
                    cursor.seek(afterPrefix(IndexKeys.OBJECT, bucketId, key, rolledUp));
                } else {
                    StoredVersion version = IndexFormat.version(cursor.value());
                    versions.add(version.describe(key, IndexKeys.trailingNumber(entry) == 0));
                    page.entries++;
                    last = Optional.of(new ListVersions.Next(key.text(), Optional.of(version.versionId())));
                    cursor.next();
                }
            }
        }
        return Outcome.done(new ListVersions.Page(versions, page.commonPrefixes, Optional.empty()));
    }

    private byte[] versionsStart(ListVersions request, long bucketId, Page page) {
        if (request.keyMarker().isEmpty()
                || request.keyMarker().get().isEmpty()
                || request.versionIdMarker().isEmpty()) {
            return startAfter(IndexKeys.OBJECT, bucketId, page, request.keyMarker());
        }
        ObjectKey key = ObjectKey.of(request.keyMarker().get());
        VersionId marker = request.versionIdMarker().get();
        byte[] ofKey = IndexKeys.ofKey(IndexKeys.OBJECT, bucketId, key);
        // The marker may be the current version, the null version, or gone by now; an ordinal still has its place.
        try (OrderedIndex.Cursor cursor = engine.index().cursor(ofKey)) {
            for (; cursor.isValid() && IndexKeys.startsWith(cursor.key(), ofKey); cursor.next()) {
                StoredVersion version = IndexFormat.version(cursor.value());
                if (version.versionId().equals(marker)) {
                    return IndexKeys.successor(cursor.key());
                }
                if (!marker.isNull() && version.ordinal() < marker.ordinal()) {
                    return cursor.key();
                }
            }
        }
        return IndexKeys.after(ofKey);
    }

    // Uploads

    Outcome<ListUploads.Page> listUploads(ListUploads request) {
        Optional<Bucket> bucket = engine.bucket(request.bucket());
        if (bucket.isEmpty()) {
            return Engine.noSuchBucket();
        }
        if (request.maxUploads() == 0) {
            return Outcome.done(new ListUploads.Page(List.of(), List.of(), Optional.empty()));
        }
        long bucketId = bucket.get().id();
        Page page = new Page(request.prefix(), request.delimiter(), request.maxUploads());
        byte[] all = IndexKeys.prefix(IndexKeys.UPLOAD, bucketId, page.prefix);
        List<MultipartUpload> uploads = new ArrayList<>();
        Optional<ListUploads.Next> last = Optional.empty();
        try (OrderedIndex.Cursor cursor = engine.index().cursor(uploadsStart(request, bucketId, page))) {
            while (cursor.isValid() && IndexKeys.startsWith(cursor.key(), all)) {
                if (page.isFull()) {
                    return Outcome.done(new ListUploads.Page(uploads, page.commonPrefixes, last));
                }
                ObjectKey key = IndexKeys.objectKey(cursor.key());
                int rolledUp = page.rolledUp(key.utf8());
                if (rolledUp >= 0) {
                    String commonPrefix = text(key.utf8(), rolledUp);
                    page.add(commonPrefix);
                    last = Optional.of(new ListUploads.Next(commonPrefix, Optional.empty()));
                    cursor.seek(afterPrefix(IndexKeys.UPLOAD, bucketId, key, rolledUp));
                } else {
                    StoredUpload upload = IndexFormat.upload(cursor.value());
                    uploads.add(upload.describe(request.bucket(), key));
                    page.entries++;
                    last = Optional.of(new ListUploads.Next(key.text(), Optional.of(upload.uploadId())));
                    cursor.next();
                }
            }
        }
        return Outcome.done(new ListUploads.Page(uploads, page.commonPrefixes, Optional.empty()));
    }

    private static byte[] uploadsStart(ListUploads request, long bucketId, Page page) {
        if (request.keyMarker().isEmpty()
                || request.keyMarker().get().isEmpty()
                || request.uploadIdMarker().isEmpty()) {
            return startAfter(IndexKeys.UPLOAD, bucketId, page, request.keyMarker());
        }
        return IndexKeys.successor(IndexKeys.upload(
                IndexKeys.UPLOAD,
                bucketId,
                ObjectKey.of(request.keyMarker().get()),
                request.uploadIdMarker().get().ordinal()));
    }
}
