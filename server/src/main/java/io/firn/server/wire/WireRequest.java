package io.firn.server.wire;

import io.firn.server.http.HeaderList;

/** A request with its whole body, as a protocol reads it. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record WireRequest(String method, String rawPath, String rawQuery, HeaderList headers, byte[] body) {}
