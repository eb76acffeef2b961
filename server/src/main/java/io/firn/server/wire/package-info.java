/**
 * The wire of every service beside S3: shapes from the service's published model, one parser and one serialiser per protocol, one door.
 *
 * <p>Read {@link io.firn.server.wire.ServiceModel} (operations and shapes, made at build time), {@link io.firn.server.wire.Fields} (the
 * tree of values that an operation gets and returns), {@link io.firn.server.wire.Operation} (what a service writes), {@link
 * io.firn.server.wire.Service} (a model and its operations) and {@link io.firn.server.wire.ServiceDoor} (authentication, parsing,
 * answering). {@link io.firn.server.wire.QueryProtocol} speaks {@code ec2} and {@code query} and {@link io.firn.server.wire.RestJsonProtocol}
 * speaks {@code rest-json}; {@code json} and {@code rest-xml} are for the services that need them.
 *
 * <p><b>Threads.</b> Models, protocols and services are immutable; each request is served on its own thread.
 *
 * <p>The package refuses to know what any operation means, and to keep anything between two requests.
 */
@NullMarked
package io.firn.server.wire;

import org.jspecify.annotations.NullMarked;
