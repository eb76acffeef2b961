package io.firn.blockstore;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.firn.testkit.SimDisk;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** A volume that is based on what lies outside, which everything is brought in from while it is read. */
final class DetachedSourceTest {
    private static final int BLOCKS = 32;
    private static final int WRITTEN = 8;

    /** The read that is under way has seen blocks as absent which are there when it comes to them, and the source is gone by then. */
    @Test
    void showsWhatIsBroughtInDuringARead() {
        AtomicReference<Volume> filled = new AtomicReference<>();
        BlockSource source = (offset, target) -> {
            Volume volume = filled.getAndSet(null);
            if (volume != null) {
                volume.hydrate(0, content());
                volume.detachSource();
            }
            target.put(content().slice((int) offset, target.remaining()));
        };
        VolumeStoreOptions options = VolumeStoreOptions.DEFAULT.withSmallFiles().withSources(id -> source);
        try (VolumeStore store = StoreRun.open(new SimDisk(1), options)) {
            Volume volume = store.create(
                            VolumeSpec.of("a", (long) BLOCKS << Block.SHIFT).from("outside"))
                    .orElseThrow();
            volume.zero((long) WRITTEN << Block.SHIFT, Block.BYTES, false);
            SealedView view = volume.seal();
            filled.set(volume);
            ByteBuffer shown = ByteBuffer.allocate(BLOCKS << Block.SHIFT);
            view.read(0, shown);
            ByteBuffer expected = content();
            expected.put(WRITTEN << Block.SHIFT, new byte[Block.BYTES]);
            assertEquals(expected, shown.flip());
        }
    }

    private static ByteBuffer content() {
        byte[] bytes = new byte[BLOCKS << Block.SHIFT];
        Arrays.fill(bytes, (byte) 7);
        return ByteBuffer.wrap(bytes);
    }
}
