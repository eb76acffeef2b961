package io.firn.server.ec2;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What EC2 knows of a volume beside its content and size.
 *
 * @param id {@code vol-} and 17 hexadecimal digits
 * @param number the volume store's number; 0 while the store is being asked to make it, under its id as name
 * @param service type, IOPS and throughput
 * @param origin what it was made from
 * @param tags by key
 * @param attachments to instances, oldest first
 * @param modifications the last one, and those of the last day before it, oldest first
 */
record VolumeFacts(
        String id,
        int number,
        String zone,
        Service service,
        Origin origin,
        boolean isIoAutoEnabled,
        Optional<String> kmsKeyId,
        SortedMap<String, String> tags,
        List<Attachment> attachments,
        List<Modification> modifications)
        implements Facts {

    /**
     * What the volume is to deliver.
     *
     * @param type as EC2 spells it
     * @param iops 0 for types that have none
     * @param mibPerSecond 0 for types that have none
     */
    record Service(String type, int iops, int mibPerSecond, boolean isMultiAttach) {
        void write(ObjectNode json) {
            json.put("type", type)
                    .put("iops", iops)
                    .put("mibPerSecond", mibPerSecond)
                    .put("multiAttach", isMultiAttach);
        }

        static Service read(JsonNode json) {
            return new Service(
                    json.path("type").asText(),
                    json.path("iops").asInt(),
                    json.path("mibPerSecond").asInt(),
                    json.path("multiAttach").asBoolean());
        }
    }

    /**
     * What a volume was made from.
     *
     * @param initializationMibPerSecond what was asked for bringing the snapshot in, 0 for nothing
     */
    record Origin(
            Optional<String> snapshotId,
            Optional<String> sourceVolumeId,
            boolean isFastRestored,
            int initializationMibPerSecond) {
        static final Origin NOTHING = new Origin(Optional.empty(), Optional.empty(), false, 0);
    }

    /** A volume at an instance. */
    record Attachment(String instanceId, String device, Instant at, boolean isDeletedOnTermination) {}

    /**
     * A change of size or service.
     *
     * @param work how long it is optimised
     */
    record Modification(Instant at, int fromGib, int toGib, Service from, Service to, Duration work) {
        Instant end() {
            return at.plus(work);
        }

        boolean isDone(Instant now) {
            return !now.isBefore(end());
        }
    }

    /** Facts of a volume that nobody told EC2 anything about. */
    VolumeFacts(String id, int number, String zone, Service service) {
        this(
                id,
                number,
                zone,
                service,
                Origin.NOTHING,
                false,
                Optional.empty(),
                Collections.emptySortedMap(),
                List.of(),
                List.of());
    }

    VolumeFacts {
        tags = Collections.unmodifiableSortedMap(new TreeMap<>(tags));
        attachments = List.copyOf(attachments);
        modifications = List.copyOf(modifications);
    }

    @Override
    public String key() {
        return id;
    }

    Optional<Attachment> attachment(String instanceId) {
        return attachments.stream()
                .filter(attachment -> attachment.instanceId().equals(instanceId))
                .findFirst();
    }

    Optional<Modification> lastModification() {
        return modifications.isEmpty() ? Optional.empty() : Optional.of(modifications.getLast());
    }

    VolumeFacts made(int storeNumber) {
        return new VolumeFacts(
                id, storeNumber, zone, service, origin, isIoAutoEnabled, kmsKeyId, tags, attachments, modifications);
    }

    VolumeFacts from(Origin madeFrom) {
        return new VolumeFacts(
                id, number, zone, service, madeFrom, isIoAutoEnabled, kmsKeyId, tags, attachments, modifications);
    }

    VolumeFacts withKey(Optional<String> key) {
        return new VolumeFacts(
                id, number, zone, service, origin, isIoAutoEnabled, key, tags, attachments, modifications);
    }

    VolumeFacts withIoAutoEnabled(boolean isEnabled) {
        return new VolumeFacts(
                id, number, zone, service, origin, isEnabled, kmsKeyId, tags, attachments, modifications);
    }

    VolumeFacts withTags(SortedMap<String, String> changed) {
        return new VolumeFacts(
                id, number, zone, service, origin, isIoAutoEnabled, kmsKeyId, changed, attachments, modifications);
    }

    VolumeFacts withAttachments(List<Attachment> changed) {
        return new VolumeFacts(
                id, number, zone, service, origin, isIoAutoEnabled, kmsKeyId, tags, changed, modifications);
    }

    VolumeFacts attached(Attachment added) {
        List<Attachment> all = new ArrayList<>(attachments);
        all.add(added);
        return withAttachments(all);
    }

    VolumeFacts detached(Attachment removed) {
        return withAttachments(attachments.stream()
                .filter(attachment -> !attachment.equals(removed))
                .toList());
    }

    /** With another service, and with those modifications that still count. */
    VolumeFacts modified(Modification modification, Instant countedSince) {
        List<Modification> counted = new ArrayList<>(modifications.stream()
                .filter(earlier -> earlier.at().isAfter(countedSince))
                .toList());
        counted.add(modification);
        return new VolumeFacts(
                id, number, zone, modification.to(), origin, isIoAutoEnabled, kmsKeyId, tags, attachments, counted);
    }

    @Override
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("id", id)
                .put("number", number)
                .put("zone", zone);
        service.write(json);
        origin.snapshotId().ifPresent(snapshot -> json.put("snapshot", snapshot));
        origin.sourceVolumeId().ifPresent(volume -> json.put("source", volume));
        if (origin.isFastRestored()) {
            json.put("fastRestored", true);
        }
        if (origin.initializationMibPerSecond() != 0) {
            json.put("initializationMibPerSecond", origin.initializationMibPerSecond());
        }
        json.put("ioAutoEnabled", isIoAutoEnabled);
        kmsKeyId.ifPresent(key -> json.put("key", key));
        Facts.putTags(json, tags);
        ArrayNode attached = json.putArray("attachments");
        for (Attachment attachment : attachments) {
            attached.addObject()
                    .put("instance", attachment.instanceId())
                    .put("device", attachment.device())
                    .put("at", attachment.at().toString())
                    .put("deletedOnTermination", attachment.isDeletedOnTermination());
        }
        ArrayNode changes = json.putArray("modifications");
        for (Modification modification : modifications) {
            ObjectNode node = changes.addObject()
                    .put("at", modification.at().toString())
                    .put("fromGib", modification.fromGib())
                    .put("toGib", modification.toGib())
                    .put("work", modification.work().toString());
            modification.from().write(node.putObject("from"));
            modification.to().write(node.putObject("to"));
        }
        return json;
    }

    static VolumeFacts fromJson(JsonNode json) {
        List<Attachment> attachments = new ArrayList<>();
        for (JsonNode node : json.path("attachments")) {
            attachments.add(new Attachment(
                    node.path("instance").asText(),
                    node.path("device").asText(),
                    Instant.parse(node.path("at").asText()),
                    node.path("deletedOnTermination").asBoolean()));
        }
        List<Modification> modifications = new ArrayList<>();
        for (JsonNode node : json.path("modifications")) {
            modifications.add(new Modification(
                    Instant.parse(node.path("at").asText()),
                    node.path("fromGib").asInt(),
                    node.path("toGib").asInt(),
                    Service.read(node.path("from")),
                    Service.read(node.path("to")),
                    Duration.parse(node.path("work").asText())));
        }
        return new VolumeFacts(
                json.path("id").asText(),
                json.path("number").asInt(),
                json.path("zone").asText(),
                Service.read(json),
                new Origin(
                        Optional.ofNullable(json.get("snapshot")).map(JsonNode::asText),
                        Optional.ofNullable(json.get("source")).map(JsonNode::asText),
                        json.path("fastRestored").asBoolean(),
                        json.path("initializationMibPerSecond").asInt()),
                json.path("ioAutoEnabled").asBoolean(),
                Optional.ofNullable(json.get("key")).map(JsonNode::asText),
                Facts.tags(json),
                attachments,
                modifications);
    }
}
