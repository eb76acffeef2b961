package io.firn.server.snapshots;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.firn.blockstore.Volume;
import io.firn.blockstore.VolumeName;
import io.firn.blockstore.VolumeSpec;
import io.firn.blockstore.VolumeType;
import io.firn.io.ByteSize;
import io.firn.snapshot.Chunk;
import io.firn.snapshot.ChunkPage;
import io.firn.snapshot.ChunkRun;
import io.firn.snapshot.Snapshot;
import io.firn.snapshot.SnapshotDraft;
import io.firn.snapshot.SnapshotId;
import io.firn.snapshot.SnapshotInfo;
import io.firn.snapshot.SnapshotLock;
import io.firn.snapshot.SnapshotSpec;
import io.firn.snapshot.SnapshotState;
import io.firn.snapshot.SnapshotTier;
import io.firn.snapshot.SnapshotUsage;
import io.firn.snapshot.SnapshotVerification;
import io.firn.snapshot.VerifyDepth;
import io.firn.snapshot.VolumeSnapshots;
import io.firn.snapshot.VolumeSnapshots.Wish;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What operators do with snapshots, in JSON: one call for the admin API and for commands on a folder alike.
 *
 * <p>A call is {@code {"do": "create", "volumes": [...], ...}}. A mistake is an {@link IllegalArgumentException} whose message is for people.
 * Images come and go as bytes, in blocks of 512 KiB, a call each.
 */
public final class SnapshotCare {
    private static final int PAGE_CHUNKS = 1 << 14;

    private final BlockStorage blocks;

    public SnapshotCare(BlockStorage blocks) {
        this.blocks = blocks;
    }

    /** Does it; what was changed is durable on return. */
    public JsonNode call(JsonNode request) {
        String action = request.path("do").asText();
        return switch (action) {
            case "ls" -> list();
            case "show" -> show(info(request));
            case "create" -> create(request);
            case "diff" -> diff(request);
            case "restore" -> restore(request);
            case "volume" -> volume(request);
            case "runs" -> runs(snapshot(request, "snapshot").writtenChunks(from(request), PAGE_CHUNKS));
            case "import" -> begin(request);
            case "complete" -> complete(request);
            case "verify" -> verify(request);
            case "lock" -> lock(request);
            case "unlock" -> show(blocks.store().unlock(id(request, "snapshot")).orElseThrow());
            case "rm" -> {
                SnapshotInfo gone =
                        blocks.snapshots().delete(id(request, "snapshot")).orElseThrow();
                yield show(gone);
            }
            default -> throw new IllegalArgumentException("snapshots have no call \"" + action + "\"");
        };
    }

    private ArrayNode list() {
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        blocks.snapshots().infos().forEach(info -> all.add(describe(info)));
        return all;
    }

    private static ObjectNode describe(SnapshotInfo info) {
        ObjectNode node = JsonNodeFactory.instance
                .objectNode()
                .put("id", info.id().text())
                .put("volume", info.spec().volume())
                .put("state", info.state().wireName())
                .put("progress", info.progressPercent())
                .put("sizeBytes", info.sizeBytes())
                .put("fullBytes", info.fullBytes())
                .put("incrementalBytes", info.incrementalBytes())
                .put("putChunks", info.putChunks())
                .put("started", info.started().toString())
                .put("description", info.spec().description())
                .put("tier", info.tier().name().toLowerCase(java.util.Locale.ROOT));
        info.completed().ifPresent(when -> node.put("completed", when.toString()));
        info.spec().parent().ifPresent(parent -> node.put("parent", parent.text()));
        info.lock()
                .ifPresent(lock -> node.put("lock", lock.mode().name().toLowerCase(java.util.Locale.ROOT))
                        .put("lockExpires", lock.expires().map(Object::toString).orElse("")));
        if (!info.reason().isEmpty()) {
            node.put("reason", info.reason());
        }
        ObjectNode tags = node.putObject("tags");
        info.spec().tags().forEach(tags::put);
        return node;
    }

    /** With what it costs, when it is whole. */
    private ObjectNode show(SnapshotInfo info) {
        ObjectNode node = describe(info);
        if (info.state() == SnapshotState.COMPLETED && info.tier() == SnapshotTier.STANDARD) {
            blocks.store().snapshot(info.id()).map(Snapshot::usage).ifPresent(usage -> put(node, usage));
        }
        return node;
    }

    private static void put(ObjectNode node, SnapshotUsage usage) {
        node.put("storedBytes", usage.storedBytes())
                .put("exclusiveBytes", usage.exclusiveBytes())
                .put("sharedBytes", usage.sharedBytes());
    }

    private ArrayNode create(JsonNode request) {
        List<Wish> wishes = new ArrayList<>();
        for (JsonNode name : request.path("volumes")) {
            Volume volume = find(name.asText());
            wishes.add(new Wish(volume, spec(request, volume.sizeBytes())));
        }
        if (wishes.isEmpty()) {
            throw new IllegalArgumentException("name at least one volume");
        }
        ArrayNode made = JsonNodeFactory.instance.arrayNode();
        blocks.snapshots().createSet(wishes).orElseThrow().forEach(info -> made.add(describe(info)));
        return made;
    }

    private static SnapshotSpec spec(JsonNode request, long sizeBytes) {
        TreeMap<String, String> tags = new TreeMap<>();
        request.path("tags")
                .properties()
                .forEach(tag -> tags.put(tag.getKey(), tag.getValue().asText()));
        return SnapshotSpec.of(sizeBytes)
                .withDescription(request.path("description").asText(""))
                .withTags(tags);
    }

