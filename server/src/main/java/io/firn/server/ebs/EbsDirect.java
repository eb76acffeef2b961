package io.firn.server.ebs;

import io.firn.io.Clock;
import io.firn.io.Disk;
import io.firn.io.StorageException;
import io.firn.server.wire.Operation;
import io.firn.server.wire.Service;
import io.firn.snapshot.SnapshotStore;
import io.firn.snapshot.VolumeSnapshots;
import java.util.HashMap;
import java.util.Map;

/** The EBS direct APIs: their operations by name. */
public final class EbsDirect {
    private static final int TURNS_OF_SNAPSHOT = 256;
    private static final int TURNS_OF_ALL = 512;
    /** Checksums of 128 GiB, some 26 MB. */
    private static final int SUMS = 1 << 18;

    private EbsDirect() {}

    /**
     * The service over a snapshot store.
     *
     * @param snapshots over the same store
     * @param secrets a folder for its owner only, where the key of tokens is kept
     * @param clock judges timeouts and tokens: the store's
     */
    public static Service service(
            SnapshotStore store, VolumeSnapshots snapshots, EncryptionByDefault encryption, Disk secrets, Clock clock) {
        return Service.of("ebs", operations(store, snapshots, encryption, Tokens.open(secrets, clock), new Sums(SUMS)));
    }

    static Map<String, Operation> operations(
            SnapshotStore store, VolumeSnapshots snapshots, EncryptionByDefault encryption, Tokens tokens, Sums sums) {
        Known known = new Known(store, snapshots);
        Turns turns = new Turns(TURNS_OF_SNAPSHOT, TURNS_OF_ALL);
        SnapshotWrites writes = new SnapshotWrites(store, snapshots, encryption, known, turns, sums);
        SnapshotReads reads = new SnapshotReads(known, tokens, turns);
        Map<String, Operation> operations = new HashMap<>();
        operations.put("StartSnapshot", writes::startSnapshot);
        operations.put("PutSnapshotBlock", writes::putSnapshotBlock);
        operations.put("CompleteSnapshot", writes::completeSnapshot);
        operations.put("ListSnapshotBlocks", reads::listSnapshotBlocks);
        operations.put("ListChangedBlocks", reads::listChangedBlocks);
        operations.put("GetSnapshotBlock", reads::getSnapshotBlock);
        operations.replaceAll((name, operation) -> wordingFullDisk(operation));
        return operations;
    }

    private static Operation wordingFullDisk(Operation operation) {
        return call -> {
            try {
                return operation.handle(call);
            } catch (StorageException.OutOfSpace full) {
                throw EbsError.noSpace();
            }
        };
    }
}
