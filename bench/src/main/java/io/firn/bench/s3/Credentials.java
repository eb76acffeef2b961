package io.firn.bench.s3;

/** Whom requests are signed for. The secret stays out of {@link #toString}. */
record Credentials(String accessKey, String secretKey, String region) {
    Credentials {
        if (accessKey.isEmpty() || secretKey.isEmpty() || region.isEmpty()) {
            throw new IllegalArgumentException("access key, secret key and region are needed");
        }
    }

    @Override
    public String toString() {
        return accessKey + "@" + region;
    }
}
