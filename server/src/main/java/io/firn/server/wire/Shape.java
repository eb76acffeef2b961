package io.firn.server.wire;

import java.util.List;
import java.util.Optional;

/** What a value may be, as a service's model has it. */
sealed interface Shape {

    String name();

    /**
     * Named members in the model's order.
     *
     * @param payload the member that is the whole body, empty for none
     * @param errorCode for errors, the code on the wire
     * @param errorStatus for errors, the HTTP status; 0 for what is no error
     */
    record Structure(
            String name, List<Member> members, String payload, boolean isUnion, String errorCode, int errorStatus)
            implements Shape {
        public Structure {
            members = List.copyOf(members);
        }

        Optional<Member> member(String wanted) {
            for (Member member : members) {
                if (member.name().equals(wanted)) {
                    return Optional.of(member);
                }
            }
            return Optional.empty();
        }
    }

    /** A list. */
    record Sequence(String name, Member element, boolean isFlattened, Bounds size) implements Shape {}

    /** A map from texts. */
    record Dictionary(String name, Member key, Member value, boolean isFlattened, Bounds size) implements Shape {}

    /**
     * A text.
     *
     * @param pattern a regular expression that must be found in it, empty for none
     * @param values the only texts allowed, empty for any
     */
    record Text(String name, Bounds length, String pattern, List<String> values) implements Shape {
        public Text {
            values = List.copyOf(values);
        }
    }

    /** A whole number of at most {@code bits} bits. */
    record Whole(String name, int bits, Bounds range) implements Shape {}

    /** A number with a fraction. */
    record Real(String name, Bounds range) implements Shape {}

    /** True or false. */
    record Truth(String name) implements Shape {}

    /** Bytes; {@code isStreaming} when they are a body that is not held to be small. */
    record Blob(String name, boolean isStreaming, Bounds length) implements Shape {}

    /** A point in time. */
    record Moment(String name, TimestampFormat format) implements Shape {}

    /** Any JSON. */
    record Document(String name) implements Shape {}
}
