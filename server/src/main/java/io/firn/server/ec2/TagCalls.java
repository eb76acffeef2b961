package io.firn.server.ec2;

import io.firn.io.StorageException;
import io.firn.server.wire.Call;
import io.firn.server.wire.Fields;
import io.firn.snapshot.SnapshotInfo;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Tags of volumes, snapshots and instances.
 *
 * <p><b>Durability.</b> A call changes the tags of all that it names, or nothing, over crashes too: one record of the register, and when
 * snapshots are among several things, what that record says of them is done afterwards, at the next opening if need be.
 */
final class TagCalls {
    private static final Logger LOG = System.getLogger(TagCalls.class.getName());
    private static final int MAX_RESOURCES = 1000;

    private final Region region;
    private final Filters<Tag> filters = new Filters<Tag>()
            .onText("key", Tag::key)
            .onText("value", Tag::value)
            .onText("resource-id", Tag::resource)
            .onText("resource-type", Tag::type)
            .onTags(tag -> new TreeMap<>(Map.of(tag.key(), tag.value())));

    /** Finishes what a crash interrupted. */
    TagCalls(Region region) {
        this.region = region;
        try {
            finish();
        } catch (StorageException unfinished) {
            // The next call that names a snapshot tries again; a full store must not keep the server from starting.
            LOG.log(Level.WARNING, "a change of tags is not finished yet", unfinished);
        }
    }

    /** One tag of one thing. */
    private record Tag(String resource, String type, String key, String value) {}

    Fields create(Call call) {
        SortedMap<String, String> added = Tagging.read(call.input().structures("Tags"));
        change(call, tags -> tags.putAll(added));
        return new Fields();
    }

    /** Without tags all go; a tag with a value goes only where it has that value. */
    Fields delete(Call call) {
        List<Fields> wanted = call.input().structures("Tags");
        change(call, tags -> {
            if (wanted.isEmpty()) {
                tags.clear();
            }
            for (Fields tag : wanted) {
                String key = tag.text("Key").orElseThrow(() -> Ec2Error.MISSING_PARAMETER.of("Tag.Key"));
                Optional<String> value = tag.text("Value");
                if (value.isEmpty() || value.get().equals(tags.get(key))) {
                    tags.remove(key);
                }
            }
        });
        return new Fields();
    }

    /** Changes the tags of all resources of a request, once all are known to be there and to allow it. */
    private void change(Call call, Consumer<SortedMap<String, String>> edit) {
        Set<String> resources = new LinkedHashSet<>(call.input().texts("Resources"));
        if (resources.size() > MAX_RESOURCES) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.of("More than " + MAX_RESOURCES + " resources in a request");
        }
        region.register().inTurn(() -> {
            if (resources.stream().anyMatch(resource -> resource.startsWith("snap-"))) {
                finish();
            }
            List<Facts> facts = new ArrayList<>();
            SortedMap<String, SortedMap<String, String>> ofSnapshots = new TreeMap<>();
            for (String resource : resources) {
                if (resource.startsWith("vol-")) {
                    VolumeFacts volume = region.volumes().require(resource).facts();
                    facts.add(volume.withTags(edited(volume.tags(), edit)));
                } else if (resource.startsWith("snap-")) {
                    SnapshotInfo info = region.snapshots().require(resource);
                    ofSnapshots.put(resource, edited(info.spec().tags(), edit));
                } else if (resource.startsWith("i-")) {
                    InstanceFacts instance = region.instances().require(resource);
                    facts.add(instance.withTags(edited(instance.tags(), edit)));
                } else {
                    throw Ec2Error.INVALID_ID.of(resource);
                }
            }
            replace(facts, new RetagFacts(ofSnapshots));
            return facts.size();
        });
    }

    private static SortedMap<String, String> edited(
            SortedMap<String, String> before, Consumer<SortedMap<String, String>> edit) {
        SortedMap<String, String> tags = new TreeMap<>(before);
        edit.accept(tags);
        Tagging.requireFew(tags);
        return tags;
    }

    /** One thing's tags are durable at once; snapshots beside others need a record that says what is to become of all. */
    private void replace(List<Facts> facts, RetagFacts retag) {
        if (retag.tags().isEmpty()) {
            if (!facts.isEmpty()) {
                region.register().put(facts);
            }
        } else if (facts.isEmpty() && retag.tags().size() == 1) {
            apply(retag);
        } else {
            facts.add(retag);
            region.register().put(facts);
            finish();
        }
    }

    /** Does what the register says is to be done to the tags of snapshots, also when some of it was done already. */
    private void finish() {
        region.register().retag().ifPresent(retag -> {
            apply(retag);
            region.register().change(List.of(), List.of(RetagFacts.KEY));
        });
    }

    /** A snapshot that was deleted meanwhile has no tags. */
    private void apply(RetagFacts retag) {
        retag.tags().forEach((id, tags) -> {
            var _ = region.blocks().store().setTags(Snapshots.id(id), tags);
        });
    }

    Fields describe(Call call) {
        Predicate<Tag> wanted = filters.of(call.input());
        List<Tag> all = new ArrayList<>();
        region.volumes()
                .all()
                .forEach(
                        volume -> add(all, volume.id(), "volume", volume.facts().tags()));
        region.snapshots()
                .all()
                .forEach(info ->
                        add(all, info.id().text(), "snapshot", info.spec().tags()));
        region.register().instances().forEach(instance -> add(all, instance.id(), "instance", instance.tags()));
        all.sort(Comparator.comparing(TagCalls::place));
        return Paging.VOLUMES.page(
                call,
                "Tags",
                "",
                all.stream().filter(wanted).toList(),
                TagCalls::place,
                tag -> new Fields()
                        .put("ResourceId", tag.resource())
                        .put("ResourceType", tag.type())
                        .put("Key", tag.key())
                        .put("Value", tag.value()));
    }

    private static String place(Tag tag) {
        return tag.resource() + " " + tag.key();
    }

    private static void add(List<Tag> all, String resource, String type, SortedMap<String, String> tags) {
        tags.forEach((key, value) -> all.add(new Tag(resource, type, key, value)));
    }
}
