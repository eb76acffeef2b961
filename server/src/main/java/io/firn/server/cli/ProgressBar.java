package io.firn.server.cli;

import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;

/** A line that shows how far something is, written over itself. */
final class ProgressBar {
    private static final int WIDTH = 40;

    private final String what;
    private final @Nullable PrintWriter out;
    private long shownPercent = -1;

    /** @param out null for no bar */
    ProgressBar(String what, @Nullable PrintWriter out) {
        this.what = what;
        this.out = out;
    }

    /** So much of {@code all} is done. */
    void at(long done, long all) {
        long percent = all <= 0 ? 100 : Math.clamp(done * 100 / all, 0, 100);
        if (out != null && percent != shownPercent) {
            shownPercent = percent;
            int full = (int) (percent * WIDTH / 100);
            out.printf("\r%s [%s%s] %3d%%", what, "#".repeat(full), " ".repeat(WIDTH - full), percent);
            out.flush();
        }
    }

    /** All is done. */
    void end() {
        at(100, 100);
        if (out != null) {
            out.println();
            out.flush();
        }
    }
}
