package io.firn.server.wire;

import java.time.Instant;
import java.util.List;

/** One value of a request or an answer. */
public sealed interface Value
        permits Value.Text,
                Value.Whole,
                Value.Real,
                Value.Truth,
                Value.Bytes,
                Value.Moment,
                Value.Items,
                Value.Nothing,
                Fields {

    /** A text. */
    record Text(String text) implements Value {}

    /** A whole number. */
    record Whole(long number) implements Value {}

    /** A number with a fraction. */
    record Real(double number) implements Value {}

    /** True or false. */
    record Truth(boolean isTrue) implements Value {}

    /** Bytes, not copied. */
    @SuppressWarnings("ArrayRecordComponent") // handed from socket to store and back without a copy; never compared
    record Bytes(byte[] bytes) implements Value {}

    /** A point in time. */
    record Moment(Instant instant) implements Value {}

    /** A list. */
    record Items(List<Value> values) implements Value {
        public Items {
            values = List.copyOf(values);
        }
    }

    /** JSON's null, where a list, map or document may hold one. */
    record Nothing() implements Value {}
}
