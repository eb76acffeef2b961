package io.firn.server.wire;

import io.firn.server.http.HttpReply;

/** One of the protocols of AWS, spoken for one service. Immutable. */
sealed interface Protocol permits QueryProtocol, RestJsonProtocol {

    /** Speaks {@code model}'s protocol. */
    static Protocol of(ServiceModel model) {
        return switch (model.about().protocol()) {
            case "ec2", "query" -> new QueryProtocol(model);
            case "rest-json" -> new RestJsonProtocol(model);
            default ->
                throw new IllegalArgumentException(
                        "no one speaks " + model.about().protocol() + " yet");
        };
    }

    /** How this protocol words what the wire layer itself refuses. */
    Words words();

    /**
     * The operation that is asked for.
     *
     * @throws ServiceException when the model has no such operation
     */
    OperationModel operation(WireRequest request);

    /**
     * The operation's input.
     *
     * @throws ServiceException when the request does not fit the model
     */
    Fields parse(OperationModel operation, WireRequest request);

    /** The answer to a call that went well. */
    HttpReply answer(OperationModel operation, Fields output, String requestId);

    /** The answer to a call that did not. */
    HttpReply answer(ServiceException error, String requestId);
}
