/**
 * What tests stand on: a simulated disk that crashes and lies, seeds that replay, and the contract of the seam.
 *
 * <p>Read {@link io.firn.testkit.SimDisk} first, then {@link io.firn.testkit.CrashPoints} (a power failure at every sync of a workload),
 * {@link io.firn.testkit.Property} (steps, reduced when they fail), {@link io.firn.testkit.Seeds} (many seeds, replay command) and
 * {@link io.firn.testkit.DiskContract}. All of it is deterministic as long as one thread drives it; the simulator's own determinism
 * and its power to find planted bugs are tested here too.
 *
 * <p>Never on a production path; the bench may use the workloads. Knows {@code io} and JUnit, nothing of what it tests.
 */
@NullMarked
package io.firn.testkit;

import org.jspecify.annotations.NullMarked;
