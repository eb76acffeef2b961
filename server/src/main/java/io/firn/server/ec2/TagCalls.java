package io.firn.server.ec2;

import io.firn.server.wire.Call;
import io.firn.server.wire.Fields;
import io.firn.snapshot.SnapshotInfo;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Tags of volumes, snapshots and instances. */
final class TagCalls {
    private static final int MAX_RESOURCES = 1000;

    private final Region region;
    private final Filters<Tag> filters = new Filters<Tag>()
            .onText("key", Tag::key)
            .onText("value", Tag::value)
            .onText("resource-id", Tag::resource)
            .onText("resource-type", Tag::type)
            .onTags(tag -> new TreeMap<>(Map.of(tag.key(), tag.value())));

    TagCalls(Region region) {
        this.region = region;
    }

    /** One tag of one thing. */
    private record Tag(String resource, String type, String key, String value) {}

    /** Something that has tags, and how they are replaced; durable when that returns. */
    private record Tagged(SortedMap<String, String> tags, Consumer<SortedMap<String, String>> replace) {}

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
        List<String> resources = call.input().texts("Resources");
        if (resources.size() > MAX_RESOURCES) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.of("More than " + MAX_RESOURCES + " resources in a request");
        }
        region.register().inTurn(() -> {
            List<Runnable> changes = new ArrayList<>();
            for (String resource : resources) {
                Tagged tagged = tagged(resource);
                SortedMap<String, String> tags = new TreeMap<>(tagged.tags());
                edit.accept(tags);
                Tagging.requireFew(tags);
                changes.add(() -> tagged.replace().accept(tags));
            }
            changes.forEach(Runnable::run);
            return changes.size();
        });
    }

    private Tagged tagged(String resource) {
        if (resource.startsWith("vol-")) {
            VolumeFacts facts = region.volumes().require(resource).facts();
            return new Tagged(facts.tags(), tags -> region.register().put(facts.withTags(tags)));
        }
        if (resource.startsWith("snap-")) {
            SnapshotInfo info = region.snapshots().require(resource);
            return new Tagged(
                    info.spec().tags(),
                    tags -> Snapshots.done(region.blocks().store().setTags(info.id(), tags)));
        }
        if (resource.startsWith("i-")) {
            InstanceFacts facts = region.instances().require(resource);
            return new Tagged(facts.tags(), tags -> region.register().put(facts.withTags(tags)));
        }
        throw Ec2Error.INVALID_ID.of(resource);
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
