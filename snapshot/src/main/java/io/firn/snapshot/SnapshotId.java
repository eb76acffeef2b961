package io.firn.snapshot;

import java.util.HexFormat;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/** The name of a snapshot: {@code snap-} and 17 hexadecimal digits, the first of them 0. Never used for another one. */
public record SnapshotId(String text) implements Comparable<SnapshotId> {
    private static final Pattern FORM = Pattern.compile("snap-[0-9a-f]{17}");
    private static final String DRAWN = "snap-0";

    public SnapshotId {
        if (!FORM.matcher(text).matches()) {
            throw new IllegalArgumentException("not a snapshot id such as snap-0123456789abcdef0: " + text);
        }
    }

    /** The id with this text; nothing when it has another form. */
    public static Optional<SnapshotId> parse(String text) {
        return FORM.matcher(text).matches() ? Optional.of(new SnapshotId(text)) : Optional.empty();
    }

    static SnapshotId random(RandomGenerator random) {
        return ofMark(random.nextLong());
    }

    /** The number that a volume's seal for it carries. */
    long mark() {
        return HexFormat.fromHexDigitsToLong(text, DRAWN.length(), text.length());
    }

    static SnapshotId ofMark(long mark) {
        return new SnapshotId(DRAWN + HexFormat.of().toHexDigits(mark));
    }

    @Override
    public int compareTo(SnapshotId other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }
}
