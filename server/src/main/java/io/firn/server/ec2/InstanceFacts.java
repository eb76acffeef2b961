package io.firn.server.ec2;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An instance: a record that volumes can be attached to. Nothing runs.
 *
 * @param id {@code i-} and 17 hexadecimal digits
 * @param launch with what it was launched
 * @param state running, stopped or terminated; stopping and shutting down until all that belongs to it is done
 * @param changed when it came into that state
 */
record InstanceFacts(
        String id, Launch launch, String zone, InstanceState state, Instant changed, SortedMap<String, String> tags)
        implements Facts {
    static final String ROOT_DEVICE = "/dev/xvda";

    /** How long a terminated instance is still told of. */
    private static final Duration AFTERLIFE = Duration.ofHours(1);

    /**
     * What one call launched.
     *
     * @param reservation the id that all instances of the call share
     * @param index of this one among them
     */
    record Launch(String reservation, int index, String imageId, String type, Instant at, Optional<String> token) {}

    InstanceFacts {
        tags = Collections.unmodifiableSortedMap(new TreeMap<>(tags));
    }

    InstanceFacts in(InstanceState newState, Instant now) {
        return new InstanceFacts(id, launch, zone, newState, now, tags);
    }

    InstanceFacts withTags(SortedMap<String, String> newTags) {
        return new InstanceFacts(id, launch, zone, state, changed, newTags);
    }

    boolean isForgotten(Instant now) {
        return state == InstanceState.TERMINATED && now.isAfter(changed.plus(AFTERLIFE));
    }

    @Override
    public String key() {
        return id;
    }

    @Override
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("id", id)
                .put("reservation", launch.reservation())
                .put("index", launch.index())
                .put("image", launch.imageId())
                .put("type", launch.type())
                .put("launched", launch.at().toString())
                .put("zone", zone)
                .put("state", state.wireName())
                .put("changed", changed.toString());
        launch.token().ifPresent(token -> json.put("token", token));
        Tagging.write(json, tags);
        return json;
    }

    static InstanceFacts fromJson(JsonNode json) {
        return new InstanceFacts(
                json.path("id").asText(),
                new Launch(
                        json.path("reservation").asText(),
                        json.path("index").asInt(),
                        json.path("image").asText(),
                        json.path("type").asText(),
                        Instant.parse(json.path("launched").asText()),
                        Optional.ofNullable(json.get("token")).map(JsonNode::asText)),
                json.path("zone").asText(),
                InstanceState.ofWireName(json.path("state").asText()),
                Instant.parse(json.path("changed").asText()),
                Tagging.read(json));
    }
}
