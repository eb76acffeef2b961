/**
 * The bake-off behind docs/decisions/001-http-server.md: four small servers with the same routes, one client, one report.
 *
 * <p>Read {@link io.firn.bench.http.HttpBakeOff} first, then {@link io.firn.bench.http.Contender} and the contenders. Every
 * contender runs in a JVM of its own; {@link io.firn.bench.http.ContenderProcess} is both its main and the handle on it.
 * The Netty contender doubles as the static hello-world that the S3 door is compared with.
 */
@NullMarked
package io.firn.bench.http;

import org.jspecify.annotations.NullMarked;
