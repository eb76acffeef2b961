package io.firn.server.volumes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.firn.blockstore.ScrubStat;
import io.firn.blockstore.SealedView;
import io.firn.blockstore.StoreStat;
import io.firn.blockstore.Volume;
import io.firn.blockstore.VolumeLimits;
import io.firn.blockstore.VolumeName;
import io.firn.blockstore.VolumeSpec;
import io.firn.blockstore.VolumeStat;
import io.firn.blockstore.VolumeStore;
import io.firn.blockstore.VolumeType;
import io.firn.io.ByteSize;
import io.firn.server.log.PrometheusText;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What operators do to volumes, in JSON: one call for the admin API and for commands on a folder alike.
 *
 * <p>A call is {@code {"do": "create", "name": ..., ...}}. A mistake is an {@link IllegalArgumentException} whose message is for people.
 */
public final class VolumeCare {
    private final VolumeStore store;
    private final Consumer<Volume> deletion;

    /**
     * Of a store.
     *
     * @param deletion deletes a volume, durably; an {@link IllegalArgumentException} when somebody still counts on it
     */
    public VolumeCare(VolumeStore store, Consumer<Volume> deletion) {
        this.store = store;
        this.deletion = deletion;
    }

    /** Does it; what was changed is durable on return. */
    public JsonNode call(JsonNode request) {
        String action = request.path("do").asText();
        return switch (action) {
            case "ls" -> list();
            case "show" -> show(volume(request, "name"));
            case "create" -> create(request);
            case "resize" -> {
                Volume volume = volume(request, "name");
                volume.resize(size(request));
                yield show(volume);
            }
            case "rename" -> {
                Volume volume = volume(request, "name");
                if (!store.rename(volume, newName(request))) {
                    throw taken(newName(request));
                }
                yield show(volume);
            }
            case "rm" -> {
                Volume volume = volume(request, "name");
                deletion.accept(volume);
                yield JsonNodeFactory.instance
                        .objectNode()
                        .put("removed", request.path("name").asText());
            }
            case "seal" -> view(volume(request, "name").seal());
            case "release" -> {
                SealedView view = sealedView(request);
                view.release();
                yield JsonNodeFactory.instance.objectNode().put("released", view.volume() + "@" + view.epoch());
            }
            case "clone" -> cloneOf(request);
            case "throttle" -> throttle(request);
            case "verify" -> verify();
            default -> throw new IllegalArgumentException("volumes have no call \"" + action + "\"");
        };
    }

    /** The figures of the volumes' log for Prometheus. */
    public void write(PrometheusText out) {
        StoreStat stat = store.stat();
        ScrubStat scrub = store.scrubStat();
        List<Volume> volumes = store.list();
        out.gauge("firn_volumes", "Volumes.", volumes.size());
        out.gauge(
                "firn_volumes_impaired",
                "Volumes that lost durable history or have a damaged block, and nobody has acknowledged it.",
                volumes.stream().filter(volume -> volume.stat().isImpaired()).count());
        out.gauge("firn_volume_log_bytes", "Size of the segments in use.", stat.usedBytes());
        out.gauge("firn_volume_live_bytes", "Blocks that volumes and sealed views refer to.", stat.liveBytes());
        counter(out, "firn_volume_log_appended_bytes_total", "Bytes appended to the log.", stat.appendedBytes());
        counter(out, "firn_volume_log_moved_bytes_total", "Bytes moved by cleaning.", stat.movedBytes());
        counter(out, "firn_volume_scrub_passes_total", "Scrubs of the whole log.", scrub.passes());
        counter(out, "firn_volume_scrubbed_bytes_total", "Payload bytes scrubbed.", scrub.bytes());
        counter(out, "firn_volume_damages_total", "Blocks and headers found damaged by scrub.", scrub.damages());
    }

    private static void counter(PrometheusText out, String name, String help, long value) {
        out.family(name, "counter", help).sample(name, "", value);
    }

    private ArrayNode list() {
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        store.list().forEach(volume -> all.add(show(volume)));
        return all;
    }

