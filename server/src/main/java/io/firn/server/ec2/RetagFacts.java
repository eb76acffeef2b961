package io.firn.server.ec2;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Tags that snapshots are to have by a call that is under way. Their tags are kept with them, each snapshot's by itself; this fact, written
 * together with what else the call changes, makes all of it happen or nothing. There is one at most.
 *
 * @param tags all tags of each snapshot, by its id
 */
record RetagFacts(SortedMap<String, SortedMap<String, String>> tags) implements Facts {
    static final String KEY = "retag";

    RetagFacts {
        SortedMap<String, SortedMap<String, String>> copy = new TreeMap<>();
        tags.forEach((id, each) -> copy.put(id, Collections.unmodifiableSortedMap(new TreeMap<>(each))));
        tags = Collections.unmodifiableSortedMap(copy);
    }

    @Override
    public String key() {
        return KEY;
    }

    @Override
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ObjectNode snapshots = json.putObject("snapshots");
        tags.forEach((id, each) -> Tagging.write(snapshots.putObject(id), each));
        return json;
    }

    static RetagFacts fromJson(JsonNode json) {
        SortedMap<String, SortedMap<String, String>> tags = new TreeMap<>();
        json.path("snapshots")
                .properties()
                .forEach(snapshot -> tags.put(snapshot.getKey(), Tagging.read(snapshot.getValue())));
        return new RetagFacts(tags);
    }
}
