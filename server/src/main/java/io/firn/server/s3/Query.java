package io.firn.server.s3;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The parameters of a request's query, decoded; of a name given twice the first counts. */
final class Query {
    /** More parameters than any S3 request has: a query of {@code &&&&} must not become a large map. */
    private static final int MAX_PARAMETERS = 200;

    private final Map<String, String> values;

    private Query(Map<String, String> values) {
        this.values = values;
    }

    /**
     * Reads what follows the {@code ?}.
     *
     * @throws S3Exception InvalidURI when it is not percent-encoded UTF-8
     */
    static Query parse(String rawQuery) {
        if (rawQuery.isEmpty()) {
            return new Query(Map.of());
        }
        Map<String, String> values = new HashMap<>();
        for (String pair : rawQuery.split("&", -1)) {
            if (pair.isEmpty()) {
                continue;
            }
            int equals = pair.indexOf('=');
            String name = decode(equals < 0 ? pair : pair.substring(0, equals), rawQuery);
            values.putIfAbsent(name, equals < 0 ? "" : decode(pair.substring(equals + 1), rawQuery));
            if (values.size() > MAX_PARAMETERS) {
                throw new S3Exception(S3ErrorCode.INVALID_URI, "The query has too many parameters.");
            }
        }
        return new Query(values);
    }

    private static String decode(String text, String rawQuery) {
        return PercentEncoding.decode(text, true)
                .orElseThrow(() -> new S3Exception(S3ErrorCode.INVALID_URI).with("URI", rawQuery));
    }

    /** The names of all parameters, in no order. */
    Set<String> names() {
        return values.keySet();
    }

    /** True when the parameter is present, with or without a value. */
    boolean has(String name) {
        return values.containsKey(name);
    }

    /** The value, empty text for a parameter without one. */
    Optional<String> value(String name) {
        return Optional.ofNullable(values.get(name));
    }

    /** The value, or empty text when the parameter is absent. */
    String text(String name) {
        return values.getOrDefault(name, "");
    }
}
