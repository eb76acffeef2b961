/**
 * The XML of S3's requests and replies, and nothing more of XML than they need.
 *
 * <p>{@link io.firn.server.xml.XmlParser} reads the small documents that clients send into {@link
 * io.firn.server.xml.XmlElement}s; {@link io.firn.server.xml.XmlWriter} appends replies to a byte buffer. Neither knows what an
 * element means: that is for the operation that asked. The package refuses document types, entities and anything that would make
 * reading cost more than the document's length.
 */
@NullMarked
package io.firn.server.xml;

import org.jspecify.annotations.NullMarked;
