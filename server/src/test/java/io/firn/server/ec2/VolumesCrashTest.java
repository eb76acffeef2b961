package io.firn.server.ec2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.blockstore.Volume;
import io.firn.blockstore.VolumeName;
import io.firn.io.Randomness;
import io.firn.server.wire.Fields;
import io.firn.testkit.CrashPoints;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The power of the whole machine fails at every sync of making volumes (empty, of a snapshot, fast, as a copy), launching and terminating
 * instances with volumes that go with them, and deleting. What is found afterwards: each record has its volume and each volume its record,
 * what was answered is so, and asking again with the same client token makes nothing twice.
 */
final class VolumesCrashTest {
    /** What a call with a client token asked for. */
    private record Asked(String operation, Fields input, long gib) {
        List<String> on(Ec2Rig rig) {
            Fields answer = rig.call(operation, input);
            return switch (operation) {
                case "CreateVolume" -> List.of(answer.requiredText("VolumeId"));
                case "CopyVolumes" ->
                    answer.structures("Volumes").stream()
                            .map(volume -> volume.requiredText("VolumeId"))
                            .toList();
                default ->
                    answer.structures("Instances").stream()
                            .map(instance -> instance.requiredText("InstanceId"))
                            .toList();
            };
        }

        String token() {
            return input.requiredText("ClientToken");
        }
    }

    /** What was asked for, and what was answered. */
    private static final class History {
        private final Map<String, Asked> asked = new LinkedHashMap<>();
        private final Map<String, List<String>> answered = new LinkedHashMap<>();
        private final Set<String> leaving = new TreeSet<>();
        private final Set<String> gone = new TreeSet<>();

        List<String> ask(Ec2Rig rig, String operation, String token, long gib, Fields input) {
            Asked call = new Asked(operation, input.put("ClientToken", token), gib);
            asked.put(token, call);
            List<String> made = call.on(rig);
            answered.put(token, made);
            return made;
        }

        /** Lets go of what a call names; it may be there or not until the call has returned. */
        void release(List<String> ids, Supplier<Fields> call) {
            leaving.addAll(ids);
            var _ = call.get();
            gone.addAll(ids);
        }
    }

    private static Fields named(String volumeId) {
        return new Fields().put("VolumeId", volumeId);
    }

    private static Fields wish(String token) {
        return new Fields()
                .put("AvailabilityZone", Ec2Rig.ZONE)
                .put("TagSpecifications", Ec2Rig.tagged("volume", "token", token));
    }

    private static void live(Ec2Rig rig, History history) {
        String plain = history.ask(
                        rig, "CreateVolume", "plain", 1, wish("plain").put("Size", 1))
                .getFirst();
        byte[] bytes = new byte[100_000];
        Randomness.seeded(1).nextBytes(bytes);
        rig.write(plain, 0, bytes);
        String snapshot = rig.snapshot(plain);
        history.ask(rig, "CreateVolume", "restored", 1, wish("restored").put("SnapshotId", snapshot));
        rig.call(
                "EnableFastSnapshotRestores",
                new Fields()
                        .putTexts("AvailabilityZones", List.of(Ec2Rig.ZONE))
                        .putTexts("SourceSnapshotIds", List.of(snapshot)));
        String fast = history.ask(
                        rig,
                        "CreateVolume",
                        "fast",
                        2,
                        wish("fast").put("SnapshotId", snapshot).put("Size", 2))
                .getFirst();
        rig.fillAll();
        Fields copy = new Fields()
                .put("SourceVolumeId", plain)
                .put("Size", 4)
                .put("VolumeType", "gp3")
                .put("TagSpecifications", Ec2Rig.tagged("volume", "token", "copy"));
        String copied = history.ask(rig, "CopyVolumes", "copy", 4, copy).getFirst();
        List<String> instances = history.ask(
                rig,
                "RunInstances",
                "run",
                0,
                Ec2Rig.launch(2).put("TagSpecifications", Ec2Rig.tagged("instance", "token", "run")));
        attach(rig, plain, instances.getFirst(), "/dev/sdf");
        attach(rig, fast, instances.getFirst(), "/dev/sdg");
        attach(rig, copied, instances.getLast(), "/dev/sdf");
        goesWith(rig, instances.getFirst(), "/dev/sdf");
        goesWith(rig, instances.getLast(), "/dev/sdf");
        List<String> going = new ArrayList<>(instances);
        going.addAll(List.of(plain, copied));
        history.release(going, () -> rig.call("TerminateInstances", new Fields().putTexts("InstanceIds", instances)));
        history.release(List.of(fast), () -> rig.call("DeleteVolume", named(fast)));
    }

    private static void attach(Ec2Rig rig, String volume, String instance, String device) {
        rig.call("AttachVolume", named(volume).put("InstanceId", instance).put("Device", device));
    }

    private static void goesWith(Ec2Rig rig, String instance, String device) {
        rig.call(
                "ModifyInstanceAttribute",
                new Fields()
                        .put("InstanceId", instance)
                        .put(
                                "BlockDeviceMappings",
                                List.of(new Fields()
                                        .put("DeviceName", device)
                                        .put("Ebs", new Fields().put("DeleteOnTermination", true)))));
    }

