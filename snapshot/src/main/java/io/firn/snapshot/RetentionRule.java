package io.firn.snapshot;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A rule of the recycle bin: which deleted snapshots are kept, and for how long. When several match, the longest counts.
 *
 * @param id unique in the store; letters, digits and hyphens, up to 64
 * @param owner the account whose snapshots it is about
 * @param tags a snapshot matches that has any of these tags; all snapshots match when there are none
 * @param retentionDays 1 to {@value #DAYS_MAX}
 */
public record RetentionRule(
        String id, String owner, String description, SortedMap<String, String> tags, int retentionDays) {
    public static final int DAYS_MAX = 365;
    public static final int TAGS_MAX = 50;

    /** The most rules of a store. */
    public static final int RULES_MAX = 250;

    public RetentionRule {
        if (!id.matches("[A-Za-z0-9-]{1,64}")) {
            throw new IllegalArgumentException("not the id of a retention rule: " + id);
        }
        if (retentionDays < 1 || retentionDays > DAYS_MAX) {
            throw new IllegalArgumentException("retention is 1 to " + DAYS_MAX + " days, not " + retentionDays);
        }
        if (tags.size() > TAGS_MAX) {
            throw new IllegalArgumentException("a rule names up to " + TAGS_MAX + " tags, not " + tags.size());
        }
        tags = Collections.unmodifiableSortedMap(new TreeMap<>(tags));
    }

    boolean matches(SnapshotSpec spec) {
        return owner.equals(spec.owner())
                && (tags.isEmpty()
                        || tags.entrySet().stream()
                                .anyMatch(
                                        tag -> tag.getValue().equals(spec.tags().get(tag.getKey()))));
    }
}
