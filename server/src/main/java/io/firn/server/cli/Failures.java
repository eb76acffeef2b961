package io.firn.server.cli;

import io.firn.io.StorageException;

/** What people are told of a failure: one line when the message says it all, the whole story of a bug. */
final class Failures {
    private Failures() {}

    static String text(Exception failure) {
        boolean isPlain = failure instanceof StorageException
                || failure instanceof IllegalArgumentException
                || failure instanceof CommandFailed
                || (failure instanceof IllegalStateException && failure.getCause() != null);
        if (isPlain && failure.getMessage() != null) {
            return failure.getMessage();
        }
        StringBuilder text = new StringBuilder("this is a bug: ").append(failure);
        for (StackTraceElement frame : failure.getStackTrace()) {
            text.append("\n    at ").append(frame);
        }
        return text.toString();
    }
}
