package io.firn.server.ec2;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A client token that was used, and what was made.
 *
 * @param requestHash of all that was asked beside the token
 * @param ids what the request made
 */
record TokenFacts(String operation, String token, String requestHash, Instant at, List<String> ids) implements Facts {
    /** A token counts for a day after it was used. */
    private static final Duration LIFETIME = Duration.ofHours(24);

    TokenFacts {
        ids = List.copyOf(ids);
    }

    @Override
    public String key() {
        return key(operation, token);
    }

    static String key(String operation, String token) {
        return "token/" + operation + "/" + token;
    }

    boolean isExpired(Instant now) {
        return now.isAfter(at.plus(LIFETIME));
    }

    @Override
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("operation", operation)
                .put("token", token)
                .put("hash", requestHash)
                .put("at", at.toString());
        ArrayNode made = json.putArray("ids");
        ids.forEach(made::add);
        return json;
    }

    static TokenFacts fromJson(JsonNode json) {
        List<String> ids = new ArrayList<>();
        json.path("ids").forEach(id -> ids.add(id.asText()));
        return new TokenFacts(
                json.path("operation").asText(),
                json.path("token").asText(),
                json.path("hash").asText(),
                Instant.parse(json.path("at").asText()),
                ids);
    }
}
