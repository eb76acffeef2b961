package io.firn.server.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Form parameters as the tree that their dotted names draw: {@code Filter.1.Value.2=x}. */
final class QueryParameters {
    private Optional<String> value = Optional.empty();
    private final Map<String, QueryParameters> children = new LinkedHashMap<>();

    /**
     * Reads {@code name=value&...}; a repeated name keeps its last value.
     *
     * @throws IllegalArgumentException when an escape is broken
     */
    static QueryParameters parse(String... encoded) {
        QueryParameters root = new QueryParameters();
        for (String form : encoded) {
            for (String pair : form.split("&", -1)) {
                if (!pair.isEmpty()) {
                    int equals = pair.indexOf('=');
                    String name = URLDecoder.decode(equals < 0 ? pair : pair.substring(0, equals), UTF_8);
                    root.put(name, equals < 0 ? "" : URLDecoder.decode(pair.substring(equals + 1), UTF_8));
                }
            }
        }
        return root;
    }

    private void put(String name, String text) {
        QueryParameters node = this;
        for (String part : name.split("\\.", -1)) {
            node = node.children.computeIfAbsent(part, absent -> new QueryParameters());
        }
        node.value = Optional.of(text);
    }

    Optional<String> value() {
        return value;
    }

    Map<String, QueryParameters> children() {
        return children;
    }

    Optional<QueryParameters> child(String name) {
        return Optional.ofNullable(children.get(name));
    }

    Optional<String> text(String name) {
        return child(name).flatMap(QueryParameters::value);
    }
}
