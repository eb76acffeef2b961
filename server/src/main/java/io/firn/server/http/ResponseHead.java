package io.firn.server.http;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalLong;

/** The bytes of a status line and headers. */
final class ResponseHead {
    private static final byte[][] STATUS_LINES = new byte[600][];
    private static final byte[] CONTENT_LENGTH = ascii("Content-Length: ");
    private static final byte[] CHUNKED = ascii("Transfer-Encoding: chunked\r\n");
    private static final byte[] CLOSE = ascii("Connection: close\r\n");
    private static final byte[] KEEP_ALIVE = ascii("Connection: keep-alive\r\n");

    static {
        for (int status = 100; status < STATUS_LINES.length; status++) {
            STATUS_LINES[status] = ascii("HTTP/1.1 " + status + " " + reason(status) + "\r\n");
        }
    }

    /** How the end of the reply is found by the client. */
    enum Framing {
        /** By Content-Length, given or set by the handler. */
        LENGTH,
        /** By the chunked coding. */
        CHUNKED,
        /** By the end of the connection. */
        CLOSE,
        /** There is never a body (204, 304). */
        NONE
    }

    private byte[] bytes = new byte[512];
    private int length;

    private ResponseHead() {}

    /**
     * Writes a head. Control characters in a value become spaces, so that no value, wherever it comes from, ends its line.
     *
     * @param date a whole Date header line, added unless the handler gave one
     */
    static byte[] encode(
            int status,
            HeaderList headers,
            Framing framing,
            OptionalLong bodyBytes,
            boolean close,
            boolean http10,
            byte[] date) {
        ResponseHead head = new ResponseHead();
        head.put(STATUS_LINES[status]);
        boolean dated = false;
        boolean measured = false;
        for (int i = 0; i < headers.size(); i++) {
            String name = headers.name(i);
            if (name.equalsIgnoreCase("Connection") || name.equalsIgnoreCase("Transfer-Encoding")) {
                continue; // this side's own business
            }
            if (name.equalsIgnoreCase("Content-Length")) {
                if (framing != Framing.LENGTH || bodyBytes.isPresent()) {
                    continue;
                }
                measured = true;
            }
            dated |= name.equalsIgnoreCase("Date");
            head.line(name, headers.value(i));
        }
        if (!dated) {
            head.put(date);
        }
        switch (framing) {
            case LENGTH -> {
                if (!measured) {
                    head.put(CONTENT_LENGTH);
                    head.put(ascii(Long.toString(bodyBytes.orElse(0))));
                    head.put((byte) '\r');
                    head.put((byte) '\n');
                }
            }
            case CHUNKED -> head.put(CHUNKED);
            case CLOSE, NONE -> {}
        }
        if (close) {
            head.put(CLOSE);
        } else if (http10) {
            head.put(KEEP_ALIVE);
        }
        head.put((byte) '\r');
        head.put((byte) '\n');
        return Arrays.copyOf(head.bytes, head.length);
    }

    private void line(String name, String value) {
        text(name);
        put((byte) ':');
        put((byte) ' ');
        text(value);
        put((byte) '\r');
        put((byte) '\n');
    }

    private void text(String text) {
        int count = text.length();
        reserve(count);
        for (int i = 0; i < count; i++) {
            char c = text.charAt(i);
            if (c > 255) {
                c = '?';
            } else if ((c < ' ' && c != '\t') || c == 127) {
                c = ' ';
            }
            bytes[length++] = (byte) c;
        }
    }

    private void put(byte[] source) {
        reserve(source.length);
        System.arraycopy(source, 0, bytes, length, source.length);
        length += source.length;
    }

    private void put(byte value) {
        reserve(1);
        bytes[length++] = value;
    }

    private void reserve(int count) {
        if (bytes.length - length < count) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + count));
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String reason(int status) {
        return switch (status) {
            case 100 -> "Continue";
            case 200 -> "OK";
            case 201 -> "Created";
            case 202 -> "Accepted";
            case 204 -> "No Content";
            case 206 -> "Partial Content";
            case 301 -> "Moved Permanently";
            case 303 -> "See Other";
            case 304 -> "Not Modified";
            case 307 -> "Temporary Redirect";
            case 400 -> "Bad Request";
            case 401 -> "Unauthorized";
            case 403 -> "Forbidden";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 408 -> "Request Timeout";
            case 409 -> "Conflict";
            case 411 -> "Length Required";
            case 412 -> "Precondition Failed";
            case 413 -> "Content Too Large";
            case 414 -> "URI Too Long";
            case 416 -> "Range Not Satisfiable";
            case 500 -> "Internal Server Error";
            case 501 -> "Not Implemented";
            case 503 -> "Service Unavailable";
            case 507 -> "Insufficient Storage";
            default ->
                status < 200
                        ? "Continue"
                        : status < 300 ? "OK" : status < 400 ? "Redirect" : status < 500 ? "Bad Request" : "Error";
        };
    }
}
