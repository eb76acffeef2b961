package io.firn.bench.s3;

/**
 * One workload, the same for every endpoint it is run against.
 *
 * @param objectBytes the size of each object, at most 1 GiB
 * @param partBytes the size of an uploaded part
 * @param objects how many keys the workload goes round
 * @param isPayloadSigned whether the body's SHA-256 is signed, or UNSIGNED-PAYLOAD sent in its place
 */
record LoadPlan(
        Operation operation,
        int objectBytes,
        int partBytes,
        int concurrency,
        int objects,
        String bucket,
        boolean isPayloadSigned) {
    LoadPlan {
        if (objectBytes < 0 || objectBytes > 1 << 30 || partBytes < 1) {
            throw new IllegalArgumentException("objects of " + objectBytes + " bytes, parts of " + partBytes);
        }
        if (concurrency < 1 || concurrency > 4096 || objects < 1) {
            throw new IllegalArgumentException(concurrency + " connections, " + objects + " objects");
        }
    }

    /** The prefix of every key: the size is in it, so that runs of different sizes do not read each other's objects. */
    String prefix() {
        return "firn-bench-" + objectBytes + "-" + (operation == Operation.DELETE ? "delete-" : "");
    }

    /** The path of the prepared object {@code index}. */
    String path(int index) {
        return "/" + bucket + "/" + prefix() + (100_000_000 + index);
    }
}
