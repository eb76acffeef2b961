package io.firn.server.ec2;

import io.firn.server.snapshots.BlockStorage;
import io.firn.server.snapshots.EbsTerms;
import io.firn.server.wire.Call;
import io.firn.server.wire.Fields;
import io.firn.server.wire.Principal;
import io.firn.snapshot.SnapshotInfo;
import io.firn.snapshot.SnapshotSpec;
import io.firn.snapshot.VolumeSnapshots;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/** Making, listing, copying and deleting snapshots. */
final class SnapshotCalls {
    private static final int MAX_DESCRIPTION = 255;
    private static final int COPY_MINUTES_STEP = 15;
    private static final int COPY_MINUTES_MOST = 48 * 60;

    private final Region region;
    private final BlockStorage blocks;
    private final Snapshots snapshots;

    SnapshotCalls(Region region) {
        this.region = region;
        this.blocks = region.blocks();
        this.snapshots = region.snapshots();
    }

    /** Takes a snapshot of a volume as it is now: durable on return, uploaded later. */
    Fields create(Call call) {
        Fields input = call.input();
        refuseElsewhere(input);
        EbsVolume volume = region.volumes().requireMade(input.requiredText("VolumeId"));
        VolumeSnapshots.Wish wish = wish(input, volume, new TreeMap<>());
        SnapshotInfo made = Snapshots.done(blocks.snapshots().create(wish.volume(), wish.spec()));
        return snapshots.describe(snapshots.withKey(made, volume.facts().kmsKeyId()), call.caller());
    }

