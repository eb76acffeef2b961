package io.firn.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.firn.io.Clock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Where and on what a measurement was made: every result carries it. */
public record Environment(
        String processor, int processors, String kernel, String disk, String jdk, String commit, Instant date) {
    public Environment {
        if (processors < 1) {
            throw new IllegalArgumentException(processors + " processors");
        }
    }

    /** This machine, this JVM, the commit checked out in the working folder; {@code unknown} where nothing tells. */
    public static Environment here(Clock clock) {
        return new Environment(
                shell("grep -m1 'model name' /proc/cpuinfo | cut -d: -f2"),
                Runtime.getRuntime().availableProcessors(),
                shell("uname -sr"),
                shell("df --output=fstype,source . | tail -1 | tr -s ' '"),
                System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"),
                shell("git describe --always --dirty --exclude '*'"),
                clock.now().truncatedTo(ChronoUnit.SECONDS));
    }

    /** As a Markdown list. */
    public String markdown() {
        return """
                - date: %s, commit: %s
                - processor: %s, %d visible to the JVM
                - kernel: %s, file system: %s
                - JDK: %s""".formatted(date, commit, processor, processors, kernel, disk, jdk);
    }

    /** As fields of a JSON object. */
    public void putInto(ObjectNode json) {
        json.put("date", date.toString())
                .put("commit", commit)
                .put("processor", processor)
                .put("processors", processors)
                .put("kernel", kernel)
                .put("disk", disk)
                .put("jdk", jdk);
    }

    private static String shell(String command) {
        try {
            Process process = new ProcessBuilder("sh", "-c", command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return output.isEmpty() ? "unknown" : output;
        } catch (IOException noSuchTool) {
            return "unknown";
        }
    }
}
