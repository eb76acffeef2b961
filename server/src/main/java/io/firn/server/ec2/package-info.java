/**
 * EC2's query API over Firn: one class per group of operations, put together by {@link io.firn.server.ec2.Ec2}.
 *
 * <p><b>Threads.</b> Safe.
 *
 * <p>The package refuses to know HTTP, XML and signatures: that is {@code wire}'s.
 */
@NullMarked
package io.firn.server.ec2;

import org.jspecify.annotations.NullMarked;
