package io.firn.nbd;

import io.firn.io.Randomness;
import io.firn.io.SystemClock;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Serves one export of random bytes from memory at a unix socket until killed: what the protocol costs, without a disk.
 *
 * <p>{@code java -cp nbd/target/test-classes:nbd/target/classes:io/target/classes io.firn.nbd.MemoryServer SOCKET MEBIBYTES}; see
 * nbd/src/test/bench/beside-nbdkit.sh.
 */
final class MemoryServer {
    private MemoryServer() {}

    public static void main(String[] arguments) throws IOException {
        MemoryExport export =
                new MemoryExport(ExportProfile.writable(Long.parseLong(arguments[1]) << 20, "bytes in memory"), false);
        RandomGenerator random = Randomness.seeded(1);
        for (int i = 0; i < export.bytes.capacity(); i += 8) {
            export.bytes.putLong(i, random.nextLong());
        }
        try (NbdServer server = NbdServer.start(
                new SystemClock(), only(export), NbdOptions.at(UnixDomainSocketAddress.of(Path.of(arguments[0]))))) {
            System.out.println("serving at " + server.addresses());
            while (System.in.read() >= 0) {
                // until standard input ends
            }
        }
    }

    static Exports only(Export export) {
        return new Exports() {
            @Override
            public Optional<Export> open(String name) {
                return name.isEmpty() ? Optional.of(export) : Optional.empty();
            }

            @Override
            public List<Entry> list() {
                return List.of(new Entry("", export.profile().description(), false));
            }
        };
    }
}
