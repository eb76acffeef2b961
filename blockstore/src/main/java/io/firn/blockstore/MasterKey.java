package io.firn.blockstore;

import java.security.MessageDigest;

/** 32 bytes that wrap the keys of volumes. Never printed; compared in constant time. */
public final class MasterKey {
    /** Length of the key. */
    public static final int BYTES = 32;

    private final byte[] key;

    public MasterKey(byte[] key) {
        if (key.length != BYTES) {
            throw new IllegalArgumentException("a master key has " + BYTES + " bytes, not " + key.length);
        }
        this.key = key.clone();
    }

    byte[] bytes() {
        return key.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof MasterKey that && MessageDigest.isEqual(key, that.key);
    }

    @Override
    public int hashCode() {
        return MasterKey.class.hashCode();
    }

    @Override
    public String toString() {
        return "MasterKey[hidden]";
    }
}
