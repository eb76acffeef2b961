package io.firn.server.ec2;

import io.firn.snapshot.SnapshotInfo;
import io.firn.snapshot.SnapshotStore;
import java.util.Arrays;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A set of texts that EC2 keeps with each snapshot; none has a comma.
 *
 * @param setting the snapshot's setting that it is kept in
 */
record SnapshotTexts(String setting) {
    private static final String COMMA = ",";

    /** Those of a snapshot; the caller's to change. */
    SortedSet<String> of(SnapshotInfo info) {
        String kept = info.settings().getOrDefault(setting, "");
        return kept.isEmpty() ? new TreeSet<>() : new TreeSet<>(Arrays.asList(kept.split(COMMA, -1)));
    }

    /** Replaces those of a snapshot; durable on return. */
    void keep(SnapshotStore store, SnapshotInfo info, SortedSet<String> texts) {
        Optional<String> text = texts.isEmpty() ? Optional.empty() : Optional.of(String.join(COMMA, texts));
        Snapshots.done(store.setSetting(info.id(), setting, text));
    }
}
