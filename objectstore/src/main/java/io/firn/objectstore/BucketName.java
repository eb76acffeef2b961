package io.firn.objectstore;

import java.util.regex.Pattern;

/**
 * The name of a bucket, unique in a store: 3 to 63 of lower-case letters, digits, dots and hyphens.
 *
 * <p>Source: Amazon S3 User Guide, "General purpose bucket naming rules" (read 2026-11-23).
 */
public record BucketName(String text) implements Comparable<BucketName> {
    private static final Pattern FORM = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
    private static final Pattern ADDRESS = Pattern.compile("\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}");

    public BucketName {
        if (!isValid(text)) {
            throw new IllegalArgumentException("not a bucket name: " + text);
        }
    }

    /** True when {@code text} follows the naming rules. */
    public static boolean isValid(String text) {
        return FORM.matcher(text).matches()
                && !text.contains("..")
                && !text.contains(".-")
                && !text.contains("-.")
                && !ADDRESS.matcher(text).matches()
                && !text.startsWith("xn--")
                && !text.startsWith("sthree-")
                && !text.startsWith("amzn-s3-demo-")
                && !text.endsWith("-s3alias")
                && !text.endsWith("--ol-s3")
                && !text.endsWith(".mrap")
                && !text.endsWith("--x-s3")
                && !text.endsWith("--table-s3");
    }

    @Override
    public int compareTo(BucketName other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }
}
