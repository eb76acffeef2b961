package io.firn.server.ec2;

import io.firn.io.Clock;
import io.firn.server.wire.Call;
import io.firn.server.wire.Fields;
import io.firn.server.wire.Principal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Launching, stopping, starting and terminating instances, which are records: a change is whole and durable on return, and the answer names
 * the state in between, as EC2's does.
 */
final class InstanceCalls {
    private static final Paging PAGING = new Paging(5, 1000);
    private static final String DEFAULT_TYPE = "m1.small";
    private static final int MOST_AT_ONCE = 100;

    /** What a record of an instance can be asked for. Anything else would be done silently by not doing it. */
    private static final Set<String> KNOWN = Set.of(
            "ClientToken",
            "DryRun",
            "ImageId",
            "InstanceType",
            "MaxCount",
            "MinCount",
            "Placement",
            "TagSpecifications");

    private static final Set<String> KNOWN_OF_PLACEMENT = Set.of("AvailabilityZone", "AvailabilityZoneId");

    private final Region region;
    private final Clock clock;

    /** Finishes what a crash interrupted. */
    InstanceCalls(Region region, Clock clock) {
        this.region = region;
        this.clock = clock;
        for (Change change : List.of(Change.STOP, Change.TERMINATE)) {
            List<InstanceFacts> begun = region.register().instances().stream()
                    .filter(instance -> instance.state() == change.through)
                    .toList();
            if (!begun.isEmpty()) {
                finish(change, begun);
            }
        }
    }

    Fields run(Call call) {
        return region.register().inTurn(() -> {
            List<InstanceFacts> launched =
                    region.tokens().made(call).map(this::stillThere).orElseGet(() -> launch(call));
            List<Fields> described = launched.stream()
                    .map(instance -> Instances.describe(instance, InstanceState.PENDING, List.of()))
                    .toList();
            return reservation(launched.getFirst(), call.caller()).put("Instances", described);
        });
    }

    private List<InstanceFacts> stillThere(List<String> ids) {
        List<InstanceFacts> launched = ids.stream()
                .flatMap(id -> region.register().instance(id).stream())
                .filter(instance -> Change.STOP.isFrom(instance.state()))
                .toList();
        if (launched.size() < ids.size()) {
            throw Ec2Error.IDEMPOTENT_INSTANCE_TERMINATED.of(String.join(", ", ids));
        }
        return launched;
    }

