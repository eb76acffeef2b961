package io.firn.server;

import io.firn.server.s3.Accounts;
import io.firn.server.s3.Caller;
import io.firn.server.users.User;
import io.firn.server.users.UserStore;
import java.util.Optional;

/** The users as the S3 door knows them. */
final class UserAccounts implements Accounts {
    private final UserStore users;

    UserAccounts(UserStore users) {
        this.users = users;
    }

    @Override
    public Optional<Caller> byAccessKey(String accessKeyId) {
        return users.byAccessKey(accessKeyId)
                .map(user -> new Caller(user.canonicalId(), user.displayName(), user.isRoot()));
    }

    @Override
    public Optional<String> displayName(String canonicalId) {
        return users.byCanonicalId(canonicalId).map(User::displayName);
    }
}
