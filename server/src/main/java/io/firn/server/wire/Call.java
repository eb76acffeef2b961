package io.firn.server.wire;

/**
 * A request that was authenticated, allowed and found to fit the model.
 *
 * @param operation the operation's name
 * @param input its members
 * @param caller who asks
 * @param requestId as the answer tells it
 */
public record Call(String operation, Fields input, Principal caller, String requestId) {}
