package io.firn.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;

/** The rows of a result in the order they were first measured, each with the spread over its rounds. Not thread-safe. */
public final class Figures {
    private final SequencedMap<String, Spread> rows = new LinkedHashMap<>();
    private final Map<String, Bar> bars = new TreeMap<>();

    /** What the median of a row has to keep to. */
    private record Bar(double limit, boolean isUpper) {
        boolean isMet(double median) {
            return isUpper ? median <= limit : median >= limit;
        }

        String text() {
            return (isUpper ? "at most " : "at least ") + Spread.number(limit);
        }
    }

    /** Adds a round's value to {@code row}; the name ends in the unit, in parentheses. */
    public void add(String row, double value) {
        rows.computeIfAbsent(row, any -> new Spread()).add(value);
        System.err.println(row + ": " + Spread.number(value));
    }

    /** Adds a row of first over second, round by median, when both were measured. */
    public void addRatio(String row, String first, String second) {
        Spread over = rows.get(first);
        Spread under = rows.get(second);
        if (over != null && under != null && under.median() > 0) {
            add(row, over.median() / under.median());
        }
    }

    /** Sets the bar of a row: its median is at most {@code limit}. */
    public void atMost(String row, double limit) {
        bars.put(row, new Bar(limit, true));
    }

    /** Sets the bar of a row: its median is at least {@code limit}. */
    public void atLeast(String row, double limit) {
        bars.put(row, new Bar(limit, false));
    }

    /** A table; with what each row has to reach where any has to. */
    public void printMarkdown(PrintStream out) {
        boolean hasBars = !bars.isEmpty();
        out.println("| what | median (lowest to highest) |" + (hasBars ? " bar |" : ""));
        out.println("|---|---|" + (hasBars ? "---|" : ""));
        rows.forEach((row, spread) -> out.println(
                "| " + row + " | " + spread.text() + " |" + (hasBars ? " " + verdict(row, spread) + " |" : "")));
    }

    private String verdict(String row, Spread spread) {
        Bar bar = bars.get(row);
        return bar == null ? "" : bar.text() + (bar.isMet(spread.median()) ? ": met" : ": **missed**");
    }

    public void putInto(ObjectNode json) {
        rows.forEach((row, spread) -> {
            ObjectNode figure = json.putObject(row)
                    .put("median", spread.median())
                    .put("lowest", spread.lowest())
                    .put("highest", spread.highest());
            Bar bar = bars.get(row);
            if (bar != null) {
                figure.put("bar", bar.text()).put("isMet", bar.isMet(spread.median()));
            }
        });
    }
}
