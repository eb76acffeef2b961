package io.firn.server.wire;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A structure or a map: values by the names of the model, in order. What is absent was not sent.
 *
 * <p>Readers give what the parser has checked against the model, so a name that the model has with another type is a defect and an
 * {@link IllegalStateException}.
 *
 * <p><b>Threads.</b> For one at a time.
 */
public final class Fields implements Value {
    private final Map<String, Value> values = new LinkedHashMap<>();

    /** Adds or replaces a value. */
    public Fields put(String name, Value value) {
        values.put(name, value);
        return this;
    }

    public Fields put(String name, String text) {
        return put(name, new Text(text));
    }

    public Fields put(String name, long number) {
        return put(name, new Whole(number));
    }

    public Fields put(String name, boolean isTrue) {
        return put(name, new Truth(isTrue));
    }

    public Fields put(String name, Instant instant) {
        return put(name, new Moment(instant));
    }

    /** A list of structures or of anything else. */
    public Fields put(String name, List<? extends Value> items) {
        return put(name, new Items(List.copyOf(items)));
    }

    public Fields putTexts(String name, List<String> texts) {
        return put(name, texts.stream().map(Text::new).toList());
    }

    /** Adds the text when there is one. */
    public Fields put(String name, Optional<String> text) {
        text.ifPresent(present -> put(name, present));
        return this;
    }

    public boolean has(String name) {
        return values.containsKey(name);
    }

    public Optional<Value> value(String name) {
        return Optional.ofNullable(values.get(name));
    }

    public Optional<String> text(String name) {
        return value(name).map(value -> switch (value) {
            case Text text -> text.text();
            case Whole whole -> Long.toString(whole.number());
            default -> throw mistyped(name, value);
        });
    }

    /** The text of a member that the model requires. */
    public String requiredText(String name) {
        return text(name).orElseThrow(() -> new IllegalStateException(name + " is required and was let through"));
    }

    public OptionalLong number(String name) {
        Optional<Value> value = value(name);
        if (value.isEmpty()) {
            return OptionalLong.empty();
        }
        return value.get() instanceof Whole whole
                ? OptionalLong.of(whole.number())
                : OptionalLong.of(fail(name, value.get()));
    }

    public Optional<Boolean> truth(String name) {
        return value(name).map(value -> {
            if (value instanceof Truth truth) {
                return truth.isTrue();
            }
            throw mistyped(name, value);
        });
    }

    public Optional<Instant> moment(String name) {
        return value(name).map(value -> {
            if (value instanceof Moment moment) {
                return moment.instant();
            }
            throw mistyped(name, value);
        });
    }

    public Optional<byte[]> bytes(String name) {
        return value(name).map(value -> {
            if (value instanceof Bytes bytes) {
                return bytes.bytes();
            }
            throw mistyped(name, value);
        });
    }

    public Optional<Fields> fields(String name) {
        return value(name).map(value -> {
            if (value instanceof Fields fields) {
                return fields;
            }
            throw mistyped(name, value);
        });
    }

    /** The list's values; none when it is absent. */
    public List<Value> items(String name) {
        return value(name)
                .map(value -> {
                    if (value instanceof Items items) {
                        return items.values();
                    }
                    throw mistyped(name, value);
                })
                .orElse(List.of());
    }

    /** The texts of a list; none when it is absent. */
    public List<String> texts(String name) {
        List<String> texts = new ArrayList<>();
        for (Value value : items(name)) {
            if (!(value instanceof Text text)) {
                throw mistyped(name, value);
            }
            texts.add(text.text());
        }
        return texts;
    }

    /** The structures of a list; none when it is absent. */
    public List<Fields> structures(String name) {
        List<Fields> structures = new ArrayList<>();
        for (Value value : items(name)) {
            if (!(value instanceof Fields fields)) {
                throw mistyped(name, value);
            }
            structures.add(fields);
        }
        return structures;
    }

    /** All of it, in order. */
    public Map<String, Value> asMap() {
        return Collections.unmodifiableMap(values);
    }

    private static long fail(String name, Value value) {
        throw mistyped(name, value);
    }

    private static IllegalStateException mistyped(String name, Value value) {
        return new IllegalStateException(name + " is a " + value.getClass().getSimpleName());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Fields fields && values.equals(fields.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return values.toString();
    }
}
