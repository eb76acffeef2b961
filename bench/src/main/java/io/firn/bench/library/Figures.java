package io.firn.bench.library;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.firn.bench.Spread;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** The rows of a result in the order they were first measured, each with the spread over its rounds. Not thread-safe. */
final class Figures {
    private final SequencedMap<String, Spread> rows = new LinkedHashMap<>();

    /** Adds a round's value to {@code row}; the name ends in the unit, in parentheses. */
    void add(String row, double value) {
        rows.computeIfAbsent(row, any -> new Spread()).add(value);
        System.err.println(row + ": " + Spread.number(value));
    }

    /** Adds a row of first over second, round by median, when both were measured. */
    void addRatio(String row, String first, String second) {
        Spread over = rows.get(first);
        Spread under = rows.get(second);
        if (over != null && under != null && under.median() > 0) {
            add(row, over.median() / under.median());
        }
    }

    void printMarkdown(PrintStream out) {
        out.println("| what | median (lowest to highest) |");
        out.println("|---|---|");
        rows.forEach((row, spread) -> out.println("| " + row + " | " + spread.text() + " |"));
    }

    void putInto(ObjectNode json) {
        rows.forEach((row, spread) -> json.putObject(row)
                .put("median", spread.median())
                .put("lowest", spread.lowest())
                .put("highest", spread.highest()));
    }
}
