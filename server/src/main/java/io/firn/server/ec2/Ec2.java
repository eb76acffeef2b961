package io.firn.server.ec2;

import io.firn.blockstore.VolumeStore;
import io.firn.io.Clock;
import io.firn.server.wire.Operation;
import io.firn.server.wire.Service;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/** The EC2 service: its operations by name. */
public final class Ec2 {
    private Ec2() {}

    /**
     * EC2 of one region with three zones.
     *
     * @param clock dates what is made and rules what takes time
     * @param random makes ids
     */
    public static Service service(
            String regionName, VolumeStore volumes, Register register, Clock clock, RandomGenerator random) {
        Region region = new Region(regionName, volumes, register, clock, random);
        Map<String, Operation> operations = new HashMap<>();
        operations.put("DescribeRegions", region.places()::describeRegions);
        operations.put("DescribeAvailabilityZones", region.places()::describeAvailabilityZones);
        operations.put("CreateVolume", new CreateVolume(region));
        operations.put("DeleteVolume", new DeleteVolume(region));
        operations.put("DescribeVolumes", new DescribeVolumes(region));
        return Service.of("ec2", operations);
    }
}
