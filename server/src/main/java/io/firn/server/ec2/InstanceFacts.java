package io.firn.server.ec2;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A record of an instance: enough to attach volumes to. Nothing runs.
 *
 * @param id {@code i-} and 17 hexadecimal digits
 * @param reservationId the launch it came from
 * @param index its place within the launch
 * @param since when it came into its state
 */
record InstanceFacts(
        String id,
        String reservationId,
        int index,
        String zone,
        String imageId,
        String type,
        State state,
        Instant launched,
        Instant since,
        SortedMap<String, String> tags)
        implements Facts {

    /** The states that a record can be in: without a machine, nothing takes time. */
    enum State {
        RUNNING(16, "running"),
        STOPPED(80, "stopped"),
        TERMINATED(48, "terminated");

        private final int code;
        private final String wireName;

        State(int code, String wireName) {
            this.code = code;
            this.wireName = wireName;
        }

        int code() {
            return code;
        }

        String wireName() {
            return wireName;
        }
    }

    InstanceFacts {
        tags = Collections.unmodifiableSortedMap(new TreeMap<>(tags));
    }

    @Override
    public String key() {
        return id;
    }

    InstanceFacts in(State next, Instant now) {
        return new InstanceFacts(id, reservationId, index, zone, imageId, type, next, launched, now, tags);
    }

    InstanceFacts withTags(SortedMap<String, String> changed) {
        return new InstanceFacts(id, reservationId, index, zone, imageId, type, state, launched, since, changed);
    }

    @Override
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("id", id)
                .put("reservation", reservationId)
                .put("index", index)
                .put("zone", zone)
                .put("image", imageId)
                .put("type", type)
                .put("state", state.name())
                .put("launched", launched.toString())
                .put("since", since.toString());
        Facts.putTags(json, tags);
        return json;
    }

    static InstanceFacts fromJson(JsonNode json) {
        return new InstanceFacts(
                json.path("id").asText(),
                json.path("reservation").asText(),
                json.path("index").asInt(),
                json.path("zone").asText(),
                json.path("image").asText(),
                json.path("type").asText(),
                State.valueOf(json.path("state").asText()),
                Instant.parse(json.path("launched").asText()),
                Instant.parse(json.path("since").asText()),
                Facts.tags(json));
    }
}
