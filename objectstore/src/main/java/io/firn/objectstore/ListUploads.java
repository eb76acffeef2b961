package io.firn.objectstore;

import java.util.List;
import java.util.Optional;

/** A listing of the multipart uploads in progress: by key, oldest first within a key. */
public record ListUploads(
        BucketName bucket,
        String prefix,
        String delimiter,
        Optional<String> keyMarker,
        Optional<UploadId> uploadIdMarker,
        int maxUploads) {

    public ListUploads {
        if (maxUploads < 0) {
            throw new IllegalArgumentException("maxUploads is not negative");
        }
        maxUploads = Math.min(maxUploads, ListObjects.MAX_KEYS);
    }

    /** A page of a listing; {@code next} is absent on the last page. */
    public record Page(List<MultipartUpload> uploads, List<String> commonPrefixes, Optional<Next> next) {}

    /** Where the next page begins after. */
    public record Next(String keyMarker, Optional<UploadId> uploadIdMarker) {}
}
