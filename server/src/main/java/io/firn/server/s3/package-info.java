/**
 * The S3 door: HTTP requests become calls of the object store, its answers become S3's replies.
 *
 * <p>Read {@link io.firn.server.s3.S3Door} first, then {@code Routes} (which request is which operation), {@code S3Request} (what an
 * operation is given) and any {@code ...Operation}: there is one class per S3 operation. {@link io.firn.server.s3.S3ErrorCode} is the one
 * table of errors, {@code Refusals} maps the store's refusals onto it.
 *
 * <p><b>Threads.</b> An operation runs on the virtual thread of its exchange and may block it. Everything shared is immutable.
 *
 * <p>The package refuses to decide what may be stored: limits, conditions and consistency are the store's. It keeps nothing of a
 * request in memory but bounded XML documents.
 */
@NullMarked
package io.firn.server.s3;

import org.jspecify.annotations.NullMarked;
