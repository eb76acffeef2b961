package io.firn.server.ec2;

import io.firn.blockstore.VolumeStore;
import io.firn.io.Clock;
import java.util.random.RandomGenerator;

/** What the operations of a region share. */
final class Region {
    private final Places places;
    private final VolumeStore store;
    private final Register register;
    private final Ids ids;
    private final Volumes volumes;
    private final Tokens tokens;

    /**
     * A region.
     *
     * @param clock dates what is made
     * @param random makes ids
     */
    Region(String name, VolumeStore store, Register register, Clock clock, RandomGenerator random) {
        this.places = new Places(name);
        this.store = store;
        this.register = register;
        this.ids = new Ids(random);
        this.volumes = new Volumes(store, register, places);
        this.tokens = new Tokens(register, clock);
    }

    Places places() {
        return places;
    }

    VolumeStore store() {
        return store;
    }

    Register register() {
        return register;
    }

    Ids ids() {
        return ids;
    }

    Volumes volumes() {
        return volumes;
    }

    Tokens tokens() {
        return tokens;
    }

    /** The ARN of a key that a request names by id, alias or ARN. */
    String keyArn(String accountId, String key) {
        if (key.startsWith("arn:")) {
            return key;
        }
        String resource = key.startsWith("alias/") ? key : "key/" + key;
        return "arn:aws:kms:" + places.region() + ":" + accountId + ":" + resource;
    }
}
