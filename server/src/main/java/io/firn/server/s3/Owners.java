package io.firn.server.s3;

import io.firn.server.xml.XmlWriter;
import java.util.Optional;
import java.util.function.Function;

/** Writes the accounts that documents name. */
final class Owners {
    private final Function<String, Optional<String>> displayNames;

    /** With the display name of a canonical id, where there is one. */
    Owners(Function<String, Optional<String>> displayNames) {
        this.displayNames = displayNames;
    }

    /** Adds {@code <element><ID/><DisplayName/></element>}. */
    void write(XmlWriter xml, String element, String canonicalId) {
        xml.begin(element);
        xml.element("ID", canonicalId);
        xml.element("DisplayName", displayNames.apply(canonicalId).orElse(canonicalId));
        xml.end();
    }

    String displayName(String canonicalId) {
        return displayNames.apply(canonicalId).orElse(canonicalId);
    }
}
