/** Objects: buckets, keys, versions, multipart uploads, metadata, conditions, listing, placement over zones. */
@NullMarked
package io.firn.objectstore;

import org.jspecify.annotations.NullMarked;
