package io.firn.snapshot;

import io.firn.io.Crc32c;
import io.firn.io.StorageException;
import java.nio.ByteBuffer;
import java.util.Optional;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;

/**
 * How a tree holds one chunk. Each stored chunk has a place of its own, so two entries are equal exactly when one was taken over from
 * the other.
 *
 * @param offset in the pack as it was first written
 * @param length of the stored bytes; {@link Chunk#BYTES} when they are not compressed
 * @param crc CRC32C of the chunk itself, so that it covers compression and place as well
 * @param target where the bytes are when this is a link: an item of its own, which only says where; never that of another link
 */
record ChunkEntry(ChunkState state, PackId pack, int offset, int length, int crc, Optional<ChunkPlace> target) {
    private static final PackId NOWHERE = new PackId(0, 0);

    static final ChunkEntry ABSENT = new ChunkEntry(ChunkState.ABSENT, NOWHERE, 0, 0, 0, Optional.empty());
    static final ChunkEntry ZERO = new ChunkEntry(ChunkState.ZERO, NOWHERE, 0, 0, 0, Optional.empty());

    /** Compression must gain an eighth to be worth undoing. */
    private static final int COMPRESSED_MAX = Chunk.BYTES - Chunk.BYTES / 8;

    private static final LZ4Factory LZ4 = LZ4Factory.fastestInstance();
    private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(Chunk.BYTES);

    static ChunkEntry data(PackId pack, int offset, int length, int crc) {
        return new ChunkEntry(ChunkState.DATA, pack, offset, length, crc, Optional.empty());
    }

    /** A chunk whose bytes are those of another, stored before. */
    static ChunkEntry link(PackId pack, int offset, ChunkPlace target, int crc) {
        return new ChunkEntry(ChunkState.DATA, pack, offset, PackFormat.LINK_BYTES, crc, Optional.of(target));
    }

    /** Where the bytes of a chunk of data are, its own or those it links to. */
    ChunkPlace place() {
        return target.orElseGet(() -> new ChunkPlace(pack, offset, length));
    }

    boolean isData() {
        return state == ChunkState.DATA;
    }

    static boolean isZero(byte[] chunk) {
        return ByteBuffer.wrap(chunk).mismatch(ZEROS.duplicate()) < 0;
    }

    /** What is stored for a chunk: compressed, or itself. */
    static byte[] compress(byte[] chunk) {
        byte[] target = new byte[COMPRESSED_MAX];
        try {
            int length = LZ4.fastCompressor().compress(chunk, 0, chunk.length, target, 0, target.length);
            return java.util.Arrays.copyOf(target, length);
        } catch (LZ4Exception doesNotFit) {
            return chunk;
        }
    }

    /** The chunk of what is stored; {@code Corrupt} when it does not carry its checksum. */
    byte[] expand(byte[] stored) {
        byte[] chunk = stored;
        if (stored.length != Chunk.BYTES) {
            chunk = new byte[Chunk.BYTES];
            try {
                if (LZ4.safeDecompressor().decompress(stored, 0, stored.length, chunk, 0) != Chunk.BYTES) {
                    throw damaged();
                }
            } catch (LZ4Exception e) {
                throw damaged();
            }
        }
        if (Crc32c.of(chunk) != crc) {
            throw damaged();
        }
        return chunk;
    }

    private StorageException damaged() {
        ChunkPlace place = place();
        return new StorageException.Corrupt("the chunk of " + place.length() + " bytes at offset " + place.offset()
                + " of pack " + place.pack().key() + " does not carry its checksum");
    }
}
