package io.firn.server.ec2;

import io.firn.server.wire.Call;
import io.firn.server.wire.Fields;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Whether volumes are encrypted when nothing is said, and the key that is named then. The store's own key encrypts, whichever is named. */
final class EbsEncryption {
    /** The key when none is named: the one that AWS has for EBS. */
    static final String EBS_KEY = "alias/aws/ebs";

    private static final String BY_DEFAULT = "EbsEncryptionByDefault";
    private static final String KEY_ID = "KmsKeyId";

    private final Register register;
    private final Places places;

    EbsEncryption(Register register, Places places) {
        this.register = register;
        this.places = places;
    }

    /**
     * Whether what a request makes is to be encrypted: when it says so, when its source is, or when all is by default.
     *
     * @param input with {@code Encrypted} and {@code KmsKeyId}
     */
    boolean isWanted(Fields input, boolean isSourceEncrypted) {
        boolean isWanted = isSourceEncrypted
                || input.truth("Encrypted").orElse(false)
                || register.encryption().isDefault();
        if (input.has(KEY_ID) && !isWanted) {
            throw Ec2Error.INVALID_PARAMETER_DEPENDENCY.of(KEY_ID, "Encrypted");
        }
        return isWanted;
    }

    /** The ARN to be shown of what a request makes encrypted: of the key that it names, of its source, or of the region. */
    String keyArn(Call call, Optional<String> sourceKeyArn) {
        String account = call.caller().accountId();
        return call.input()
                .text(KEY_ID)
                .map(key -> places.keyArn(account, key))
                .or(() -> sourceKeyArn)
                .orElseGet(() -> keyArn(register.encryption(), account));
    }

    private String keyArn(EncryptionFacts encryption, String account) {
        return encryption.keyArn().orElseGet(() -> places.keyArn(account, EBS_KEY));
    }

    Fields isByDefault(Call call) {
        return byDefault(register.encryption());
    }

    Fields enable(Call call) {
        return byDefault(change(encryption -> encryption.withDefault(true)));
    }

    Fields disable(Call call) {
        return byDefault(change(encryption -> encryption.withDefault(false)));
    }

    Fields key(Call call) {
        return key(register.encryption(), call);
    }

    Fields modifyKey(Call call) {
        String arn = places.keyArn(call.caller().accountId(), call.input().requiredText(KEY_ID));
        return key(change(encryption -> encryption.withKey(Optional.of(arn))), call);
    }

    Fields resetKey(Call call) {
        return key(change(encryption -> encryption.withKey(Optional.empty())), call);
    }

    private EncryptionFacts change(UnaryOperator<EncryptionFacts> change) {
        return register.inTurn(() -> {
            EncryptionFacts changed = change.apply(register.encryption());
            register.put(changed);
            return changed;
        });
    }

    private static Fields byDefault(EncryptionFacts encryption) {
        return new Fields().put(BY_DEFAULT, encryption.isDefault());
    }

    private Fields key(EncryptionFacts encryption, Call call) {
        return new Fields().put(KEY_ID, keyArn(encryption, call.caller().accountId()));
    }
}
