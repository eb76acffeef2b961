package io.firn.server.ec2;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.firn.io.StorageException;
import java.util.SortedMap;
import java.util.TreeMap;

/** One thing that EC2 knows and the stores do not. Immutable; each kind reads and writes itself as JSON. */
sealed interface Facts permits VolumeFacts, InstanceFacts, SnapshotFacts, AccountFacts, TokenFacts {

    /** What it is found by; keys of two kinds never meet. */
    String key();

    /** Its fields, without the kind. */
    ObjectNode toJson();

    /** Reads any kind back. */
    static Facts fromJson(JsonNode json) {
        String kind = json.path("kind").asText();
        return switch (kind) {
            case "volume" -> VolumeFacts.fromJson(json);
            case "instance" -> InstanceFacts.fromJson(json);
            case "snapshot" -> SnapshotFacts.fromJson(json);
            case "account" -> AccountFacts.fromJson(json);
            case "token" -> TokenFacts.fromJson(json);
            default -> throw new StorageException.Corrupt("EC2 facts of an unknown kind: " + kind);
        };
    }

    /** As {@link #fromJson} reads it. */
    static ObjectNode write(Facts facts) {
        String kind = switch (facts) {
            case VolumeFacts volume -> "volume";
            case InstanceFacts instance -> "instance";
            case SnapshotFacts snapshot -> "snapshot";
            case AccountFacts account -> "account";
            case TokenFacts token -> "token";
        };
        return facts.toJson().put("kind", kind);
    }

    static void putTags(ObjectNode json, SortedMap<String, String> tags) {
        if (!tags.isEmpty()) {
            ObjectNode node = json.putObject("tags");
            tags.forEach(node::put);
        }
    }

    static SortedMap<String, String> tags(JsonNode json) {
        SortedMap<String, String> tags = new TreeMap<>();
        json.path("tags")
                .properties()
                .forEach(tag -> tags.put(tag.getKey(), tag.getValue().asText()));
        return tags;
    }
}
