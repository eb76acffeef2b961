/**
 * Snapshots in the object store: incremental, read at a fixed cost whatever the chain, deleted in any order.
 *
 * <p>Read {@link io.firn.snapshot.SnapshotStore}, {@link io.firn.snapshot.SnapshotDraft} and {@link io.firn.snapshot.Snapshot} first.
 * Inside: {@code PackFormat} and {@code PageFormat} draw what is stored, {@code Packs} reads and writes it, {@code DraftTree} makes the
 * pages of a new tree, {@code TreeDiff} compares two trees, {@code Catalogue} holds the records that say what there is,
 * {@code Reclaimer} finds what a tree alone refers to, and {@code Compactor} gives its space back. With deduplication {@code DraftLinks} finds
 * content that was stored before and {@code Links} keeps it.
 *
 * <p><b>Threads.</b> Everything public is safe for many threads. Nothing here starts one: background work is a
 * {@link io.firn.io.Task} that the owner schedules.
 *
 * <p>The package refuses to know a running volume, a protocol, or where the object store keeps its bytes.
 */
@NullMarked
package io.firn.snapshot;

import org.jspecify.annotations.NullMarked;
