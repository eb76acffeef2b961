package io.firn.server.users;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Someone who may sign requests.
 *
 * @param name unique; 1 to 64 of letters, digits and {@code _.@=,+-}, as IAM allows
 * @param keys what requests are signed with
 * @param canonicalId unique; the {@code Owner} of what the user makes; 1 to 128 visible ASCII characters, 64 hexadecimal ones at AWS
 * @param email unique when present; grants may name it
 * @param displayName for {@code Owner} in listings
 */
public record User(String name, KeyPair keys, String canonicalId, Optional<String> email, String displayName) {

    /** The name of the user that may do everything and is always there. */
    public static final String ROOT = "root";

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.@=,+-]{1,64}");
    private static final Pattern ID = Pattern.compile("[!-~]{1,128}");

    public User {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "a user's name is 1 to 64 letters, digits and _.@=,+-, not '" + name + "'");
        }
        if (!ID.matcher(canonicalId).matches()) {
            throw new IllegalArgumentException(
                    "a canonical id is 1 to 128 visible ASCII characters, not '" + canonicalId + "'");
        }
    }

    public boolean isRoot() {
        return name.equals(ROOT);
    }

    User with(KeyPair otherKeys) {
        return new User(name, otherKeys, canonicalId, email, displayName);
    }
}
