package io.firn.server;

import io.firn.server.http.HttpExchange;
import io.firn.server.log.RequestFacts;

/** Answers some of the requests; tells what it did. */
@FunctionalInterface
interface Door {

    /** Replies to the request and returns what the log and the figures want to know. */
    RequestFacts serve(HttpExchange exchange);
}
