package io.firn.server;

import io.firn.nbd.NbdTls;
import io.firn.server.users.KeyPair;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a server is started with.
 *
 * @param data the folder that everything is kept in; made when it is missing
 * @param zones folders of the store's zones, one or three; empty for one zone within {@code data}
 * @param address where to listen
 * @param security plain HTTP, or TLS with which certificate
 * @param time which clock rules and headers read
 * @param region the region it answers for
 * @param domain names whose subdomains are buckets (virtual-host style)
 * @param rootKeys root's keys when given from outside
 * @param nbd where volumes are served over NBD: TCP addresses and unix sockets; empty for nowhere
 * @param nbdSecurity how NBD is protected; empty for not at all
 * @param isDeduplicating whether snapshots link to chunks that the same owner has stored before
 */
public record ServerOptions(
        Path data,
        List<Path> zones,
        InetSocketAddress address,
        Security security,
        Time time,
        String region,
        Optional<String> domain,
        Optional<KeyPair> rootKeys,
        List<SocketAddress> nbd,
        Optional<NbdSecurity> nbdSecurity,
        boolean isDeduplicating) {

    public ServerOptions {
        zones = List.copyOf(zones);
        nbd = List.copyOf(nbd);
        if (zones.size() != 0 && zones.size() != 1 && zones.size() != 3) {
            throw new IllegalArgumentException("a store has one zone or three, not " + zones.size());
        }
        if (region.isEmpty()) {
            throw new IllegalArgumentException("the region is empty");
        }
    }

    /** How the wire is protected. */
    public sealed interface Security {
        /** Not at all. */
        record Plain() implements Security {}

        /** By TLS with a certificate and key in PEM files. */
        record PemFiles(Path certificate, Path key) implements Security {}

        /** By TLS with a certificate of its own making, kept in the data folder. */
        record SelfSignedCertificate() implements Security {}
    }

    /**
     * How NBD is protected.
     *
     * @param mode whether a client must use TLS, or may
     * @param certificate the server's, not {@link Security.Plain}
     * @param clientAuthorities PEM file of who signs client certificates; empty when clients need none
     */
    public record NbdSecurity(NbdTls.Mode mode, Security certificate, Optional<Path> clientAuthorities) {
        public NbdSecurity {
            if (certificate instanceof Security.Plain) {
                throw new IllegalArgumentException("TLS over NBD needs a certificate");
            }
        }
    }

    /** True when the server makes its own certificate, which clients must be told to trust. */
    boolean hasOwnCertificate() {
        return security instanceof Security.SelfSignedCertificate
                || nbdSecurity
                        .filter(nbd -> nbd.certificate() instanceof Security.SelfSignedCertificate)
                        .isPresent();
    }

    /** What time it is. */
    public sealed interface Time {
        /** The machine's. */
        record Machine() implements Time {}

        /** Stands still until advanced; starts here, or where it was left. */
        record Virtual(Instant start) implements Time {}

        /** Runs fast: one day lasts this long. */
        record Scaled(Duration day) implements Time {}
    }
}
