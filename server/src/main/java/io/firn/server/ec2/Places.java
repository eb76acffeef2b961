package io.firn.server.ec2;

import io.firn.server.wire.Call;
import io.firn.server.wire.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The region this server answers for, and its zones {@code a}, {@code b} and {@code c}. */
final class Places {
    private static final List<String> SUFFIXES = List.of("a", "b", "c");

    private final String region;

    Places(String region) {
        this.region = region;
    }

    String region() {
        return region;
    }

    /** The zone of what nobody chose a zone for. */
    String firstZone() {
        return region + SUFFIXES.getFirst();
    }

    boolean isZone(String name) {
        return name.startsWith(region) && SUFFIXES.contains(name.substring(region.length()));
    }

    /** A zone's other name. */
    String zoneId(String zone) {
        return region + "-az" + (SUFFIXES.indexOf(zone.substring(region.length())) + 1);
    }

    /** The zone of such an id, or one that is none. */
    String zoneOfId(String id) {
        return SUFFIXES.stream()
                .map(suffix -> region + suffix)
                .filter(zone -> zoneId(zone).equals(id))
                .findFirst()
                .orElse(id);
    }

    /** The zone that a request names by name or id, if it does; an error of EC2 when there is none such. */
    Optional<String> chosen(Fields input) {
        Optional<String> name = input.text("AvailabilityZone");
        Optional<String> zoneId = input.text("AvailabilityZoneId");
        if (name.isPresent() && zoneId.isPresent()) {
            throw Ec2Error.INVALID_PARAMETER_COMBINATION.of(
                    "The parameters AvailabilityZone and AvailabilityZoneId may not be used together");
        }
        Optional<String> zone = name.or(() -> zoneId.map(this::zoneOfId));
        zone.filter(chosen -> !isZone(chosen)).ifPresent(unknown -> {
            throw Ec2Error.INVALID_ZONE_NOT_FOUND.of(unknown);
        });
        return zone;
    }

    Fields describeRegions(Call call) {
        for (String name : call.input().texts("RegionNames")) {
            if (!name.equals(region)) {
                throw Ec2Error.INVALID_PARAMETER_VALUE.of("Invalid region names were passed: " + name + ".");
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
            if (!isZone(name)) {
                throw Ec2Error.INVALID_PARAMETER_VALUE.of("Invalid availability zone: [" + name + "]");
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
                        .put("ZoneId", zoneId(name))
                        .put("GroupName", region)
                        .put("NetworkBorderGroup", region)
                        .put("ZoneType", "availability-zone"));
            }
        }
        return new Fields().put("AvailabilityZones", zones);
    }
}
