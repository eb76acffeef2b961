package io.firn.testkit;

/**
 * One call on a {@link SimDisk}, as a fault rule sees it.
 *
 * @param operation what is called
 * @param name the file or folder
 * @param offset where in the file; 0 when it does not apply
 * @param length of how many bytes; 0 when it does not apply
 * @param number which call of this operation it is, counted from 1 over the life of the disk
 */
public record DiskCall(Operation operation, String name, long offset, long length, long number) {

    /** The calls that can be made to fail. */
    public enum Operation {
        OPEN,
        READ,
        WRITE,
        TRUNCATE,
        SYNC,
        LIST,
        CREATE_DIRECTORY,
        DELETE,
        RENAME,
        SYNC_DIRECTORY
    }
}
