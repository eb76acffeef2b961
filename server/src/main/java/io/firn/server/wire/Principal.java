package io.firn.server.wire;

/**
 * Who sent a request.
 *
 * @param accountId twelve digits, the owner of what it makes
 * @param name the user's name
 * @param isRoot true for the server's own credentials
 */
public record Principal(String accountId, String name, boolean isRoot) {}