    private List<InstanceFacts> launch(Call call) {
        Fields input = call.input();
        requireKnown(input, KNOWN, "");
        String image = input.text("ImageId").orElseThrow(() -> Ec2Error.MISSING_PARAMETER.of("ImageId"));
        if (!Ids.isWellFormed("ami", image)) {
            throw Ec2Error.INVALID_AMI_ID_MALFORMED.of(image);
        }
        long least = input.number("MinCount").orElseThrow();
        long most = input.number("MaxCount").orElseThrow();
        if (least < 1 || most < least || most > MOST_AT_ONCE) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.of("MinCount " + least + " and MaxCount " + most
                    + " do not fit: 1 to MaxCount, and at most " + MOST_AT_ONCE);
        }
        String zone =
                input.fields("Placement").map(this::zone).orElse(region.places().firstZone());
        SortedMap<String, String> tags = Tagging.wanted(input, "instance");
        String reservation = region.ids().fresh("r");
        Instant now = clock.now();
        List<InstanceFacts> launched = new ArrayList<>();
        for (int index = 0; index < most; index++) {
            InstanceFacts.Launch launch = new InstanceFacts.Launch(
                    reservation,
                    index,
                    image,
                    input.text("InstanceType").orElse(DEFAULT_TYPE),
                    now,
                    input.text("ClientToken").filter(token -> !token.isEmpty()));
            launched.add(new InstanceFacts(region.ids().fresh("i"), launch, zone, InstanceState.RUNNING, now, tags));
        }
        List<Facts> all = new ArrayList<>(launched);
        region.tokens()
                .used(call, launched.stream().map(InstanceFacts::id).toList())
                .ifPresent(all::add);
        region.register().put(all);
        return launched;
    }

    private String zone(Fields placement) {
        requireKnown(placement, KNOWN_OF_PLACEMENT, "Placement.");
        return region.places().chosen(placement).orElse(region.places().firstZone());
    }

    private static void requireKnown(Fields input, Set<String> known, String prefix) {
        for (String name : input.asMap().keySet()) {
            if (!known.contains(name)) {
                throw Ec2Error.UNSUPPORTED_OPERATION.of("The parameter " + prefix + name
                        + " is not supported: instances are records that volumes can be attached to.");
            }
        }
    }

    private static Fields reservation(InstanceFacts instance, Principal owner) {
        return new Fields()
                .put("ReservationId", instance.launch().reservation())
                .put("OwnerId", owner.accountId())
                .put("Groups", List.of());
    }

    Fields describe(Call call) {
        Map<String, List<AttachmentFacts>> attachments = region.instances().attachments();
        Predicate<InstanceFacts> wanted = filters(attachments, call.caller()).of(call.input());
        List<InstanceFacts> instances =
                new ArrayList<>(region.instances().named(call.input().texts("InstanceIds")));
        instances.sort(Comparator.comparing(InstanceCalls::place));
        Fields page = PAGING.page(
                call,
                "Reservations",
                "InstanceIds",
                instances.stream().filter(wanted).toList(),
                InstanceCalls::place,
                instance -> reservation(instance, call.caller())
                        .put(
                                "Instances",
                                List.of(Instances.describe(
                                        instance,
                                        instance.state(),
                                        attachments.getOrDefault(instance.id(), List.of())))));
        return page.put("Reservations", joined(page.structures("Reservations")));
    }

    /** Instances of one reservation stand together. */
    private static String place(InstanceFacts instance) {
        return instance.launch().reservation() + " " + instance.id();
    }

    private static List<Fields> joined(List<Fields> reservations) {
        List<Fields> joined = new ArrayList<>();
        for (Fields next : reservations) {
            if (!joined.isEmpty() && joined.getLast().text("ReservationId").equals(next.text("ReservationId"))) {
                List<Fields> instances = new ArrayList<>(joined.getLast().structures("Instances"));
                instances.addAll(next.structures("Instances"));
                joined.getLast().put("Instances", instances);
            } else {
                joined.add(next);
            }
        }
        return joined;
    }

    private static Filters<InstanceFacts> filters(Map<String, List<AttachmentFacts>> attachments, Principal owner) {
        return new Filters<InstanceFacts>()
                .onText("availability-zone", InstanceFacts::zone)
                .on("block-device-mapping.attach-time", mapped(attachments, one -> Times.text(one.attached())))
                .on(
                        "block-device-mapping.delete-on-termination",
                        mapped(attachments, one -> String.valueOf(one.isDeletedWithInstance())))
                .on("block-device-mapping.device-name", mapped(attachments, AttachmentFacts::device))
                .on("block-device-mapping.status", mapped(attachments, one -> AttachmentFacts.STATE))
                .on("block-device-mapping.volume-id", mapped(attachments, AttachmentFacts::volumeId))
                .on(
                        "client-token",
                        instance -> instance.launch().token().stream().toList())
                .onText("image-id", instance -> instance.launch().imageId())
                .onText("instance-id", InstanceFacts::id)
                .onText(
                        "instance-state-code",
                        instance -> Integer.toString(instance.state().code()))
                .onText("instance-state-name", instance -> instance.state().wireName())
                .onText("instance-type", instance -> instance.launch().type())
                .onText(
                        "launch-index",
                        instance -> Integer.toString(instance.launch().index()))
                .onText("launch-time", instance -> Times.text(instance.launch().at()))
                .onText("owner-id", instance -> owner.accountId())
                .onText("reservation-id", instance -> instance.launch().reservation())
                .onText("root-device-name", instance -> InstanceFacts.ROOT_DEVICE)
                .onText("root-device-type", instance -> "ebs")
                .onTags(InstanceFacts::tags);
    }

    private static Function<InstanceFacts, List<String>> mapped(
            Map<String, List<AttachmentFacts>> attachments, Function<AttachmentFacts, String> text) {
        return instance -> attachments.getOrDefault(instance.id(), List.of()).stream()
                .map(text)
                .toList();
    }

    /** What leads through which state to which, and what the answer calls its list. */
    private enum Change {
        START("started", InstanceState.PENDING, InstanceState.RUNNING, "StartingInstances"),
        STOP("stopped", InstanceState.STOPPING, InstanceState.STOPPED, "StoppingInstances"),
        TERMINATE("terminated", InstanceState.SHUTTING_DOWN, InstanceState.TERMINATED, "TerminatingInstances");

        private final String done;
        private final InstanceState through;
        private final InstanceState to;
        private final String member;

        Change(String done, InstanceState through, InstanceState to, String member) {
            this.done = done;
            this.through = through;
            this.to = to;
            this.member = member;
        }

        /** Whether an instance in a state can be asked for it; where it leads, it changes nothing. */
        boolean isFrom(InstanceState state) {
            return switch (this) {
                case START -> state == InstanceState.STOPPED || state == InstanceState.RUNNING;
                case STOP -> state != InstanceState.SHUTTING_DOWN && state != InstanceState.TERMINATED;
                case TERMINATE -> true;
            };
        }
    }

    Fields start(Call call) {
        return change(call, Change.START);
    }

    /** Stops instances: what is attached stays, what was on their instance-store volumes is gone. */
    Fields stop(Call call) {
        if (call.input().truth("Hibernate").orElse(false)) {
            throw Ec2Error.UNSUPPORTED_OPERATION.of("Hibernation is not supported: nothing runs.");
        }
        return change(call, Change.STOP);
    }

    /** Terminates instances: everything is detached, and deleted where the attachment says so. */
    Fields terminate(Call call) {
        return change(call, Change.TERMINATE);
    }

    /** Leaves instances as they are, as nothing runs on them. */
    Fields reboot(Call call) {
        for (InstanceFacts instance : region.instances().named(call.input().texts("InstanceIds"))) {
            if (instance.state() != InstanceState.RUNNING) {
                throw Ec2Error.INCORRECT_INSTANCE_STATE.of(instance.id(), "rebooted");
            }
        }
        return new Fields();
    }

    private Fields change(Call call, Change change) {
        return region.register().inTurn(() -> {
            List<InstanceFacts> before = region.instances().named(call.input().texts("InstanceIds"));
            for (InstanceFacts instance : before) {
                if (!change.isFrom(instance.state())) {
                    throw Ec2Error.INCORRECT_INSTANCE_STATE.of(instance.id(), change.done);
                }
            }
            List<InstanceFacts> changed = before.stream()
                    .filter(instance -> instance.state() != change.to)
                    .toList();
            if (change == Change.START) {
                region.register().put(all(changed, change.to));
            } else {
                region.register().put(all(changed, change.through));
                finish(change, changed);
            }
            List<Fields> described = before.stream()
                    .map(instance -> new Fields()
                            .put("InstanceId", instance.id())
                            .put("CurrentState", (changed.contains(instance) ? change.through : change.to).describe())
                            .put("PreviousState", instance.state().describe()))
                    .toList();
            return new Fields().put(change.member, described);
        });
    }

    private List<InstanceFacts> all(List<InstanceFacts> instances, InstanceState state) {
        Instant now = clock.now();
        return instances.stream().map(instance -> instance.in(state, now)).toList();
    }

    /** Does what stopping or terminating brings with it, also when some of it was done already, and records that it is done. */
    private void finish(Change change, List<InstanceFacts> instances) {
        List<String> removals = new ArrayList<>();
        Map<String, List<AttachmentFacts>> attachments = region.instances().attachments();
        for (InstanceFacts instance : instances) {
            region.store().endOwner(instance.id());
            if (change == Change.TERMINATE) {
                for (AttachmentFacts attachment : attachments.getOrDefault(instance.id(), List.of())) {
                    removals.add(attachment.key());
                    if (attachment.isDeletedWithInstance()) {
                        region.volumes()
                                .find(attachment.volumeId())
                                .filter(volume ->
                                        volume.attachments().stream().allMatch(other -> removals.contains(other.key())))
                                .ifPresent(region.volumes()::delete);
                    }
                }
            }
        }
        region.register().change(all(instances, change.to), removals);
    }

    /** Changes which volumes go with their instance; nothing else of an instance can be modified. */
    Fields modifyAttribute(Call call) {
        Fields input = call.input();
        requireKnown(input, Set.of("InstanceId", "BlockDeviceMappings", "DryRun", "Attribute"), "");
        if (input.text("Attribute")
                .filter(name -> !name.equals("blockDeviceMapping"))
                .isPresent()) {
            throw Ec2Error.UNSUPPORTED_OPERATION.of("Only the attribute blockDeviceMapping can be modified.");
        }
        return region.register().inTurn(() -> {
            InstanceFacts instance = region.instances().require(input.requiredText("InstanceId"));
            List<AttachmentFacts> attached = region.instances().attachmentsTo(instance.id());
            List<AttachmentFacts> changed = new ArrayList<>();
            for (Fields mapping : input.structures("BlockDeviceMappings")) {
                String device = mapping.text("DeviceName")
                        .orElseThrow(() -> Ec2Error.MISSING_PARAMETER.of("BlockDeviceMapping.DeviceName"));
                AttachmentFacts attachment = attached.stream()
                        .filter(one -> one.device().equals(device))
                        .findFirst()
                        .orElseThrow(() -> Ec2Error.INVALID_INSTANCE_ATTRIBUTE_VALUE.of(
                                "No device is currently mapped at " + device));
                Optional<Boolean> isDeleted = mapping.fields("Ebs").flatMap(ebs -> ebs.truth("DeleteOnTermination"));
                changed.add(attachment.deletedWithInstance(isDeleted.orElseThrow(
                        () -> Ec2Error.MISSING_PARAMETER.of("BlockDeviceMapping.Ebs.DeleteOnTermination"))));
            }
            if (changed.isEmpty()) {
                throw Ec2Error.MISSING_PARAMETER.of("BlockDeviceMapping");
            }
            region.register().put(changed);
            return new Fields();
        });
    }
}
