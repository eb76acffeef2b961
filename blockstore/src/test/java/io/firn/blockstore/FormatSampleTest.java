package io.firn.blockstore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.Crc32c;
import io.firn.io.Disk;
import io.firn.io.DiskFile;
import io.firn.io.StorageException;
import io.firn.testkit.SimDisk;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * A store as a released format version left it, killed with a tail behind two checkpoints, and what it has to show for ever. A sample is
 * never changed: a new version gets a new one, which {@link #main} prints.
 */
final class FormatSampleTest {
    private static final VolumeStoreOptions OPTIONS =
            VolumeStoreOptions.DEFAULT.withSmallFiles().withMasterKey(new MasterKey(new byte[MasterKey.BYTES]));
    private static final int LINE_BYTES = 64;
    private static final int GAP_BYTES = 16;

    /** What is in the sample: every kind of entry, page and record but those of sources outside the store. */
    private static void fill(VolumeStore store) {
        Volume a = store.create(VolumeSpec.of("a", 1 << 20)).orElseThrow();
        Volume secret =
                store.create(VolumeSpec.of("secret", 1 << 16).encrypted()).orElseThrow();
        Volume gone = store.create(VolumeSpec.of("gone", 1 << 16)).orElseThrow();
        Volume scratch = store.create(VolumeSpec.of("scratch", 1 << 16)
                        .withType(VolumeType.ST1)
                        .ownedBy("i-1"))
                .orElseThrow();
        a.write(0, text("first", 3));
        a.write(20_000, ByteBuffer.wrap("not aligned".getBytes(StandardCharsets.US_ASCII)));
        a.zero(8 * Block.BYTES, 2L * Block.BYTES, false);
        secret.write(Block.BYTES, text("secret", 1));
        scratch.write(0, text("scratch", 1));
        gone.write(0, text("gone", 1));
        SealedView one = a.seal();
        a.write(Block.BYTES, text("second", 1));
        a.trim(0, Block.BYTES);
        Volume copy = store.cloneOf(one, new VolumeName("copy")).orElseThrow();
        copy.write(2 * Block.BYTES, text("copy", 1));
        copy.trim(0, Block.BYTES);
        a.seal();
        store.checkpoint();
        a.write(2 * Block.BYTES, text("third", 1));
        one.release();
        a.resize(2 << 20);
        a.modify(VolumeType.IO2);
        store.rename(a, new VolumeName("disk"));
        store.beginSeal(List.of(new Sealing.Wish(a, 0x0123_4567_89ab_cdefL), new Sealing.Wish(secret, 0)))
                .sync();
        a.forgetChanges(1);
        store.checkpoint();
        a.write(300 * Block.BYTES, text("tail", 2));
        store.delete(gone);
        store.endOwner("i-1");
        a.view(2).orElseThrow().release();
        store.beginSeal(List.of(new Sealing.Wish(secret, -2))).sync();
        secret.write(0, text("last", 1));
    }

    /** Blocks that are mostly zeros, so that the sample is small. */
    private static ByteBuffer text(String text, int blocks) {
        ByteBuffer bytes = ByteBuffer.allocate(blocks * Block.BYTES);
        for (int i = 0; i < blocks; i++) {
            bytes.put(i * Block.BYTES + 100, (text + " " + i).getBytes(StandardCharsets.US_ASCII));
        }
        return bytes;
    }

    private interface Reader {
        void read(long offset, ByteBuffer target);
    }

    private static String content(long sizeBytes, Reader reader) {
        ByteBuffer bytes = ByteBuffer.allocate((int) sizeBytes);
        reader.read(0, bytes);
        return "content " + HexFormat.of().toHexDigits(Crc32c.of(bytes.array()));
    }

    private static String runs(BlockSet set) {
        StringBuilder text = new StringBuilder();
        for (BlockSet.Runs runs = set.runs(0); runs.hasNext(); ) {
            BlockSet.Run run = runs.next();
            text.append(' ').append(run.lba()).append('+').append(run.count());
        }
        return text.toString();
    }

    private static List<String> shown(VolumeStore store) {
        List<String> lines = new ArrayList<>();
        for (Volume volume : store.list()) {
            VolumeStat stat = volume.stat();
            String name = stat.name().value();
            lines.add(name + " " + stat.sizeBytes() + " " + stat.type().wireName()
                    + (stat.isEncrypted() ? " encrypted" : "")
                    + stat.owner().map(" owner "::concat).orElse("") + " made " + stat.created() + " allocated "
                    + stat.allocatedBytes() + " epoch " + stat.epoch() + " kept " + stat.keptBlocks()
                    + (stat.isBased() ? " based" : ""));
            lines.add(name + " " + content(stat.sizeBytes(), volume::read));
            lines.add(name + " dirty" + runs(volume.dirty()));
            for (SealedView view : volume.views()) {
                lines.add(name + "@" + view.epoch() + " " + content(view.sizeBytes(), view::read) + " dirty"
                        + runs(view.dirty())
                        + (view.mark() == 0 ? "" : " mark " + HexFormat.of().toHexDigits(view.mark())));
            }
            for (long from = 0; from < stat.epoch(); from++) {
                lines.add(name + " since " + from
                        + volume.changedSince(from).map(FormatSampleTest::runs).orElse(" unknown"));
            }
        }
        return lines;
    }

    private record Sample(SimDisk disk, List<String> shown) {}

    private static Sample load(String resource) throws IOException {
        SimDisk disk = new SimDisk(1);
        List<String> shown = new ArrayList<>();
        List<String> lines;
        try (InputStream in = Objects.requireNonNull(FormatSampleTest.class.getResourceAsStream(resource))) {
            lines = new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .toList();
        }
        disk.createDirectory(Segments.FOLDER);
        disk.createDirectory(CheckpointFile.FOLDER);
        String name = "";
        for (String line : lines) {
            if (line.startsWith("file ")) {
                String[] fields = line.split(" ", -1);
                name = fields[1];
                try (DiskFile file = disk.open(name, Disk.OpenMode.CREATE)) {
                    file.write(ByteBuffer.allocate(Integer.parseInt(fields[2])), 0);
                }
            } else if (line.startsWith("shows ")) {
                shown.add(line.substring(6));
            } else {
                int colon = line.indexOf(':');
                try (DiskFile file = disk.open(name, Disk.OpenMode.WRITE)) {
                    file.write(
                            ByteBuffer.wrap(HexFormat.of().parseHex(line.substring(colon + 2))),
                            HexFormat.fromHexDigits(line, 0, colon));
                }
            }
        }
        return new Sample(disk, shown);
    }

    @Test
    void readsVersion1() throws IOException {
        reads("volumes-v1.txt");
    }

    /** With marks, in a checkpoint and behind it. */
    @Test
    void readsVersion2() throws IOException {
        reads("volumes-v2.txt");
    }

    private static void reads(String resource) throws IOException {
        Sample sample = load(resource);
        assertTrue(sample.shown().size() > 20);
        try (VolumeStore store = StoreRun.open(sample.disk(), OPTIONS)) {
            assertEquals(sample.shown(), shown(store));
            assertTrue(store.verify().isSound(), () -> store.verify().toString());
            // It is lived in, not only looked at.
            store.find(new VolumeName("copy")).orElseThrow().write(0, text("now", 1));
            while (store.flatten(1) > 0) {}
            while (store.clean()) {}
        }
        try (VolumeStore store = StoreRun.open(sample.disk(), OPTIONS)) {
            assertTrue(store.verify().isSound(), () -> store.verify().toString());
            assertEquals(
                    sample.shown().stream()
                            .filter(line -> line.startsWith("disk") && !line.contains(" kept "))
                            .toList(),
                    shown(store).stream()
                            .filter(line -> line.startsWith("disk") && !line.contains(" kept "))
                            .toList());
        }
    }

    @Test
    void refusesANewerVersionByName() throws IOException {
        SimDisk disk = load("volumes-v1.txt").disk();
        try (DiskFile file = disk.open(Superblock.FILE, Disk.OpenMode.WRITE)) {
            file.write(ByteBuffer.allocate(4).putInt(0, LogFormat.VERSION + 1), 8);
        }
        StorageException.Fenced refused =
                assertThrows(StorageException.Fenced.class, () -> StoreRun.open(disk, OPTIONS));
        assertTrue(String.valueOf(refused.getMessage()).contains("newer Firn"), refused.getMessage());
    }

    /** While version 2 is the version we write, we write what the sample shows. */
    @Test
    void makesWhatTheSampleShows() throws IOException {
        SimDisk disk = new SimDisk(1);
        VolumeStore store = StoreRun.open(disk, OPTIONS);
        fill(store);
        assertEquals(load("volumes-v2.txt").shown(), shown(store));
    }

    /** Prints a sample of the present version. */
    static void main(String[] arguments) {
        SimDisk disk = new SimDisk(1);
        VolumeStore store = StoreRun.open(disk, OPTIONS);
        fill(store);
        List<String> shown = shown(store);
        for (String name : disk.files()) {
            try (DiskFile file = disk.open(name, Disk.OpenMode.READ)) {
                ByteBuffer bytes = ByteBuffer.allocate((int) file.length());
                file.read(bytes, 0);
                System.out.println("file " + name + " " + bytes.capacity());
                print(bytes.array());
            }
        }
        shown.forEach(line -> System.out.println("shows " + line));
    }

    private static void print(byte[] bytes) {
        int at = 0;
        while (at < bytes.length) {
            if (bytes[at] == 0) {
                at++;
                continue;
            }
            int end = at + 1;
            for (int next = end; next < bytes.length && next < end + GAP_BYTES && next < at + LINE_BYTES; next++) {
                end = bytes[next] == 0 ? end : next + 1;
            }
            System.out.println(Integer.toHexString(at) + ": " + HexFormat.of().formatHex(bytes, at, end));
            at = end;
        }
    }
}
