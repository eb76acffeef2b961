package io.firn.server;

import io.firn.io.Clock;
import io.firn.io.DirectoryLock;
import io.firn.io.Disk;
import io.firn.io.FileChannelDisk;
import io.firn.io.Randomness;
import io.firn.io.SystemClock;
import io.firn.io.Threads;
import io.firn.nbd.NbdOptions;
import io.firn.nbd.NbdServer;
import io.firn.nbd.NbdTls;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.ObjectStoreOptions;
import io.firn.server.ebs.EbsDirect;
import io.firn.server.ebs.EncryptionByDefault;
import io.firn.server.ec2.Ec2;
import io.firn.server.ec2.Register;
import io.firn.server.ec2.VolumeDeletion;
import io.firn.server.http.HttpServer;
import io.firn.server.http.HttpServerOptions;
import io.firn.server.http.Tls;
import io.firn.server.log.AccessLog;
import io.firn.server.log.Metrics;
import io.firn.server.log.PrometheusText;
import io.firn.server.s3.Authenticator;
import io.firn.server.s3.S3Door;
import io.firn.server.s3.S3Options;
import io.firn.server.snapshots.BlockExports;
import io.firn.server.snapshots.BlockStorage;
import io.firn.server.snapshots.SnapshotCare;
import io.firn.server.users.UserStore;
import io.firn.server.volumes.VolumeCare;
import io.firn.server.wire.Accounts;
import io.firn.server.wire.BodyBudget;
import io.firn.server.wire.Service;
import io.firn.server.wire.ServiceDoor;
import io.firn.snapshot.SnapshotStoreOptions;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;

/**
 * A running server over one data folder: locks it, opens what is in it, listens.
 *
 * <p>The folder holds {@code firn.lock}, {@code private/} (users, certificate: for its owner only), {@code logs/}, {@code clock},
 * {@code index/} and, unless zones were named, {@code zone/}.
 *
 * <p><b>Closing</b> takes no more requests, finishes those in flight, then closes the store and lets go of the folder; what was
 * acknowledged is on stable storage long before.
 */
public final class FirnServer implements AutoCloseable {
    private static final String PRIVATE = "private";
    private static final String LOGS = "logs";
    private static final String ZONE = "zone";
    private static final String EC2 = "ec2";

    /** Of bodies that EC2 and EBS hold at once: 512 blocks, or an eighth of the heap where that is less, as a block is held four times over. */
    private static final long MAX_BODIES_BYTES = 256 << 20;

    private static final long HEAP_PARTS_FOR_BODIES = 8;

    private final Deque<AutoCloseable> opened = new ArrayDeque<>(); // closed last to first
    private final ServerOptions options;
    private final UserStore users;
    private final Metrics metrics = new Metrics();
    private final AccessLog log;
    private final StoreCare care;
    private final VolumeCare volumeCare;
    private final BlockStorage blocks;
    private final List<SocketAddress> nbdAddresses;
    private final HttpServer http;

    private FirnServer(ServerOptions options) {
        this.options = options;
        // What comes last in a start is loaded on another processor meanwhile.
        Threads.start("firn-prepare", () -> {
            HttpServer.prepare();
            AdminDoor.prepare();
        });
        try {
            opened.push(DirectoryLock.acquire(options.data()));
            Disk data = FileChannelDisk.open(options.data());
            Disk ownerOnly = FileChannelDisk.openOwnerOnly(privateFolder(options.data()));
            Clock machine = new SystemClock();
            ServerTime time = ServerTime.open(data, options.time());
            users = UserStore.open(ownerOnly, options.rootKeys());
            Optional<Tls> tls = Certificates.load(options, ownerOnly, machine);
            log = open(AccessLog.open(
                    time.clock(), FileChannelDisk.open(options.data().resolve(LOGS))));
            ObjectStore store = open(ObjectStore.open(
                    options.data(), zones(options.data(), options.zones()), time.clock(), ObjectStoreOptions.DEFAULT));
            care = new StoreCare(store);
            blocks = open(BlockStorage.open(options.data(), store, time.clock(), snapshotOptions(options)));
            Register register = open(Register.open(ec2Disk(options.data()), time.clock()));
            volumeCare = new VolumeCare(blocks.volumes(), new VolumeDeletion(blocks.volumes(), register)::delete);
            S3Door objects = new S3Door(
                    store,
                    new Authenticator(
                            RootSignature.verifier(users, "s3", options.region()), new UserAccounts(users), machine),
                    Randomness.secure(),
                    new S3Options(
                            options.region(),
                            options.domain().map(name -> name.toLowerCase(Locale.ROOT)).stream()
                                    .toList()));
            ExecutorService requests = open(Threads.virtualPerTask("request-"));
            AdminDoor admin = new AdminDoor(
                    users,
                    time,
                    care,
                    volumeCare,
                    new SnapshotCare(blocks),
                    new RootSignature(users, machine, options.region()),
                    this::figures);
            Accounts accounts = new ServiceAccounts(users);
            Map<String, Door> services = new HashMap<>();
            Service ec2 = Ec2.service(options.region(), blocks, register, time.clock(), Randomness.secure());
            Service ebs = EbsDirect.service(
                    blocks.store(), blocks.snapshots(), encryptionByDefault(register), ownerOnly, time.clock());
            BodyBudget bodies = new BodyBudget(
                    Math.min(MAX_BODIES_BYTES, Runtime.getRuntime().maxMemory() / HEAP_PARTS_FOR_BODIES));
            for (Service service : List.of(ec2, ebs)) {
                ServiceDoor door = new ServiceDoor(
                        service,
                        RootSignature.verifier(users, service.name(), options.region()),
                        accounts,
                        bodies,
                        machine,
                        Randomness.secure());
                services.put(service.name(), door::serve);
            }
            FrontDoor front = new FrontDoor(machine, time.clock(), objects, admin, services, metrics, log);
            HttpServerOptions plain = HttpServerOptions.at(options.address());
            Optional<NbdTls> nbdTls = Certificates.loadNbd(options, ownerOnly, machine);
            nbdAddresses = options.nbd().isEmpty() ? List.of() : serveNbd(machine, nbdTls);
            http = open(
                    HttpServer.start(machine, requests, tls.map(plain::withTls).orElse(plain), front));
        } catch (RuntimeException | Error failed) {
            closeOpened();
            throw failed;
        }
    }

