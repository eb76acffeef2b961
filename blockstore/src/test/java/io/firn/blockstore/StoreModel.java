package io.firn.blockstore;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What a store of small volumes must hold: arrays and sets, no log. Copied before each change, so that every moment is kept. */
final class StoreModel {
    /** What a block holds. */
    record Cell(Held held, long value) {
        enum Held {
            NOTHING,
            HOLE,
            ZERO,
            DATA;

            Allocation.Kind shown() {
                return switch (this) {
                    case NOTHING, HOLE -> Allocation.Kind.HOLE;
                    case ZERO -> Allocation.Kind.ZERO;
                    case DATA -> Allocation.Kind.DATA;
                };
            }
        }

        static final Cell NOTHING = new Cell(Held.NOTHING, 0);
    }

    /** One volume. */
    static final class Vol {
        long sizeBytes;
        long epoch = 1;
        long forgotten;
        Cell[] cells = {};
        boolean[] isBased = {};
        TreeSet<Long> dirty = new TreeSet<>();
        TreeMap<Long, TreeSet<Long>> history = new TreeMap<>();
        TreeMap<Long, Cell[]> views = new TreeMap<>();
        boolean isClone;

        Vol copy() {
            Vol copy = new Vol();
            copy.sizeBytes = sizeBytes;
            copy.epoch = epoch;
            copy.forgotten = forgotten;
            copy.cells = cells.clone();
            copy.isBased = isBased.clone();
            copy.dirty = new TreeSet<>(dirty);
            copy.history = new TreeMap<>(history);
            copy.views = new TreeMap<>(views);
            copy.isClone = isClone;
            return copy;
        }

        int blocks() {
            return (int) Block.count(sizeBytes);
        }
    }

    final TreeMap<String, Vol> volumes = new TreeMap<>();

    Vol vol(String name) {
        return Objects.requireNonNull(volumes.get(name), name);
    }

    StoreModel copy() {
        StoreModel copy = new StoreModel();
        volumes.forEach((name, volume) -> copy.volumes.put(name, volume.copy()));
        return copy;
    }

    void create(String name, int blocks) {
        Vol volume = new Vol();
        volume.sizeBytes = (long) blocks * Block.BYTES;
        volume.cells = new Cell[blocks];
        Arrays.fill(volume.cells, Cell.NOTHING);
        volumes.put(name, volume);
    }

    void cloneOf(String from, long epoch, String name) {
        Cell[] seen = Objects.requireNonNull(vol(from).views.get(epoch));
        create(name, seen.length);
        Vol made = vol(name);
        made.isClone = true;
        made.cells = seen.clone();
    }

    void write(Vol volume, int lba, int blocks, long value) {
        for (int i = lba; i < lba + blocks; i++) {
            volume.cells[i] = new Cell(Cell.Held.DATA, value + i);
            volume.dirty.add((long) i);
        }
    }

    /** A trim of what holds nothing changes nothing; in a clone every block may hold what it was made from. */
    void trim(Vol volume, int lba, int blocks, boolean isBased) {
        for (int i = lba; i < lba + blocks; i++) {
            Cell.Held wanted = isBased ? Cell.Held.HOLE : Cell.Held.NOTHING;
            if (volume.cells[i].held() != wanted) {
                volume.cells[i] = new Cell(wanted, 0);
                volume.dirty.add((long) i);
            }
        }
    }

    void zero(Vol volume, int lba, int blocks) {
        for (int i = lba; i < lba + blocks; i++) {
            if (volume.cells[i].held() != Cell.Held.ZERO) {
                volume.cells[i] = new Cell(Cell.Held.ZERO, 0);
                volume.dirty.add((long) i);
            }
        }
    }

    void seal(Vol volume) {
        volume.views.put(volume.epoch, volume.cells.clone());
        volume.history.put(volume.epoch, volume.dirty);
        volume.dirty = new TreeSet<>();
        volume.epoch++;
    }

    void resize(Vol volume, int blocks) {
        int before = volume.cells.length;
        volume.cells = Arrays.copyOf(volume.cells, blocks);
        Arrays.fill(volume.cells, before, blocks, Cell.NOTHING);
        volume.sizeBytes = (long) blocks * Block.BYTES;
    }

    /** What the store shows, in a form that says where two differ. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        volumes.forEach((name, volume) -> {
            lines.add(name + " size " + volume.sizeBytes + " epoch " + volume.epoch);
            lines.add(name + " content " + content(volume.cells));
            lines.add(name + " held "
                    + Arrays.stream(volume.cells)
                            .map(cell -> cell.held().shown())
                            .toList());
            lines.add(name + " dirty " + volume.dirty);
            volume.views.forEach((epoch, cells) -> lines.add(name + "@" + epoch + " content " + content(cells)));
            for (long from = 0; from < volume.epoch; from++) {
                for (long to = from + 1; to < volume.epoch; to++) {
                    lines.add(name + " changed " + from + " to " + to + " " + changed(volume, from, to));
                }
            }
        });
        return lines;
    }

    private static List<Long> content(Cell[] cells) {
        return Arrays.stream(cells).map(Cell::value).toList();
    }

    private static Optional<Set<Long>> changed(Vol volume, long from, long to) {
        if (from < volume.forgotten) {
            return Optional.empty();
        }
        TreeSet<Long> all = new TreeSet<>();
        volume.history.subMap(from, false, to, true).values().forEach(all::addAll);
        return Optional.of(all);
    }
}
