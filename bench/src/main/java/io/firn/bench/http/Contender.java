package io.firn.bench.http;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLContext;

/**
 * One HTTP stack under the routes of the bake-off.
 *
 * <ul>
 *   <li>{@code GET /hello}: 4 KiB.
 *   <li>{@code GET /big}: 64 MiB from memory, in 1 MiB pieces.
 *   <li>{@code PUT /sink}: drains the body and answers 200; with {@code x-refuse} it answers 412 without reading, so a client
 *       that waits for {@code 100 Continue} never sends the body.
 *   <li>anything else: answers the request target exactly as the stack hands it to the application.
 * </ul>
 */
interface Contender {
    int PIECE_BYTES = 1 << 20;
    int BIG_BYTES = 64 * PIECE_BYTES;
    String REFUSE = "x-refuse";

    /** The bucket of {@code firn bench s3}: the Netty contenders answer its signed requests, unverified, with the 4 KiB. */
    String S3_ROOT = "/firn-bench";

    /** Ports of a started server, both on loopback; {@code tls} is 0 when the stack offers none. */
    record Ports(int plain, int tls) {
        public Ports {
            if (plain < 1 || plain > 65_535 || tls < 0 || tls > 65_535) {
                throw new IllegalArgumentException("ports " + plain + ", " + tls);
            }
        }
    }

    /** Binds both ports on loopback and serves until the process ends. */
    Ports start() throws Exception;

    /** The 4 KiB of {@code GET /hello}. */
    static byte[] hello() {
        return "Firn: snow on its way to a glacier\n"
                .repeat(4096 / 35 + 1)
                .substring(0, 4096)
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** A fresh P-256 certificate for localhost, the same kind for every stack. */
    static X509Bundle certificate() throws Exception {
        return new CertificateBuilder()
                .subject("CN=localhost")
                .ecp256()
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
    }

    /** {@link #certificate} in a JDK context, for the stacks that use the JDK's TLS. */
    static SSLContext tlsContext() throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(certificate().toKeyManagerFactory().getKeyManagers(), null, null);
        return context;
    }
}
