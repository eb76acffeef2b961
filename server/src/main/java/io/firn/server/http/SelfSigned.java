package io.firn.server.http;

import io.firn.io.Randomness;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;

/**
 * Makes a certificate signed by its own key: ECDSA on P-256, valid from a day ago for ten years, for the given names and addresses.
 *
 * <p>The JDK offers no public way to make a certificate; this is the DER of RFC 5280 section 4.1 for this one shape, checked in the
 * tests by the JDK's own reader.
 */
public final class SelfSigned {
    private static final byte[] ECDSA_WITH_SHA256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
    private static final byte[] COMMON_NAME = oid(0x55, 0x04, 0x03);
    private static final byte[] SUBJECT_ALTERNATIVE_NAME = oid(0x55, 0x1d, 0x11);
    private static final byte[] BASIC_CONSTRAINTS = oid(0x55, 0x1d, 0x13);
    private static final byte[] EXTENDED_KEY_USAGE = oid(0x55, 0x1d, 0x25);
    private static final byte[] SERVER_AUTHENTICATION = oid(0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01);

    // GeneralizedTime, which reaches beyond 2049; readers take it for any year.
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter TIME_TO_2049 =
            DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final Instant YEAR_2050 = Instant.parse("2050-01-01T00:00:00Z");

    private SelfSigned() {}

    /**
     * Makes a key and its certificate.
     *
     * @param now the machine's time
     * @param dnsNames names the server is reached by, for example {@code localhost} and {@code *.localhost}
     * @param addresses addresses it is reached by
     */
    public static Tls generate(Instant now, List<String> dnsNames, List<InetAddress> addresses) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair keys = generator.generateKeyPair();
            byte[] body = toBeSigned(now, keys.getPublic().getEncoded(), dnsNames, addresses);
            Signature signer = Signature.getInstance("SHA256withECDSA");
            signer.initSign(keys.getPrivate());
            signer.update(body);
            byte[] certificate = sequence(body, ECDSA_WITH_SHA256, bits(signer.sign()));
            return new Tls(
                    pem("CERTIFICATE", certificate),
                    pem("PRIVATE KEY", keys.getPrivate().getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK has no ECDSA on P-256", e);
        }
    }

    private static byte[] toBeSigned(
            Instant now, byte[] publicKey, List<String> dnsNames, List<InetAddress> addresses) {
        byte[] serial = Randomness.secureBytes(16);
        serial[0] = (byte) ((serial[0] & 0x3f) | 0x40); // positive, and of full length
        byte[] name = sequence(tagged(0x31, sequence(COMMON_NAME, text(0x0c, "Firn self-signed"))));
        byte[] validity = sequence(time(now.minus(Duration.ofDays(1))), time(now.plus(Duration.ofDays(3650))));
        byte[] extensions = sequence(
                extension(SUBJECT_ALTERNATIVE_NAME, alternativeNames(dnsNames, addresses)),
                // A certificate authority of its own, so that a client can be told to trust it.
                extension(BASIC_CONSTRAINTS, sequence(tagged(0x01, new byte[] {(byte) 0xff}))),
                extension(EXTENDED_KEY_USAGE, sequence(SERVER_AUTHENTICATION)));
        return sequence(
                tagged(0xa0, tagged(0x02, new byte[] {2})), // version 3
                tagged(0x02, serial),
                ECDSA_WITH_SHA256,
                name,
                validity,
                name,
                publicKey,
                tagged(0xa3, extensions));
    }

    private static byte[] alternativeNames(List<String> dnsNames, List<InetAddress> addresses) {
        ByteArrayOutputStream names = new ByteArrayOutputStream();
        dnsNames.forEach(name -> names.writeBytes(text(0x82, name)));
        addresses.forEach(address -> names.writeBytes(tagged(0x87, address.getAddress())));
        return tagged(0x30, names.toByteArray());
    }

    private static byte[] extension(byte[] oid, byte[] value) {
        return sequence(oid, tagged(0x04, value));
    }

    private static byte[] time(Instant instant) {
        return instant.isBefore(YEAR_2050)
                ? text(0x17, TIME_TO_2049.format(instant))
                : text(0x18, TIME.format(instant));
    }

    private static byte[] bits(byte[] value) {
        byte[] padded = new byte[value.length + 1]; // the first byte counts unused bits: none
        System.arraycopy(value, 0, padded, 1, value.length);
        return tagged(0x03, padded);
    }

    private static byte[] oid(int... encoded) {
        byte[] bytes = new byte[encoded.length];
        for (int i = 0; i < encoded.length; i++) {
            bytes[i] = (byte) encoded[i];
        }
        return tagged(0x06, bytes);
    }

    private static byte[] text(int tag, String text) {
        return tagged(tag, text.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] sequence(byte[]... parts) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            joined.writeBytes(part);
        }
        return tagged(0x30, joined.toByteArray());
    }

    private static byte[] tagged(int tag, byte[] value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (value.length < 0x80) {
            out.write(value.length);
        } else if (value.length < 0x100) {
            out.write(0x81);
            out.write(value.length);
        } else {
            out.write(0x82);
            out.write(value.length >> 8);
            out.write(value.length);
        }
        out.writeBytes(value);
        return out.toByteArray();
    }

    private static byte[] pem(String kind, byte[] der) {
        String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return ("-----BEGIN " + kind + "-----\n" + lines + "\n-----END " + kind + "-----\n")
                .getBytes(StandardCharsets.US_ASCII);
    }
}
