package io.firn.server.ec2;

import io.firn.blockstore.Volume;
import io.firn.blockstore.VolumeStore;
import java.util.ArrayList;
import java.util.List;

/**
 * Deletes volumes of a store together with what the register knows of them. A crash in between leaves facts of a volume that is gone, which the
 * next opening removes.
 *
 * <p><b>Threads.</b> Safe.
 */
public final class VolumeDeletion {
    private final VolumeStore store;
    private final Register register;

    public VolumeDeletion(VolumeStore store, Register register) {
        this.store = store;
        this.register = register;
    }

    /**
     * Deletes a volume for an operator; durable on return. One that is attached to an instance is an {@link IllegalArgumentException} for people
     * to read: EC2's clients have been told that it is there as long as they do not detach it.
     */
    public void delete(Volume volume) {
        register.inTurn(() -> {
            String id = register.volume(volume.id())
                    .map(VolumeFacts::id)
                    .orElseGet(() -> Ids.derived(volume.id(), volume.stat()));
            for (AttachmentFacts attachment : register.attachmentsOf(id)) {
                throw new IllegalArgumentException("volume \"" + volume.name() + "\" is attached to instance "
                        + attachment.instanceId() + " as " + attachment.device()
                        + ": detach it, or terminate the instance, with EC2's calls first");
            }
            delete(volume, id);
            return id;
        });
    }

    /** Deletes a volume whose id is known; to be used in the register's turn. Durable on return. */
    void delete(Volume volume, String id) {
        store.delete(volume);
        register.change(List.of(), keys(id));
    }

    /** What the register knows of a volume. */
    List<String> keys(String id) {
        List<String> keys = new ArrayList<>(List.of(id, ModificationFacts.key(id)));
        register.attachmentsOf(id).forEach(attachment -> keys.add(attachment.key()));
        if (register.volume(id).filter(facts -> facts.number() == 0).isPresent()) {
            register.tokensOf(id).forEach(token -> keys.add(token.key())); // it was never made: asking again makes it
        }
        return keys;
    }
}
