package io.firn.server.ec2;

import io.firn.server.wire.Fields;
import java.util.Locale;

/** The states of an instance, with EC2's codes. Those that end are kept until all is done that
 * belongs to it; the other in between is told only in the answer to the call that leads through it. */
enum InstanceState {
    PENDING(0),
    RUNNING(16),
    SHUTTING_DOWN(32),
    TERMINATED(48),
    STOPPING(64),
    STOPPED(80);

    private final int code;

    InstanceState(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    String wireName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static InstanceState ofWireName(String name) {
        return valueOf(name.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    Fields describe() {
        return new Fields().put("Code", code).put("Name", wireName());
    }
}
