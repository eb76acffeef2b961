package io.firn.server.s3;

/**
 * How a listing writes keys: as they are, or percent-encoded when asked with {@code encoding-type=url}, which is the only way to write
 * the characters that XML 1.0 has not.
 */
record ListingText(boolean isUrlEncoded) {

    static ListingText of(Query query) {
        String type = query.text("encoding-type");
        if (type.isEmpty()) {
            return new ListingText(false);
        }
        if (type.equalsIgnoreCase("url")) {
            return new ListingText(true);
        }
        throw S3Exception.invalidArgument("Invalid Encoding Method specified in Request", "encoding-type", type);
    }

    /** True when XML 1.0 has every character of {@code text}. */
    static boolean isXml(String text) {
        return text.chars().allMatch(c -> (c >= ' ' && c < 0xFFFE) || c == '\t' || c == '\n' || c == '\r');
    }

    String of(String key) {
        return isUrlEncoded ? PercentEncoding.encodeKey(key) : key;
    }
}
