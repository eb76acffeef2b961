package io.firn.server;

import io.firn.server.users.User;
import io.firn.server.users.UserStore;
import io.firn.server.wire.Accounts;
import io.firn.server.wire.Principal;
import java.util.Locale;
import java.util.Optional;

/** The users as the services beside S3 know them: by twelve digits, which follow from the canonical id. */
final class ServiceAccounts implements Accounts {
    private static final long TWELVE_DIGITS = 1_000_000_000_000L;

    private final UserStore users;

    ServiceAccounts(UserStore users) {
        this.users = users;
    }

    @Override
    public Optional<Principal> byAccessKey(String accessKeyId) {
        return users.byAccessKey(accessKeyId)
                .map(user -> new Principal(accountId(user), user.displayName(), user.isRoot()));
    }

    private static String accountId(User user) {
        long hash = 0;
        for (int i = 0; i < user.canonicalId().length(); i++) {
            hash = hash * 31 + user.canonicalId().charAt(i);
        }
        return String.format(Locale.ROOT, "%012d", Math.floorMod(hash, TWELVE_DIGITS));
    }
}
