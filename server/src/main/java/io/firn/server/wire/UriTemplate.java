package io.firn.server.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An operation's path: literal segments, labels {@code {name}} of one segment, and at most one greedy label {@code {name+}}.
 *
 * @param constants the query parameters that must be there, such as {@code foo=bar}
 */
record UriTemplate(List<String> segments, List<String> constants) {
    UriTemplate {
        segments = List.copyOf(segments);
        constants = List.copyOf(constants);
    }

    static UriTemplate parse(String uri) {
        int question = uri.indexOf('?');
        String path = question < 0 ? uri : uri.substring(0, question);
        List<String> constants =
                question < 0 ? List.of() : List.of(uri.substring(question + 1).split("&", -1));
        return new UriTemplate(List.of(path.split("/", -1)), constants);
    }

    /** How special this template is: of two that match, the one with more literal segments and constants is meant. */
    int weight() {
        long literals = segments.stream().filter(segment -> !isLabel(segment)).count();
        return (int) literals * 2 + constants.size();
    }

    /** The labels' decoded values, or empty when the path is another one. */
    Optional<Map<String, String>> match(String rawPath) {
        List<String> given = List.of(rawPath.split("/", -1));
        Map<String, String> labels = new LinkedHashMap<>();
        int at = 0;
        for (int i = 0; i < segments.size(); i++) {
            String segment = segments.get(i);
            int rest = segments.size() - i - 1;
            if (at >= given.size()) {
                return Optional.empty();
            }
            if (!isLabel(segment)) {
                if (!given.get(at++).equals(segment)) {
                    return Optional.empty();
                }
            } else if (segment.endsWith("+}")) {
                int end = given.size() - rest;
                if (end <= at) {
                    return Optional.empty();
                }
                labels.put(
                        segment.substring(1, segment.length() - 2), decode(String.join("/", given.subList(at, end))));
                at = end;
            } else {
                if (given.get(at).isEmpty()) {
                    return Optional.empty();
                }
                labels.put(segment.substring(1, segment.length() - 1), decode(given.get(at++)));
            }
        }
        return at == given.size() ? Optional.of(labels) : Optional.empty();
    }

    /** In a path, a plus is a plus. */
    private static String decode(String segment) {
        try {
            return URLDecoder.decode(segment.replace("+", "%2B"), UTF_8);
        } catch (IllegalArgumentException broken) {
            return segment;
        }
    }

    private static boolean isLabel(String segment) {
        return segment.startsWith("{") && segment.endsWith("}");
    }
}
