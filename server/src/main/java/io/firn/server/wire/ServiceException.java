package io.firn.server.wire;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** An error that is answered to the client, in the words of the service. */
public final class ServiceException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String code;
    private final int status;
    private final transient Map<String, String> members = new LinkedHashMap<>();

    /**
     * An error.
     *
     * @param code as clients compare it, for example {@code InvalidVolume.NotFound}
     */
    public ServiceException(int status, String code, String message) {
        super(message, null, false, false);
        this.status = status;
        this.code = code;
    }

    /** Adds a member beside code and message, such as EBS's {@code Reason}. */
    public ServiceException with(String name, String value) {
        members.put(name, value);
        return this;
    }

    public String code() {
        return code;
    }

    public int status() {
        return status;
    }

    public String text() {
        return String.valueOf(getMessage());
    }

    /** Members beside code and message. */
    public Map<String, String> members() {
        return Collections.unmodifiableMap(members);
    }
}
