package io.firn.snapshot;

/**
 * Where a content was stored, as somebody noted: the pack may be gone by now, or hold it no more.
 *
 * @param crc CRC32C of the chunk
 */
record HashEntry(ChunkHash hash, ChunkPlace place, int crc) {}
