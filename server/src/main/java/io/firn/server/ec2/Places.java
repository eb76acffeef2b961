package io.firn.server.ec2;

import io.firn.server.wire.Call;
import io.firn.server.wire.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** The region this server answers for, and its zones {@code a}, {@code b} and {@code c}. */
final class Places {
    private static final List<String> SUFFIXES = List.of("a", "b", "c");

    private static final String AVAILABLE = "available";
    private static final String ZONE_TYPE = "availability-zone";
    private static final String OPT_IN = "opt-in-not-required";

    private static final Filters<String> REGION_FILTERS = new Filters<String>()
            .onText("region-name", name -> name)
            .onText("endpoint", Places::endpoint)
            .onText("opt-in-status", name -> OPT_IN);

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

    private static String endpoint(String name) {
        return "ec2." + name + ".amazonaws.com";
    }

    Fields describeRegions(Call call) {
        for (String name : call.input().texts("RegionNames")) {
            if (!name.equals(region)) {
                throw Ec2Error.INVALID_PARAMETER_VALUE.of("Invalid region names were passed: " + name + ".");
            }
        }
        Fields described = new Fields()
                .put("RegionName", region)
                .put("Endpoint", endpoint(region))
                .put("OptInStatus", OPT_IN);
        boolean isWanted = REGION_FILTERS.of(call.input()).test(region);
        return new Fields().put("Regions", isWanted ? List.of(described) : List.of());
    }

    private Filters<String> zoneFilters() {
        return new Filters<String>()
                .onText("zone-name", zone -> zone)
                .onText("zone-id", this::zoneId)
                .onText("region-name", zone -> region)
                .onText("group-name", zone -> region)
                .onText("state", zone -> AVAILABLE)
                .onText("zone-type", zone -> ZONE_TYPE)
                .onText("opt-in-status", zone -> OPT_IN);
    }

    Fields describeAvailabilityZones(Call call) {
        List<String> names = call.input().texts("ZoneNames");
        for (String name : names) {
            if (!isZone(name)) {
                throw Ec2Error.INVALID_PARAMETER_VALUE.of("Invalid availability zone: [" + name + "]");
            }
        }
        List<String> ids = call.input().texts("ZoneIds");
        for (String id : ids) {
            if (!isZone(zoneOfId(id))) {
                throw Ec2Error.INVALID_PARAMETER_VALUE.of("Invalid availability zone-id: [" + id + "]");
            }
        }
        Predicate<String> wanted = zoneFilters().of(call.input());
        List<Fields> zones = new ArrayList<>();
        for (String suffix : SUFFIXES) {
            String name = region + suffix;
            boolean isNamed = (names.isEmpty() && ids.isEmpty()) || names.contains(name) || ids.contains(zoneId(name));
            if (isNamed && wanted.test(name)) {
                zones.add(new Fields()
                        .put("State", AVAILABLE)
                        .put("OptInStatus", OPT_IN)
                        .put("Messages", List.of())
                        .put("RegionName", region)
                        .put("ZoneName", name)
                        .put("ZoneId", zoneId(name))
                        .put("GroupName", region)
                        .put("NetworkBorderGroup", region)
                        .put("ZoneType", ZONE_TYPE));
            }
        }
        return new Fields().put("AvailabilityZones", zones);
    }

    /** The ARN of a key that a request names by id, alias or ARN. */
    String keyArn(String accountId, String key) {
        if (key.startsWith("arn:")) {
            return key;
        }
        String resource = key.startsWith("alias/") ? key : "key/" + key;
        return "arn:aws:kms:" + region() + ":" + accountId + ":" + resource;
    }
}
