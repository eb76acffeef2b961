package io.firn.server.http;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * What an {@link HttpServer} is told.
 *
 * @param address where to listen; port 0 takes a free one
 * @param tls certificate and key; absent for plain HTTP
 * @param maxConnections open at a time; one more is answered 503 and closed. Default 4096
 * @param maxRequestLineBytes of method, path, query and version. Default 16 KiB: a presigned URL with a 1,024-byte key of three escapes each fits
 * @param maxHeaderBytes of all headers of a request. Default 32 KiB; S3 itself takes 8 KiB
 * @param bodyQueueBytes of a request's body held ahead of its reader. Default 256 KiB
 * @param writeQueueBytes of a reply held ahead of the client. Default 256 KiB
 * @param drainBytes of a request's body read and dropped after the reply to keep the connection; with more left it is closed. Default 64 KiB
 * @param bodyTimeout without one byte of a body, or any of a reply taken, after which the request fails. The kernel takes a large reply
 *     in steps of up to about a megabyte, so a client that reads less than a step in this time is cut. Default 60 s
 * @param idleTimeout between requests, and for a request's head to arrive whole. Default 75 s: longer than the usual client's own
 * @param shutdownTimeout for requests in flight when the server closes. Default 20 s
 */
public record HttpServerOptions(
        InetSocketAddress address,
        Optional<Tls> tls,
        int maxConnections,
        int maxRequestLineBytes,
        int maxHeaderBytes,
        int bodyQueueBytes,
        int writeQueueBytes,
        int drainBytes,
        Duration bodyTimeout,
        Duration idleTimeout,
        Duration shutdownTimeout) {

    public HttpServerOptions {
        positive("maxConnections", maxConnections);
        positive("maxRequestLineBytes", maxRequestLineBytes);
        positive("maxHeaderBytes", maxHeaderBytes);
        positive("bodyQueueBytes", bodyQueueBytes);
        positive("writeQueueBytes", writeQueueBytes);
        if (drainBytes < 0) {
            throw new IllegalArgumentException("drainBytes " + drainBytes);
        }
        positive("bodyTimeout", bodyTimeout.toMillis());
        positive("idleTimeout", idleTimeout.toMillis());
        if (shutdownTimeout.isNegative()) {
            throw new IllegalArgumentException("shutdownTimeout " + shutdownTimeout);
        }
    }

    /** The defaults, over plain HTTP. */
    public static HttpServerOptions at(InetSocketAddress address) {
        return new HttpServerOptions(
                address,
                Optional.empty(),
                4096,
                16 << 10,
                32 << 10,
                256 << 10,
                256 << 10,
                64 << 10,
                Duration.ofSeconds(60),
                Duration.ofSeconds(75),
                Duration.ofSeconds(20));
    }

    /** These options over TLS. */
    public HttpServerOptions withTls(Tls newTls) {
        return new HttpServerOptions(
                address,
                Optional.of(newTls),
                maxConnections,
                maxRequestLineBytes,
                maxHeaderBytes,
                bodyQueueBytes,
                writeQueueBytes,
                drainBytes,
                bodyTimeout,
                idleTimeout,
                shutdownTimeout);
    }

    /** These options with other time limits. */
    public HttpServerOptions withTimeouts(
            Duration newBodyTimeout, Duration newIdleTimeout, Duration newShutdownTimeout) {
        return new HttpServerOptions(
                address,
                tls,
                maxConnections,
                maxRequestLineBytes,
                maxHeaderBytes,
                bodyQueueBytes,
                writeQueueBytes,
                drainBytes,
                newBodyTimeout,
                newIdleTimeout,
                newShutdownTimeout);
    }

    /** These options with another number of connections. */
    public HttpServerOptions withMaxConnections(int newMaxConnections) {
        return new HttpServerOptions(
                address,
                tls,
                newMaxConnections,
                maxRequestLineBytes,
                maxHeaderBytes,
                bodyQueueBytes,
                writeQueueBytes,
                drainBytes,
                bodyTimeout,
                idleTimeout,
                shutdownTimeout);
    }

    private static void positive(String name, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + " " + value);
        }
    }
}
