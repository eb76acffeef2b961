/**
 * The load generator behind {@code firn bench s3}: any S3 endpoint, its own lean client, latencies by percentile.
 *
 * <p>Read {@link io.firn.bench.s3.S3Command} first, then {@link io.firn.bench.s3.LoadRun} (the worker threads and their tally),
 * {@link io.firn.bench.s3.Operation} (what one worker does), {@link io.firn.bench.s3.S3Client} (one connection) and
 * {@link io.firn.bench.s3.RequestSigner}.
 *
 * <p><b>Threads.</b> One platform thread per connection; a worker shares nothing until it is over. The client runs on the
 * same processors as the server under test more often than not, so the path of a request allocates little and copies nothing.
 */
@NullMarked
package io.firn.bench.s3;

import org.jspecify.annotations.NullMarked;
