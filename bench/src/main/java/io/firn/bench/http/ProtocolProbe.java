package io.firn.bench.http;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SequencedMap;
import java.util.TreeMap;

/** Asks a running contender what an S3 door needs of it, once per question; the answers are words for the report's table. */
final class ProtocolProbe {
    private static final List<String> RAW_TARGETS =
            List.of("/b/a//b/../c%2F%20+é", "/b/%zz", "/b/./..//", "//b//k", "/b/k?x=%zz+&y");

    private final int port;

    ProtocolProbe(int port) {
        this.port = port;
    }

    /** Every question with its answer, sorted by question. */
    SequencedMap<String, String> answers() {
        SequencedMap<String, String> answers = new TreeMap<>();
        for (String target : RAW_TARGETS) {
            answers.put("raw target `" + target + "`", word(() -> rawTarget(target)));
        }
        answers.put("100-continue: refused before any body", word(this::refusedBeforeBody));
        answers.put("100-continue: sent when told", word(this::continuedWhenTold));
        answers.put("pipelining: 10 in one segment, in order", word(this::pipelinedGets));
        answers.put("pipelining: PUT then GET in one segment", word(this::pipelinedPut));
        return answers;
    }

    private String rawTarget(String target) throws IOException {
        try (Wire wire = Wire.plain(port)) {
            wire.send("GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n");
            Wire.Answer answer = wire.receive();
            if (answer.status() != 200) {
                return "status " + answer.status();
            }
            byte[] sent = target.getBytes(StandardCharsets.UTF_8);
            byte[] seen = answer.body().getBytes(StandardCharsets.ISO_8859_1);
            String bytes = new String(sent, StandardCharsets.ISO_8859_1);
            if (java.util.Arrays.equals(sent, seen)) {
                return "untouched";
            }
            // The application's string may hold one char per byte, which loses nothing.
            String asLatin1 = new String(seen, StandardCharsets.UTF_8);
            return asLatin1.equals(bytes) ? "untouched (a char per byte)" : "became `" + asLatin1 + "`";
        }
    }

    private String refusedBeforeBody() throws IOException {
        try (Wire wire = Wire.plain(port)) {
            wire.send("PUT /sink HTTP/1.1\r\nHost: h\r\nx-refuse: 1\r\nExpect: 100-continue\r\n"
                    + "Content-Length: 4096\r\n\r\n");
            Wire.Answer answer = wire.receive();
            if (answer.status() != 412) {
                return "no: answered " + answer.status();
            }
            try {
                wire.send("GET /hello HTTP/1.1\r\nHost: h\r\n\r\n");
                return wire.receive().status() == 200 ? "yes, connection kept" : "yes, connection confused";
            } catch (IOException closed) {
                return "yes, connection closed";
            }
        }
    }

    private String continuedWhenTold() throws IOException {
        try (Wire wire = Wire.plain(port)) {
            wire.send("PUT /sink HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4096\r\n\r\n");
            int interim = wire.receive().status();
            if (interim != 100) {
                return "no: answered " + interim;
            }
            if (!wire.isSilentFor(100)) {
                return "no: more than one answer before the body";
            }
            wire.send(new byte[4096]);
            int status = wire.receive().status();
            return status == 200 ? "yes" : "no: then " + status;
        }
    }

    private String pipelinedGets() throws IOException {
        try (Wire wire = Wire.plain(port)) {
            StringBuilder segment = new StringBuilder();
            for (int i = 0; i < 10; i++) {
                segment.append("GET /echo/").append(i).append(" HTTP/1.1\r\nHost: h\r\n\r\n");
            }
            wire.send(segment.toString());
            for (int i = 0; i < 10; i++) {
                String body = wire.receive().body();
                if (!body.equals("/echo/" + i)) {
                    return "no: answer " + i + " is " + body;
                }
            }
            return "yes";
        }
    }

    private String pipelinedPut() throws IOException {
        try (Wire wire = Wire.plain(port)) {
            wire.send("PUT /sink HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"
                    + "GET /echo/after HTTP/1.1\r\nHost: h\r\n\r\n");
            int first = wire.receive().status();
            String second = wire.receive().body();
            return first == 200 && second.equals("/echo/after") ? "yes" : "no: " + first + " then " + second;
        }
    }

    private static String word(Question question) {
        try {
            return question.ask();
        } catch (IOException e) {
            return "failed: " + e.getMessage();
        }
    }

    @FunctionalInterface
    private interface Question {
        String ask() throws IOException;
    }
}
