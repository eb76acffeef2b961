package io.firn.snapshot;

import io.firn.blockstore.VolumeSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * What is known of a snapshot when it is begun.
 *
 * @param sizeBytes of the volume, 1 byte to 64 TiB, not less than the parent's
 * @param parent the snapshot whose chunks are the new one's unless others are put; in the standard tier, of the same owner
 * @param volume the id of the volume it is taken of, for people and doors; may be empty
 * @param lineage text of whoever uploads, handed back and never read here: which volume, which epoch
 * @param isEncrypted whether its chunks and pages are, each pack under a key of its own; exactly when the parent's are
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

    SnapshotSpec withSizeBytes(long bytes) {
        return with(edit -> edit.sizeBytes = bytes);
    }

    public SnapshotSpec withParent(SnapshotId id) {
        return withParent(Optional.of(id));
    }

    public SnapshotSpec withParent(Optional<SnapshotId> id) {
        return with(edit -> edit.parent = id);
    }

    public SnapshotSpec withVolume(String id) {
        return with(edit -> edit.volume = id);
    }

    public SnapshotSpec withLineage(String text) {
        return with(edit -> edit.lineage = text);
    }

    public SnapshotSpec withDescription(String text) {
        return with(edit -> edit.description = text);
    }

    public SnapshotSpec withTags(SortedMap<String, String> all) {
        return with(edit -> edit.tags = all);
    }

    public SnapshotSpec withOwner(String account) {
        return with(edit -> edit.owner = account);
    }

    public SnapshotSpec encrypted() {
        return with(edit -> edit.isEncrypted = true);
    }

    public SnapshotSpec withStarted(Instant instant) {
        return with(edit -> edit.started = Optional.of(instant));
    }

    public SnapshotSpec withTimeout(Duration duration) {
        return with(edit -> edit.timeout = Optional.of(duration));
    }

    public SnapshotSpec withClientToken(String token) {
        return with(edit -> edit.clientToken = Optional.of(token));
    }

    private SnapshotSpec with(Consumer<Edit> change) {
        Edit edit = new Edit(this);
        change.accept(edit);
        return edit.done();
    }

    /** A spec being changed: its many fields by name. */
    private static final class Edit {
        private long sizeBytes;
        private Optional<SnapshotId> parent;
        private String volume;
        private String lineage;
        private String description;
        private SortedMap<String, String> tags;
        private String owner;
        private boolean isEncrypted;
        private Optional<Instant> started;
        private Optional<Duration> timeout;
        private Optional<String> clientToken;

        Edit(SnapshotSpec from) {
            sizeBytes = from.sizeBytes;
            parent = from.parent;
            volume = from.volume;
            lineage = from.lineage;
            description = from.description;
            tags = from.tags;
            owner = from.owner;
            isEncrypted = from.isEncrypted;
            started = from.started;
            timeout = from.timeout;
            clientToken = from.clientToken;
        }

        SnapshotSpec done() {
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
                    clientToken);
        }
    }
}
