package io.firn.server.ec2;

import io.firn.server.wire.Fields;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * The filters of a Describe call over things of one kind: all filters must be met, each by one of its values; {@code *} and {@code ?} in a
 * value stand for any text and any character, a backslash takes that from them.
 */
final class Filters<T> {
    private static final int MAX_VALUES = 200;
    private static final String TAG = "tag:";

    private final Map<String, Function<T, List<String>>> attributes = new HashMap<>();
    private Function<T, SortedMap<String, String>> tags = thing -> Collections.emptySortedMap();

    /** What a filter of this name looks at: no, one or more texts. */
    Filters<T> on(String name, Function<T, List<String>> texts) {
        attributes.put(name, texts);
        return this;
    }

    /** A filter that looks at one text. */
    Filters<T> onText(String name, Function<T, String> text) {
        return on(name, thing -> List.of(text.apply(thing)));
    }

    /** Filters that no thing meets: it has nothing of the kind. */
    Filters<T> onNothing(String... names) {
        for (String name : names) {
            on(name, thing -> List.of());
        }
        return this;
    }

    /** Adds {@code tag:KEY} and {@code tag-key}. */
    Filters<T> onTags(Function<T, SortedMap<String, String>> tagsOf) {
        tags = tagsOf;
        return on("tag-key", thing -> List.copyOf(tagsOf.apply(thing).keySet()));
    }

    /** What the call's filters let through. */
    Predicate<T> of(Fields input) {
        List<Predicate<T>> all = new ArrayList<>();
        for (Fields filter : input.structures("Filters")) {
            String name = filter.text("Name").orElseThrow(() -> Ec2Error.MISSING_PARAMETER.of("Filter.Name"));
            List<String> values = filter.texts("Values");
            if (values.size() > MAX_VALUES) {
                throw Ec2Error.INVALID_PARAMETER_VALUE.of(
                        "The filter '" + name + "' has more than " + MAX_VALUES + " values");
            }
            if (values.isEmpty()) {
                throw Ec2Error.INVALID_PARAMETER_VALUE.of("The filter '" + name + "' has no value");
            }
            Function<T, List<String>> texts = texts(name);
            List<Pattern> patterns = values.stream().map(Filters::pattern).toList();
            all.add(thing -> texts.apply(thing).stream()
                    .anyMatch(text -> patterns.stream()
                            .anyMatch(pattern -> pattern.matcher(text).matches())));
        }
        return thing -> all.stream().allMatch(filter -> filter.test(thing));
    }

    private Function<T, List<String>> texts(String name) {
        if (name.startsWith(TAG)) {
            String key = name.substring(TAG.length());
            return thing -> {
                SortedMap<String, String> all = tags.apply(thing);
                return all.containsKey(key) ? List.of(all.get(key)) : List.of();
            };
        }
        Function<T, List<String>> texts = attributes.get(name);
        if (texts == null) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.of("The filter '" + name + "' is invalid");
        }
        return texts;
    }

    private static Pattern pattern(String value) {
        StringBuilder regex = new StringBuilder();
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '\\' && i + 1 < value.length()) {
                regex.append(Pattern.quote(String.valueOf(value.charAt(++i))));
            } else if (c == '*') {
                regex.append(".*");
            } else if (c == '?') {
                regex.append('.');
            } else {
                regex.append(Pattern.quote(String.valueOf(c)));
            }
        }
        return Pattern.compile(regex.toString(), Pattern.DOTALL);
    }
}
