package io.firn.server.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.firn.io.Threads;
import io.firn.nbd.NbdTls;
import io.firn.server.FirnServer;
import io.firn.server.ServerOptions;
import io.firn.server.ServerOptions.NbdSecurity;
import io.firn.server.ServerOptions.Security;
import io.firn.server.ServerOptions.Time;
import io.firn.server.users.KeyPair;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code firn serve}: runs until it is told to stop. */
@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        description =
                "Serves S3 over HTTP from a data folder until stopped (Ctrl-C or SIGTERM; requests in flight are finished).",
        footerHeading = "%nExamples:%n",
        footer = {
            "  firn serve --data ./data",
            "  firn serve --data ./data --host 0.0.0.0 --tls self-signed",
            "  firn serve --data ./data --zones /disk1/firn,/disk2/firn,/disk3/firn",
            "  firn serve --data ./data --clock virtual:2030-01-01T00:00:00Z   then: firn clock advance P30D",
            "  firn serve --data ./data --day 10s                              an S3 day lasts ten seconds",
            "  firn serve --data ./data --host 0.0.0.0 --tls self-signed --nbd-port 10809 --nbd-tls required",
            "",
            "Root's keys are FIRN_ROOT_ACCESS_KEY and FIRN_ROOT_SECRET_KEY when they are set; otherwise they are",
            "made at the first start, shown once and kept in DATA/private."
        })
final class ServeCommand implements Runnable {
    private static final String VIRTUAL = "virtual:";