    private static void check(Ec2Rig rig, History history) {
        requireOneOfEach(rig);
        requireWholeTerminations(rig, history);
        history.answered.forEach((token, ids) -> {
            for (String id : ids) {
                boolean isThere = things(rig).containsKey(id);
                assertTrue(isThere || history.leaving.contains(id), token + ": " + id + " is lost");
                assertTrue(!isThere || !history.gone.contains(id), token + ": " + id + " is back");
            }
        });
        history.asked.forEach((token, call) -> {
            List<String> before = history.answered.getOrDefault(token, List.of());
            if (before.stream().noneMatch(history.leaving::contains)) {
                askAgain(rig, call, before);
            }
        });
        requireOneOfEach(rig);
    }

    private static void askAgain(Ec2Rig rig, Asked call, List<String> before) {
        List<String> made = call.on(rig);
        if (!before.isEmpty()) {
            assertEquals(before, made, call.token());
        }
        assertEquals(made, call.on(rig), call.token());
        Set<String> tagged = things(rig).entrySet().stream()
                .filter(thing -> thing.getValue().equals(call.token()))
                .map(Map.Entry::getKey)
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(new TreeSet<>(made), tagged, call.token());
        if (call.gib() > 0) {
            Fields volume = rig.describe(made.getFirst());
            assertEquals(call.gib(), volume.number("Size").orElseThrow(), call.token());
        }
    }

    /** The tag of each volume and each instance that is not terminated, by id. */
    private static Map<String, String> things(Ec2Rig rig) {
        Map<String, String> things = new LinkedHashMap<>();
        rig.volumes().forEach(volume -> things.put(volume.requiredText("VolumeId"), token(volume)));
        for (Fields instance : instances(rig)) {
            if (!state(instance).equals("terminated")) {
                things.put(instance.requiredText("InstanceId"), token(instance));
            }
        }
        return things;
    }

    private static String token(Fields thing) {
        return thing.structures("Tags").stream()
                .filter(tag -> tag.requiredText("Key").equals("token"))
                .map(tag -> tag.requiredText("Value"))
                .findFirst()
                .orElse("");
    }

    private static List<Fields> instances(Ec2Rig rig) {
        return rig.call("DescribeInstances", new Fields()).structures("Reservations").stream()
                .flatMap(reservation -> reservation.structures("Instances").stream())
                .toList();
    }

    private static String state(Fields instance) {
        return instance.fields("State").orElseThrow().requiredText("Name");
    }

    private static void requireOneOfEach(Ec2Rig rig) {
        Set<String> recorded = new TreeSet<>();
        for (VolumeFacts facts : rig.register.volumes()) {
            Optional<Volume> volume = rig.volumes.find(facts.number()).filter(found -> !found.isDeleted());
            assertTrue(volume.isPresent(), facts.id() + " has no volume");
            assertEquals(facts.id(), volume.get().name().value());
            recorded.add(facts.id());
        }
        Set<String> stored = rig.volumes.list().stream()
                .map(Volume::name)
                .map(VolumeName::value)
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(recorded, stored);
        for (AttachmentFacts attachment : rig.register.attachments()) {
            assertTrue(recorded.contains(attachment.volumeId()), attachment + " is of no volume");
            InstanceFacts instance =
                    rig.register.instance(attachment.instanceId()).orElseThrow();
            assertEquals(InstanceState.RUNNING, instance.state(), attachment.toString());
        }
    }

    /** Instances run with all their volumes, or are terminated and have taken those with them that were to go. */
    private static void requireWholeTerminations(Ec2Rig rig, History history) {
        Set<String> states =
                instances(rig).stream().map(VolumesCrashTest::state).collect(Collectors.toSet());
        assertTrue(states.size() <= 1, () -> "one is terminated, the other is not: " + states);
        Function<String, Optional<String>> made =
                token -> Optional.ofNullable(history.answered.get(token)).map(List::getFirst);
        if (states.contains("terminated")) {
            Map<String, String> things = things(rig);
            made.apply("plain").ifPresent(id -> assertTrue(!things.containsKey(id), "it goes with its instance"));
            made.apply("copy").ifPresent(id -> assertTrue(!things.containsKey(id), "it goes with its instance"));
            made.apply("fast").filter(things::containsKey).ifPresent(id -> assertEquals("available", rig.state(id)));
        } else {
            assertTrue(states.isEmpty() || states.contains("running"), () -> "left half way: " + states);
        }
    }

    @Test
    void everySync() {
        long syncs = CrashPoints.everySync(
                7,
                2,
                History::new,
                (disk, history) -> {
                    Ec2Rig rig = new Ec2Rig(disk);
                    live(rig, history);
                    check(rig, history);
                },
                (found, history) -> {
                    Ec2Rig rig = new Ec2Rig(found);
                    check(rig, history);
                    rig.killed();
                    check(rig, history);
                });
        assertTrue(syncs > 50, "syncs: " + syncs);
    }
}
