/**
 * The command line: {@code firn} and its commands, one class each.
 *
 * <p>Read {@link io.firn.server.cli.Firn} first. Commands print for people, or JSON with {@code --json}; they exit 0 when done, 1 when the
 * world refused, 2 when they were called wrongly.
 */
@NullMarked
package io.firn.server.cli;

import org.jspecify.annotations.NullMarked;
