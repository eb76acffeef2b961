package io.firn.blockstore;

import io.firn.io.Crc32c;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Follows every reference and counts them from scratch: each block has the check it was written with, and each segment as many
 * references as its counter says. Runs beside writers, a map page at a time; counting holds the log's lock.
 */
final class Verifier {
    private static final int PROBLEMS_MAX = 1_000;

    private final Engine engine;
    private final List<String> problems = new ArrayList<>();
    private final ByteBuffer block = ByteBuffer.allocateDirect(Block.BYTES);
    private long blocks;

    Verifier(Engine engine) {
        this.engine = engine;
    }

    VerifyReport run() {
        countReferences();
        for (VolumeState volume : volumes()) {
            for (Page page = volume.map.next(0);
                    page != null;
                    page = volume.map.next(page.key().index() + 1)) {
                for (int i = 0; i < Page.LONGS; i++) {
                    check(volume, page, i);
                }
            }
            checkKept(volume);
        }
        return new VerifyReport(blocks, problems);
    }

    private List<VolumeState> volumes() {
        engine.log.lockToLook();
        try {
            return List.copyOf(engine.state.volumes.values());
        } finally {
            engine.log.unlock();
        }
    }

    private void countReferences() {
        engine.log.lockToLook();
        try {
            Map<Integer, Integer> counted = new HashMap<>();
            for (VolumeState volume : engine.state.volumes.values()) {
                long[] data = {0};
                volume.map.forEach(page -> {
                    for (int i = 0; i < Page.LONGS; i++) {
                        data[0] += count(page.get(i), counted);
                    }
                });
                volume.kept.forEach(entry -> count(entry, counted));
                if (data[0] != volume.dataBlocks) {
                    problem("volume " + volume.name + " counts " + volume.dataBlocks + " blocks with data and has "
                            + data[0]);
                }
            }
            for (Segment segment : engine.segments.all()) {
                int found = counted.getOrDefault(segment.number(), 0);
                if (found != segment.live) {
                    problem(segment + " has " + found + " references");
                }
                if (found > 0 && (segment.state == Segment.State.FREE || segment.state == Segment.State.EMPTY)) {
                    problem(segment + " is referred to");
                }
            }
        } finally {
            engine.log.unlock();
        }
    }

    private static int count(long entry, Map<Integer, Integer> counted) {
        if (!MapEntry.isData(entry)) {
            return 0;
        }
        counted.merge(MapEntry.segment(entry), 1, Integer::sum);
        return 1;
    }

    private void check(VolumeState volume, Page page, int index) {
        long token = engine.readers.enter();
        try {
            check(volume, (page.key().index() * Page.LONGS) + index, page.get(index));
        } finally {
            engine.readers.leave(token);
        }
    }

    private void checkKept(VolumeState volume) {
        long token = engine.readers.enter();
        engine.log.lockToLook();
        try {
            volume.kept.forEach(entry -> check(volume, -1, entry));
        } finally {
            engine.log.unlock();
            engine.readers.leave(token);
        }
    }

    private void check(VolumeState volume, long lba, long entry) {
        if (entry == MapEntry.IMPAIRED) {
            problem("volume " + volume.name + ": block " + lba + " was lost");
        }
        if (!MapEntry.isData(entry)) {
            return;
        }
        blocks++;
        engine.segments.read(engine.segments.get(MapEntry.segment(entry)), MapEntry.slot(entry), block.clear());
        if (!MapEntry.matches(entry, Crc32c.of(block, 0, Block.BYTES))) {
            problem("volume " + volume.name + ": " + (lba < 0 ? "a block that a view keeps" : "block " + lba)
                    + " is damaged in " + Segments.name(MapEntry.segment(entry)) + " at offset "
                    + (long) MapEntry.slot(entry) * Block.BYTES);
        }
    }

    private void problem(String what) {
        if (problems.size() < PROBLEMS_MAX) {
            problems.add(what);
        }
    }
}
