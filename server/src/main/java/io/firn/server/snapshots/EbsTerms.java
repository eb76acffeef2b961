package io.firn.server.snapshots;

/** What EBS says in the same way through EC2's calls and through its direct APIs. */
public final class EbsTerms {
    /** The volume of a snapshot that was taken of none, or of one that is not known. */
    public static final String NO_VOLUME = "vol-ffffffff";

    private static final long GIB = 1L << 30;

    private EbsTerms() {}

    /** A size in gibibytes, those that are begun counted whole: sizes of volumes that were not made through EC2 are any number of bytes. */
    public static int gibibytes(long bytes) {
        return Math.toIntExact((bytes + GIB - 1) / GIB);
    }

    public static long bytes(long gibibytes) {
        return gibibytes * GIB;
    }
}
