package io.firn.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Commands as they are typed, on a data folder. */
final class CommandsTest {
    @TempDir
    Path folder;

    private record Result(int exit, String out, String err) {}

    private static Result run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = Firn.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return new Result(line.execute(arguments), out.toString(), err.toString());
    }

    @Test
    void usersComeAndGo() {
        String data = folder.toString();
        Result added = run("user", "add", "ann", "--access-key", "annkey", "--secret-key", "annsecret", "--data", data);
        assertEquals(0, added.exit(), added.err());
        assertTrue(added.out().contains("annsecret"));
        Result twice = run("user", "add", "ann", "--data", data);
        assertEquals(1, twice.exit());
        assertTrue(twice.err().contains("name already"), twice.err());
        assertTrue(run("credentials", "ann", "--data", data).out().contains("AWS_SECRET_ACCESS_KEY='annsecret'"));
        Result list = run("user", "ls", "--json", "--data", data);
        assertTrue(list.out().contains("\"accessKey\":\"annkey\""), list.out());
        assertFalse(list.out().contains("annsecret"));
        assertEquals(0, run("user", "rm", "ann", "--data", data).exit());
        assertEquals(1, run("user", "rm", "ann", "--data", data).exit());
    }

    @Test
    void anEmptyStoreIsVerifiedScrubbedAndRepaired() {
        Result verified = run("verify", "--data", folder.toString());
        assertEquals(0, verified.exit(), verified.err());
        assertTrue(verified.out().startsWith("all is well"), verified.out());
        assertEquals(0, run("scrub", "--data", folder.toString()).exit());
        assertEquals(0, run("repair", "--data", folder.toString()).exit());
        assertEquals(2, run("repair", "nowhere", "--data", folder.toString()).exit());
    }

    @Test
    void mistakesAreToldInOneLine() {
        Result neither = run("user", "ls");
        assertEquals(2, neither.exit());
        assertTrue(neither.err().contains("--endpoint URL or --data DIR"), neither.err());
        assertEquals(2, run("serve").exit());
        Result clock = run("serve", "--data", folder.toString(), "--clock", "tomorrow");
        assertEquals(2, clock.exit());
        assertTrue(clock.err().contains("virtual:INSTANT"), clock.err());
        Result zones = run("serve", "--data", folder.toString(), "--zones", "a,b");
        assertTrue(zones.err().contains("one zone or three"), zones.err());
        Result nothing = run("credentials", "--data", folder.resolve("none").toString());
        assertEquals(1, nothing.exit());
        assertFalse(folder.resolve("none").toFile().exists(), "a question must not make a folder");
    }

    @Test
    void helpHasExamplesAndCompletionKnowsTheCommands() {
        assertTrue(run("serve", "--help").out().contains("Examples:"));
        String script = run("completion").out();
        assertTrue(script.contains("--tls-cert") && script.contains("credentials"));
    }

    @Test
    void durationsAsPeopleWriteThem() {
        assertEquals(Duration.ofSeconds(10), Durations.parse("10s"));
        assertEquals(Duration.ofDays(30), Durations.parse("P30D"));
        assertEquals(Duration.ofMillis(250), Durations.parse("250ms"));
        assertThrows(IllegalArgumentException.class, () -> Durations.parse("soon"));
    }
}
