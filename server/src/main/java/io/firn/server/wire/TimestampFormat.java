package io.firn.server.wire;

/** How a point in time is spelled. */
enum TimestampFormat {
    /** As the protocol has it at that place. */
    UNSAID,
    /** {@code 2019-12-16T23:48:18Z}. */
    ISO8601,
    /** The same with three digits of a second, as EC2 always has them. */
    ISO8601_MILLIS,
    /** {@code Mon, 16 Dec 2019 23:48:18 GMT}. */
    RFC822,
    /** {@code 1576540098}. */
    UNIX_SECONDS;

    /** This one, or {@code other} when the model says nothing. */
    TimestampFormat or(TimestampFormat other) {
        return this == UNSAID ? other : this;
    }
}
