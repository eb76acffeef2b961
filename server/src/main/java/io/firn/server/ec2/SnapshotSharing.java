package io.firn.server.ec2;

import io.firn.server.wire.Call;
import io.firn.server.wire.Fields;
import io.firn.snapshot.SnapshotInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Who else may make volumes of a snapshot: kept and told, as scripts that share snapshots expect. It opens nothing, since all snapshots are
 * of one account.
 */
final class SnapshotSharing {
    private static final String PERMISSION = "createVolumePermission";
    private static final SnapshotTexts PARTIES = new SnapshotTexts(PERMISSION);
    private static final String EVERYONE = "all";
    private static final Pattern ACCOUNT = Pattern.compile("[0-9]{12}");

    private final Region region;

    SnapshotSharing(Region region) {
        this.region = region;
    }

    Fields modify(Call call) {
        Fields input = call.input();
        requirePermission(input.text("Attribute").orElse(PERMISSION));
        SnapshotInfo info = region.snapshots().require(input.requiredText("SnapshotId"));
        SortedSet<String> added = new TreeSet<>();
        SortedSet<String> removed = new TreeSet<>();
        input.fields("CreateVolumePermission").ifPresent(change -> {
            added.addAll(parties(change.structures("Add")));
            removed.addAll(parties(change.structures("Remove")));
        });
        SortedSet<String> named = new TreeSet<>(input.texts("UserIds"));
        named.addAll(input.texts("GroupNames"));
        boolean isRemoval = input.text("OperationType").filter("remove"::equals).isPresent();
        (isRemoval ? removed : added).addAll(named);
        if (added.isEmpty() && removed.isEmpty()) {
            throw Ec2Error.MISSING_PARAMETER.of("CreateVolumePermission");
        }
        added.forEach(SnapshotSharing::requireParty);
        return region.register().inTurn(() -> {
            SortedSet<String> parties =
                    PARTIES.of(region.snapshots().require(info.id().text()));
            parties.removeAll(removed);
            parties.addAll(added);
            PARTIES.keep(region.blocks().store(), info, parties);
            return new Fields();
        });
    }

    private static void requireParty(String party) {
        if (!party.equals(EVERYONE) && !ACCOUNT.matcher(party).matches()) {
            throw Ec2Error.INVALID_USER_ID_MALFORMED.of(party);
        }
    }

    private static List<String> parties(List<Fields> permissions) {
        List<String> parties = new ArrayList<>();
        for (Fields permission : permissions) {
            parties.add(permission
                    .text("UserId")
                    .or(() -> permission.text("Group"))
                    .orElseThrow(() -> Ec2Error.MISSING_PARAMETER.of("UserId")));
        }
        return parties;
    }

    Fields describe(Call call) {
        SnapshotInfo info = region.snapshots().require(call.input().requiredText("SnapshotId"));
        Fields answer = new Fields().put("SnapshotId", info.id().text());
        if (!call.input().requiredText("Attribute").equals(PERMISSION)) {
            return answer.put("ProductCodes", List.of());
        }
        List<Fields> permissions = new ArrayList<>();
        for (String party : PARTIES.of(info)) {
            permissions.add(new Fields().put(party.equals(EVERYONE) ? "Group" : "UserId", party));
        }
        return answer.put("CreateVolumePermissions", permissions);
    }

    Fields reset(Call call) {
        requirePermission(call.input().requiredText("Attribute"));
        SnapshotInfo info = region.snapshots().require(call.input().requiredText("SnapshotId"));
        PARTIES.keep(region.blocks().store(), info, new TreeSet<>());
        return new Fields();
    }

    private static void requirePermission(String attribute) {
        if (!attribute.equals(PERMISSION)) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.of("The attribute " + attribute + " cannot be changed");
        }
    }
}
