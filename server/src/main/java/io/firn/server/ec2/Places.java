package io.firn.server.ec2;

import io.firn.server.wire.Call;
import io.firn.server.wire.Fields;
import io.firn.server.wire.ServiceException;
import java.util.ArrayList;
import java.util.List;

/** The region this server answers for, and its zones {@code a}, {@code b} and {@code c}. */
final class Places {
    private static final List<String> SUFFIXES = List.of("a", "b", "c");

    private final String region;

    Places(String region) {
        this.region = region;
    }

    Fields describeRegions(Call call) {
        for (String name : call.input().texts("RegionNames")) {
            if (!name.equals(region)) {
                throw new ServiceException(
                        400, "InvalidParameterValue", "Invalid region names were passed: " + name + ".");
            }
        }
        Fields described = new Fields()
                .put("RegionName", region)
                .put("Endpoint", "ec2." + region + ".amazonaws.com")
                .put("OptInStatus", "opt-in-not-required");
        return new Fields().put("Regions", List.of(described));
    }

    Fields describeAvailabilityZones(Call call) {
        List<String> names = call.input().texts("ZoneNames");
        for (String name : names) {
            if (!name.startsWith(region) || !SUFFIXES.contains(name.substring(region.length()))) {
                throw new ServiceException(400, "InvalidParameterValue", "Invalid availability zone: [" + name + "]");
            }
        }
        List<Fields> zones = new ArrayList<>();
        for (int i = 0; i < SUFFIXES.size(); i++) {
            String name = region + SUFFIXES.get(i);
            if (names.isEmpty() || names.contains(name)) {
                zones.add(new Fields()
                        .put("State", "available")
                        .put("OptInStatus", "opt-in-not-required")
                        .put("Messages", List.of())
                        .put("RegionName", region)
                        .put("ZoneName", name)
                        .put("ZoneId", region + "-az" + (i + 1))
                        .put("GroupName", region)
                        .put("NetworkBorderGroup", region)
                        .put("ZoneType", "availability-zone"));
            }
        }
        return new Fields().put("AvailabilityZones", zones);
    }
}
