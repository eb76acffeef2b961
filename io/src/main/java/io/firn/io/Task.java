package io.firn.io;

/**
 * Background work cut into bounded steps: the server loops it on a thread, tests and the simulator call it by hand.
 *
 * <p>A step that throws {@link StorageException} is tried again later by whoever schedules it.
 */
@FunctionalInterface
public interface Task {

    /**
     * Does at most {@code budget} units of work (bytes, records: the task says which) and returns the units done; 0 when there is
     * nothing to do now.
     */
    long step(long budget);
}
