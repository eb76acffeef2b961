package io.firn.server.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.firn.io.Disk;
import io.firn.io.DiskFile;
import io.firn.io.FileChannelDisk;
import io.firn.server.cli.SnapshotCommand.Calls;
import io.firn.snapshot.Chunk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Disk images as files on the machine of the command: raw ones, which are sparse where there is nothing, and qcow2 by way of a raw file
 * beside it and {@code qemu-img}.
 */
final class ImageFile {
    private static final String RAW_OF_QCOW2 = ".raw.part";
    private static final int QCOW2_MAGIC = 0x514649fb; // "QFI\xfb"
    private static final int PAGE_BYTES = 4096;

    private ImageFile() {}

    /** What a file holds. */
    enum Format {
        RAW,
        QCOW2;

        static Format parse(String text) {
            for (Format format : values()) {
                if (format.name().equalsIgnoreCase(text)) {
                    return format;
                }
            }
            throw new IllegalArgumentException("an image is raw or qcow2, not " + text);
        }
    }

    /** Writes what a snapshot shows; the file must not be there. */
    static void export(Calls calls, String snapshot, Path file, Format format, ProgressBar bar) {
        Disk folder = folder(file);
        if (folder.exists(name(file))) {
            throw new CommandFailed(file + " is there already");
        }
        switch (format) {
            case RAW -> exportRaw(calls, snapshot, folder, name(file), bar);
            case QCOW2 -> {
                String raw = name(file) + RAW_OF_QCOW2;
                try {
                    exportRaw(calls, snapshot, folder, raw, bar);
                    convert(file.resolveSibling(raw), "raw", file, "qcow2");
                } finally {
                    folder.delete(raw);
                }
            }
        }
    }

    private static void exportRaw(Calls calls, String snapshot, Disk folder, String name, ProgressBar bar) {
        JsonNode info = calls.call(ask("show", snapshot));
        long size = info.path("sizeBytes").asLong();
        try (DiskFile target = folder.open(name, Disk.OpenMode.CREATE)) {
            target.truncate(size);
            long done = 0;
            JsonNode next = JsonNodeFactory.instance.numberNode(0);
            long block = -1;
            while (!next.isMissingNode()) {
                JsonNode page = calls.call(ask("runs", snapshot).put("from", next.asInt()));
                for (JsonNode run : page.path("runs")) {
                    long start = run.path("offset").asLong();
                    long end = start + run.path("length").asLong();
                    done += end - start;
                    if (run.path("state").asText().equals("zero")) {
                        continue;
                    }
                    for (long each = Math.max(block + 1, start / Chunk.BLOCK_BYTES);
                            each * Chunk.BLOCK_BYTES < end;
                            each++) {
                        block = each;
                        write(target, size, each, calls.read(snapshot, (int) each));
                        bar.at(
                                Math.min(done, each * Chunk.BLOCK_BYTES),
                                info.path("fullBytes").asLong());
                    }
                }
                next = page.path("next");
            }
            target.sync();
        }
        bar.end();
    }

    /** Writes what of a block is not zeros, in pieces of a page. */
    private static void write(DiskFile target, long size, long block, byte[] content) {
        ByteBuffer bytes = ByteBuffer.wrap(content);
        long offset = block * Chunk.BLOCK_BYTES;
        int length = (int) Math.min(bytes.capacity(), size - offset);
        int start = -1;
        for (int at = 0; at < length + PAGE_BYTES; at += PAGE_BYTES) {
            boolean isData = at < length && !isZero(bytes, at, Math.min(PAGE_BYTES, length - at));
            if (isData && start < 0) {
                start = at;
            } else if (!isData && start >= 0) {
                target.write(bytes.slice(start, Math.min(at, length) - start), offset + start);
                start = -1;
            }
        }
    }

    private static boolean isZero(ByteBuffer bytes, int at, int length) {
        for (int i = at; i < at + length; i++) {
            if (bytes.get(i) != 0) {
                return false;
            }
        }
        return true;
    }

    /** Makes a snapshot of an image; the answer describes it. */
    static JsonNode load(Calls calls, Path file, String description, ProgressBar bar) {
        Disk folder = folder(file);
        if (!folder.exists(name(file))) {
            throw new CommandFailed("there is no file " + file);
        }
        if (!isQcow2(folder, name(file))) {
            return loadRaw(calls, folder, name(file), description, bar);
        }
        String raw = name(file) + RAW_OF_QCOW2;
        try {
            convert(file, "qcow2", file.resolveSibling(raw), "raw");
            return loadRaw(calls, folder, raw, description, bar);
        } finally {
            folder.delete(raw);
        }
    }

    private static boolean isQcow2(Disk folder, String name) {
        ByteBuffer head = ByteBuffer.allocate(Integer.BYTES);
        try (DiskFile file = folder.open(name, Disk.OpenMode.READ)) {
            file.read(head, 0);
        }
        return !head.hasRemaining() && head.getInt(0) == QCOW2_MAGIC;
    }

    private static JsonNode loadRaw(Calls calls, Disk folder, String name, String description, ProgressBar bar) {
        try (DiskFile image = folder.open(name, Disk.OpenMode.READ)) {
            long size = image.length();
            if (size == 0) {
                throw new CommandFailed("the image is empty");
            }
            String snapshot = calls.call(ask("import").put("sizeBytes", size).put("description", description))
                    .path("id")
                    .asText();
            ByteBuffer bytes = ByteBuffer.allocate(Chunk.BLOCK_BYTES);
            for (long block = 0; block * Chunk.BLOCK_BYTES < size; block++) {
                java.util.Arrays.fill(bytes.array(), (byte) 0);
                image.read(bytes.clear(), block * Chunk.BLOCK_BYTES);
                // What is a hole in the file, or zeros, stays unwritten in the snapshot.
                if (!isZero(bytes, 0, Chunk.BLOCK_BYTES)) {
                    calls.put(snapshot, (int) block, bytes.array());
                }
                bar.at(block * Chunk.BLOCK_BYTES, size);
            }
            JsonNode whole = calls.call(ask("complete", snapshot));
            bar.end();
            return whole;
        }
    }

    private static void convert(Path from, String fromFormat, Path to, String toFormat) {
        try {
            Process process = new ProcessBuilder(List.of(
                            "qemu-img", "convert", "-f", fromFormat, "-O", toFormat, from.toString(), to.toString()))
                    .redirectErrorStream(true)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new CommandFailed("qemu-img: " + said.strip());
            }
        } catch (IOException e) {
            throw new CommandFailed("qcow2 images need qemu-img, which cannot be run here ("
                    + String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT)
                    + "): install qemu-utils, or use a raw image");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailed("interrupted");
        }
    }

    private static ObjectNode ask(String action) {
        return JsonNodeFactory.instance.objectNode().put("do", action);
    }

    private static ObjectNode ask(String action, String snapshot) {
        return ask(action).put("snapshot", snapshot);
    }

    private static Disk folder(Path file) {
        Path parent = file.toAbsolutePath().getParent();
        if (parent == null) {
            throw new IllegalArgumentException(file + " is no file");
        }
        return FileChannelDisk.openExisting(parent);
    }

    private static String name(Path file) {
        return String.valueOf(file.getFileName());
    }
}
