package io.firn.server.ec2;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The last modification of a volume, and when the ones before it were.
 *
 * <p>Source: the EBS chapter of the EC2 model 2016-11-15, read 2026-08-07: up to four modifications of a volume in any 24 hours.
 *
 * @param started of the modifications of the last 24 hours as of the newest, which is the last
 */
record ModificationFacts(String volumeId, Sold original, Sold target, List<Instant> started) implements Facts {
    static final int MOST = 4;
    static final Duration WINDOW = Duration.ofHours(24);

    /** What a volume is sold as, with its size. */
    record Sold(int gib, VolumeFacts.Service service) {}

    ModificationFacts {
        started = List.copyOf(started);
    }

    /** The modification that follows at an instant; an error of EC2 when there were too many. */
    static ModificationFacts next(List<Instant> before, String volumeId, Sold original, Sold target, Instant now) {
        List<Instant> started = new ArrayList<>(before);
        started.removeIf(then -> !now.isBefore(then.plus(WINDOW)));
        if (started.size() >= MOST) {
            throw Ec2Error.VOLUME_MODIFICATION_RATE_EXCEEDED.of(volumeId, MOST, WINDOW.toHours());
        }
        started.add(now);
        return new ModificationFacts(volumeId, original, target, started);
    }

    Instant lastStarted() {
        return started.getLast();
    }

    @Override
    public String key() {
        return key(volumeId);
    }

    static String key(String volumeId) {
        return "modification/" + volumeId;
    }

    @Override
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("volume", volumeId);
        write(json.putObject("original"), original);
        write(json.putObject("target"), target);
        var instants = json.putArray("started");
        started.forEach(then -> instants.add(then.toString()));
        return json;
    }

    private static void write(ObjectNode json, Sold sold) {
        json.put("gib", sold.gib())
                .put("type", sold.service().type())
                .put("iops", sold.service().iops())
                .put("mibPerSecond", sold.service().mibPerSecond())
                .put("multiAttach", sold.service().isMultiAttach());
    }

    static ModificationFacts fromJson(JsonNode json) {
        List<Instant> started = new ArrayList<>();
        json.path("started").forEach(then -> started.add(Instant.parse(then.asText())));
        return new ModificationFacts(
                json.path("volume").asText(), read(json.path("original")), read(json.path("target")), started);
    }

    private static Sold read(JsonNode json) {
        return new Sold(
                json.path("gib").asInt(),
                new VolumeFacts.Service(
                        json.path("type").asText(),
                        json.path("iops").asInt(),
                        json.path("mibPerSecond").asInt(),
                        json.path("multiAttach").asBoolean()));
    }
}
