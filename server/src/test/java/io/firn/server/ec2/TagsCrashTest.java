package io.firn.server.ec2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.server.wire.Fields;
import io.firn.testkit.CrashPoints;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The power fails at every sync of calls that change the tags of several things: all of them have changed, or none. */
final class TagsCrashTest {

    /** What is there to be tagged, and how it may be found. */
    private static final class History {
        private final List<String> resources = new ArrayList<>();
        private boolean mayBeTagged = true;
        private boolean mayBeUntagged = true;
    }

    private static Fields all(History history) {
        return new Fields()
                .putTexts("Resources", history.resources)
                .put("Tags", List.of(Ec2Rig.tag("owner", "ann"), Ec2Rig.tag("day", "one")));
    }

    private static void live(Ec2Rig rig, History history) {
        String volume = rig.volume();
        String snapshot = rig.snapshot(volume);
        String other = rig.snapshot(volume);
        String instance = rig.instance();
        history.resources.addAll(List.of(volume, snapshot, other, instance, rig.volume()));
        rig.call("CreateTags", all(history));
        history.mayBeUntagged = false;
        check(rig, history);
        history.mayBeUntagged = true;
        rig.call("DeleteTags", all(history));
        history.mayBeTagged = false;
        check(rig, history);
    }

    private static void check(Ec2Rig rig, History history) {
        Set<String> tagged = new TreeSet<>();
        List<Fields> tags = rig.call("DescribeTags", new Fields()).structures("Tags");
        tags.forEach(tag -> tagged.add(tag.requiredText("ResourceId")));
        assertEquals(tagged.size() * 2, tags.size(), () -> "each has both tags: " + tags);
        if (tagged.isEmpty()) {
            assertTrue(history.mayBeUntagged, "tags are lost");
        } else {
            assertTrue(history.mayBeTagged, "tags are back");
            assertEquals(new TreeSet<>(history.resources), tagged);
        }
        assertEquals(Optional.empty(), rig.register.retag());
    }

    @Test
    void everySync() {
        long syncs = CrashPoints.everySync(
                5,
                3,
                History::new,
                (disk, history) -> live(new Ec2Rig(disk), history),
                (found, history) -> check(new Ec2Rig(found), history));
        assertTrue(syncs > 20, "syncs: " + syncs);
    }
}
