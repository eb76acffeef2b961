package io.firn.server.http;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One request and its one reply.
 *
 * <p>Strings hold the bytes of the wire, one {@code char} per byte (ISO-8859-1); a name that was sent as raw UTF-8 is decoded
 * by whoever knows that it is UTF-8.
 *
 * <p><b>Threads.</b> Used by the one thread that handles the request; valid until {@link HttpHandler#handle} returns.
 *
 * <p><b>Errors.</b> Replying twice is an {@link IllegalStateException}. {@link ClientGone} when the client cannot be written to
 * any more; let it pass, there is nobody to tell.
 */
public interface HttpExchange {

    /** The method as sent, for example {@code GET}; never checked against a list. */
    String method();

    /** The path exactly as received: not decoded, not normalised, at least {@code /} (or {@code *}). */
    String rawPath();

    /** What follows the first {@code ?} exactly as received; empty when there is nothing. */
    String rawQuery();

    /** All request headers in the order received. */
    HeaderList headers();

    /** The first header of this name, whatever its case. */
    default Optional<String> header(String name) {
        return headers().first(name);
    }

    /** The values of all headers of this name in the order received, whatever their case. */
    default List<String> headers(String name) {
        return headers().all(name);
    }

    /** True when the request came over TLS. */
    boolean isTls();

    /** Where the connection comes from. */
    InetSocketAddress remoteAddress();

    /** The length in bytes that the client declared; empty for a chunked body, 0 for a request without a body. */
    OptionalLong contentLength();

    /** True when the client waits for {@code 100 Continue} before it sends the body. */
    boolean expectsContinue();

    /** The body, read as it arrives. A request without one has an empty body. */
    RequestBody body();

    /** Replies with a body that is at hand. For HEAD only its length is sent. The buffer is given away: it must not change afterwards. Returns when the reply is handed over, not when it was received. */
    void respond(int status, HeaderList headers, ByteBuffer body);

    /** As {@link #respond(int, HeaderList, ByteBuffer)}. */
    default void respond(int status, HeaderList headers, byte[] body) {
        respond(status, headers, ByteBuffer.wrap(body));
    }

    /** Replies without a body: 204, 304, and HEAD, whose {@code Content-Length} is the one in {@code headers} (0 when there is none). */
    default void respond(int status, HeaderList headers) {
        respond(status, headers, ByteBuffer.allocate(0));
    }

    /** Starts a reply of exactly {@code contentLength} bytes that the caller writes and then closes. */
    ResponseBody respondStreaming(int status, HeaderList headers, long contentLength);

    /** Starts a reply whose length is not known: chunked, or ended by closing for an HTTP/1.0 client. */
    ResponseBody respondChunked(int status, HeaderList headers);

    /** The status replied, 0 before. */
    int status();

    /** Bytes of the body taken from the network so far, without the framing of chunks. */
    long bodyBytesReceived();

    /** Bytes of the reply's body handed to the network so far, without the framing of chunks. */
    long bodyBytesSent();
}
