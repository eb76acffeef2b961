package io.firn.server.ebs;

import java.util.Optional;

/** What the account has said of encryption, for snapshots that are started without a word of it. */
public interface EncryptionByDefault {
    boolean isOn();

    /** The ARN that is shown of what it encrypts; nothing for that of the key that AWS has for EBS. */
    Optional<String> keyArn();
}
