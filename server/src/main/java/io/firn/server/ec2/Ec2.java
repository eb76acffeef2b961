package io.firn.server.ec2;

import io.firn.server.wire.Operation;
import io.firn.server.wire.Service;
import java.util.HashMap;
import java.util.Map;

/** The EC2 service: its operations by name. */
public final class Ec2 {
    private Ec2() {}

    /** EC2 of one region with three zones. */
    public static Service service(String region) {
        Map<String, Operation> operations = new HashMap<>();
        Places places = new Places(region);
        operations.put("DescribeRegions", places::describeRegions);
        operations.put("DescribeAvailabilityZones", places::describeAvailabilityZones);
        return Service.of("ec2", operations);
    }
}
