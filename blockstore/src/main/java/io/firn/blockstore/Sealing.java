package io.firn.blockstore;

import java.util.List;

/** Views that were sealed at one instant and may not be durable yet. Safe for threads. */
public final class Sealing {
    private final Engine engine;
    private final List<SealedView> views;
    private final long sequence;

    Sealing(Engine engine, List<SealedView> views, long sequence) {
        this.engine = engine;
        this.views = views;
        this.sequence = sequence;
    }

    /**
     * A volume to be sealed.
     *
     * @param mark tells its view from others after a crash, when who wanted it may never have taken note of it; 0 for a view that needs none
     */
    public record Wish(Volume volume, long mark) {
        static Wish of(Volume volume) {
            return new Wish(volume, ViewState.UNMARKED);
        }
    }

    /** In the order of the wishes. */
    public List<SealedView> views() {
        return views;
    }

    /** Returns the views when they, and all that they show, are on stable storage. */
    public List<SealedView> sync() {
        engine.log.sync(sequence);
        return views;
    }
}
