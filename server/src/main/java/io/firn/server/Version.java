package io.firn.server;

/** Which Firn this is. */
public final class Version {
    private Version() {}

    /** The version of the jar; {@code development} when run from classes. */
    public static String text() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
