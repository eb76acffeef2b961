package io.firn.server.ebs;

import static org.junit.jupiter.api.Assertions.assertThrows;

import io.firn.blockstore.MasterKey;
import io.firn.blockstore.VolumeStore;
import io.firn.blockstore.VolumeStoreOptions;
import io.firn.io.Randomness;
import io.firn.io.VirtualClock;
import io.firn.objectstore.BucketName;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.ObjectStoreOptions;
import io.firn.server.auth.Sha256;
import io.firn.server.wire.Call;
import io.firn.server.wire.Fields;
import io.firn.server.wire.Operation;
import io.firn.server.wire.Principal;
import io.firn.server.wire.ServiceException;
import io.firn.server.wire.Value;
import io.firn.snapshot.Chunk;
import io.firn.snapshot.FirstTouches;
import io.firn.snapshot.SnapshotSources;
import io.firn.snapshot.SnapshotStore;
import io.firn.snapshot.SnapshotStoreOptions;
import io.firn.snapshot.VolumeSnapshots;
import io.firn.snapshot.VolumeSnapshotsOptions;
import io.firn.testkit.SimDisk;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** The operations over stores on simulated disks, which can be killed, and calls of them as clients make them. */
final class EbsRig {
    static final int BLOCK = Chunk.BLOCK_BYTES;
    private static final Principal ROOT = new Principal("123456789012", "root", true);

    private final int sumsMost;
    final VirtualClock clock = new VirtualClock(Instant.parse("2026-01-01T00:00:00Z"));
    SimDisk objectDisk;
    SimDisk volumeDisk;
    private SimDisk secrets;
    SnapshotStore store;
    VolumeSnapshots snapshots;
    VolumeStore volumes;
    Sums sums;
    private Map<String, Operation> operations = new HashMap<>();
    private long lives;

    /** What the account has said of encryption. */
    boolean isEncryptingByDefault;

    Optional<String> defaultKeyArn = Optional.empty();

    EbsRig(long seed) {
        this(seed, 1 << 10);
    }

    /** With room for so many checksums. */
    @SuppressWarnings("NullAway.Init") // by open()
    EbsRig(long seed, int sumsMost) {
        this.sumsMost = sumsMost;
        objectDisk = new SimDisk(seed);
        volumeDisk = new SimDisk(seed + 1);
        secrets = new SimDisk(seed + 2);
        open();
    }

    private void open() {
        RandomGenerator random = Randomness.seeded(++lives);
        ObjectStore objects = ObjectStore.openInMemory(
                List.of(objectDisk), clock, random, ObjectStoreOptions.DEFAULT.withReserveBytes(0));
        store = SnapshotStore.open(
                objects,
                clock,
                random,
                SnapshotStoreOptions.DEFAULT
                        .withPackBytes(4 * BLOCK)
                        .withMasterKey(new MasterKey(new byte[MasterKey.BYTES])));
        SnapshotSources sources = SnapshotSources.open(
                store, FirstTouches.open(objects, new BucketName("restores")), VolumeSnapshotsOptions.DEFAULT);
        volumes = VolumeStore.openStepped(
                volumeDisk,
                clock,
                random,
                VolumeStoreOptions.DEFAULT.withSmallFiles().withSources(sources));
        snapshots = VolumeSnapshots.open(volumes, store, sources, clock, VolumeSnapshotsOptions.DEFAULT);
        sums = new Sums(sumsMost);
        operations = EbsDirect.operations(store, snapshots, encryption(), Tokens.open(secrets, clock), sums);
    }

    /** The process is gone, the machine is not. */
    void killed() {
        objectDisk = objectDisk.kill();
        volumeDisk = volumeDisk.kill();
        secrets = secrets.kill();
        open();
    }

    Fields call(String operation, Fields input) {
        return Objects.requireNonNull(operations.get(operation)).handle(new Call(operation, input, ROOT, "request"));
    }

