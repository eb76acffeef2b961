package io.firn.server.wire;

import java.util.Optional;

/**
 * An operation as the model has it.
 *
 * @param uri the path with its labels, and constant query parameters after a {@code ?}
 * @param status the HTTP status of success
 * @param isBodyUnsigned whether clients may sign the request without its body
 */
record OperationModel(
        String name,
        String method,
        String uri,
        int status,
        Optional<Shape.Structure> input,
        Optional<Shape.Structure> output,
        boolean isBodyUnsigned) {}
