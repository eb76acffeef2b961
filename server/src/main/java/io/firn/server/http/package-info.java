/**
 * HTTP/1.1 over TCP and TLS: bytes on the wire become {@link io.firn.server.http.HttpExchange}s, each run by one virtual thread.
 *
 * <p>Read {@link io.firn.server.http.HttpExchange} first, then {@link io.firn.server.http.HttpHandler} and
 * {@link io.firn.server.http.HttpServer}. {@code Connection} is where the protocol lives.
 *
 * <p><b>Threads.</b> One event loop owns a connection; a handler blocks its own virtual thread only. The seam between the
 * two is {@code BodyQueue} (bytes in) and {@code ReplyStream} (bytes out), both bounded.
 *
 * <p>The package refuses to know S3: no signature, no XML, no path normalisation. Names and values pass byte for byte, one
 * {@code char} per byte (ISO-8859-1), because signatures are over the bytes that were sent.
 */
@NullMarked
package io.firn.server.http;

import org.jspecify.annotations.NullMarked;
