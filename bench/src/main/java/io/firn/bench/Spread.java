package io.firn.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** Repeated measurements of one thing: the median is what is claimed, lowest and highest say how far to trust it. Not thread-safe. */
public final class Spread {
    private final List<Double> values = new ArrayList<>();

    public void add(double value) {
        values.add(value);
    }

    public boolean isEmpty() {
        return values.isEmpty();
    }

    /** The middle value; of an even number the mean of the two in the middle. */
    public double median() {
        if (values.isEmpty()) {
            throw new IllegalStateException("nothing was measured");
        }
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    public double lowest() {
        return Collections.min(values);
    }

    public double highest() {
        return Collections.max(values);
    }

    /** {@code median (lowest to highest)}, with three digits or more; {@code -} when nothing was measured. */
    public String text() {
        return values.isEmpty() ? "-" : number(median()) + " (" + number(lowest()) + " to " + number(highest()) + ")";
    }

    /** {@code value} as a table shows it. */
    public static String number(double value) {
        int decimals = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
        return String.format(Locale.ROOT, "%,." + decimals + "f", value);
    }
}
