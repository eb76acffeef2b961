package io.firn.server;

import io.firn.server.http.HeaderList;
import io.firn.server.http.HttpExchange;
import io.firn.server.log.RequestFacts;
import java.nio.charset.StandardCharsets;

/** Stands where the S3 door will be: answers everything with NotImplemented. */
final class NotYetDoor implements Door {
    @Override
    public RequestFacts serve(HttpExchange exchange) {
        exchange.respond(
                501,
                new HeaderList().add("Content-Type", "application/xml"),
                ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>NotImplemented</Code>"
                                + "<Message>A header you provided implies functionality that is not implemented.</Message></Error>")
                        .getBytes(StandardCharsets.UTF_8));
        return RequestFacts.unknown("NotImplemented");
    }
}
