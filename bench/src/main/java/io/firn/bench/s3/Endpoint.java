package io.firn.bench.s3;

import java.net.URI;

/** Where requests go. Path style only: the bucket is the first part of the path. */
record Endpoint(boolean isTls, String host, int port) {
    Endpoint {
        if (host.isEmpty() || port < 1 || port > 65_535) {
            throw new IllegalArgumentException("endpoint " + host + ":" + port);
        }
    }

    /** Reads {@code http://HOST[:PORT]} or {@code https://HOST[:PORT]}. */
    static Endpoint parse(String url) {
        URI uri = URI.create(url);
        boolean isTls = "https".equals(uri.getScheme());
        if ((!isTls && !"http".equals(uri.getScheme())) || uri.getHost() == null) {
            throw new IllegalArgumentException("not an http or https URL: " + url);
        }
        return new Endpoint(isTls, uri.getHost(), uri.getPort() > 0 ? uri.getPort() : isTls ? 443 : 80);
    }

    /** The Host header: without a port when it is the scheme's own, as signatures need it. */
    String authority() {
        return port == (isTls ? 443 : 80) ? host : host + ":" + port;
    }

    @Override
    public String toString() {
        return (isTls ? "https://" : "http://") + authority();
    }
}