    private List<SocketAddress> serveNbd(Clock machine, Optional<NbdTls> tls) {
        for (SocketAddress address : options.nbd()) {
            if (address instanceof UnixDomainSocketAddress unix) {
                FileChannelDisk.removeSocket(unix.getPath());
            }
        }
        NbdOptions plain = NbdOptions.at(options.nbd().toArray(SocketAddress[]::new));
        NbdOptions nbd = tls.map(plain::withTls).orElse(plain);
        return open(NbdServer.start(machine, new BlockExports(blocks), nbd)).addresses();
    }

    /** Where volumes and snapshots are served over NBD. */
    public List<SocketAddress> nbdAddresses() {
        return nbdAddresses;
    }

    /** Opens the folder and listens; ready for requests on return. */
    public static FirnServer start(ServerOptions options) {
        return new FirnServer(options);
    }

    private static SnapshotStoreOptions snapshotOptions(ServerOptions options) {
        return options.isDeduplicating()
                ? SnapshotStoreOptions.DEFAULT.withDeduplication()
                : SnapshotStoreOptions.DEFAULT;
    }

    /** Where the zones of a data folder are: those that were named, or else one within the folder. */
    public static List<Path> zones(Path data, List<Path> named) {
        return named.isEmpty() ? List.of(data.resolve(ZONE)) : List.copyOf(named);
    }

    /** Where a data folder keeps what EC2 knows. */
    public static Disk ec2Disk(Path data) {
        return FileChannelDisk.open(data.resolve(EC2));
    }

    /** Where a data folder keeps its secrets. */
    public static Path privateFolder(Path data) {
        return data.resolve(PRIVATE);
    }

    private static EncryptionByDefault encryptionByDefault(Register register) {
        return new EncryptionByDefault() {
            @Override
            public boolean isOn() {
                return register.isEncryptingByDefault();
            }

            @Override
            public Optional<String> keyArn() {
                return register.defaultKeyArn();
            }
        };
    }

    private <T extends AutoCloseable> T open(T resource) {
        opened.push(resource);
        return resource;
    }

    /** Where clients connect to. A server that listens on all addresses is named by the loopback's. */
    public URI endpoint() {
        InetSocketAddress address = http.address();
        InetAddress host = address.getAddress();
        String name = host.isAnyLocalAddress() ? "127.0.0.1" : host.getHostAddress();
        return URI.create((http.isTls() ? "https://" : "http://") + (name.contains(":") ? "[" + name + "]" : name) + ":"
                + address.getPort());
    }

    public UserStore users() {
        return users;
    }

    /** The certificate that clients must be told to trust, when the server made it itself. */
    public Optional<Path> ownCertificate() {
        return options.hasOwnCertificate()
                ? Optional.of(privateFolder(options.data()).resolve(Certificates.CERTIFICATE))
                : Optional.empty();
    }

    private void figures(PrometheusText out) {
        metrics.write(out);
        care.write(out);
        volumeCare.write(out);
        out.gauge(
                "firn_pending_snapshots",
                "Snapshots of volumes that upload.",
                blocks.snapshots().uploading());
        out.gauge(
                "firn_filling_volumes",
                "Restored volumes that are not whole yet.",
                blocks.snapshots().hydrating());
        out.family("firn_snapshot_linked_bytes_total", "counter", "Stored bytes of snapshots saved by deduplication.")
                .sample(
                        "firn_snapshot_linked_bytes_total",
                        "",
                        blocks.store().figures().savedBytes());
        out.gauge("firn_open_connections", "Connections that are open.", http.openConnections());
        out.family("firn_access_log_dropped_lines_total", "counter", "Access log lines the disk did not keep up with.")
                .sample("firn_access_log_dropped_lines_total", "", log.droppedLines());
        Runtime runtime = Runtime.getRuntime();
        out.gauge("firn_heap_used_bytes", "Heap in use.", runtime.totalMemory() - runtime.freeMemory());
    }

    @Override
    public void close() {
        closeOpened();
    }

    private void closeOpened() {
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception failed) {
                System.getLogger(FirnServer.class.getName()).log(System.Logger.Level.ERROR, "while closing", failed);
            }
        }
    }
}
