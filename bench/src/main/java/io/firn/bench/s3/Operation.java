package io.firn.bench.s3;

/** What the load consists of. */
enum Operation {
    /** Writes objects, going round the key space. */
    PUT,
    /** Reads objects chosen evenly. */
    GET,
    /** 45 GET, 30 HEAD, 15 PUT and 10 DELETE in a hundred; a worker deletes only what it has put. */
    MIXED,
    /** Pages of up to 1,000 keys by ListObjectsV2, round and round. */
    LIST,
    /** Deletes each prepared object once; ends early when none is left. */
    DELETE,
    /** Creates an upload, sends the parts one after the other, completes it: one request in the table. */
    MULTIPART;

    /** True when the objects have to be there before. */
    boolean needsObjects() {
        return this == GET || this == MIXED || this == LIST || this == DELETE;
    }
}
