package io.firn.snapshot;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Copies all that a tree shows into packs of its own, links as the chunks they stand for, stored bytes verbatim and each verified on the way. */
final class ArchiveCopy {
    private final Engine engine;
    private final long birth;
    private final PackWriter writer;

    ArchiveCopy(Engine engine, long birth, PackForm form) {
        this.engine = engine;
        this.birth = birth;
        this.writer = new PackWriter(birth, 0, engine.options().packBytes(), form);
    }

    /** The root of the copy, which is durable and was read back. */
    PageRef copy(PageRef source) {
        List<Integer> leaves = new ArrayList<>();
        leaves(source, Page.ROOT_LEVEL, 0, leaves);
        TreeBuilder builder = new TreeBuilder(engine.pages(), PageRef.NONE, birth, writer::page, this::send);
        PageRef root = builder.build(leaves, leaf -> ignored -> copied(leaf, Page.Leaf.of(entries(source, leaf))));
        writer.seal();
        send();
        for (TreeBuilder.Written page : builder.written()) {
            engine.pages().verify(page.ref(), page.level());
        }
        return root;
    }

    private void leaves(PageRef ref, int level, int position, List<Integer> found) {
        if (ref.isNone()) {
            return;
        }
        if (level == 0) {
            found.add(position);
            return;
        }
        List<PageRef> children = engine.pages().children(ref, level);
        for (int slot = 0; slot < Page.FANOUT; slot++) {
            leaves(children.get(slot), level - 1, position << Page.FANOUT_BITS | slot, found);
        }
    }

    private ChunkEntry[] entries(PageRef root, int leaf) {
        ChunkEntry[] entries = new ChunkEntry[Page.FANOUT];
        for (int slot = 0; slot < Page.FANOUT; slot++) {
            entries[slot] = engine.pages().entry(root, leaf << Page.FANOUT_BITS | slot);
        }
        return entries;
    }

    private Page.Leaf copied(int leaf, Page.Leaf source) {
        ChunkEntry[] entries = source.entries().toArray(ChunkEntry[]::new);
        for (int slot = 0; slot < Page.FANOUT; slot++) {
            ChunkEntry entry = entries[slot];
            if (entry.isData()) {
                ChunkPlace place = entry.place();
                byte[] stored = engine.packs().read(place.pack(), place.offset(), place.length());
                // So that rot is not carried over under a fresh index.
                entry.expand(stored);
                entries[slot] = writer.chunk(leaf << Page.FANOUT_BITS | slot, stored, entry.crc());
                send();
            }
        }
        return Page.Leaf.of(entries);
    }

    private void send() {
        for (Optional<PackWriter.Sealed> next = writer.takeSealed(); next.isPresent(); next = writer.takeSealed()) {
            PackWriter.Sealed pack = next.get();
            engine.packs().put(pack.id(), pack.bytes(), pack.form());
        }
    }
}
