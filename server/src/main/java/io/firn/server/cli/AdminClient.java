package io.firn.server.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.firn.io.SystemClock;
import io.firn.server.users.KeyPair;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Calls a server's admin API, signed with root's keys, over connections that are kept for as long as the command lives. */
final class AdminClient {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final URI endpoint;
    private final RequestSigner signer;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build();

    AdminClient(URI endpoint, String region, KeyPair keys) {
        if (endpoint.getScheme() == null || endpoint.getHost() == null) {
            throw new IllegalArgumentException("--endpoint is a URL such as http://127.0.0.1:9000, not " + endpoint);
        }
        this.endpoint = endpoint;
        this.signer = new RequestSigner(keys, region, new SystemClock());
    }

    /** Calls; an answer other than 2xx is a {@link CommandFailed} with the server's reason. */
    JsonNode call(String method, String path, byte[] body) {
        try {
            return JSON.readTree(bytes(method, path, body));
        } catch (IOException e) {
            throw new CommandFailed("the answer of " + endpoint + " is not JSON: " + e);
        }
    }

    /** As {@link #call}, for an answer that is bytes. */
    byte[] bytes(String method, String path, byte[] body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(endpoint.resolve(path))
                .timeout(Duration.ofMinutes(10))
                .method(method, HttpRequest.BodyPublishers.ofByteArray(body));
        signer.sign(method, authority(), path, body).forEach(request::header);
        try {
            HttpResponse<byte[]> response = client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            if (response.statusCode() / 100 != 2) {
                String reason = JSON.readTree(response.body()).path("error").asText();
                throw new CommandFailed(reason.isEmpty() ? "the server answered " + response.statusCode() : reason);
            }
            return response.body();
        } catch (IOException e) {
            throw new CommandFailed("no answer from " + endpoint + ": " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailed("interrupted");
        }
    }

    /** As the JDK's client sends it in the Host header. */
    private String authority() {
        return endpoint.getPort() < 0 ? endpoint.getHost() : endpoint.getHost() + ":" + endpoint.getPort();
    }
}
