package io.firn.server.users;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** Text that must not reach a log: whoever wants it has to ask for it by name. */
public final class Secret {
    private final String text;

    public Secret(String text) {
        this.text = text;
    }

    /** The secret itself. */
    public String reveal() {
        return text;
    }

    /** Compares in a time that does not depend on where the two differ. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Secret that
                && MessageDigest.isEqual(
                        text.getBytes(StandardCharsets.UTF_8), that.text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public int hashCode() {
        return 0; // even a hash tells something
    }

    @Override
    public String toString() {
        return "(hidden)";
    }
}
