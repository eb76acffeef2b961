package io.firn.server.s3;

import io.firn.server.http.HeaderList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Which requests are one operation.
 *
 * @param name the operation in the words of S3's API
 * @param method the HTTP method
 * @param scope whether the path names nothing, a bucket or an object
 * @param parameters query parameters that must all be present; {@code name=value} asks for that value
 * @param header a header that must be present
 * @param permission what the caller must be allowed
 * @param operation what is done
 */
record Route(
        String name,
        String method,
        Scope scope,
        List<String> parameters,
        Optional<String> header,
        Permission permission,
        Operation operation) {

    /** What a path names. */
    enum Scope {
        SERVICE,
        BUCKET,
        OBJECT;

        static Scope of(S3Address address) {
            if (address.bucket().isEmpty()) {
                return SERVICE;
            }
            return address.key().isEmpty() ? BUCKET : OBJECT;
        }
    }

    /** The parameter that names the sub-resource; empty for the resource itself. */
    Optional<String> subResource() {
        return parameters.isEmpty() ? Optional.empty() : Optional.of(nameOf(parameters.getFirst()));
    }

    /** The operation as S3's access log names it (User Guide, "Amazon S3 server access log format", read 2026-11). */
    String logName() {
        return switch (name) {
            case "CopyObject" -> "REST.COPY.OBJECT";
            case "UploadPartCopy" -> "REST.COPY.PART";
            case "UploadPart" -> "REST.PUT.PART";
            case "ListObjectVersions" -> "REST.GET.BUCKETVERSIONS";
            case "ListObjectsV2" -> "REST.GET.BUCKET";
            case "DeleteObjects" -> "REST.POST.MULTI_OBJECT_DELETE";
            default -> "REST." + method + "." + subResource().map(this::logWord).orElse(scope.name());
        };
    }

    private String logWord(String subResource) {
        String word = subResource.equals("uploadId")
                ? "UPLOAD"
                : subResource.toUpperCase(Locale.ROOT).replace("-", "_");
        return scope == Scope.OBJECT && word.equals("TAGGING") ? "OBJECT_TAGGING" : word;
    }

    /** Whether a request of this method and scope is this operation. */
    boolean matches(Query query, HeaderList headers) {
        if (header.isPresent() && !headers.contains(header.get())) {
            return false;
        }
        for (String parameter : parameters) {
            int equals = parameter.indexOf('=');
            boolean isThere = equals < 0
                    ? query.has(parameter)
                    : query.text(parameter.substring(0, equals)).equals(parameter.substring(equals + 1));
            if (!isThere) {
                return false;
            }
        }
        return true;
    }

    private static String nameOf(String parameter) {
        int equals = parameter.indexOf('=');
        return equals < 0 ? parameter : parameter.substring(0, equals);
    }
}
