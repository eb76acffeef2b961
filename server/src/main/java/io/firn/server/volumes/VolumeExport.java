package io.firn.server.volumes;

import io.firn.blockstore.Volume;
import io.firn.blockstore.WriteBatch;
import io.firn.nbd.Export;
import io.firn.nbd.ExportProfile;
import io.firn.nbd.ExportSession;
import io.firn.nbd.ExtentMap;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A volume as a disk. */
final class VolumeExport implements Export {
    private final Volume volume;

    VolumeExport(Volume volume) {
        this.volume = volume;
    }

    @Override
    public ExportProfile profile() {
        return ExportProfile.writable(volume.sizeBytes(), "volume " + volume.name());
    }

    @Override
    public List<String> contexts() {
        return VolumeContexts.names(volume.stat().epoch() - 1);
    }

    @Override
    public Optional<ExtentMap> context(String name) {
        return VolumeContexts.context(name, volume, volume::allocation, volume.sizeBytes(), volume::dirty, 0);
    }

    @Override
    public ExportSession openSession() {
        return new Session(volume);
    }

    @Override
    public void close() {}

    /** The writes of one connection: a batch that goes to the log with each burst. */
    private static final class Session implements ExportSession {
        private final Volume volume;
        private final WriteBatch batch;

        Session(Volume volume) {
            this.volume = volume;
            this.batch = volume.batch();
        }

        @Override
        public void read(long offset, ByteBuffer target) {
            volume.read(offset, target);
        }

        @Override
        public void write(long offset, ByteBuffer source) {
            batch.write(offset, source);
        }

        @Override
        public void trim(long offset, long length) {
            batch.trim(offset, length);
        }

        @Override
        public void zero(long offset, long length, boolean mayPunchHole) {
            batch.zero(offset, length, mayPunchHole);
        }

        @Override
        public void cache(long offset, long length) {}

        @Override
        public void submit() {
            batch.submit();
        }

        @Override
        public void flush() {
            volume.flush();
        }

        @Override
        public CompletableFuture<Void> flushAsync() {
            return volume.flushAsync();
        }

        @Override
        public void close() {
            batch.drop();
        }
    }
}
