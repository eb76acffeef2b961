package io.firn.server.http;

import io.firn.io.FileStretch;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.DefaultMessageSizeEstimator;
import io.netty.channel.FileRegion;
import io.netty.channel.MessageSizeEstimator;

/** A stretch of a file on its way to the network; the file is let go, not closed, when it has left or cannot leave. */
final class StretchRegion extends DefaultFileRegion {
    private final FileStretch stretch;

    StretchRegion(FileStretch stretch) {
        super(stretch.channel(), stretch.position(), stretch.length());
        this.stretch = stretch;
    }

    @Override
    protected void deallocate() {
        stretch.close();
    }

    /** Counts a stretch by its length, so that a connection that has yet to send one is known to be busy; Netty's own counts it as nothing. */
    static MessageSizeEstimator counted() {
        MessageSizeEstimator.Handle others = DefaultMessageSizeEstimator.DEFAULT.newHandle();
        MessageSizeEstimator.Handle handle =
                message -> message instanceof FileRegion region ? (int) region.count() : others.size(message);
        return () -> handle;
    }
}
