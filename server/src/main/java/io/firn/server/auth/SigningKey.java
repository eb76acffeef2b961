package io.firn.server.auth;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A key derived for one day, region and service, ready to sign.
 *
 * <p><b>Threads.</b> Safe: the keyed Mac is only ever cloned, which also spares each signature the key schedule.
 */
final class SigningKey {

    private static final String ALGORITHM = "HmacSHA256";

    private final Mac keyed;

    private SigningKey(byte[] key) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key, ALGORITHM));
            this.keyed = mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This JDK lacks " + ALGORITHM, e);
        }
    }

    /** Source: IAM User Guide, "Create a signed AWS API request", step "Derive a signing key", read 2026-11. */
    static SigningKey derive(String secretKey, CredentialScope scope) {
        byte[] dateKey = new SigningKey(("AWS4" + secretKey).getBytes(UTF_8)).hmac(scope.date());
        byte[] regionKey = new SigningKey(dateKey).hmac(scope.region());
        byte[] serviceKey = new SigningKey(regionKey).hmac(scope.service());
        return new SigningKey(new SigningKey(serviceKey).hmac(CredentialScope.TERMINAL));
    }

    /** The signature of {@code stringToSign} in lower-case hex. */
    String sign(String stringToSign) {
        return HexFormat.of().formatHex(hmac(stringToSign));
    }

    private byte[] hmac(String text) {
        try {
            return ((Mac) keyed.clone()).doFinal(text.getBytes(ISO_8859_1));
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException(ALGORITHM + " of this JDK cannot be cloned", e);
        }
    }
}
