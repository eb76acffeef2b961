package io.firn.server;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Optional;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.S3BaseClientBuilder;
import software.amazon.awssdk.services.s3.S3Client;

/** Clients of the AWS SDK for Java, for a server process. Those of S3 do not try again: what fails is to be seen. */
final class JavaSdk {
    private JavaSdk() {}

    static S3Client blocking(ServerProcess server) throws IOException, GeneralSecurityException {
        Apache5HttpClient.Builder http = Apache5HttpClient.builder().maxConnections(64);
        Optional<TrustManager[]> trust = trust(server);
        if (trust.isPresent()) {
            http.tlsTrustManagersProvider(trust::get);
        }
        return common(S3Client.builder().httpClientBuilder(http), server).build();
    }

    static S3AsyncClient async(ServerProcess server) throws IOException, GeneralSecurityException {
        NettyNioAsyncHttpClient.Builder http = NettyNioAsyncHttpClient.builder().maxConcurrency(64);
        Optional<TrustManager[]> trust = trust(server);
        if (trust.isPresent()) {
            http.tlsTrustManagersProvider(trust::get);
        }
        return common(S3AsyncClient.builder().httpClientBuilder(http).multipartEnabled(true), server)
                .build();
    }

    private static <B extends S3BaseClientBuilder<B, C>, C> B common(B builder, ServerProcess server) {
        return connected(builder, server)
                .forcePathStyle(true)
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_SUPPORTED)
                .overrideConfiguration(override -> override.retryStrategy(DefaultRetryStrategy.doNotRetry()));
    }

    /** The builder of a client of any service, with the server's endpoint and keys. */
    static <B extends AwsClientBuilder<B, C>, C> B connected(B builder, ServerProcess server) {
        return builder.endpointOverride(server.endpoint())
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(ServerProcess.ACCESS_KEY, ServerProcess.SECRET_KEY)));
    }

    private static Optional<TrustManager[]> trust(ServerProcess server) throws IOException, GeneralSecurityException {
        if (server.certificate().isEmpty()) {
            return Optional.empty();
        }
        Path certificate = server.certificate().get();
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream pem = Files.newInputStream(certificate)) {
            store.setCertificateEntry(
                    "firn", CertificateFactory.getInstance("X.509").generateCertificate(pem));
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return Optional.of(factory.getTrustManagers());
    }
}
