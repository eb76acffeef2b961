package io.firn.bench.snapshot;

import io.firn.bench.Figures;

/** One or two bars, measured round by round on stores that are made once. */
interface Question extends AutoCloseable {

    /** Makes what is measured. */
    void prepare(Figures figures) throws InterruptedException;

    /** One round. */
    void measure(Figures figures) throws InterruptedException;

    /** Closes the stores and removes them. */
    @Override
    void close();
}
