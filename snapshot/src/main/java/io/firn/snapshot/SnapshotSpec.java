package io.firn.snapshot;

import io.firn.blockstore.VolumeSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is known of a snapshot when it is begun.
 *
 * @param sizeBytes of the volume, 1 byte to 64 TiB, not less than the parent's
 * @param parent the snapshot whose chunks are the new one's unless others are put; in the standard tier, of the same owner
 * @param volume the id of the volume it is taken of, for people and doors; may be empty
 * @param lineage text of whoever uploads, handed back and never read here: which volume, which epoch
 * @param owner the account; content is never shared over accounts
 * @param started the instant the snapshot shows; absent for the time of the call
 * @param timeout how long a draft may lie without a put before it becomes an error; absent for ever
 * @param clientToken a second {@code begin} of the owner with the same token is refused and told of the first
 */
public record SnapshotSpec(
        long sizeBytes,
        Optional<SnapshotId> parent,
        String volume,
        String lineage,
        String description,
        SortedMap<String, String> tags,
        String owner,
        boolean isEncrypted,
        Optional<Instant> started,
        Optional<Duration> timeout,
        Optional<String> clientToken) {

    public SnapshotSpec {
        if (sizeBytes < 1 || sizeBytes > VolumeSpec.SIZE_BYTES_MAX) {
            throw new IllegalArgumentException("a snapshot has 1 byte to 64TiB, not " + sizeBytes + " bytes");
        }
        tags = Collections.unmodifiableSortedMap(new TreeMap<>(tags));
    }

    /** Of so many bytes, with nothing else said. */
    public static SnapshotSpec of(long sizeBytes) {
        return new SnapshotSpec(
                sizeBytes,
                Optional.empty(),
                "",
                "",
                "",
                Collections.emptySortedMap(),
                "",
                false,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    public SnapshotSpec withParent(SnapshotId id) {
        return withParent(Optional.of(id));
    }

    public SnapshotSpec withParent(Optional<SnapshotId> id) {
        return new SnapshotSpec(
                sizeBytes, id, volume, lineage, description, tags, owner, isEncrypted, started, timeout, clientToken);
    }

    public SnapshotSpec withVolume(String id) {
        return new SnapshotSpec(
                sizeBytes, parent, id, lineage, description, tags, owner, isEncrypted, started, timeout, clientToken);
    }

    public SnapshotSpec withLineage(String text) {
        return new SnapshotSpec(
                sizeBytes, parent, volume, text, description, tags, owner, isEncrypted, started, timeout, clientToken);
    }

    public SnapshotSpec withDescription(String text) {
        return new SnapshotSpec(
                sizeBytes, parent, volume, lineage, text, tags, owner, isEncrypted, started, timeout, clientToken);
    }

    public SnapshotSpec withTags(SortedMap<String, String> all) {
        return new SnapshotSpec(
                sizeBytes,
                parent,
                volume,
                lineage,
                description,
                all,
                owner,
                isEncrypted,
                started,
                timeout,
                clientToken);
    }

    public SnapshotSpec withOwner(String account) {
        return new SnapshotSpec(
                sizeBytes,
                parent,
                volume,
                lineage,
                description,
                tags,
                account,
                isEncrypted,
                started,
                timeout,
                clientToken);
    }

    public SnapshotSpec encrypted() {
        return new SnapshotSpec(
                sizeBytes, parent, volume, lineage, description, tags, owner, true, started, timeout, clientToken);
    }

    public SnapshotSpec withStarted(Instant instant) {
        return new SnapshotSpec(
                sizeBytes,
                parent,
                volume,
                lineage,
                description,
                tags,
                owner,
                isEncrypted,
                Optional.of(instant),
                timeout,
                clientToken);
    }

    public SnapshotSpec withTimeout(Duration duration) {
        return new SnapshotSpec(
                sizeBytes,
                parent,
                volume,
                lineage,
                description,
                tags,
                owner,
                isEncrypted,
                started,
                Optional.of(duration),
                clientToken);
    }

    public SnapshotSpec withClientToken(String token) {
        return new SnapshotSpec(
                sizeBytes,
                parent,
                volume,
                lineage,
                description,
                tags,
                owner,
                isEncrypted,
                started,
                timeout,
                Optional.of(token));
    }
}
