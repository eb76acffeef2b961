/** Questions and measured answers: the S3 load generator, library benchmarks, JMH micro-benchmarks. */
@NullMarked
package io.firn.bench;

import org.jspecify.annotations.NullMarked;
