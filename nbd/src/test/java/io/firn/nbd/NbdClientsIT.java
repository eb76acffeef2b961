package io.firn.nbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.SystemClock;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The clients that people have, against a live server at a unix socket. One that is absent is skipped, unless CI=true. */
@Timeout(120)
final class NbdClientsIT {
    private static final int SIZE = 64 << 20;

    /** The one that Debian puts python3-libnbd beside, whatever else PATH has. */
    private static final String PYTHON = "/usr/bin/python3";

    @TempDir
    Path folder;

    private final MemoryExport export = new MemoryExport(ExportProfile.writable(SIZE, "a disk"), false);
    private NbdServer server;
    private String uri;

    @BeforeEach
    void starts() {
        Path socket = folder.resolve("s");
        server = NbdServer.start(
                new SystemClock(), MemoryServer.only(export), NbdOptions.at(UnixDomainSocketAddress.of(socket)));
        uri = "nbd+unix:///?socket=" + socket;
    }

    @AfterEach
    void closes() {
        server.close();
        assertEquals(0, export.sessions.get());
    }

    private static void need(String... probe) {
        boolean there;
        try {
            there = new ProcessBuilder(probe)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            there = false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        boolean inCi = "true".equals(System.getenv("CI"));
        assertTrue(there || !inCi, probe[0] + " is not on this machine");
        Assumptions.assumeTrue(there, probe[0] + " is not on this machine");
    }

    private String run(String... command) throws Exception {
        Path output = Files.createTempFile(folder, "out", "");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        int code = process.waitFor();
        String text = Files.readString(output, StandardCharsets.UTF_8);
        assertEquals(0, code, String.join(" ", command) + "\n" + text);
        return text;
    }

    @Test
    void nbdinfoTellsWhatItCan() throws Exception {
        need("nbdinfo", "--version");
        String info = run("nbdinfo", uri);
        for (String line : List.of(
                "using structured packets",
                "export-size: 67108864 (64M)",
                "qemu:dirty-bitmap:open",
                "can_fast_zero: true",
                "can_multi_conn: true",
                "block_size_maximum: 33554432")) {
            assertTrue(info.contains(line), line + " is not in\n" + info);
        }
        for (String ability :
                List.of("cache", "connect", "df", "fast-zero", "flush", "fua", "multi-conn", "trim", "write", "zero")) {
            run("nbdinfo", "--can", ability, uri);
        }
        assertTrue(run("nbdinfo", "--list", uri).contains("a disk"));
        export.bytes.put(8192, (byte) 1);
        List<String> map = new ArrayList<>();
        run("nbdinfo", "--map", uri)
                .lines()
                .map(line -> line.strip().replaceAll(" +", " "))
                .forEach(map::add);
        assertEquals(List.of("0 8192 3 hole,zero", "8192 4096 0 data", "12288 67096576 3 hole,zero"), map);
        assertTrue(run("nbdinfo", "--map=qemu:dirty-bitmap:open", uri).contains("dirty"));
    }

    @Test
    void nbdcopyCopiesBothWays() throws Exception {
        need("nbdcopy", "--version");
        Path file = folder.resolve("file");
        byte[] bytes = new byte[SIZE];
        io.firn.io.Randomness.seeded(7).nextBytes(bytes);
        java.util.Arrays.fill(bytes, 5 << 20, 20 << 20, (byte) 0);
        Files.write(file, bytes);
        run("nbdcopy", "--flush", file.toString(), uri);
        run("nbdcopy", uri, folder.resolve("back").toString());
        assertEquals(-1, Files.mismatch(file, folder.resolve("back")));
    }

    @Test
    void qemuReadsWritesComparesAndMaps() throws Exception {
        need("qemu-io", "--version");
        String said = run(
                "qemu-io",
                "-f",
                "raw",
                "-c",
                "write -P 7 0 3M",
                "-c",
                "write -f -P 8 1000 5000",
                "-c",
                "write -z 64k 64k",
                "-c",
                "discard 4M 1M",
                "-c",
                "flush",
                "-c",
                "read -P 8 1000 5000",
                "-c",
                "read -P 0 64k 64k",
                "-c",
                "read -P 7 128k 1M",
                uri);
        assertTrue(!said.contains("failed") && !said.contains("error"), said);
        run(
                "qemu-img",
                "convert",
                "-f",
                "raw",
                "-O",
                "qcow2",
                uri,
                folder.resolve("q").toString());
        run(
                "qemu-img",
                "compare",
                "-f",
                "qcow2",
                "-F",
                "raw",
                folder.resolve("q").toString(),
                uri);
        String socket = folder.resolve("s").toString();
        String map = run(
                "qemu-img",
                "map",
                "--output=json",
                "--image-opts",
                "driver=nbd,server.type=unix,server.path=" + socket + ",x-dirty-bitmap=qemu:dirty-bitmap:open");
        assertTrue(map.contains("\"data\": false") && map.contains("\"data\": true"), map);
    }

    @Test
    void fioVerifies() throws Exception {
        need("fio", "--version");
        need("bash", "-c", "fio --enghelp | grep -qw nbd");
        String said = run(
                "fio",
                "--name=v",
                "--ioengine=nbd",
                "--uri=" + uri,
                "--rw=randwrite",
                "--bsrange=512-128k",
                "--size=32m",
                "--iodepth=32",
                "--fsync=64",
                "--verify=crc32c",
                "--do_verify=1");
        assertTrue(said.contains("err= 0"), said);
    }

    @Test
    void libnbdMaySendWhatIsIllegal() throws Exception {
        need(PYTHON, "-c", "import nbd");
        run(PYTHON, "-c", """
                import errno, nbd
                h = nbd.NBD()
                h.set_strict_mode(0)
                h.connect_uri("URI")
                size = h.get_size()
                def refused(expected, call, *arguments):
                    try:
                        call(*arguments)
                    except nbd.Error as e:
                        assert e.errno == errno.errorcode[expected], (e.errno, expected)
                    else:
                        raise AssertionError("not refused")
                refused(errno.EINVAL, h.pread, 512, size)
                refused(errno.EINVAL, h.pread, 0, 0)
                refused(errno.ENOSPC, h.pwrite, b"x" * 512, size - 256)
                refused(errno.EINVAL, h.pread, 512, 0, 1 << 14)
                refused(errno.EINVAL, h.trim, 512, size)
                refused(errno.ENOSPC, h.zero, 512, size)
                refused(errno.EINVAL, h.block_status, 512, 0, lambda *a: 0)
                refused(errno.EINVAL, h.pwrite, bytearray(40 << 20), 0)
                h.pwrite(b"abc", 7, nbd.CMD_FLAG_FUA)
                assert h.pread(3, 7) == b"abc"
                h.shutdown()
                """.replace("URI", uri));
    }
}
