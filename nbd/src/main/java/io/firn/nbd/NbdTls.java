package io.firn.nbd;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * TLS 1.2 and 1.3 by NBD_OPT_STARTTLS, with X.509 certificates (the JDK knows no pre-shared keys).
 *
 * @param mode who has to use it
 * @param context the server's certificate and key, and whom it trusts
 * @param isClientCertificateRequired a client must show a certificate that the context trusts
 */
public record NbdTls(Mode mode, SSLContext context, boolean isClientCertificateRequired) {
    private static final String[] VERSIONS = {"TLSv1.3", "TLSv1.2"};
    private static final Pattern PRIVATE_KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([^-]*)-----END PRIVATE KEY-----");

    /** Who has to use TLS, in the words of doc/proto.md. */
    public enum Mode {
        /** FORCEDTLS: nothing but STARTTLS and ABORT is answered without. */
        FORCED,
        /** SELECTIVETLS: the client may; for exports that are TLS-only it must. */
        SELECTIVE
    }

    /**
     * From PEM files as other NBD servers take them.
     *
     * @param certificates the server's, its own first
     * @param key PKCS#8, not encrypted
     * @param clientAuthorities who signs client certificates; absent when clients need none
     * @throws IllegalArgumentException when these are no certificates and their key
     */
    public static NbdTls ofPem(Mode mode, byte[] certificates, byte[] key, Optional<byte[]> clientAuthorities) {
        try {
            KeyStore identity = emptyStore();
            Certificate[] chain = certificates(certificates).toArray(Certificate[]::new);
            identity.setKeyEntry("server", privateKey(key, chain[0]), new char[0], chain);
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(identity, new char[0]);
            KeyStore trusted = emptyStore();
            if (clientAuthorities.isPresent()) {
                for (Certificate authority : certificates(clientAuthorities.get())) {
                    trusted.setCertificateEntry("authority-" + trusted.size(), authority);
                }
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    keys.getKeyManagers(),
                    clientAuthorities.isPresent() ? trust.getTrustManagers() : new TrustManager[0],
                    null);
            return new NbdTls(mode, context, clientAuthorities.isPresent());
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("the TLS certificate or key cannot be used: " + e.getMessage(), e);
        }
    }

    SSLEngine engine() {
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(false);
        engine.setEnabledProtocols(VERSIONS);
        engine.setNeedClientAuth(isClientCertificateRequired);
        return engine;
    }

    private static KeyStore emptyStore() throws GeneralSecurityException {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            return store;
        } catch (java.io.IOException e) {
            throw new GeneralSecurityException(e);
        }
    }

    private static Collection<? extends Certificate> certificates(byte[] pem) throws GeneralSecurityException {
        Collection<? extends Certificate> found =
                CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem));
        if (found.isEmpty()) {
            throw new GeneralSecurityException("no certificate in the PEM text");
        }
        return found;
    }

    private static PrivateKey privateKey(byte[] pem, Certificate certificate) throws GeneralSecurityException {
        Matcher matcher = PRIVATE_KEY.matcher(new String(pem, StandardCharsets.US_ASCII));
        if (!matcher.find()) {
            throw new GeneralSecurityException("no PKCS#8 private key in the PEM text");
        }
        byte[] der = Base64.getMimeDecoder().decode(matcher.group(1));
        return KeyFactory.getInstance(certificate.getPublicKey().getAlgorithm())
                .generatePrivate(new PKCS8EncodedKeySpec(der));
    }
}
