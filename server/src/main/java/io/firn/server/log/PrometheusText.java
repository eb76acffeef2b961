package io.firn.server.log;

import java.nio.charset.StandardCharsets;

/** A page in Prometheus' text format. */
public final class PrometheusText {
    private final StringBuilder text = new StringBuilder(4096);

    /** Starts a family of samples. */
    public PrometheusText family(String name, String type, String help) {
        text.append("# HELP ").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
        return this;
    }

    /** A family of one gauge. */
    public PrometheusText gauge(String name, String help, long value) {
        return family(name, "gauge", help).sample(name, "", value);
    }

    /** Adds a sample; {@code labels} is empty or in braces. */
    public PrometheusText sample(String name, String labels, long value) {
        text.append(name).append(labels).append(' ').append(value).append('\n');
        return this;
    }

    public PrometheusText sample(String name, String labels, double value) {
        text.append(name).append(labels).append(' ').append(value).append('\n');
        return this;
    }

    public byte[] toBytes() {
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }
}
