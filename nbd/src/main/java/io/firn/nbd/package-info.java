/**
 * The NBD protocol as a library: a server that offers anything behind {@link io.firn.nbd.Export} to every NBD client.
 *
 * <p>Read {@link io.firn.nbd.Export} and {@link io.firn.nbd.ExportSession} first (what is offered), then
 * {@link io.firn.nbd.NbdServer}; inside, {@code Handshake} is the haggling over options, {@code Transmission} the loop that executes
 * requests, {@code Replies} and {@code Protocol} the bytes. Source: doc/proto.md of NetworkBlockDevice/nbd (89ba7b5, May 2026) and its
 * branch {@code extension-ext-header} (e6f3b94).
 *
 * <p><b>Threads.</b> One platform thread a connection reads, executes and answers, all requests that have arrived as one burst: a
 * hand-off would cost more than most requests do. Slow flushes go on beside it, and the export's thread that completes one sends its
 * replies ({@code Flusher}) without ever waiting for the client. Nothing is interrupted; a connection is ended by closing its channel.
 *
 * <p><b>Memory</b> of a connection is its two buffers (of a pool), whatever the client says; long payloads pass through in pieces.
 *
 * <p>The package refuses to know what a volume or a snapshot is, to cache, and to touch files.
 */
@NullMarked
package io.firn.nbd;

import org.jspecify.annotations.NullMarked;
