package io.firn.server.ec2;

import io.firn.io.Clock;
import io.firn.server.snapshots.EbsTerms;
import io.firn.server.wire.Call;
import io.firn.server.wire.Fields;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;

/**
 * Changes what volumes are sold as and makes them larger, while they are used.
 *
 * <p>The change is whole and durable on return: the answer says {@code modifying}, as EC2's does, and the modification is described as
 * {@code completed} from then on. A crash in between may leave the volume larger with the old service; asking again mends it.
 */
final class VolumeModifications {
    private static final Paging PAGING = new Paging(1, 500);

    /** What gp3, io1 and io2 get when a volume becomes one and no IOPS are named. */
    private static final long IOPS_OF_NEW_TYPE = 3_000;

    private final Region region;
    private final Clock clock;
    private final Filters<ModificationFacts> filters;

    VolumeModifications(Region region, Clock clock) {
        this.region = region;
        this.clock = clock;
        filters = new Filters<ModificationFacts>()
                .onText("modification-state", facts -> "completed")
                .onText("original-iops", facts -> iops(facts.original()))
                .onText(
                        "original-size",
                        facts -> Integer.toString(facts.original().gib()))
                .onText(
                        "original-volume-type",
                        facts -> facts.original().service().type())
                .onText("originalMultiAttachEnabled", facts -> multiAttach(facts.original()))
                .onText("start-time", facts -> Times.text(facts.lastStarted()))
                .onText("target-iops", facts -> iops(facts.target()))
                .onText("target-size", facts -> Integer.toString(facts.target().gib()))
                .onText("target-volume-type", facts -> facts.target().service().type())
                .onText("targetMultiAttachEnabled", facts -> multiAttach(facts.target()))
                .onText("volume-id", ModificationFacts::volumeId);
    }

    private static String iops(ModificationFacts.Sold sold) {
        return Integer.toString(sold.service().iops());
    }

    private static String multiAttach(ModificationFacts.Sold sold) {
        return Boolean.toString(sold.service().isMultiAttach());
    }

    Fields modify(Call call) {
        ModificationFacts done = region.register().inTurn(() -> change(call.input()));
        return new Fields()
                .put("VolumeModification", describe(done, "modifying").put("Progress", 0));
    }

    private static void requireSingle(EbsVolume volume) {
        if (volume.facts().service().type().equals(VolumeRules.IO1.wireName())) {
            throw Ec2Error.INVALID_PARAMETER_COMBINATION.of("Multi-Attach cannot be disabled for io1 volumes.");
        }
        if (volume.attachments().size() > 1) {
            throw Ec2Error.INCORRECT_STATE.of("Volume '" + volume.id() + "' is attached to more than one instance.");
        }
    }

    private ModificationFacts change(Fields input) {
        EbsVolume volume = region.volumes().requireMade(input.requiredText("VolumeId"));
        ModificationFacts.Sold original =
                new ModificationFacts.Sold(volume.gib(), volume.facts().service());
        ModificationFacts.Sold target = target(input, original);
        if (original.service().isMultiAttach() && !target.service().isMultiAttach()) {
            requireSingle(volume);
        }
        List<Instant> before = region.register()
                .modification(volume.id())
                .map(ModificationFacts::started)
                .orElse(List.of());
        ModificationFacts facts = ModificationFacts.next(before, volume.id(), original, target, clock.now());
        if (target.gib() > original.gib()) {
            volume.volume().resize(EbsTerms.bytes(target.gib()));
        }
        if (!target.service().type().equals(original.service().type())) {
            volume.volume().modify(VolumeRules.of(target.service().type()).store());
        }
        region.register().put(volume.facts().withService(target.service()), facts);
        return facts;
    }

    private static ModificationFacts.Sold target(Fields input, ModificationFacts.Sold original) {
        if (List.of("Size", "VolumeType", "Iops", "Throughput", "MultiAttachEnabled").stream()
                .noneMatch(input::has)) {
            throw Ec2Error.MISSING_PARAMETER.of("size, volumeType, iops, throughput or multiAttachEnabled");
        }
        VolumeFacts.Service service = original.service();
        long gib = input.number("Size").orElse(original.gib());
        if (gib < original.gib()) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.of("New size cannot be smaller than existing size");
        }
        String type = input.text("VolumeType").orElse(service.type());
        boolean isSameType = type.equals(service.type());
        VolumeRules rules = VolumeRules.of(type);
        OptionalLong iops = input.number("Iops");
        if (iops.isEmpty() && rules.isProvisioned()) {
            iops = OptionalLong.of(isSameType ? service.iops() : IOPS_OF_NEW_TYPE);
        }
        OptionalLong mibPerSecond = input.number("Throughput");
        if (mibPerSecond.isEmpty() && isSameType && service.mibPerSecond() != 0) {
            mibPerSecond = OptionalLong.of(service.mibPerSecond());
        }
        boolean isMultiAttach = input.truth("MultiAttachEnabled").orElse(service.isMultiAttach());
        return new ModificationFacts.Sold(Math.toIntExact(gib), rules.service(gib, iops, mibPerSecond, isMultiAttach));
    }

    Fields describeAll(Call call) {
        Predicate<ModificationFacts> wanted = filters.of(call.input());
        List<String> ids = call.input().texts("VolumeIds");
        List<ModificationFacts> all = ids.isEmpty()
                ? region.volumes().all().stream()
                        .map(volume -> region.register().modification(volume.id()))
                        .flatMap(Optional::stream)
                        .toList()
                : ids.stream().distinct().sorted().map(this::require).toList();
        return PAGING.page(
                call,
                "VolumesModifications",
                "VolumeIds",
                all.stream().filter(wanted).toList(),
                ModificationFacts::volumeId,
                facts -> describe(facts, "completed").put("Progress", 100).put("EndTime", facts.lastStarted()));
    }

    private ModificationFacts require(String volumeId) {
        return region.register()
                .modification(region.volumes().require(volumeId).id())
                .orElseThrow(() -> Ec2Error.INVALID_VOLUME_MODIFICATION_NOT_FOUND.of(volumeId));
    }

    private static Fields describe(ModificationFacts facts, String state) {
        Fields fields = new Fields()
                .put("VolumeId", facts.volumeId())
                .put("ModificationState", state)
                .put("StartTime", facts.lastStarted());
        describe(fields, "Original", facts.original());
        describe(fields, "Target", facts.target());
        return fields;
    }

    private static void describe(Fields fields, String prefix, ModificationFacts.Sold sold) {
        VolumeFacts.Service service = sold.service();
        fields.put(prefix + "Size", sold.gib())
                .put(prefix + "VolumeType", service.type())
                .put(prefix + "MultiAttachEnabled", service.isMultiAttach());
        if (service.iops() != 0) {
            fields.put(prefix + "Iops", service.iops());
        }
        if (service.mibPerSecond() != 0) {
            fields.put(prefix + "Throughput", service.mibPerSecond());
        }
    }
}
