package io.firn.objectstore;

import io.firn.extent.ExtentRef;

/** Where the bytes of a version are. */
sealed interface Body {

    /** There are none. */
    record Empty() implements Body {}

    /** In one frame that belongs to this version alone: small payloads, which travel in the journal record. */
    record Inline(ExtentRef frame) implements Body {}

    /** In a blob, which versions, parts and other blobs may share. */
    record InBlob(long blobId) implements Body {}
}
