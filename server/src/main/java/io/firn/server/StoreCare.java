package io.firn.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.StoreFigures;
import io.firn.objectstore.VerifyReport;
import io.firn.server.log.PrometheusText;

/** Verify, scrub and repair of a store, told as JSON; and its figures. Each reads everything, and takes as long as that takes. */
public final class StoreCare {
    private final ObjectStore store;

    public StoreCare(ObjectStore store) {
        this.store = store;
    }

    /** Checks every frame, reference and counter. */
    public ObjectNode verify() {
        VerifyReport report = store.verify();
        ObjectNode node = JsonNodeFactory.instance
                .objectNode()
                .put("clean", report.isClean())
                .put("versions", report.versions())
                .put("blobs", report.blobs())
                .put("frames", report.frames())
                .put("bytes", report.bytes());
        ArrayNode problems = node.putArray("problems");
        report.problems().forEach(problems::add);
        return node;
    }

    /** Reads everything once and mends what is damaged from another zone. */
    public ObjectNode scrub() {
        return JsonNodeFactory.instance.objectNode().put("mendedFrames", store.scrub());
    }

    /** Brings a zone that failed back, and scrubs one that did not; all zones when {@code zone} is empty. */
    public ObjectNode repair(String zone) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        ObjectNode zones = node.putObject("writtenFrames");
        boolean isKnown = false;
        for (StoreFigures.ZoneFigures each : store.figures().zones()) {
            if (zone.isEmpty() || each.name().equals(zone)) {
                zones.put(each.name(), store.repair(each.name()));
                isKnown = true;
            }
        }
        if (!isKnown) {
            throw new IllegalArgumentException("there is no zone " + zone);
        }
        return node;
    }

    /** The store's figures for Prometheus. */
    void write(PrometheusText out) {
        StoreFigures figures = store.figures();
        counter(out, "firn_journal_records_total", "Journal records committed.", figures.records());
        counter(out, "firn_journal_syncs_total", "Group commits of the journal.", figures.batches());
        counter(out, "firn_journal_bytes_total", "Bytes appended to the journal.", figures.journalBytes());
        counter(out, "firn_damaged_frames_total", "Frames found damaged.", figures.damagedFrames());
        counter(out, "firn_mended_frames_total", "Frames mended by scrub or repair.", figures.mendedFrames());
        counter(out, "firn_scrubbed_bytes_total", "Payload bytes scrubbed.", figures.scrubbedBytes());
        out.gauge("firn_open_readers", "Objects being read.", figures.readers());
        out.gauge("firn_index_native_bytes", "Memory of the index outside the heap.", figures.indexNativeBytes());
        out.family("firn_zone_in_use", "gauge", "1 when the zone is in use, 0 when it failed.");
        figures.zones().forEach(zone -> out.sample("firn_zone_in_use", label(zone), zone.isInUse() ? 1L : 0L));
        out.family("firn_zone_usable_bytes", "gauge", "Room left on the zone's disk.");
        figures.zones().forEach(zone -> out.sample("firn_zone_usable_bytes", label(zone), zone.usableBytes()));
        out.family("firn_zone_extents", "gauge", "Extents the zone holds.");
        figures.zones().forEach(zone -> out.sample("firn_zone_extents", label(zone), (long) zone.extents()));
    }

    private static String label(StoreFigures.ZoneFigures zone) {
        return "{zone=\"" + zone.name() + "\"}";
    }

    private static void counter(PrometheusText out, String name, String help, long value) {
        out.family(name, "counter", help).sample(name, "", value);
    }
}
