package io.firn.server.snapshots;

import io.firn.snapshot.SnapshotId;
import io.firn.snapshot.SnapshotInfo;
import io.firn.snapshot.SnapshotStore;
import java.util.Optional;

/** The key that was named for an encrypted snapshot, as its doors show it. The store's own key encrypts, whichever is named. */
public final class NamedKey {
    private static final String SETTING = "kms-key-arn";

    private NamedKey() {}

    /** The ARN that was named; nothing when none was, or the snapshot is not encrypted. */
    public static Optional<String> of(SnapshotInfo info) {
        return Optional.ofNullable(info.settings().get(SETTING));
    }

    /** Keeps an ARN with a snapshot that was just begun; a crash before it leaves the snapshot without a name for its key. */
    public static void keep(SnapshotStore store, SnapshotId id, Optional<String> arn) {
        if (arn.isPresent()) {
            store.setSetting(id, SETTING, arn);
        }
    }
}
