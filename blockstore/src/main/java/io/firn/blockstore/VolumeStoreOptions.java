package io.firn.blockstore;

import java.util.Optional;
import java.util.function.Consumer;

/**
 * The few settings of a volume store; none changes what is already written, but for {@code segmentBytes}, which a store keeps from its
 * making.
 *
 * @param segmentBytes size of a file of the log, a power of two from 256 KiB to 64 MiB, 64 MiB unless changed
 * @param capacityBytes the most the log may take on disk; 0 (unless changed) for what the disk has, less {@code reserveBytes}
 * @param reserveBytes free space on the disk that new segments leave, 256 MiB unless changed
 * @param checkpointBytes log bytes after which a checkpoint is taken, which bounds what opening replays; 1 GiB unless changed
 * @param unsyncedBytes bytes written and not yet durable that are held in memory, so that they can be written elsewhere when a sync
 *     fails; more than that waits for a sync; 64 MiB unless changed
 * @param spareFraction the share of the log that may be dead before cleaning moves live blocks, 0.05 to 0.9, 0.25 unless changed
 * @param openFiles how many segment files are held open, at least 8, 1,024 unless changed
 * @param scrubBytesPerSecond how fast what lies in the log is verified in the background, again and again; 0 for never, 4 MiB (1 TiB in
 *     three days) unless changed
 * @param masterKey 32 bytes that wrap the keys of encrypted volumes; without it encrypted volumes are neither made nor read
 * @param sources where volumes that are based on something outside the store get their blocks
 */
public record VolumeStoreOptions(
        long segmentBytes,
        long capacityBytes,
        long reserveBytes,
        long checkpointBytes,
        long unsyncedBytes,
        double spareFraction,
        int openFiles,
        long scrubBytesPerSecond,
        Optional<MasterKey> masterKey,
        BlockSource.Finder sources) {
    private static final long MIB = 1L << 20;

    public static final VolumeStoreOptions DEFAULT = new VolumeStoreOptions(
            64 * MIB, 0, 256 * MIB, 1024 * MIB, 64 * MIB, 0.25, 1024, 4 * MIB, Optional.empty(), BlockSource.NONE);

    public VolumeStoreOptions {
        between("segmentBytes", segmentBytes, MIB / 4, 64 * MIB);
        if (Long.bitCount(segmentBytes) != 1) {
            throw new IllegalArgumentException("segmentBytes is " + segmentBytes + ", no power of two");
        }
        between("capacityBytes", capacityBytes, 0, Long.MAX_VALUE);
        between("reserveBytes", reserveBytes, 0, Long.MAX_VALUE);
        between("checkpointBytes", checkpointBytes, 1, Long.MAX_VALUE);
        between("unsyncedBytes", unsyncedBytes, LogFormat.BATCH_BYTES_MAX, 1L << 40);
        if (!(spareFraction >= 0.05 && spareFraction <= 0.9)) {
            throw new IllegalArgumentException("spareFraction is " + spareFraction + ", not from 0.05 to 0.9");
        }
        between("openFiles", openFiles, 8, 1 << 20);
        between("scrubBytesPerSecond", scrubBytesPerSecond, 0, 1L << 40);
    }

    private static void between(String name, long value, long low, long high) {
        if (value < low || value > high) {
            throw new IllegalArgumentException(name + " is " + value + ", not from " + low + " to " + high);
        }
    }

    /** Small segments and early checkpoints, so that a short test sees many of each. */
    public VolumeStoreOptions withSmallFiles() {
        return with(builder -> builder.segmentBytes(MIB / 4)
                .reserveBytes(0)
                .checkpointBytes(MIB)
                .unsyncedBytes(2 * LogFormat.BATCH_BYTES_MAX)
                .openFiles(8));
    }

    VolumeStoreOptions withSegmentBytes(long bytes) {
        return with(builder -> builder.segmentBytes(bytes));
    }

    public VolumeStoreOptions withCapacityBytes(long bytes) {
        return with(builder -> builder.capacityBytes(bytes));
    }

    public VolumeStoreOptions withMasterKey(MasterKey key) {
        return with(builder -> builder.masterKey(key));
    }

    public VolumeStoreOptions withSources(BlockSource.Finder finder) {
        return with(builder -> builder.sources(finder));
    }

    /** These options with changes. */
    public VolumeStoreOptions with(Consumer<Builder> changes) {
        Builder builder = new Builder(this);
        changes.accept(builder);
        return builder.build();
    }

    /** Options being put together, from others; each is described at {@link VolumeStoreOptions}. */
    public static final class Builder {
        private long segmentBytes;
        private long capacityBytes;
        private long reserveBytes;
        private long checkpointBytes;
        private long unsyncedBytes;
        private double spareFraction;
        private int openFiles;
        private long scrubBytesPerSecond;
        private Optional<MasterKey> masterKey;
        private BlockSource.Finder sources;

        private Builder(VolumeStoreOptions from) {
            segmentBytes = from.segmentBytes;
            capacityBytes = from.capacityBytes;
            reserveBytes = from.reserveBytes;
            checkpointBytes = from.checkpointBytes;
            unsyncedBytes = from.unsyncedBytes;
            spareFraction = from.spareFraction;
            openFiles = from.openFiles;
            scrubBytesPerSecond = from.scrubBytesPerSecond;
            masterKey = from.masterKey;
            sources = from.sources;
        }

        public Builder segmentBytes(long value) {
            segmentBytes = value;
            return this;
        }

        public Builder capacityBytes(long value) {
            capacityBytes = value;
            return this;
        }

        public Builder reserveBytes(long value) {
            reserveBytes = value;
            return this;
        }

        public Builder checkpointBytes(long value) {
            checkpointBytes = value;
            return this;
        }

        public Builder unsyncedBytes(long value) {
            unsyncedBytes = value;
            return this;
        }

        public Builder spareFraction(double value) {
            spareFraction = value;
            return this;
        }

        public Builder openFiles(int value) {
            openFiles = value;
            return this;
        }

        public Builder scrubBytesPerSecond(long value) {
            scrubBytesPerSecond = value;
            return this;
        }

        public Builder masterKey(MasterKey key) {
            masterKey = Optional.of(key);
            return this;
        }

        public Builder sources(BlockSource.Finder finder) {
            sources = finder;
            return this;
        }

        private VolumeStoreOptions build() {
            return new VolumeStoreOptions(
                    segmentBytes,
                    capacityBytes,
                    reserveBytes,
                    checkpointBytes,
                    unsyncedBytes,
                    spareFraction,
                    openFiles,
                    scrubBytesPerSecond,
                    masterKey,
                    sources);
        }
    }
}
