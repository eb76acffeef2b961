package io.firn.server.http;

/** The second word of a request line. */
final class RequestTarget {
    private RequestTarget() {}

    /** The path and query of a target: an absolute form, as a client of a proxy sends it, loses its scheme and authority. */
    static String local(String target) {
        int scheme = startsWithIgnoreCase(target, "http://") ? 7 : startsWithIgnoreCase(target, "https://") ? 8 : 0;
        if (scheme == 0) {
            return target;
        }
        int end = scheme;
        while (end < target.length() && target.charAt(end) != '/' && target.charAt(end) != '?') {
            end++;
        }
        String rest = target.substring(end);
        return rest.startsWith("/") ? rest : "/" + rest;
    }

    private static boolean startsWithIgnoreCase(String text, String prefix) {
        return text.regionMatches(true, 0, prefix, 0, prefix.length());
    }
}
