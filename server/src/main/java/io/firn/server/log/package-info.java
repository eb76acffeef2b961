/**
 * What the server tells its operator about requests: the access log in S3's own format, and figures for Prometheus.
 *
 * <p>Read {@link io.firn.server.log.RequestFacts} first: a door returns it for each request it served.
 */
@NullMarked
package io.firn.server.log;

import org.jspecify.annotations.NullMarked;
