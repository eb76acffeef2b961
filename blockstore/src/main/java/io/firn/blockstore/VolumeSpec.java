package io.firn.blockstore;

import java.util.Optional;

/**
 * What a new volume is to be.
 *
 * @param sizeBytes 1 byte to 64 TiB
 * @param isEncrypted AES-256-XTS with a key of its own, wrapped by the store's master key
 * @param owner set for an instance-store volume: the instance whose end discards everything on it
 * @param source id of what it shows where nothing was written, see {@link VolumeStoreOptions#sources}
 */
public record VolumeSpec(
        VolumeName name,
        long sizeBytes,
        VolumeType type,
        boolean isEncrypted,
        Optional<String> owner,
        Optional<String> source) {
    /** The largest volume. */
    public static final long SIZE_BYTES_MAX = 64L << 40;

    public VolumeSpec {
        requireSize(sizeBytes);
        if (owner.isPresent() && source.isPresent()) {
            throw new IllegalArgumentException("an instance-store volume is not made from anything");
        }
    }

    /** A gp3 volume, not encrypted. */
    public static VolumeSpec of(String name, long sizeBytes) {
        return new VolumeSpec(
                new VolumeName(name), sizeBytes, VolumeType.GP3, false, Optional.empty(), Optional.empty());
    }

    public VolumeSpec withType(VolumeType wanted) {
        return new VolumeSpec(name, sizeBytes, wanted, isEncrypted, owner, source);
    }

    public VolumeSpec encrypted() {
        return new VolumeSpec(name, sizeBytes, type, true, owner, source);
    }

    /** Bound to an instance. */
    public VolumeSpec ownedBy(String instance) {
        return new VolumeSpec(name, sizeBytes, type, isEncrypted, Optional.of(instance), source);
    }

    /** Based on something outside the store. */
    public VolumeSpec from(String sourceId) {
        return new VolumeSpec(name, sizeBytes, type, isEncrypted, owner, Optional.of(sourceId));
    }

    static void requireSize(long sizeBytes) {
        if (sizeBytes < 1 || sizeBytes > SIZE_BYTES_MAX) {
            throw new IllegalArgumentException("a volume has 1 byte to 64TiB, not " + sizeBytes + " bytes");
        }
    }
}
