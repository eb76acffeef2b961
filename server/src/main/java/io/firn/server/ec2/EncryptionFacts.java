package io.firn.server.ec2;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/**
 * How volumes of the region are encrypted for which nothing is said.
 *
 * @param isDefault whether they are
 * @param keyArn of the key that is named for them; without one, that of {@link EbsEncryption#EBS_KEY}
 */
record EncryptionFacts(boolean isDefault, Optional<String> keyArn) implements Facts {
    static final String KEY = "encryption";
    static final EncryptionFacts NONE = new EncryptionFacts(false, Optional.empty());

    EncryptionFacts withDefault(boolean isIt) {
        return new EncryptionFacts(isIt, keyArn);
    }

    EncryptionFacts withKey(Optional<String> newKeyArn) {
        return new EncryptionFacts(isDefault, newKeyArn);
    }

    @Override
    public String key() {
        return KEY;
    }

    @Override
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("default", isDefault);
        keyArn.ifPresent(arn -> json.put("key", arn));
        return json;
    }

    static EncryptionFacts fromJson(JsonNode json) {
        return new EncryptionFacts(
                json.path("default").asBoolean(),
                Optional.ofNullable(json.get("key")).map(JsonNode::asText));
    }
}
