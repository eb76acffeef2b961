package io.firn.server;

import io.firn.io.Clock;
import io.firn.io.Disk;
import io.firn.io.DiskFile;
import io.firn.io.FileChannelDisk;
import io.firn.nbd.NbdTls;
import io.firn.server.http.SelfSigned;
import io.firn.server.http.Tls;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Where the server's certificates come from. */
final class Certificates {
    static final String CERTIFICATE = "tls-certificate.pem";
    private static final String KEY = "tls-key.pem";
    private static final int MAX_PEM_BYTES = 1 << 20;

    private Certificates() {}

    /** What HTTP is protected with. */
    static Optional<Tls> load(ServerOptions options, Disk ownerOnly, Clock clock) {
        return load(options.security(), options, ownerOnly, clock);
    }

    /** What NBD is protected with. */
    static Optional<NbdTls> loadNbd(ServerOptions options, Disk ownerOnly, Clock clock) {
        return options.nbdSecurity().map(wanted -> {
            Tls tls = load(wanted.certificate(), options, ownerOnly, clock).orElseThrow();
            return NbdTls.ofPem(
                    wanted.mode(),
                    tls.certificatePem(),
                    tls.keyPem(),
                    wanted.clientAuthorities().map(Certificates::read));
        });
    }

    private static Optional<Tls> load(
            ServerOptions.Security security, ServerOptions options, Disk ownerOnly, Clock clock) {
        // No switch over types on the way of every start: a process's first one takes a tenth of a second.
        if (security instanceof ServerOptions.Security.PemFiles files) {
            return Optional.of(new Tls(read(files.certificate()), read(files.key())));
        }
        return security instanceof ServerOptions.Security.SelfSignedCertificate
                ? Optional.of(ownCertificate(options, ownerOnly, clock))
                : Optional.empty();
    }

    /** The one made at the first start, so that clients which trust it still do after a restart. */
    private static Tls ownCertificate(ServerOptions options, Disk ownerOnly, Clock clock) {
        if (!ownerOnly.exists(CERTIFICATE)) {
            List<String> names = new ArrayList<>(List.of("localhost", "*.localhost"));
            options.domain().ifPresent(domain -> names.addAll(List.of(domain, "*." + domain)));
            Tls made = SelfSigned.generate(clock.now(), names, addresses(options));
            ownerOnly.delete(KEY); // left by a crash before its certificate
            write(ownerOnly, KEY, made.keyPem());
            write(ownerOnly, CERTIFICATE, made.certificatePem());
            ownerOnly.syncDirectory("");
        }
        return new Tls(read(ownerOnly, CERTIFICATE), read(ownerOnly, KEY));
    }

    private static List<InetAddress> addresses(ServerOptions options) {
        byte[] loopback6 = new byte[16];
        loopback6[15] = 1;
        try {
            List<InetAddress> addresses = new ArrayList<>(
                    List.of(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), InetAddress.getByAddress(loopback6)));
            InetAddress listening = options.address().getAddress();
            if (!listening.isAnyLocalAddress() && !addresses.contains(listening)) {
                addresses.add(listening);
            }
            return addresses;
        } catch (UnknownHostException e) {
            throw new IllegalStateException("4 and 16 bytes are addresses", e);
        }
    }

    private static byte[] read(Path file) {
        Path absolute = file.toAbsolutePath();
        Path folder = absolute.getParent();
        Path name = absolute.getFileName();
        if (folder == null || name == null) {
            throw new IllegalArgumentException(file + " is not a file");
        }
        Disk disk = FileChannelDisk.openExisting(folder);
        if (!disk.exists(name.toString())) {
            throw new IllegalArgumentException(file + " does not exist");
        }
        return read(disk, name.toString());
    }

    private static byte[] read(Disk disk, String name) {
        try (DiskFile file = disk.open(name, Disk.OpenMode.READ)) {
            if (file.length() > MAX_PEM_BYTES) {
                throw new IllegalArgumentException(name + " is too long for a certificate or key");
            }
            ByteBuffer bytes = ByteBuffer.allocate((int) file.length());
            file.read(bytes, 0);
            return bytes.array();
        }
    }

    private static void write(Disk disk, String name, byte[] bytes) {
        try (DiskFile file = disk.open(name, Disk.OpenMode.CREATE)) {
            file.write(ByteBuffer.wrap(bytes), 0);
            file.sync();
        }
    }
}
