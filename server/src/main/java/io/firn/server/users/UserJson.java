package io.firn.server.users;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.Set;

/** Users as the admin calls and {@code --json} show them. */
public final class UserJson {
    private static final Set<String> FIELDS =
            Set.of("name", "accessKey", "secretKey", "canonicalId", "email", "displayName");

    private UserJson() {}

    /** A user without its secret. */
    public static ObjectNode of(User user) {
        ObjectNode node = JsonNodeFactory.instance
                .objectNode()
                .put("name", user.name())
                .put("accessKey", user.keys().accessKey())
                .put("canonicalId", user.canonicalId())
                .put("displayName", user.displayName());
        user.email().ifPresent(email -> node.put("email", email));
        return node;
    }

    /** A user with its secret: for whoever has just made it, once. */
    public static ObjectNode withSecret(User user) {
        return of(user).put("secretKey", user.keys().secretKey().reveal());
    }

    /** What was asked for, as JSON. */
    public static ObjectNode of(NewUser user) {
        ObjectNode node = JsonNodeFactory.instance.objectNode().put("name", user.name());
        user.accessKey().ifPresent(value -> node.put("accessKey", value));
        user.secretKey().ifPresent(value -> node.put("secretKey", value.reveal()));
        user.canonicalId().ifPresent(value -> node.put("canonicalId", value));
        user.email().ifPresent(value -> node.put("email", value));
        user.displayName().ifPresent(value -> node.put("displayName", value));
        return node;
    }

    /** Reads what is asked for; an unknown field is an {@link IllegalArgumentException}. */
    public static NewUser parse(JsonNode node) {
        node.fieldNames().forEachRemaining(field -> {
            if (!FIELDS.contains(field)) {
                throw new IllegalArgumentException("a user has no field '" + field + "'");
            }
        });
        return new NewUser(
                text(node, "name").orElseThrow(() -> new IllegalArgumentException("a user needs a name")),
                text(node, "accessKey"),
                text(node, "secretKey").map(Secret::new),
                text(node, "canonicalId"),
                text(node, "email"),
                text(node, "displayName"));
    }

    private static Optional<String> text(JsonNode node, String field) {
        JsonNode value = node.get(field);
        return value == null || value.isNull() ? Optional.empty() : Optional.of(value.asText());
    }
}