    /** Takes snapshots of what is attached to an instance, all at one instant: all are durable on return, or there is none. */
    Fields createSet(Call call) {
        Fields input = call.input();
        refuseElsewhere(input);
        Fields from = input.fields("InstanceSpecification").orElseThrow();
        InstanceFacts instance = region.instances().require(from.requiredText("InstanceId"));
        boolean isWithoutRoot = from.truth("ExcludeBootVolume").orElse(false);
        List<AttachmentFacts> attached = region.instances().attachmentsTo(instance.id());
        List<String> excluded = from.texts("ExcludeDataVolumeIds");
        for (String id : excluded) {
            if (attached.stream().noneMatch(one -> one.volumeId().equals(id) && !isRoot(one))) {
                throw Ec2Error.INVALID_PARAMETER_VALUE.of(
                        "Volume " + id + " is not attached to " + instance.id() + " as a data volume");
            }
        }
        boolean isTaggedAsSource = input.text("CopyTagsFromSource").isPresent();
        List<VolumeSnapshots.Wish> wishes = new ArrayList<>();
        List<Optional<String>> keys = new ArrayList<>();
        for (AttachmentFacts one : attached) {
            if (!excluded.contains(one.volumeId()) && !(isWithoutRoot && isRoot(one))) {
                EbsVolume volume = region.volumes().require(one.volumeId());
                wishes.add(wish(input, volume, isTaggedAsSource ? volume.facts().tags() : new TreeMap<>()));
                keys.add(volume.facts().kmsKeyId());
            }
        }
        if (wishes.isEmpty()) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.of(
                    "There is no volume of " + instance.id() + " to take a snapshot of");
        }
        List<SnapshotInfo> made = Snapshots.done(blocks.snapshots().createSet(wishes));
        List<Fields> described = new ArrayList<>();
        for (int i = 0; i < made.size(); i++) {
            described.add(snapshots.describeBriefly(snapshots.withKey(made.get(i), keys.get(i)), call.caller()));
        }
        return new Fields().put("Snapshots", described);
    }

    private static boolean isRoot(AttachmentFacts attachment) {
        return attachment.device().equals(InstanceFacts.ROOT_DEVICE);
    }

    private static VolumeSnapshots.Wish wish(Fields input, EbsVolume volume, SortedMap<String, String> tags) {
        SortedMap<String, String> all = new TreeMap<>(tags);
        all.putAll(Tagging.wanted(input, "snapshot"));
        Tagging.requireFew(all);
        return new VolumeSnapshots.Wish(
                volume.volume(),
                SnapshotSpec.of(volume.volume().sizeBytes())
                        .withVolume(volume.id())
                        .withDescription(description(input))
                        .withTags(all));
    }

    private static String description(Fields input) {
        String text = input.text("Description").orElse("");
        if (text.length() > MAX_DESCRIPTION) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.of(
                    "The description is longer than " + MAX_DESCRIPTION + " characters");
        }
        return text;
    }

    private static void refuseElsewhere(Fields input) {
        refuseElsewhere(input, "OutpostArn");
        if (input.text("Location").filter(place -> !place.equals("regional")).isPresent()) {
            throw Ec2Error.UNSUPPORTED_OPERATION.of("Snapshots in a local zone are not supported.");
        }
    }

    private static void refuseElsewhere(Fields input, String member) {
        if (input.has(member)) {
            throw Ec2Error.UNSUPPORTED_OPERATION.of(member + " is not supported: there is one region and no outpost.");
        }
    }

    Fields describe(Call call) {
        Predicate<SnapshotInfo> wanted = new Filters<SnapshotInfo>()
                .onText("description", info -> info.spec().description())
                .onText("encrypted", info -> String.valueOf(info.spec().isEncrypted()))
                .onText("progress", info -> info.progressPercent() + "%")
                .onText("snapshot-id", info -> info.id().text())
                .onText("start-time", info -> Times.text(info.started()))
                .onText("status", info -> info.state().wireName())
                .onText("storage-tier", Snapshots::tier)
                .onText("volume-id", snapshots::volumeId)
                .onText("volume-size", info -> Integer.toString(EbsTerms.gibibytes(info.sizeBytes())))
                .onNothing("owner-alias")
                .on(
                        "transfer-type",
                        info -> Snapshots.copyMinutes(info).map(minutes -> Snapshots.TIME_BASED).stream()
                                .toList())
                .on(
                        "completion-duration-minutes",
                        info -> Snapshots.copyMinutes(info).stream().toList())
                .onText("owner-id", info -> call.caller().accountId())
                .onTags(info -> info.spec().tags())
                .of(call.input());
        boolean isOwn = isOwn(call.input().texts("OwnerIds"), call.caller())
                && isOwn(call.input().texts("RestorableByUserIds"), call.caller());
        List<SnapshotInfo> named = snapshots.named(call.input().texts("SnapshotIds"));
        return Paging.VOLUMES.page(
                call,
                "Snapshots",
                "SnapshotIds",
                named.stream().filter(info -> isOwn && wanted.test(info)).toList(),
                info -> info.id().text(),
                info -> snapshots.describe(info, call.caller()));
    }

    private static boolean isOwn(List<String> accounts, Principal caller) {
        return accounts.isEmpty() || accounts.contains("self") || accounts.contains(caller.accountId());
    }

    Fields delete(Call call) {
        SnapshotInfo info = snapshots.require(call.input().requiredText("SnapshotId"));
        Snapshots.done(blocks.snapshots().delete(info.id()));
        return new Fields();
    }

    /**
     * Copies within the region: durable on return, and complete, since the content is shared; so done within the time that is asked for, which
     * is kept and told. One that is encrypted of a source that is not is read and written in the background, as fast as it goes.
     */
    Fields copy(Call call) {
        Fields input = call.input();
        refuseElsewhere(input, "DestinationOutpostArn");
        refuseElsewhere(input, "DestinationAvailabilityZone");
        String from = input.requiredText("SourceRegion");
        String to = input.text("DestinationRegion").orElse(region.places().region());
        if (!from.equals(region.places().region()) || !to.equals(region.places().region())) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.of(
                    "Snapshots are copied within " + region.places().region() + " only, the one region there is");
        }
        OptionalLong minutes = input.number("CompletionDurationMinutes");
        minutes.ifPresent(SnapshotCalls::requireMinutes);
        SnapshotInfo source = snapshots.require(input.requiredText("SourceSnapshotId"));
        boolean isEncrypted = region.encryption().isWanted(input, source.spec().isEncrypted());
        SnapshotSpec plain = SnapshotSpec.of(source.sizeBytes())
                .withDescription(description(input))
                .withTags(Tagging.wanted(input, "snapshot"))
                .withOwner(source.spec().owner());
        SnapshotSpec spec = isEncrypted ? plain.encrypted() : plain;
        SnapshotInfo copy = Snapshots.done(blocks.store().copy(source.id(), spec));
        if (isEncrypted) {
            snapshots.withKey(copy, Optional.of(region.encryption().keyArn(call, Optional.empty())));
        }
        if (minutes.isPresent()) {
            Snapshots.keepCopyMinutes(blocks.store(), copy.id(), minutes.getAsLong());
        }
        Fields answer = new Fields().put("SnapshotId", copy.id().text());
        return spec.tags().isEmpty() ? answer : answer.put("Tags", Tagging.describe(spec.tags()));
    }

    private static void requireMinutes(long minutes) {
        if (minutes < COPY_MINUTES_STEP || minutes > COPY_MINUTES_MOST || minutes % COPY_MINUTES_STEP != 0) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.of("The completion duration is " + COPY_MINUTES_STEP + " to "
                    + COPY_MINUTES_MOST + " minutes, in steps of " + COPY_MINUTES_STEP + ", not " + minutes);
        }
    }
}
