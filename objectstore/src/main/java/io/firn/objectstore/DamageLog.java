package io.firn.objectstore;

import io.firn.extent.ExtentRef;
import io.firn.io.StorageException;
import java.util.concurrent.atomic.AtomicLong;

/** Keeps count of damaged frames and tells the log of each. */
final class DamageLog implements Zones.DamageListener {
    private static final System.Logger LOG = System.getLogger(DamageLog.class.getName());

    private final AtomicLong frames = new AtomicLong();

    @Override
    public void damaged(String zone, ExtentRef frame, StorageException why) {
        frames.incrementAndGet();
        LOG.log(
                System.Logger.Level.WARNING,
                "zone {0}: extent {1} at {2}: {3}",
                zone,
                Long.toString(frame.extentId()),
                Long.toString(frame.offset()),
                String.valueOf(why.getMessage()));
    }

    long frames() {
        return frames.get();
    }
}
