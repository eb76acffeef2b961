package io.firn.server.xml;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * An element of a document that a client sent: local names only, as S3 accepts its documents with and without namespace.
 *
 * <p>Immutable.
 *
 * @param name the local name
 * @param ownText the characters directly inside, white space kept, without those of children
 * @param elements the children in document order
 */
public record XmlElement(String name, String ownText, List<XmlElement> elements) {

    public XmlElement {
        elements = List.copyOf(elements);
    }

    /** The text of the first child of that name; empty when there is none. */
    public Optional<String> text(String child) {
        return child(child).map(XmlElement::ownText);
    }

    /** The first child of that name. */
    public Optional<XmlElement> child(String name) {
        for (XmlElement element : elements) {
            if (element.name.equals(name)) {
                return Optional.of(element);
            }
        }
        return Optional.empty();
    }

    /** All children of that name in document order. */
    public List<XmlElement> children(String name) {
        return elements.stream().filter(element -> element.name.equals(name)).toList();
    }

    /** Whether every child has one of these names: S3 calls documents with others malformed. */
    public boolean hasOnly(Set<String> names) {
        return elements.stream().allMatch(element -> names.contains(element.name));
    }
}
