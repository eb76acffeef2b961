package io.firn.server.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A command on a running server or in a folder, whose answer is JSON for machines and text for people. */
abstract class AdminCommand implements Runnable {
    @Mixin
    AdminTarget target;

    @Option(names = "--json", description = "Prints JSON.")
    boolean isJson;

    @Spec
    CommandSpec spec;

    /** Does what was asked. */
    abstract JsonNode answer();

    /** The answer for people. */
    abstract void print(JsonNode answer, PrintWriter out);

    @Override
    public void run() {
        JsonNode answer = answer();
        PrintWriter out = spec.commandLine().getOut();
        if (isJson) {
            out.println(answer);
        } else {
            print(answer, out);
        }
        out.flush();
    }
}
