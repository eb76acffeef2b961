package io.firn.objectstore;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/** What one bucket must hold, kept as plainly as can be: by key, its versions, newest first. */
final class StoreModel {
    private Versioning versioning = Versioning.UNVERSIONED;
    private final TreeMap<ObjectKey, List<Version>> keys = new TreeMap<>();

    /** A version's bytes by length and checksum; a delete marker has length -1. */
    record Version(boolean isNull, int length, long crc) {
        static Version of(boolean isNull, byte[] bytes) {
            CRC32C crc = new CRC32C();
            crc.update(bytes);
            return new Version(isNull, bytes.length, crc.getValue());
        }

        static Version marker(boolean isNull) {
            return new Version(isNull, -1, 0);
        }
    }

    StoreModel copy() {
        StoreModel copy = new StoreModel();
        copy.versioning = versioning;
        keys.forEach((key, versions) -> copy.keys.put(key, new ArrayList<>(versions)));
        return copy;
    }

    void setVersioning(Versioning newVersioning) {
        versioning = newVersioning;
    }

    Versioning versioning() {
        return versioning;
    }

    void put(ObjectKey key, byte[] bytes) {
        add(key, Version.of(versioning != Versioning.ENABLED, bytes));
    }

    void delete(ObjectKey key) {
        if (versioning == Versioning.UNVERSIONED) {
            keys.remove(key);
        } else {
            add(key, Version.marker(versioning == Versioning.SUSPENDED));
        }
    }

    void deleteVersion(ObjectKey key, int index) {
        List<Version> versions = keys.getOrDefault(key, new ArrayList<>());
        if (index < versions.size()) {
            versions.remove(index);
            if (versions.isEmpty()) {
                keys.remove(key);
            }
        }
    }

    private void add(ObjectKey key, Version version) {
        List<Version> versions = keys.computeIfAbsent(key, ignored -> new ArrayList<>());
        if (version.isNull()) {
            versions.removeIf(Version::isNull);
        }
        versions.addFirst(version);
    }

    Map<ObjectKey, List<Version>> state() {
        return keys;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(versioning + " ");
        keys.forEach((key, versions) -> text.append(key).append(versions).append(' '));
        return text.toString();
    }

    /** What a store's bucket holds, in the same form: every version listed, and every byte read. */
    static StoreModel of(ObjectStore store, BucketName name) {
        StoreModel found = new StoreModel();
        found.versioning = store.bucket(name).orElseThrow().versioning();
        Optional<ListVersions.Next> next = Optional.empty();
        do {
            ListVersions.Page page = store.listVersions(new ListVersions(
                            name,
                            "",
                            "",
                            next.map(ListVersions.Next::keyMarker),
                            next.flatMap(ListVersions.Next::versionIdMarker),
                            3))
                    .orElseThrow();
            for (ObjectVersion version : page.versions()) {
                found.keys
                        .computeIfAbsent(version.key(), ignored -> new ArrayList<>())
                        .add(read(store, name, version));
            }
            next = page.next();
        } while (next.isPresent());
        return found;
    }

    private static Version read(ObjectStore store, BucketName bucket, ObjectVersion version) {
        boolean isNull = version.versionId().isNull();
        if (version.isDeleteMarker()) {
            return Version.marker(isNull);
        }
        GetObject request = GetObject.of(bucket, version.key()).version(version.versionId());
        try (ObjectReader reader = store.get(request).orElseThrow()) {
            return Version.of(isNull, ObjectStoreTest.bytes(reader));
        }
    }

    /** The keys a plain listing must show. */
    List<ObjectKey> visible() {
        return keys.entrySet().stream()
                .filter(entry -> entry.getValue().getFirst().length() >= 0)
                .map(Map.Entry::getKey)
                .toList();
    }

    static byte[] pattern(int length, long seed) {
        byte[] bytes = new byte[length];
        long value = seed * 0x9E3779B97F4A7C15L + 1;
        for (int i = 0; i < length; i++) {
            value ^= value << 13;
            value ^= value >>> 7;
            value ^= value << 17;
            bytes[i] = (byte) value;
        }
        return bytes;
    }
}
