package io.firn.io;

import java.util.regex.Pattern;

/**
 * The form of the names a {@link Disk} takes: relative, {@code /} between parts, each part {@code [A-Za-z0-9._-]+} and neither
 * {@code .} nor {@code ..}. The empty name is the root, which is a folder.
 */
public final class DiskName {
    private static final Pattern PART = Pattern.compile("[A-Za-z0-9._-]+");

    /** Linux {@code NAME_MAX}; the whole name stays far below {@code PATH_MAX}, whatever the root is. */
    private static final int MAX_PART_CHARS = 255;

    private static final int MAX_NAME_CHARS = 1024;

    private DiskName() {}

    /** The name, when it is well formed and not the root; throws {@link IllegalArgumentException} otherwise. */
    public static String requireFile(String name) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("a file needs a name; the root is a folder");
        }
        return requireWellFormed(name);
    }

    /** The name, when it is well formed or the root; throws {@link IllegalArgumentException} otherwise. */
    public static String requireDirectory(String name) {
        return name.isEmpty() ? name : requireWellFormed(name);
    }

    /** The folder a name is in; {@code ""} for a name directly in the root. */
    public static String parent(String name) {
        int slash = name.lastIndexOf('/');
        return slash < 0 ? "" : name.substring(0, slash);
    }

    /** The last part of a name. */
    public static String last(String name) {
        return name.substring(name.lastIndexOf('/') + 1);
    }

    /** The name {@code part} has in {@code directory}, which may be the root. */
    public static String child(String directory, String part) {
        return directory.isEmpty() ? part : directory + "/" + part;
    }

    private static String requireWellFormed(String name) {
        int start = 0;
        while (true) {
            int slash = name.indexOf('/', start);
            String part = slash < 0 ? name.substring(start) : name.substring(start, slash);
            if (!PART.matcher(part).matches()
                    || part.equals(".")
                    || part.equals("..")
                    || part.length() > MAX_PART_CHARS
                    || name.length() > MAX_NAME_CHARS) {
                throw new IllegalArgumentException("not a disk name: \"" + name + "\"");
            }
            if (slash < 0) {
                return name;
            }
            start = slash + 1;
        }
    }
}
