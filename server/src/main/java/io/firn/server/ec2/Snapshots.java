package io.firn.server.ec2;

import io.firn.blockstore.VolumeName;
import io.firn.server.snapshots.BlockStorage;
import io.firn.server.snapshots.EbsTerms;
import io.firn.server.snapshots.NamedKey;
import io.firn.server.wire.Fields;
import io.firn.server.wire.Principal;
import io.firn.server.wire.ServiceException;
import io.firn.snapshot.SnapshotId;
import io.firn.snapshot.SnapshotInfo;
import io.firn.snapshot.SnapshotOutcome;
import io.firn.snapshot.SnapshotRefusal;
import io.firn.snapshot.SnapshotState;
import io.firn.snapshot.SnapshotStore;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The snapshots of a store as EC2's. What EC2 says of them is kept with them, so there are no facts of theirs in the register.
 *
 * <p>All belong to one account: whoever asks is their owner.
 *
 * <p><b>Threads.</b> Safe.
 */
final class Snapshots {
    /** The kind of copy that names a time to be done in. */
    static final String TIME_BASED = "time-based";

    private static final String COPY_MINUTES = "copyCompletionMinutes";

    private final BlockStorage blocks;
    private final Volumes volumes;
    private final Places places;

    Snapshots(BlockStorage blocks, Volumes volumes, Places places) {
        this.places = places;
        this.blocks = blocks;
        this.volumes = volumes;
    }

    /** All but those in the recycle bin, by id. */
    List<SnapshotInfo> all() {
        return blocks.snapshots().infos().stream()
                .filter(info -> !isInBin(info))
                .sorted(Comparator.comparing(SnapshotInfo::id))
                .toList();
    }

    /** Those in the recycle bin, by id. */
    List<SnapshotInfo> binned() {
        return blocks.snapshots().infos().stream()
                .filter(Snapshots::isInBin)
                .sorted(Comparator.comparing(SnapshotInfo::id))
                .toList();
    }

    /** The one of an id in the recycle bin, which is an error of EC2 when there is none. */
    SnapshotInfo requireBinned(String text) {
        return blocks.snapshots()
                .info(id(text))
                .filter(Snapshots::isInBin)
                .orElseThrow(() -> Ec2Error.INVALID_SNAPSHOT_NOT_FOUND.of(text));
    }

    private static boolean isInBin(SnapshotInfo info) {
        return info.state() == SnapshotState.RECOVERABLE || info.state() == SnapshotState.RECOVERING;
    }

    /** Those of these ids, or all when there are none; by id. */
    List<SnapshotInfo> named(List<String> ids) {
        return ids.isEmpty()
                ? all()
                : ids.stream().distinct().sorted().map(this::require).toList();
    }

    /** The snapshot of an id, which is an error of EC2 when there is none, or it is in the recycle bin. */
    SnapshotInfo require(String id) {
        return find(id).orElseThrow(() -> Ec2Error.INVALID_SNAPSHOT_NOT_FOUND.of(id));
    }

    Optional<SnapshotInfo> find(String text) {
        return blocks.snapshots().info(id(text)).filter(info -> !isInBin(info));
    }

    /** The id that a request means, which is an error of EC2 when it has no such form. */
    static SnapshotId id(String text) {
        return SnapshotId.parse(text)
                .orElseThrow(() -> Ec2Error.INVALID_PARAMETER_VALUE.of(
                        "Value (" + text + ") for parameter snapshotId is invalid. Expected: 'snap-...'."));
    }

    /** The id of the volume that a snapshot was taken of. */
    String volumeId(SnapshotInfo info) {
        String volume = info.spec().volume();
        if (Ids.isWellFormed("vol", volume)) {
            return volume;
        }
        return VolumeName.of(volume)
                .flatMap(blocks.volumes()::find)
                .flatMap(volumes::of)
                .map(EbsVolume::id)
                .orElse(EbsTerms.NO_VOLUME);
    }

    /** As CreateSnapshots tells it. */
    Fields describeBriefly(SnapshotInfo info, Principal owner) {
        Fields fields = new Fields()
                .put("SnapshotId", info.id().text())
                .put("VolumeId", volumeId(info))
                .put("VolumeSize", EbsTerms.gibibytes(info.sizeBytes()))
                .put("State", info.state().wireName())
                .put("StartTime", info.started())
                .put("Progress", info.progressPercent() + "%")
                .put("OwnerId", owner.accountId())
                .put("Description", info.spec().description())
                .put("Encrypted", info.spec().isEncrypted());
        if (info.spec().isEncrypted()) {
            fields.put(
                    "KmsKeyId",
                    NamedKey.of(info).orElseGet(() -> places.keyArn(owner.accountId(), EbsEncryption.EBS_KEY)));
        }
        if (!info.spec().tags().isEmpty()) {
            fields.put("Tags", Tagging.describe(info.spec().tags()));
        }
        return fields;
    }

    /** As DescribeSnapshots tells it. */
    Fields describe(SnapshotInfo info, Principal owner) {
        Fields fields = describeBriefly(info, owner).put("StorageTier", tier(info));
        if (!info.reason().isEmpty()) {
            fields.put("StateMessage", info.reason());
        }
        copyMinutes(info)
                .ifPresent(minutes -> fields.put("TransferType", TIME_BASED)
                        .put("CompletionDurationMinutes", Long.parseLong(minutes)));
        if (info.state() == SnapshotState.COMPLETED) {
            fields.put("FullSnapshotSizeInBytes", info.fullBytes());
        }
        info.completed().ifPresent(when -> fields.put("CompletionTime", when));
        info.restoredUntil().ifPresent(until -> fields.put("RestoreExpiryTime", until));
        return fields;
    }

    /** The snapshot with the name of its key, kept; as it is when there is none. */
    SnapshotInfo withKey(SnapshotInfo info, Optional<String> keyArn) {
        if (keyArn.isEmpty()) {
            return info;
        }
        NamedKey.keep(blocks.store(), info.id(), keyArn);
        return require(info.id().text());
    }

    /** The time in which a copy was to be done, if one was named. */
    static Optional<String> copyMinutes(SnapshotInfo info) {
        return Optional.ofNullable(info.settings().get(COPY_MINUTES));
    }

    static void keepCopyMinutes(SnapshotStore store, SnapshotId id, long minutes) {
        done(store.setSetting(id, COPY_MINUTES, Optional.of(Long.toString(minutes))));
    }

    static String tier(SnapshotInfo info) {
        return info.tier().name().toLowerCase(Locale.ROOT);
    }

    /** The value, or the error of EC2 that stands for the refusal. */
    static <T> T done(SnapshotOutcome<T> outcome) {
        return outcome.orElseThrow(Snapshots::error);
    }

    private static ServiceException error(SnapshotRefusal refusal) {
        Ec2Error error = switch (refusal.reason()) {
            case NO_SUCH_SNAPSHOT, NO_SUCH_PARENT -> Ec2Error.INVALID_SNAPSHOT;
            case INCORRECT_STATE, IN_ARCHIVE, NOT_IN_ARCHIVE -> Ec2Error.INCORRECT_STATE;
            case LOCKED -> Ec2Error.SNAPSHOT_LOCKED;
            case LIMIT_EXCEEDED -> Ec2Error.CONCURRENT_SNAPSHOT_LIMIT_EXCEEDED;
            case INVALID_SIZE, INVALID_PARAMETER, TOKEN_USED, TOKEN_MISMATCH, NO_SUCH_RULE ->
                Ec2Error.INVALID_PARAMETER_VALUE;
        };
        return error.of(refusal.detail());
    }
}
