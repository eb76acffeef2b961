package io.firn.server.s3;

import io.firn.objectstore.ObjectKey;
import io.firn.objectstore.VersionId;
import java.util.Optional;

/**
 * What {@code x-amz-copy-source} names: {@code bucket/key} or {@code /bucket/key}, percent-encoded, perhaps with
 * {@code ?versionId=}. A {@code +} is a space, as S3 has it.
 */
record CopySource(String bucket, ObjectKey key, Optional<VersionId> versionId) {
    private static final String HEADER = "x-amz-copy-source";
    private static final String VERSION = "?versionId=";

    static CopySource parse(String header) {
        int version = header.lastIndexOf(VERSION);
        String encodedPath = version < 0 ? header : header.substring(0, version);
        String path = PercentEncoding.decode(encodedPath, true).orElseThrow(() -> broken(header));
        String address = path.startsWith("/") ? path.substring(1) : path;
        int slash = address.indexOf('/');
        if (slash <= 0 || slash == address.length() - 1) {
            throw broken(header);
        }
        Optional<VersionId> versionId = version < 0
                ? Optional.empty()
                : Optional.of(PercentEncoding.decode(header.substring(version + VERSION.length()), true)
                        .flatMap(VersionId::parse)
                        .orElseThrow(
                                () -> S3Exception.invalidArgument("Invalid version id specified", HEADER, header)));
        return new CopySource(
                address.substring(0, slash), S3Address.objectKey(address.substring(slash + 1)), versionId);
    }

    private static S3Exception broken(String header) {
        return S3Exception.invalidArgument(
                "Copy Source must mention the source bucket and key: sourcebucket/sourcekey", HEADER, header);
    }
}
