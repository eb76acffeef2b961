package io.firn.server.ec2;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What EC2 knows of a snapshot and the snapshot store does not.
 *
 * @param sharedWith account ids, and {@code all} for everybody
 * @param fastRestores when fast restore was enabled, by zone
 */
record SnapshotFacts(String id, List<String> sharedWith, SortedMap<String, Instant> fastRestores) implements Facts {

    SnapshotFacts {
        sharedWith = List.copyOf(sharedWith);
        fastRestores = Collections.unmodifiableSortedMap(new TreeMap<>(fastRestores));
    }

    /** Of a snapshot that nobody told EC2 anything about. */
    static SnapshotFacts of(String id) {
        return new SnapshotFacts(id, List.of(), Collections.emptySortedMap());
    }

    @Override
    public String key() {
        return id;
    }

    SnapshotFacts withSharedWith(List<String> accounts) {
        return new SnapshotFacts(id, accounts, fastRestores);
    }

    SnapshotFacts withFastRestores(SortedMap<String, Instant> changed) {
        return new SnapshotFacts(id, sharedWith, changed);
    }

    @Override
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("id", id);
        ArrayNode shared = json.putArray("sharedWith");
        sharedWith.forEach(shared::add);
        ObjectNode fast = json.putObject("fastRestores");
        fastRestores.forEach((zone, since) -> fast.put(zone, since.toString()));
        return json;
    }

    static SnapshotFacts fromJson(JsonNode json) {
        List<String> shared = new ArrayList<>();
        json.path("sharedWith").forEach(account -> shared.add(account.asText()));
        SortedMap<String, Instant> fast = new TreeMap<>();
        json.path("fastRestores")
                .properties()
                .forEach(entry ->
                        fast.put(entry.getKey(), Instant.parse(entry.getValue().asText())));
        return new SnapshotFacts(json.path("id").asText(), shared, fast);
    }
}
