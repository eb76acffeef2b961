package io.firn.server.ec2;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What EC2 knows of a volume beside its content and size.
 *
 * @param id {@code vol-} and 17 hexadecimal digits
 * @param number the volume store's number; 0 while the store is being asked to make it, under its id as name
 * @param service type, IOPS and throughput
 * @param kmsKeyId the ARN of an encrypted volume's key
 * @param isIoEnabledItself whether the loss of durable history is accepted without being asked
 * @param tags by key
 */
record VolumeFacts(
        String id,
        int number,
        String zone,
        Service service,
        Optional<String> kmsKeyId,
        Origin origin,
        boolean isIoEnabledItself,
        SortedMap<String, String> tags)
        implements Facts {

    /**
     * What the volume is to deliver.
     *
     * @param type as EC2 spells it
     * @param iops 0 for types that have none
     * @param mibPerSecond 0 for types that have none
     */
    record Service(String type, int iops, int mibPerSecond, boolean isMultiAttach) {}

    /**
     * The snapshot or the volume that a volume was made of.
     *
     * @param isFast whether fast snapshot restore was on: then the volume is {@code creating} until everything is in
     */
    record Origin(Optional<String> snapshotId, Optional<String> volumeId, boolean isFast) {
        static final Origin NOTHING = new Origin(Optional.empty(), Optional.empty(), false);

        static Origin snapshot(String snapshotId, boolean isFast) {
            return new Origin(Optional.of(snapshotId), Optional.empty(), isFast);
        }

        static Origin volume(String volumeId) {
            return new Origin(Optional.empty(), Optional.of(volumeId), false);
        }
    }

    /** Facts of a volume that nobody told EC2 anything about. */
    VolumeFacts(String id, int number, String zone, Service service) {
        this(id, number, zone, service, Optional.empty(), Origin.NOTHING, false, Collections.emptySortedMap());
    }

    VolumeFacts {
        tags = Collections.unmodifiableSortedMap(new TreeMap<>(tags));
    }

    @Override
    public String key() {
        return id;
    }

    VolumeFacts made(int storeNumber) {
        return new VolumeFacts(id, storeNumber, zone, service, kmsKeyId, origin, isIoEnabledItself, tags);
    }

    VolumeFacts withTags(SortedMap<String, String> newTags) {
        return new VolumeFacts(id, number, zone, service, kmsKeyId, origin, isIoEnabledItself, newTags);
    }

    VolumeFacts withIoEnabledItself(boolean isIt) {
        return new VolumeFacts(id, number, zone, service, kmsKeyId, origin, isIt, tags);
    }

    VolumeFacts withService(Service newService) {
        return new VolumeFacts(id, number, zone, newService, kmsKeyId, origin, isIoEnabledItself, tags);
    }

    @Override
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("id", id)
                .put("number", number)
                .put("zone", zone)
                .put("type", service.type())
                .put("iops", service.iops())
                .put("mibPerSecond", service.mibPerSecond())
                .put("multiAttach", service.isMultiAttach());
        kmsKeyId.ifPresent(key -> json.put("key", key));
        origin.snapshotId().ifPresent(snapshot -> json.put("snapshot", snapshot));
        origin.volumeId().ifPresent(source -> json.put("source", source));
        if (origin.isFast()) {
            json.put("fastRestored", true);
        }
        if (isIoEnabledItself) {
            json.put("autoEnableIo", true);
        }
        Tagging.write(json, tags);
        return json;
    }

    static VolumeFacts fromJson(JsonNode json) {
        return new VolumeFacts(
                json.path("id").asText(),
                json.path("number").asInt(),
                json.path("zone").asText(),
                new Service(
                        json.path("type").asText(),
                        json.path("iops").asInt(),
                        json.path("mibPerSecond").asInt(),
                        json.path("multiAttach").asBoolean()),
                Optional.ofNullable(json.get("key")).map(JsonNode::asText),
                new Origin(
                        Optional.ofNullable(json.get("snapshot")).map(JsonNode::asText),
                        Optional.ofNullable(json.get("source")).map(JsonNode::asText),
                        json.path("fastRestored").asBoolean()),
                json.path("autoEnableIo").asBoolean(),
                Tagging.read(json));
    }
}