    private ObjectNode diff(JsonNode request) {
        Snapshot since = snapshot(request, "since");
        return runs(snapshot(request, "snapshot").changedChunks(since, from(request), PAGE_CHUNKS));
    }

    private static ObjectNode runs(ChunkPage page) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        ArrayNode runs = node.putArray("runs");
        for (ChunkRun run : page.runs()) {
            runs.addObject()
                    .put("offset", (long) run.first() * Chunk.BYTES)
                    .put("length", (long) run.count() * Chunk.BYTES)
                    .put("state", run.state().name().toLowerCase(java.util.Locale.ROOT));
        }
        page.next().ifPresent(next -> node.put("next", next));
        return node;
    }

    private static int from(JsonNode request) {
        return request.path("from").asInt(0);
    }

    private ObjectNode restore(JsonNode request) {
        Snapshot snapshot = snapshot(request, "snapshot");
        long size = request.hasNonNull("size")
                ? ByteSize.parse(request.path("size").asText()).bytes()
                : snapshot.sizeBytes();
        VolumeSpec plain = VolumeSpec.of(request.path("newName").asText(), size)
                .withType(VolumeType.parse(request.path("type").asText("gp3")));
        long rate = request.hasNonNull("rate")
                ? ByteSize.parse(request.path("rate").asText()).bytes()
                : 0;
        Volume volume = blocks.snapshots()
                .restore(snapshot.id(), request.path("encrypted").asBoolean() ? plain.encrypted() : plain, rate)
                .orElseThrow();
        return describe(volume);
    }

    private ObjectNode volume(JsonNode request) {
        return describe(find(request.path("name").asText()));
    }

    private ObjectNode describe(Volume volume) {
        VolumeSnapshots.Fill fill = blocks.snapshots().fill(volume);
        return JsonNodeFactory.instance
                .objectNode()
                .put("volume", volume.name().value())
                .put("sizeBytes", volume.sizeBytes())
                .put("allocatedBytes", volume.stat().allocatedBytes())
                .put("filling", fill != VolumeSnapshots.Fill.WHOLE)
                .put("stuck", fill == VolumeSnapshots.Fill.STUCK);
    }

    /** A block of a snapshot, zeros beyond its end. */
    public byte[] readBlock(String snapshot, int block) {
        ByteBuffer bytes = ByteBuffer.allocate(Chunk.BLOCK_BYTES);
        snapshot(new SnapshotId(snapshot)).read((long) block * Chunk.BLOCK_BYTES, bytes);
        return bytes.array();
    }

    private ObjectNode begin(JsonNode request) {
        SnapshotSpec spec = spec(request, request.path("sizeBytes").asLong());
        SnapshotDraft draft = blocks.store().begin(spec).orElseThrow();
        return describe(draft.info());
    }

    /** Puts a block into an import; durable once that is completed. */
    public void putBlock(String snapshot, int block, byte[] bytes) {
        if (bytes.length != Chunk.BLOCK_BYTES) {
            throw new IllegalArgumentException("a block has " + Chunk.BLOCK_BYTES + " bytes, not " + bytes.length);
        }
        draft(new SnapshotId(snapshot)).putBlock(block, ByteBuffer.wrap(bytes));
    }

    private ObjectNode complete(JsonNode request) {
        return describe(draft(id(request, "snapshot")).complete().orElseThrow().info());
    }

    private SnapshotDraft draft(SnapshotId id) {
        return blocks.store()
                .draft(id)
                .filter(draft -> draft.info().spec().lineage().isEmpty())
                .orElseThrow(() -> new IllegalArgumentException("there is no import " + id));
    }

    private ObjectNode verify(JsonNode request) {
        VerifyDepth depth = request.path("full").asBoolean() ? VerifyDepth.FULL : VerifyDepth.QUICK;
        SnapshotVerification found =
                blocks.store().verify(id(request, "snapshot"), depth).orElseThrow();
        ObjectNode node = JsonNodeFactory.instance
                .objectNode()
                .put("clean", found.isSound())
                .put("pages", found.pages())
                .put("chunks", found.chunks())
                .put("bytes", found.bytes());
        ArrayNode problems = node.putArray("problems");
        found.problems().forEach(problems::add);
        return node;
    }

    private ObjectNode lock(JsonNode request) {
        int days = request.path("days").asInt(0);
        Optional<Integer> coolOff =
                Optional.of(request.path("coolOffHours").asInt(0)).filter(hours -> hours > 0);
        SnapshotLock.Request wish = request.path("compliance").asBoolean()
                ? SnapshotLock.Request.compliance(days, coolOff)
                : SnapshotLock.Request.governance(days);
        return show(blocks.store().lock(id(request, "snapshot"), wish).orElseThrow());
    }

    private SnapshotInfo info(JsonNode request) {
        SnapshotId id = id(request, "snapshot");
        return blocks.store().info(id).orElseThrow(() -> new IllegalArgumentException("there is no snapshot " + id));
    }

    private Snapshot snapshot(JsonNode request, String field) {
        return snapshot(id(request, field));
    }

    private Snapshot snapshot(SnapshotId id) {
        return blocks.store()
                .snapshot(id)
                .orElseThrow(() -> new IllegalArgumentException("there is no snapshot " + id + " that can be read"));
    }

    private static SnapshotId id(JsonNode request, String field) {
        return new SnapshotId(request.path(field).asText());
    }

    private Volume find(String name) {
        return VolumeName.of(name)
                .flatMap(blocks.volumes()::find)
                .orElseThrow(() -> new IllegalArgumentException("there is no volume \"" + name + "\""));
    }
}
