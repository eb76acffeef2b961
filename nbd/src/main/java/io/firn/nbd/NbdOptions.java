package io.firn.nbd;

import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What an {@link NbdServer} is told.
 *
 * @param addresses where to listen: TCP ({@link java.net.InetSocketAddress}, port 0 takes a free one) and unix sockets. A unix
 *     socket's file must not be there yet; who starts the server removes it before and after
 * @param tls absent for none
 * @param maxConnections open at a time; one more is closed at once. Default 256
 * @param handshakeTimeout from connecting to the end of option haggling. Default 60 s
 * @param stallTimeout without a byte in the middle of a request, or of a reply taken, after which a connection is closed. Default 120 s
 * @param idleTimeout between requests, after which a connection is closed; zero for never, the default: a mounted disk may rest
 * @param shutdownTimeout for requests in flight when the server closes. Default 20 s
 * @param fenceTimeout for what earlier connections to an export have under way when a new one comes; then the new one is refused.
 *     Default 10 s
 * @param bufferBytes of a connection's receive buffer, and of its reply buffer. Default 256 KiB, from 128 KiB
 */
public record NbdOptions(
        List<SocketAddress> addresses,
        Optional<NbdTls> tls,
        int maxConnections,
        Duration handshakeTimeout,
        Duration stallTimeout,
        Duration idleTimeout,
        Duration shutdownTimeout,
        Duration fenceTimeout,
        int bufferBytes) {
    public NbdOptions {
        addresses = List.copyOf(addresses);
        if (addresses.isEmpty() || maxConnections < 1 || bufferBytes < 128 << 10) {
            throw new IllegalArgumentException(
                    "addresses " + addresses + ", connections " + maxConnections + ", buffer " + bufferBytes);
        }
        if (!isPositive(handshakeTimeout) || !isPositive(stallTimeout) || idleTimeout.isNegative()) {
            throw new IllegalArgumentException(
                    "time limits " + handshakeTimeout + ", " + stallTimeout + ", " + idleTimeout);
        }
    }

    /** The defaults. */
    public static NbdOptions at(SocketAddress... addresses) {
        return new NbdOptions(
                List.of(addresses),
                Optional.empty(),
                256,
                Duration.ofSeconds(60),
                Duration.ofSeconds(120),
                Duration.ZERO,
                Duration.ofSeconds(20),
                Duration.ofSeconds(10),
                256 << 10);
    }

    /** These options with TLS. */
    public NbdOptions withTls(NbdTls newTls) {
        return new NbdOptions(
                addresses,
                Optional.of(newTls),
                maxConnections,
                handshakeTimeout,
                stallTimeout,
                idleTimeout,
                shutdownTimeout,
                fenceTimeout,
                bufferBytes);
    }

    /** These options with other time limits. */
    public NbdOptions withTimeouts(
            Duration handshake, Duration stall, Duration idle, Duration shutdown, Duration fence) {
        return new NbdOptions(addresses, tls, maxConnections, handshake, stall, idle, shutdown, fence, bufferBytes);
    }

    private static boolean isPositive(Duration duration) {
        return !duration.isNegative() && !duration.isZero();
    }
}
