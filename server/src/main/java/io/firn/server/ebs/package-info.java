/**
 * The EBS direct APIs over Firn's snapshots: {@link io.firn.server.ebs.EbsDirect} puts the six calls together, {@code SnapshotWrites} starts,
 * fills and completes snapshots, {@code SnapshotReads} lists and reads them, {@code Tokens} makes and judges what clients hand back.
 *
 * <p>Source: EBS direct APIs, model 2019-11-02, and "Use EBS direct APIs" in the EBS user guide, read 2026-11.
 *
 * <p><b>Threads.</b> Safe.
 *
 * <p>The package refuses to know HTTP, JSON and signatures, which are {@code wire}'s, and how chunks are kept, which is
 * {@code io.firn.snapshot}'s.
 */
@NullMarked
package io.firn.server.ebs;

import org.jspecify.annotations.NullMarked;
