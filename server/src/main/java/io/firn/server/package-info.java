/** The doors: S3 over HTTP, the command line, authentication, composition. It contains no storage rules. */
@NullMarked
package io.firn.server;

import org.jspecify.annotations.NullMarked;
