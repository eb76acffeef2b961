package io.firn.server.http;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Header fields in order, repeats included. Names are looked up whatever their case and kept as given.
 *
 * <p>A lookup is a scan: requests have a dozen or two headers. Values hold bytes, one {@code char} each (ISO-8859-1); a
 * {@code char} above 255 is written as {@code ?}.
 *
 * <p><b>Threads.</b> Not safe for use by many threads.
 */
public final class HeaderList {
    private String[] fields; // name, value, name, value, ...
    private int length;

    public HeaderList() {
        this(12);
    }

    HeaderList(int expected) {
        fields = new String[Math.max(4, 2 * expected)];
    }

    /** Appends a field and returns this list. */
    public HeaderList add(String name, String value) {
        if (length == fields.length) {
            fields = Arrays.copyOf(fields, 2 * length);
        }
        fields[length] = name;
        fields[length + 1] = value;
        length += 2;
        return this;
    }

    /** Drops all fields of this name and appends this one; returns this list. */
    public HeaderList set(String name, String value) {
        remove(name);
        return add(name, value);
    }

    /** Drops all fields of this name; returns this list. */
    public HeaderList remove(String name) {
        int kept = 0;
        for (int i = 0; i < length; i += 2) {
            if (!same(fields[i], name)) {
                fields[kept] = fields[i];
                fields[kept + 1] = fields[i + 1];
                kept += 2;
            }
        }
        length = kept;
        return this;
    }

    /** The number of fields. */
    public int size() {
        return length / 2;
    }

    /** The name of field {@code index}. */
    public String name(int index) {
        return fields[2 * index];
    }

    /** The value of field {@code index}. */
    public String value(int index) {
        return fields[2 * index + 1];
    }

    /** True when a field of this name is present. */
    public boolean contains(String name) {
        return indexOf(name) >= 0;
    }

    /** The value of the first field of this name. */
    public Optional<String> first(String name) {
        int index = indexOf(name);
        return index < 0 ? Optional.empty() : Optional.of(value(index));
    }

    /** The values of all fields of this name, in order. */
    public List<String> all(String name) {
        List<String> values = new ArrayList<>(2);
        for (int i = 0; i < length; i += 2) {
            if (same(fields[i], name)) {
                values.add(fields[i + 1]);
            }
        }
        return values;
    }

    private int indexOf(String name) {
        for (int i = 0; i < length; i += 2) {
            if (same(fields[i], name)) {
                return i / 2;
            }
        }
        return -1;
    }

    private static boolean same(String a, String b) {
        return a.length() == b.length() && a.equalsIgnoreCase(b);
    }

    /** The fields, one a line: for people. Values of Authorization and of secrets are left out. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < size(); i++) {
            boolean hidden = same(name(i), "Authorization") || same(name(i), "X-Amz-Security-Token");
            text.append(name(i))
                    .append(": ")
                    .append(hidden ? "(hidden)" : value(i))
                    .append('\n');
        }
        return text.toString();
    }
}
