package io.firn.bench.library;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.firn.bench.Environment;
import io.firn.bench.Figures;
import picocli.CommandLine.Model.CommandSpec;

/** What a command has measured, with what is needed to measure it again. */
record Result(String title, CommandSpec command, Environment environment, int seconds, int rounds, Figures figures) {

    void printJson() throws JsonProcessingException {
        ObjectMapper json = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
        ObjectNode root = json.createObjectNode();
        environment.putInto(root.putObject("environment"));
        root.put("seconds", seconds).put("rounds", rounds);
        figures.putInto(root.putObject("figures"));
        System.out.println(json.writeValueAsString(root));
    }

    void printMarkdown() {
        System.out.println("# " + title + "\n");
        System.out.println(environment.markdown());
        System.out.println("- command: `firn bench "
                + String.join(" ", command.commandLine().getParseResult().originalArgs()) + "`");
        System.out.println("- " + rounds + " rounds in turn, " + seconds + " s each\n");
        figures.printMarkdown(System.out);
    }
}
