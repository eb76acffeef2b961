/**
 * What tests stand on: a simulated disk that crashes and lies, seeds that replay, reference models and workloads.
 *
 * <p>Never on a production path; the bench may use the workloads.
 */
@NullMarked
package io.firn.testkit;

import org.jspecify.annotations.NullMarked;
