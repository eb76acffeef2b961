package io.firn.server.ec2;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.firn.io.StorageException;

/** One thing that EC2 knows and the stores do not. Immutable; each kind reads and writes itself as JSON. */
sealed interface Facts
        permits VolumeFacts,
                ModificationFacts,
                InstanceFacts,
                AttachmentFacts,
                EncryptionFacts,
                RetagFacts,
                TokenFacts {

    /** What it is found by; keys of two kinds never meet. */
    String key();

    /** Its fields, without the kind. */
    ObjectNode toJson();

    /** Reads any kind back. */
    static Facts fromJson(JsonNode json) {
        String kind = json.path("kind").asText();
        return switch (kind) {
            case "volume" -> VolumeFacts.fromJson(json);
            case "modification" -> ModificationFacts.fromJson(json);
            case "instance" -> InstanceFacts.fromJson(json);
            case "attachment" -> AttachmentFacts.fromJson(json);
            case "encryption" -> EncryptionFacts.fromJson(json);
            case "retag" -> RetagFacts.fromJson(json);
            case "token" -> TokenFacts.fromJson(json);
            default -> throw new StorageException.Corrupt("EC2 facts of an unknown kind: " + kind);
        };
    }

    /** As {@link #fromJson} reads it. */
    static ObjectNode write(Facts facts) {
        String kind = switch (facts) {
            case VolumeFacts volume -> "volume";
            case ModificationFacts modification -> "modification";
            case InstanceFacts instance -> "instance";
            case AttachmentFacts attachment -> "attachment";
            case EncryptionFacts encryption -> "encryption";
            case RetagFacts retag -> "retag";
            case TokenFacts token -> "token";
        };
        return facts.toJson().put("kind", kind);
    }
}
