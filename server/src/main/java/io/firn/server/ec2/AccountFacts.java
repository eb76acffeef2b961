package io.firn.server.ec2;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/**
 * The account's settings for EBS in the region.
 *
 * @param isEncryptedByDefault whether new volumes are encrypted without being asked for
 * @param defaultKey the key that was set, for encryption where no key is named
 * @param blockPublicAccess {@code unblocked}, {@code block-new-sharing} or {@code block-all-sharing}
 */
record AccountFacts(boolean isEncryptedByDefault, Optional<String> defaultKey, String blockPublicAccess)
        implements Facts {
    static final String KEY = "account";

    /** The key that AWS has for EBS. */
    static final String EBS_KEY = "alias/aws/ebs";

    static final AccountFacts FRESH = new AccountFacts(false, Optional.empty(), "unblocked");

    @Override
    public String key() {
        return KEY;
    }

    AccountFacts withEncryptionByDefault(boolean isEncrypted) {
        return new AccountFacts(isEncrypted, defaultKey, blockPublicAccess);
    }

    AccountFacts withDefaultKey(Optional<String> key) {
        return new AccountFacts(isEncryptedByDefault, key, blockPublicAccess);
    }

    AccountFacts withBlockPublicAccess(String state) {
        return new AccountFacts(isEncryptedByDefault, defaultKey, state);
    }

    @Override
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("encryptedByDefault", isEncryptedByDefault)
                .put("blockPublicAccess", blockPublicAccess);
        defaultKey.ifPresent(key -> json.put("defaultKey", key));
        return json;
    }

    static AccountFacts fromJson(JsonNode json) {
        return new AccountFacts(
                json.path("encryptedByDefault").asBoolean(),
                Optional.ofNullable(json.get("defaultKey")).map(JsonNode::asText),
                json.path("blockPublicAccess").asText());
    }
}