    private EncryptionByDefault encryption() {
        return new EncryptionByDefault() {
            @Override
            public boolean isOn() {
                return isEncryptingByDefault;
            }

            @Override
            public Optional<String> keyArn() {
                return defaultKeyArn;
            }
        };
    }

    /** The error's code, and its reason behind a blank if it has one. */
    String refused(String operation, Fields input) {
        ServiceException error = assertThrows(ServiceException.class, () -> call(operation, input));
        return (error.code() + " " + error.members().getOrDefault("Reason", "")).strip();
    }

    static String invalid(EbsError.Invalid reason) {
        return "ValidationException " + reason;
    }

    static Fields volume(long gibibytes) {
        return new Fields().put("VolumeSize", gibibytes);
    }

    String start(Fields input) {
        return call("StartSnapshot", input).requiredText("SnapshotId");
    }

    /** Half a block that is random, half that is not, neither at its end. */
    static byte[] content(int value) {
        byte[] bytes = new byte[BLOCK];
        if (value != 0) {
            byte[] some = new byte[1000];
            Randomness.seeded(value).nextBytes(some);
            System.arraycopy(some, 0, bytes, Chunk.BYTES * Math.floorMod(value, Chunk.PER_BLOCK), some.length);
            ByteBuffer.wrap(bytes).putInt(BLOCK - 10, value);
        }
        return bytes;
    }

    static Fields block(String id, int index, byte[] bytes) {
        return new Fields()
                .put("SnapshotId", id)
                .put("BlockIndex", index)
                .put("BlockData", new Value.Bytes(bytes))
                .put("DataLength", bytes.length)
                .put("Checksum", Base64.getEncoder().encodeToString(Sha256.of(bytes)))
                .put("ChecksumAlgorithm", "SHA256");
    }

    void put(String id, int index, int value) {
        call("PutSnapshotBlock", block(id, index, content(value)));
    }

    static Fields completion(String id, int changed) {
        return new Fields().put("SnapshotId", id).put("ChangedBlocksCount", changed);
    }

    void complete(String id, int changed) {
        call("CompleteSnapshot", completion(id, changed));
    }

    /** A snapshot of 1 GiB with these blocks, each with its index for a value. */
    String snapshot(Optional<String> parent, int... blocks) {
        String id = start(volume(1).put("ParentSnapshotId", parent));
        for (int block : blocks) {
            put(id, block, block + 1);
        }
        complete(id, blocks.length);
        return id;
    }

    /** All blocks of a listing, page by page. */
    List<Fields> list(String operation, Fields input, String list) {
        List<Fields> all = new ArrayList<>();
        Optional<String> next = Optional.empty();
        do {
            Fields page = new Fields();
            input.asMap().forEach(page::put);
            Fields answer = call(operation, page.put("NextToken", next));
            all.addAll(answer.structures(list));
            next = answer.text("NextToken");
        } while (next.isPresent());
        return all;
    }

    List<Fields> blocks(String id) {
        return list("ListSnapshotBlocks", new Fields().put("SnapshotId", id).put("MaxResults", 100), "Blocks");
    }

    List<Fields> changed(String first, String second) {
        return list(
                "ListChangedBlocks",
                new Fields().put("FirstSnapshotId", first).put("SecondSnapshotId", second),
                "ChangedBlocks");
    }

    static List<Integer> indexes(List<Fields> blocks) {
        return blocks.stream().map(EbsRig::index).toList();
    }

    static int index(Fields block) {
        return (int) block.number("BlockIndex").orElseThrow();
    }

    static Fields get(String id, int index, String token) {
        return new Fields().put("SnapshotId", id).put("BlockIndex", index).put("BlockToken", token);
    }

    byte[] read(String id, int index, String token) {
        return call("GetSnapshotBlock", get(id, index, token))
                .bytes("BlockData")
                .orElseThrow();
    }
}
