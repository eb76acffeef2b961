package io.firn.server.wire;

/** A member of a structure, or the element of a list, or the key or value of a map: a shape and how it is spelled at this place. */
final class Member {

    /** Where a REST protocol carries a member. */
    enum Location {
        BODY,
        /** A label of the path. */
        URI,
        QUERY,
        HEADER,
        /** All headers with a prefix, as a map. */
        HEADERS,
        STATUS
    }

    static final int REQUIRED = 1;
    static final int FLATTENED = 1 << 1;
    static final int IDEMPOTENCY_TOKEN = 1 << 2;
    static final int JSON_VALUE = 1 << 3;

    /**
     * What the model says of a member beyond its shape.
     *
     * @param locationName the name on the wire, empty for the member's own
     * @param queryName the name in requests of {@code ec2}, empty for {@code locationName}
     */
    record Traits(
            Location location, String locationName, String queryName, TimestampFormat timestampFormat, int flags) {
        boolean has(int flag) {
            return (flags & flag) != 0;
        }
    }

    private final String name;
    private final Traits traits;
    private final Shape[] table;
    private final int index;

    /** A member whose shape is entry {@code index} of a table that may still be filling: shapes may contain themselves. */
    Member(String name, Traits traits, Shape[] table, int index) {
        this.name = name;
        this.traits = traits;
        this.table = table;
        this.index = index;
    }

    /** The name that operations use. */
    String name() {
        return name;
    }

    Shape shape() {
        return table[index];
    }

    int shapeIndex() {
        return index;
    }

    Traits traits() {
        return traits;
    }

    boolean isRequired() {
        return traits.has(REQUIRED);
    }

    /** The name on the wire. */
    String wireName() {
        return traits.locationName().isEmpty() ? name : traits.locationName();
    }
}
