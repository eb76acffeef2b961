package io.firn.extent;

import io.firn.extent.ScrubListener.Damage;
import io.firn.io.StorageException;
import io.firn.io.Task;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Verifies every frame of a directory, again and again, in steps of a budget in bytes. At the end of a pass {@link #step} returns 0
 * once; the next call starts another pass.
 *
 * <p>A frame may be written while it is scrubbed, so what looks damaged in an extent that is not sealed is looked at again at the end of
 * the pass, and only reported when it still does. Extents deleted meanwhile are passed over.
 *
 * <p><b>Threads.</b> One thread steps it at a time.
 */
public final class Scrub implements Task {
    /** The most that is remembered for a second look; beyond it the second look is taken at once. */
    private static final int SUSPECTS_MAX = 4096;

    private final ExtentDirectory directory;
    private final ScrubListener listener;
    private final Deque<Long> extents = new ArrayDeque<>();
    private final Deque<FrameEntry> frames = new ArrayDeque<>();
    private final Deque<ExtentRef> suspects = new ArrayDeque<>();
    private boolean passRunning;

    public Scrub(ExtentDirectory directory, ScrubListener listener) {
        this.directory = directory;
        this.listener = listener;
    }

    /** Verifies frames of at most {@code budget} bytes, but at least one frame; returns the bytes verified. */
    @Override
    public long step(long budget) {
        if (!passRunning) {
            for (long id : directory.extents()) {
                extents.add(id);
            }
            passRunning = true;
        }
        long done = 0;
        while (done < budget) {
            if (!frames.isEmpty()) {
                int bytes = Frame.encodedBytes(frames.getFirst().ref().length());
                if (done > 0 && done + bytes > budget) {
                    return done;
                }
                check(frames.removeFirst().ref());
                done += bytes;
            } else if (!extents.isEmpty()) {
                begin(extents.removeFirst());
                done += ExtentFormat.FIRST_FRAME_OFFSET;
            } else if (!suspects.isEmpty()) {
                ExtentRef suspect = suspects.removeFirst();
                verify(suspect).ifPresent(what -> report(suspect, what));
                done += Frame.encodedBytes(suspect.length());
            } else {
                passRunning = done > 0;
                return done;
            }
        }
        return done;
    }

    private void begin(long extentId) {
        ExtentFile extent;
        try {
            extent = directory.existing(extentId);
            extent.preambleDamage().ifPresent(what -> {
                boolean seal = !what.startsWith("superblock");
                listener.damaged(
                        extentId,
                        seal ? ExtentFormat.SEAL_OFFSET : 0,
                        seal ? Damage.SEAL : Damage.SUPERBLOCK,
                        "extent " + extentId + ": " + what);
            });
            Optional<List<FrameEntry>> footer = extent.footer();
            if (footer.isPresent()) {
                frames.addAll(footer.get());
            } else {
                frames.addAll(scan(extentId, extent));
            }
        } catch (StorageException.Unavailable e) {
            if (directory.contains(extentId)) {
                listener.damaged(extentId, 0, Damage.SUPERBLOCK, String.valueOf(e.getMessage()));
            }
        } catch (StorageException.Corrupt e) {
            listener.damaged(extentId, 0, Damage.SUPERBLOCK, String.valueOf(e.getMessage()));
        }
    }

    private List<FrameEntry> scan(long extentId, ExtentFile extent) {
        List<FrameEntry> found = new ArrayList<>();
        extent.scan(new FrameScan.Visitor() {
            @Override
            public void frame(FrameEntry frame) {
                found.add(frame);
            }

            @Override
            public void unrecognised(long from, long to) {
                listener.damaged(
                        extentId,
                        from,
                        Damage.UNRECOGNISED,
                        "extent " + extentId + ": bytes " + from + ".." + to + " belong to no frame");
            }
        });
        return found;
    }

    private void check(ExtentRef ref) {
        verify(ref).ifPresent(what -> {
            if (suspects.size() < SUSPECTS_MAX) {
                suspects.addLast(ref);
            } else {
                report(ref, what);
            }
        });
    }

    private void report(ExtentRef ref, String what) {
        listener.damaged(ref.extentId(), ref.offset(), Damage.FRAME, what);
    }

    private Optional<String> verify(ExtentRef ref) {
        try {
            directory.verify(ref);
            return Optional.empty();
        } catch (StorageException.Corrupt e) {
            return Optional.of(String.valueOf(e.getMessage()));
        } catch (StorageException.Unavailable e) {
            return Optional.empty();
        }
    }
}
