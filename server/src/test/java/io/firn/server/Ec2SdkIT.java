package io.firn.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.Ec2Exception;
import software.amazon.awssdk.services.ec2.model.Filter;
import software.amazon.awssdk.services.ec2.model.Instance;
import software.amazon.awssdk.services.ec2.model.InstanceStateName;
import software.amazon.awssdk.services.ec2.model.InstanceType;
import software.amazon.awssdk.services.ec2.model.ResourceType;
import software.amazon.awssdk.services.ec2.model.Snapshot;
import software.amazon.awssdk.services.ec2.model.Tag;
import software.amazon.awssdk.services.ec2.model.TagSpecification;
import software.amazon.awssdk.services.ec2.model.Volume;
import software.amazon.awssdk.services.ec2.model.VolumeAttachment;
import software.amazon.awssdk.services.ec2.model.VolumeModificationState;
import software.amazon.awssdk.services.ec2.model.VolumeState;
import software.amazon.awssdk.services.ec2.model.VolumeType;

/** EC2's volumes, snapshots, instances and tags through the AWS SDK for Java 2: waiters, paginators, errors, and what is still known after a kill. */
@Timeout(180)
final class Ec2SdkIT {
    private static final String ZONE = "us-east-1a";

    @TempDir
    Path folder;

    private ServerProcess start() throws Exception {
        return ServerProcess.start(folder.resolve("data"), folder.resolve("log"), List.of());
    }

    private static Ec2Client client(ServerProcess server) {
        return JavaSdk.connected(Ec2Client.builder(), server)
                .httpClientBuilder(Apache5HttpClient.builder())
                .build();
    }

    private static TagSpecification tagged(ResourceType type, String key, String value) {
        return TagSpecification.builder()
                .resourceType(type)
                .tags(Tag.builder().key(key).value(value).build())
                .build();
    }

    private static String volume(Ec2Client ec2, int gib) {
        String id = ec2.createVolume(request -> request.availabilityZone(ZONE)
                        .size(gib)
                        .volumeType(VolumeType.GP3)
                        .tagSpecifications(tagged(ResourceType.VOLUME, "gib", Integer.toString(gib))))
                .volumeId();
        ec2.waiter().waitUntilVolumeAvailable(request -> request.volumeIds(id));
        return id;
    }

    private static Volume described(Ec2Client ec2, String id) {
        return ec2.describeVolumes(request -> request.volumeIds(id)).volumes().getFirst();
    }

    private static String code(Runnable call) {
        return assertThrows(Ec2Exception.class, call::run).awsErrorDetails().errorCode();
    }

    @Test
    void volumesLiveThroughTheirStates() throws Exception {
        String volumeId;
        String instanceId;
        try (ServerProcess server = start();
                Ec2Client ec2 = client(server)) {
            Instance instance = ec2.runInstances(request -> request.imageId("ami-0123456789abcdef0")
                            .instanceType(InstanceType.M7_G_LARGE)
                            .placement(place -> place.availabilityZone(ZONE))
                            .minCount(1)
                            .maxCount(1))
                    .instances()
                    .getFirst();
            assertEquals(InstanceStateName.PENDING, instance.state().name());
            instanceId = instance.instanceId();
            ec2.waiter().waitUntilInstanceRunning(request -> request.instanceIds(instance.instanceId()));
            String id = volume(ec2, 8);
            volumeId = id;
            ec2.attachVolume(request ->
                    request.volumeId(id).instanceId(instance.instanceId()).device("/dev/sdf"));
            ec2.waiter().waitUntilVolumeInUse(request -> request.volumeIds(id));
            assertEquals("VolumeInUse", code(() -> ec2.deleteVolume(request -> request.volumeId(id))));
            ec2.modifyVolume(request -> request.volumeId(id).size(9).iops(4000));
            assertEquals(
                    VolumeModificationState.COMPLETED,
                    ec2.describeVolumesModifications(request -> request.volumeIds(id))
                            .volumesModifications()
                            .getFirst()
                            .modificationState());
            server.kill();
        }
        try (ServerProcess server = start();
                Ec2Client ec2 = client(server)) {
            Volume volume = described(ec2, volumeId);
            assertEquals(VolumeState.IN_USE, volume.state());
            assertEquals(9, volume.size());
            assertEquals(4000, volume.iops());
            VolumeAttachment attachment = volume.attachments().getFirst();
            assertEquals(instanceId, attachment.instanceId());
            assertEquals("/dev/sdf", attachment.device());
            assertEquals("attached", attachment.stateAsString());
            ec2.terminateInstances(request -> request.instanceIds(instanceId));
            ec2.waiter().waitUntilInstanceTerminated(request -> request.instanceIds(instanceId));
            ec2.waiter().waitUntilVolumeAvailable(request -> request.volumeIds(volumeId));
            ec2.deleteVolume(request -> request.volumeId(volumeId));
            ec2.waiter().waitUntilVolumeDeleted(request -> request.volumeIds(volumeId));
            assertEquals("InvalidVolume.NotFound", code(() -> described(ec2, volumeId)));
        }
    }

    @Test
    void snapshotsArePagedFilteredAndRestored() throws Exception {
        try (ServerProcess server = start();
                Ec2Client ec2 = client(server)) {
            String volumeId = volume(ec2, 1);
            Set<String> taken = new HashSet<>();
            for (int i = 0; i < 12; i++) {
                String number = Integer.toString(i % 2);
                taken.add(ec2.createSnapshot(request -> request.volumeId(volumeId)
                                .description("number " + number)
                                .tagSpecifications(tagged(ResourceType.SNAPSHOT, "odd", number)))
                        .snapshotId());
            }
            ec2.waiter().waitUntilSnapshotCompleted(request -> request.snapshotIds(taken));
            List<String> paged = new ArrayList<>();
            ec2.describeSnapshotsPaginator(request -> request.maxResults(5)).snapshots().stream()
                    .map(Snapshot::snapshotId)
                    .forEach(paged::add);
            assertEquals(taken.size(), paged.size());
            assertEquals(taken, new HashSet<>(paged));
            Filter odd = Filter.builder().name("tag:odd").values("1").build();
            List<Snapshot> half =
                    ec2.describeSnapshots(request -> request.filters(odd)).snapshots();
            assertEquals(6, half.size());
            assertTrue(half.stream().allMatch(snapshot -> snapshot.description().equals("number 1")));
            String restored = ec2.createVolume(request -> request.availabilityZone(ZONE)
                            .snapshotId(half.getFirst().snapshotId()))
                    .volumeId();
            assertEquals(half.getFirst().snapshotId(), described(ec2, restored).snapshotId());
            for (String id : taken) {
                ec2.deleteSnapshot(request -> request.snapshotId(id));
            }
            assertEquals(
                    "InvalidSnapshot.NotFound",
                    code(() -> ec2.describeSnapshots(request -> request.snapshotIds(taken))));
            assertTrue(ec2.describeSnapshots().snapshots().isEmpty());
        }
    }
}
