package io.firn.server.ec2;

import io.firn.blockstore.VolumeStore;
import io.firn.io.Clock;
import io.firn.server.snapshots.BlockStorage;
import java.util.random.RandomGenerator;

/** What the operations of a region share. */
final class Region {
    private final Places places;
    private final BlockStorage blocks;
    private final Register register;
    private final Ids ids;
    private final Volumes volumes;
    private final Snapshots snapshots;
    private final Instances instances;
    private final Tokens tokens;
    private final EbsEncryption encryption;

    /**
     * A region.
     *
     * @param clock dates what is made
     * @param random makes ids
     */
    Region(String name, BlockStorage blocks, Register register, Clock clock, RandomGenerator random) {
        this.places = new Places(name);
        this.blocks = blocks;
        this.register = register;
        this.ids = new Ids(random);
        this.volumes = new Volumes(blocks, register, places);
        this.snapshots = new Snapshots(blocks, volumes, places);
        this.instances = new Instances(register, volumes);
        this.tokens = new Tokens(register, clock);
        this.encryption = new EbsEncryption(register, places);
    }

    Places places() {
        return places;
    }

    BlockStorage blocks() {
        return blocks;
    }

    VolumeStore store() {
        return blocks.volumes();
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

    Snapshots snapshots() {
        return snapshots;
    }

    Instances instances() {
        return instances;
    }

    Tokens tokens() {
        return tokens;
    }

    EbsEncryption encryption() {
        return encryption;
    }
}
