package io.firn.server.ec2;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.firn.server.wire.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** EC2's rules for tags. */
final class Tagging {
    private static final int MAX_TAGS = 50;
    private static final int MAX_KEY_LENGTH = 128;
    private static final int MAX_VALUE_LENGTH = 256;

    private static final String FACT = "tags";

    private Tagging() {}

    /** The tags that a request wants on what it makes, for one type of resource, the only one it may name. */
    static SortedMap<String, String> wanted(Fields input, String type) {
        SortedMap<String, String> tags = new TreeMap<>();
        for (Fields specification : input.structures("TagSpecifications")) {
            String named = specification
                    .text("ResourceType")
                    .orElseThrow(() -> Ec2Error.MISSING_PARAMETER.of("TagSpecification.ResourceType"));
            if (!named.equals(type)) {
                throw Ec2Error.INVALID_PARAMETER_VALUE.of(
                        "'" + named + "' is not a valid taggable resource type for this operation.");
            }
            tags.putAll(read(specification.structures("Tags")));
        }
        requireFew(tags);
        return tags;
    }

    /** Refuses more tags than a thing may have. */
    static void requireFew(SortedMap<String, String> tags) {
        if (tags.size() > MAX_TAGS) {
            throw Ec2Error.TAG_LIMIT_EXCEEDED.of(MAX_TAGS);
        }
    }

    /** Tags as a request has them. */
    static SortedMap<String, String> read(List<Fields> list) {
        SortedMap<String, String> tags = new TreeMap<>();
        for (Fields tag : list) {
            String key = tag.text("Key").orElseThrow(() -> Ec2Error.MISSING_PARAMETER.of("Tag.Key"));
            if (key.isEmpty() || key.length() > MAX_KEY_LENGTH) {
                throw Ec2Error.INVALID_PARAMETER_VALUE.of(
                        "Tag key exceeds the maximum length of " + MAX_KEY_LENGTH + " characters, or is empty");
            }
            if (key.startsWith("aws:")) {
                throw Ec2Error.INVALID_PARAMETER_VALUE.of(
                        "Tag keys starting with 'aws:' are reserved for internal use");
            }
            String value = tag.text("Value").orElse("");
            if (value.length() > MAX_VALUE_LENGTH) {
                throw Ec2Error.INVALID_PARAMETER_VALUE.of(
                        "Tag value exceeds the maximum length of " + MAX_VALUE_LENGTH + " characters");
            }
            if (tags.put(key, value) != null) {
                throw Ec2Error.INVALID_PARAMETER_VALUE.of("Duplicate tag key '" + key + "' specified.");
            }
        }
        return tags;
    }

    /** Adds the tags, if there are any, to the facts of a thing. */
    static void write(ObjectNode facts, SortedMap<String, String> tags) {
        if (!tags.isEmpty()) {
            ObjectNode node = facts.putObject(FACT);
            tags.forEach(node::put);
        }
    }

    /** The tags in the facts of a thing. */
    static SortedMap<String, String> read(JsonNode facts) {
        SortedMap<String, String> tags = new TreeMap<>();
        facts.path(FACT)
                .properties()
                .forEach(tag -> tags.put(tag.getKey(), tag.getValue().asText()));
        return tags;
    }

    /** As answers have them. */
    static List<Fields> describe(SortedMap<String, String> tags) {
        List<Fields> list = new ArrayList<>();
        tags.forEach((key, value) -> list.add(new Fields().put("Key", key).put("Value", value)));
        return list;
    }
}