    @Option(
            names = "--data",
            required = true,
            paramLabel = "DIR",
            description = "Folder that everything is kept in; made when it is missing.")
    private Path data;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "9000",
            description = "Port to listen on, 0 for any free one (default: ${DEFAULT-VALUE}).")
    private int port;

    // The loopback address unless told otherwise: plain HTTP and a store nobody has secured yet are not for the
    // network.
    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1",
            description = "Address to listen on; 0.0.0.0 for all (default: ${DEFAULT-VALUE}, this machine only).")
    private String host;

    @Option(
            names = "--zones",
            paramLabel = "DIR",
            split = ",",
            description = "One or three folders, meant to be on different disks: each object is kept in every one.")
    private @Nullable List<Path> zones;

    @Option(
            names = "--clock",
            paramLabel = "CLOCK",
            defaultValue = "system",
            description =
                    "system, or virtual:INSTANT, which stands still until 'firn clock advance' (default: ${DEFAULT-VALUE}).")
    private String clock;

    @Option(
            names = "--day",
            paramLabel = "DURATION",
            description = "How long one S3 day lasts, for example 10s: lifecycle rules and restores run that fast.")
    private @Nullable String day;

    @Option(
            names = "--tls",
            paramLabel = "self-signed",
            description = "HTTPS with a certificate made at the first start and kept in DATA/private.")
    private @Nullable String tls;

    @Option(names = "--tls-cert", paramLabel = "FILE", description = "HTTPS with this certificate chain (PEM).")
    private @Nullable Path certificate;

    @Option(
            names = "--tls-key",
            paramLabel = "FILE",
            description = "The certificate's private key (PEM, PKCS#8, no password).")
    private @Nullable Path key;

    @Option(
            names = "--region",
            paramLabel = "REGION",
            defaultValue = "us-east-1",
            description = "Region that requests must be signed for (default: ${DEFAULT-VALUE}).")
    private String region;

    @Option(
            names = "--domain",
            paramLabel = "NAME",
            description = "Buckets are also reached as BUCKET.NAME (virtual-host style).")
    private @Nullable String domain;

    @Option(
            names = "--nbd-port",
            paramLabel = "PORT",
            description =
                    "Serves volumes over NBD at this port of --host, 10809 by custom. NBD has no users: keep it to this machine, or use --nbd-tls required with --nbd-tls-ca.")
    private @Nullable Integer nbdPort;

    @Option(names = "--nbd-socket", paramLabel = "PATH", description = "Serves volumes over NBD at a unix socket.")
    private @Nullable Path nbdSocket;

    @Option(
            names = "--nbd-tls",
            paramLabel = "MODE",
            defaultValue = "off",
            description =
                    "off; required: nothing is served without TLS; selective: a client may use it (default: ${DEFAULT-VALUE}). The certificate is that of --nbd-tls-cert, else that of --tls-cert, else self-signed as with --tls.")
    private String nbdTls;

    @Option(names = "--nbd-tls-cert", paramLabel = "FILE", description = "Certificate chain for NBD (PEM).")
    private @Nullable Path nbdCertificate;

    @Option(names = "--nbd-tls-key", paramLabel = "FILE", description = "Its private key (PEM, PKCS#8, no password).")
    private @Nullable Path nbdKey;

    @Option(
            names = "--nbd-tls-ca",
            paramLabel = "FILE",
            description = "Clients over NBD must show a certificate signed by one of these (PEM).")
    private @Nullable Path nbdAuthorities;

    @Option(
            names = "--snapshot-deduplication",
            description =
                    "Chunks of snapshots that the same owner has stored before are linked to, not stored again. Those of encrypted volumes never are.")
    private boolean isDeduplicating;

    @Option(names = "--json", description = "Prints one line of JSON when ready.")
    private boolean isJson;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        ServerOptions options = new ServerOptions(
                data.toAbsolutePath().normalize(),
                zones == null ? List.of() : zones,
                address(port),
                security(),
                time(),
                region,
                Optional.ofNullable(domain),
                RootKeys.fromEnvironment(),
                nbdAddresses(),
                nbdSecurity(),
                isDeduplicating);
        CountDownLatch stopped = new CountDownLatch(1);
        FirnServer server = FirnServer.start(options);
        Threads.atExit("firn-stop", () -> {
            server.close();
            stopped.countDown();
        });
        PrintWriter out = spec.commandLine().getOut();
        if (isJson) {
            out.println(json(server));
        } else {
            print(server, out);
        }
        out.flush();
        try {
            stopped.await();
        } catch (InterruptedException e) {
            server.close();
        }
    }

    private List<SocketAddress> nbdAddresses() {
        List<SocketAddress> addresses = new ArrayList<>();
        if (nbdPort != null) {
            addresses.add(address(nbdPort));
        }
        if (nbdSocket != null) {
            addresses.add(UnixDomainSocketAddress.of(nbdSocket));
        }
        return addresses;
    }

    private InetSocketAddress address(int wantedPort) {
        try {
            return new InetSocketAddress(InetAddress.getByName(host), wantedPort);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("--host " + host + " is no address of this machine", e);
        }
    }

    private Security security() {
        if (tls != null && !tls.equals("self-signed")) {
            throw new IllegalArgumentException(
                    "--tls takes self-signed; for a certificate of your own use --tls-cert and --tls-key");
        }
        if (certificate != null && key != null && tls == null) {
            return new Security.PemFiles(certificate, key);
        }
        if (certificate != null || key != null) {
            throw new IllegalArgumentException("--tls-cert and --tls-key go together, and without --tls");
        }
        return tls == null ? new Security.Plain() : new Security.SelfSignedCertificate();
    }

    private Optional<NbdSecurity> nbdSecurity() {
        Optional<NbdTls.Mode> mode = switch (nbdTls) {
            case "off" -> Optional.empty();
            case "required" -> Optional.of(NbdTls.Mode.FORCED);
            case "selective" -> Optional.of(NbdTls.Mode.SELECTIVE);
            default -> throw new IllegalArgumentException("--nbd-tls is off, required or selective, not " + nbdTls);
        };
        boolean hasOther = nbdCertificate != null || nbdKey != null || nbdAuthorities != null;
        if (hasOther && mode.isEmpty()) {
            throw new IllegalArgumentException("--nbd-tls-cert, --nbd-tls-key and --nbd-tls-ca go with --nbd-tls");
        }
        return mode.map(wanted -> new NbdSecurity(wanted, nbdCertificateSource(), Optional.ofNullable(nbdAuthorities)));
    }

    private Security nbdCertificateSource() {
        if (nbdCertificate != null && nbdKey != null) {
            return new Security.PemFiles(nbdCertificate, nbdKey);
        }
        if (nbdCertificate != null || nbdKey != null) {
            throw new IllegalArgumentException("--nbd-tls-cert and --nbd-tls-key go together");
        }
        Security http = security();
        return http instanceof Security.Plain ? new Security.SelfSignedCertificate() : http;
    }

    private Time time() {
        if (day != null && !clock.equals("system")) {
            throw new IllegalArgumentException("--day goes with --clock system");
        }
        if (day != null) {
            return new Time.Scaled(Durations.parse(day));
        }
        if (clock.equals("system")) {
            return new Time.Machine();
        }
        if (!clock.startsWith(VIRTUAL)) {
            throw new IllegalArgumentException("--clock is system or virtual:INSTANT, not " + clock);
        }
        try {
            return new Time.Virtual(Instant.parse(clock.substring(VIRTUAL.length())));
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "--clock virtual: takes an instant such as 2030-01-01T00:00:00Z, not " + clock, e);
        }
    }

    private String json(FirnServer server) {
        ObjectNode node = JsonNodeFactory.instance
                .objectNode()
                .put("endpoint", server.endpoint().toString())
                .put("region", region)
                .put("data", data.toAbsolutePath().normalize().toString())
                .put("pid", ProcessHandle.current().pid());
        if (server.users().isRootGenerated()) {
            KeyPair keys = server.users().root().keys();
            node.put("accessKey", keys.accessKey())
                    .put("secretKey", keys.secretKey().reveal());
        }
        server.ownCertificate().ifPresent(path -> node.put("certificate", path.toString()));
        if (!server.nbdAddresses().isEmpty()) {
            ArrayNode nbd = node.putArray("nbd");
            server.nbdAddresses().forEach(address -> nbd.add(address.toString()));
        }
        return node.toString();
    }

    private void print(FirnServer server, PrintWriter out) {
        out.println("Firn serves S3 at " + server.endpoint() + " (region " + region + ") from " + data);
        out.println();
        if (server.users().isRootGenerated()) {
            KeyPair keys = server.users().root().keys();
            out.println("Root's keys, made now and shown this once (kept in " + data.resolve("private") + "):");
            out.println();
            out.println("  export AWS_ACCESS_KEY_ID=" + keys.accessKey());
            out.println("  export AWS_SECRET_ACCESS_KEY=" + keys.secretKey().reveal());
        } else {
            out.println(
                    "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to root's keys ('firn credentials' shows them), then:");
            out.println();
        }
        out.println("  export AWS_ENDPOINT_URL=" + server.endpoint() + " AWS_DEFAULT_REGION=" + region);
        server.ownCertificate().ifPresent(path -> out.println("  export AWS_CA_BUNDLE=" + path));
        out.println();
        out.println("Try it:");
        out.println();
        out.println("  aws s3 mb s3://first");
        out.println("  aws s3 cp README.md s3://first/");
        out.println("  aws s3 ls s3://first");
        out.println();
        if (!server.nbdAddresses().isEmpty()) {
            server.nbdAddresses().forEach(address -> out.println("Volumes over NBD at " + address));
            out.println();
            out.println("  firn volume create disk --size 10GiB --endpoint " + server.endpoint());
            out.println();
        }
        out.println("Stop with Ctrl-C.");
    }
}
