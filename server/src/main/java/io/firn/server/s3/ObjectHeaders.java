package io.firn.server.s3;

import io.firn.objectstore.Bucket;
import io.firn.objectstore.Checksum;
import io.firn.objectstore.ETag;
import io.firn.objectstore.ObjectAttributes;
import io.firn.objectstore.ObjectMetadata;
import io.firn.objectstore.ObjectVersion;
import io.firn.objectstore.StorageClass;
import io.firn.objectstore.Tags;
import io.firn.objectstore.Versioning;
import io.firn.server.http.HeaderList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What headers say of an object: read from a write, written with a read. Values are kept byte for byte, one {@code char} each: whatever
 * encoding a client meant by them, it gets them back as it sent them.
 */
final class ObjectHeaders {
    static final String DEFAULT_CONTENT_TYPE = "binary/octet-stream";

    private static final String USER_PREFIX = "x-amz-meta-";
    private static final String REDIRECT = "x-amz-website-redirect-location";
    private static final List<String> SYSTEM = List.of(
            "content-type",
            "cache-control",
            "content-disposition",
            "content-encoding",
            "content-language",
            "expires",
            REDIRECT);

    private ObjectHeaders() {}

    /** The attributes a write asks for. */
    static ObjectAttributes attributes(S3Request request) {
        return new ObjectAttributes(
                metadata(request),
                tags(request),
                storageClass(request),
                request.caller().id());
    }

    static ObjectMetadata metadata(S3Request request) {
        SortedMap<String, String> system = new TreeMap<>();
        for (String name : SYSTEM) {
            request.header(name).filter(value -> !value.isEmpty()).ifPresent(value -> system.put(name, value));
        }
        // The framing of the upload is not part of what was uploaded.
        system.computeIfPresent(
                "content-encoding", (name, value) -> withoutAwsChunked(value).orElse(null));
        String redirect = system.getOrDefault(REDIRECT, "/");
        if (!redirect.startsWith("/") && !redirect.startsWith("http://") && !redirect.startsWith("https://")) {
            throw S3Exception.invalidArgument(
                    "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.",
                    REDIRECT,
                    redirect);
        }
        request.cannedAcl().flatMap(CannedAcl::toKeep).ifPresent(acl -> system.put(CannedAcl.HEADER, acl));
        SortedMap<String, String> user = new TreeMap<>();
        HeaderList headers = request.headers();
        for (int i = 0; i < headers.size(); i++) {
            String name = headers.name(i).toLowerCase(Locale.ROOT);
            if (name.startsWith(USER_PREFIX)) {
                user.merge(
                        name.substring(USER_PREFIX.length()),
                        headers.value(i),
                        (first, second) -> first + "," + second);
            }
        }
        return new ObjectMetadata(system, user);
    }

    /** The tags of {@code x-amz-tagging}, which is written like a query. */
    static Tags tags(S3Request request) {
        return request.header("x-amz-tagging").map(ObjectHeaders::parseTags).orElse(Tags.NONE);
    }

    static Tags parseTags(String header) {
        SortedMap<String, String> tags = new TreeMap<>();
        for (String pair : header.split("&", -1)) {
            if (pair.isEmpty()) {
                continue;
            }
            int equals = pair.indexOf('=');
            String key = decodeTag(equals < 0 ? pair : pair.substring(0, equals), header);
            String value = equals < 0 ? "" : decodeTag(pair.substring(equals + 1), header);
            if (tags.put(key, value) != null) {
                throw S3Exception.invalidArgument(
                        "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters"
                                + " without tag name duplicates.",
                        "x-amz-tagging",
                        header);
            }
        }
        return new Tags(tags);
    }

    private static String decodeTag(String text, String header) {
        return PercentEncoding.decode(text, true)
                .orElseThrow(() -> S3Exception.invalidArgument(
                        "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters"
                                + " without tag name duplicates.",
                        "x-amz-tagging",
                        header));
    }

    static StorageClass storageClass(S3Request request) {
        return request.header("x-amz-storage-class")
                .map(name -> StorageClass.parse(name)
                        .orElseThrow(() ->
                                new S3Exception(S3ErrorCode.INVALID_STORAGE_CLASS).with("StorageClassRequested", name)))
                .orElse(StorageClass.STANDARD);
    }

    /** What stays of a Content-Encoding without the coding of the transfer; empty when nothing does. */
    static Optional<String> withoutAwsChunked(String contentEncoding) {
        if (!contentEncoding.toLowerCase(Locale.ROOT).contains("aws-chunked")) {
            return Optional.of(contentEncoding);
        }
        StringBuilder kept = new StringBuilder();
        for (String coding : contentEncoding.split(",", -1)) {
            String token = coding.strip();
            if (!token.isEmpty() && !token.equalsIgnoreCase("aws-chunked")) {
                kept.append(kept.isEmpty() ? "" : ", ").append(token);
            }
        }
        return kept.isEmpty() ? Optional.empty() : Optional.of(kept.toString());
    }

    /** Adds what every read of an object says of it, but for length, range and checksum. */
    static void describe(HeaderList headers, ObjectVersion version, Bucket bucket) {
        headers.add("ETag", quoted(version.etag()));
        headers.add("Last-Modified", S3Time.http(version.lastModified()));
        headers.add("Accept-Ranges", "bytes");
        ObjectAttributes attributes = version.attributes();
        if (attributes.storageClass() != StorageClass.STANDARD) {
            headers.add("x-amz-storage-class", attributes.storageClass().name());
        }
        if (!attributes.tags().isEmpty()) {
            headers.add("x-amz-tagging-count", String.valueOf(attributes.tags().count()));
        }
        addVersionId(headers, version, bucket);
        SortedMap<String, String> system = attributes.metadata().headers();
        if (!system.containsKey("content-type")) {
            headers.add("Content-Type", DEFAULT_CONTENT_TYPE);
        }
        for (Map.Entry<String, String> header : system.entrySet()) {
            if (!header.getKey().equals(CannedAcl.HEADER)) {
                headers.add(canonicalCase(header.getKey()), header.getValue());
            }
        }
        for (Map.Entry<String, String> entry : attributes.metadata().user().entrySet()) {
            headers.add(USER_PREFIX + entry.getKey(), entry.getValue());
        }
    }

    /** Adds the version's id when the bucket keeps versions or ever did. */
    static void addVersionId(HeaderList headers, ObjectVersion version, Bucket bucket) {
        if (bucket.versioning() != Versioning.UNVERSIONED) {
            headers.add("x-amz-version-id", version.versionId().text());
        }
    }

    /** Adds the id of a version just written: only a bucket that keeps versions tells it. */
    static void addNewVersionId(HeaderList headers, ObjectVersion version, Bucket bucket) {
        if (bucket.versioning() == Versioning.ENABLED) {
            headers.add("x-amz-version-id", version.versionId().text());
        }
    }

    /** Adds a checksum and what it covers. */
    static void addChecksum(HeaderList headers, Checksum checksum) {
        headers.add(checksum.algorithm().headerName(), checksum.wireValue());
        headers.add("x-amz-checksum-type", checksum.type().name());
    }

    static String quoted(ETag etag) {
        return '"' + etag.text() + '"';
    }

    private static String canonicalCase(String header) {
        return switch (header) {
            case "content-type" -> "Content-Type";
            case "cache-control" -> "Cache-Control";
            case "content-disposition" -> "Content-Disposition";
            case "content-encoding" -> "Content-Encoding";
            case "content-language" -> "Content-Language";
            case "expires" -> "Expires";
            default -> header;
        };
    }
}