    private static ObjectNode show(Volume volume) {
        VolumeStat stat = volume.stat();
        ObjectNode node = JsonNodeFactory.instance
                .objectNode()
                .put("name", stat.name().value())
                .put("sizeBytes", stat.sizeBytes())
                .put("type", stat.type().wireName())
                .put("encrypted", stat.isEncrypted())
                .put("created", stat.created().toString())
                .put("allocatedBytes", stat.allocatedBytes())
                .put("dirtyBytes", stat.dirtyBytes())
                .put("epoch", stat.epoch())
                .put("keptBlocks", stat.keptBlocks())
                .put("impaired", stat.isImpaired())
                .put("based", stat.isBased())
                .put("throttled", volume.isThrottled());
        volume.burstBalance().ifPresent(balance -> node.put("burstBalance", balance));
        stat.owner().ifPresent(owner -> node.put("owner", owner));
        ArrayNode views = node.putArray("views");
        stat.views().forEach(views::add);
        return node;
    }

    private ObjectNode create(JsonNode request) {
        VolumeSpec spec = VolumeSpec.of(request.path("name").asText(), size(request))
                .withType(VolumeType.parse(request.path("type").asText("gp3")));
        VolumeSpec wanted = request.path("encrypted").asBoolean() ? spec.encrypted() : spec;
        VolumeSpec owned = request.hasNonNull("owner")
                ? wanted.ownedBy(request.path("owner").asText())
                : wanted;
        return show(store.create(owned).orElseThrow(() -> taken(spec.name())));
    }

    private ObjectNode cloneOf(JsonNode request) {
        String of = request.path("name").asText();
        VolumeName name = newName(request);
        if (of.contains("@")) {
            return show(store.cloneOf(sealedView(request), name).orElseThrow(() -> taken(name)));
        }
        SealedView view = volume(request, "name").seal();
        try {
            return show(store.cloneOf(view, name).orElseThrow(() -> taken(name)));
        } finally {
            view.release();
        }
    }

    private ObjectNode throttle(JsonNode request) {
        Volume volume = volume(request, "name");
        VolumeStat stat = volume.stat();
        String state = request.path("state").asText();
        switch (state) {
            case "on" ->
                volume.throttle(Optional.of(VolumeLimits.of(
                        stat.type(),
                        stat.sizeBytes(),
                        request.path("iops").asInt(),
                        request.path("throughput").asInt())));
            case "off" -> volume.throttle(Optional.empty());
            default -> throw new IllegalArgumentException("a throttle is on or off, not \"" + state + "\"");
        }
        return show(volume);
    }

    private static ObjectNode view(SealedView view) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("view", view.volume() + "@" + view.epoch())
                .put("epoch", view.epoch())
                .put("sizeBytes", view.sizeBytes())
                .put("dirtyBlocks", view.dirty().count());
    }

    private ObjectNode verify() {
        var report = store.verify();
        ObjectNode node = JsonNodeFactory.instance
                .objectNode()
                .put("clean", report.isSound())
                .put("blocks", report.blocks());
        ArrayNode problems = node.putArray("problems");
        report.problems().forEach(problems::add);
        return node;
    }

    private Volume volume(JsonNode request, String field) {
        String name = request.path(field).asText();
        return VolumeName.of(name)
                .flatMap(store::find)
                .orElseThrow(() -> new IllegalArgumentException("there is no volume \"" + name + "\""));
    }

    private SealedView sealedView(JsonNode request) {
        String name = request.path("name").asText();
        int at = name.lastIndexOf('@');
        String epoch = name.substring(at + 1);
        if (at < 0 || !epoch.matches("[1-9][0-9]{0,17}")) {
            throw new IllegalArgumentException("a sealed view is VOLUME@EPOCH, not \"" + name + "\"");
        }
        return VolumeName.of(name.substring(0, at))
                .flatMap(store::find)
                .flatMap(volume -> volume.view(Long.parseLong(epoch)))
                .orElseThrow(() -> new IllegalArgumentException("there is no sealed view \"" + name + "\""));
    }

    private static VolumeName newName(JsonNode request) {
        return new VolumeName(request.path("newName").asText());
    }

    private static long size(JsonNode request) {
        return ByteSize.parse(request.path("size").asText()).bytes();
    }

    private static IllegalArgumentException taken(VolumeName name) {
        return new IllegalArgumentException("there is a volume \"" + name + "\" already");
    }
}
