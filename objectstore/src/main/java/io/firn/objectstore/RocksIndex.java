package io.firn.objectstore;

import io.firn.io.Invariant;
import io.firn.io.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.CompressionType;
import org.rocksdb.FlushOptions;
import org.rocksdb.IndexType;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.NativeLibraryLoader;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Snapshot;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * The index in RocksDB, its own write-ahead log off: the journal is the log. One column family, so that one memtable holds a batch
 * whole and a flush is always a prefix of the batches.
 */
final class RocksIndex implements OrderedIndex {
    private static final int WRITE_BUFFER_BYTES = 32 << 20;
    private static final int BLOCK_BYTES = 8 << 10;
    private static final int FILTER_BITS_PER_KEY = 10;

    /** Shards of the cache, as a power of two: few, so that each holds many blocks. */
    private static final int CACHE_SHARD_BITS = 2;

    private final Path folder;
    private final LRUCache cache;
    private final BloomFilter filter;
    private final Options options;
    private final WriteOptions unlogged;
    private final ReadOptions reads;
    private final RocksDB db;

    private RocksIndex(Path folder, long cacheBytes) throws RocksDBException {
        this.folder = folder;
        cache = new LRUCache(cacheBytes, CACHE_SHARD_BITS);
        filter = new BloomFilter(FILTER_BITS_PER_KEY);
        options = new Options()
                .setCreateIfMissing(true)
                .setWriteBufferSize(WRITE_BUFFER_BYTES)
                .setMaxWriteBufferNumber(3)
                .setMaxBackgroundJobs(2)
                .setMaxOpenFiles(256)
                .setKeepLogFileNum(2)
                .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                .setLevelCompactionDynamicLevelBytes(true)
                .setCompressionType(CompressionType.LZ4_COMPRESSION)
                .setAvoidUnnecessaryBlockingIO(true)
                .setTableFormatConfig(new BlockBasedTableConfig()
                        .setBlockCache(cache)
                        .setBlockSize(BLOCK_BYTES)
                        .setCacheIndexAndFilterBlocks(true)
                        .setPinL0FilterAndIndexBlocksInCache(true)
                        // In pieces: the whole filter of a million keys would not stay in the cache, and be read for
                        // each lookup.
                        .setIndexType(IndexType.kTwoLevelIndexSearch)
                        .setPartitionFilters(true)
                        .setMetadataBlockSize(BLOCK_BYTES)
                        .setFilterPolicy(filter)
                        .setFormatVersion(5));
        unlogged = new WriteOptions().setDisableWAL(true);
        reads = new ReadOptions();
        db = RocksDB.open(options, folder.toString());
    }

    /** Opens or makes the index in {@code folder}, with a block cache of {@code cacheBytes}. */
    static RocksIndex open(Path folder, long cacheBytes) {
        load(folder);
        try {
            return new RocksIndex(folder, cacheBytes);
        } catch (RocksDBException e) {
            throw failed("open", folder, e);
        }
    }

    /** Removes what is in {@code folder}, so that the next open begins empty: for an index that cannot be opened any more. */
    static void destroy(Path folder) {
        load(folder);
        try (Options defaults = new Options()) {
            RocksDB.destroyDB(folder.toString(), defaults);
        } catch (RocksDBException e) {
            throw failed("destroy", folder, e);
        }
    }

    /**
     * Loads RocksDB: from the JVM's library path (where {@code ./firn} puts it) or else from a copy in {@code folder}, which takes the place
     * of the copy that a killed process left. RocksDB's own way leaves 17 MB in the temporary folder for each of those.
     */
    private static void load(Path folder) {
        try {
            NativeLibraryLoader.getInstance().loadLibrary(folder.toString());
        } catch (IOException | UnsatisfiedLinkError e) {
            // Perhaps no code may be run from there.
            System.getLogger(RocksIndex.class.getName())
                    .log(System.Logger.Level.DEBUG, "RocksDB cannot be loaded from " + folder, e);
        }
        RocksDB.loadLibrary();
    }

    private static StorageException failed(String operation, Path folder, RocksDBException e) {
        String message = "index " + operation + " in " + folder + ": " + e.getMessage();
        if (e.getStatus() != null && e.getStatus().getSubCode() == org.rocksdb.Status.SubCode.NoSpace) {
            return new StorageException.OutOfSpace(message, e);
        }
        return new StorageException.Unavailable(message, e);
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
        try {
            return db.get(reads, key);
        } catch (RocksDBException e) {
            throw failed("get", folder, e);
        }
    }

    @Override
    public Cursor cursor(byte[] from) {
        return new RocksCursor(from);
    }

    @Override
    public void write(IndexBatch batch) {
        try (WriteBatch rocksBatch = new WriteBatch()) {
            for (IndexBatch.Op op : batch.ops()) {
                switch (op) {
                    case IndexBatch.Put(byte[] key, byte[] value) -> rocksBatch.put(key, value);
                    case IndexBatch.Delete(byte[] key) -> rocksBatch.delete(key);
                    case IndexBatch.Add add ->
                        Invariant.check(false, "additions are resolved before they reach an index");
                }
            }
            db.write(unlogged, rocksBatch);
        } catch (RocksDBException e) {
            throw failed("write", folder, e);
        }
    }

    @Override
    public void flush() {
        try (FlushOptions wait = new FlushOptions().setWaitForFlush(true)) {
            db.flush(wait);
        } catch (RocksDBException e) {
            throw failed("flush", folder, e);
        }
    }

    @Override
    public void clear() {
        try {
            db.deleteRange(unlogged, new byte[0], new byte[] {(byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF});
        } catch (RocksDBException e) {
            throw failed("clear", folder, e);
        }
        flush();
    }

    @Override
    public long nativeBytes() {
        try {
            return cache.getUsage() + db.getLongProperty("rocksdb.cur-size-all-mem-tables");
        } catch (RocksDBException e) {
            throw failed("property", folder, e);
        }
    }

    @Override
    public void close() {
        try {
            db.closeE();
        } catch (RocksDBException e) {
            throw failed("close", folder, e);
        } finally {
            reads.close();
            unlogged.close();
            options.close();
            filter.close();
            cache.close();
        }
    }

    private final class RocksCursor implements Cursor {
        private final Snapshot snapshot = db.getSnapshot();
        private final ReadOptions view = new ReadOptions().setSnapshot(snapshot);
        private final RocksIterator iterator = db.newIterator(view);

        RocksCursor(byte[] from) {
            iterator.seek(from);
        }

        @Override
        public boolean isValid() {
            if (iterator.isValid()) {
                return true;
            }
            try {
                iterator.status();
            } catch (RocksDBException e) {
                throw failed("scan", folder, e);
            }
            return false;
        }

        @Override
        public byte[] key() {
            return iterator.key();
        }

        @Override
        public byte[] value() {
            return iterator.value();
        }

        @Override
        public void next() {
            iterator.next();
        }

        @Override
        public void seek(byte[] key) {
            iterator.seek(key);
        }

        @Override
        public void close() {
            iterator.close();
            view.close();
            db.releaseSnapshot(snapshot);
        }
    }
}
