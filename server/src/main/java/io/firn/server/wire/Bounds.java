package io.firn.server.wire;

/** What a model allows of a number, or of the length of a text, blob, list or map; both ends belong to it. */
record Bounds(double least, double most) {
    static final Bounds NONE = new Bounds(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);

    boolean admits(double value) {
        return value >= least && value <= most;
    }
}
