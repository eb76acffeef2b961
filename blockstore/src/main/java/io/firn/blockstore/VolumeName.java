package io.firn.blockstore;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a volume is called: 1 to 128 of {@code A-Za-z0-9._-}, not starting with a dot or a dash. {@code @} is left free, because
 * {@code volume@epoch} names a sealed view. Never part of a path.
 */
public record VolumeName(String value) implements Comparable<VolumeName> {
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");

    public VolumeName {
        if (!FORM.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "a volume's name is 1 to 128 of A-Z a-z 0-9 . _ - and starts with none of . and -: \"" + value
                            + "\"");
        }
    }

    /** The name, when the text is one: for what comes from outside and may be anything. */
    public static Optional<VolumeName> of(String text) {
        return FORM.matcher(text).matches() ? Optional.of(new VolumeName(text)) : Optional.empty();
    }

    @Override
    public int compareTo(VolumeName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
