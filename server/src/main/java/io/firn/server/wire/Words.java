package io.firn.server.wire;

import io.firn.server.auth.AuthFailure;
import io.firn.server.auth.AuthRefusal;

/** How a protocol says what is wrong with a request before its operation sees it. A path names a parameter as the client wrote it. */
sealed interface Words permits Ec2Words, JsonWords {

    ServiceException unknownOperation(String what);

    /** For an operation that the service has and this server does not. */
    ServiceException notImplemented(String operation);

    ServiceException missing(String path);

    ServiceException unknown(String path);

    /** For a value of the wrong type or beyond what the model allows. */
    ServiceException invalid(String path, String value, String expectation);

    ServiceException malformed(String what);

    ServiceException forbidden(String operation);

    ServiceException unauthentic(AuthRefusal refusal);

    ServiceException unsigned();

    ServiceException internal();

    ServiceException unavailable();

    /** For more at once than there is memory for; SDKs try it again later. */
    ServiceException throttled();

    /** Whether a refused signature was refused for its time. */
    static boolean isAboutTime(AuthRefusal refusal) {
        return refusal.failure() == AuthFailure.REQUEST_TIME_TOO_SKEWED
                || (refusal.failure() == AuthFailure.ACCESS_DENIED
                        && refusal.message().contains("expired"));
    }
}
