package io.firn.server.xml;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * Reads a request's document, whatever a client made of it.
 *
 * <p>Documents are UTF-8, as S3's are, whatever encoding they declare. The answer is the root element, or empty for what S3 calls {@code MalformedXML}: not UTF-8, not well-formed, a document type or an
 * entity of its own, more than {@value #MAX_DEPTH} levels or {@value #MAX_ELEMENTS} elements. The caller bounds the length; time
 * and memory are linear in it.
 *
 * <p><b>Threads.</b> Safe.
 */
public final class XmlParser {

    static final int MAX_DEPTH = 16;
    /** Enough for the 10,000 parts of an upload with every checksum. */
    static final int MAX_ELEMENTS = 150_000;

    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private XmlParser() {}

    /** The root element of {@code document}, or empty when it is malformed. */
    public static Optional<XmlElement> parse(byte[] document) {
        try {
            String text = UTF_8.newDecoder().decode(ByteBuffer.wrap(document)).toString();
            StringReader characters = new StringReader(text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text);
            XMLStreamReader reader = factory().createXMLStreamReader(characters);
            try {
                return read(reader);
            } finally {
                reader.close();
            }
        } catch (CharacterCodingException | XMLStreamException malformed) {
            return Optional.empty();
        } catch (RuntimeException malformed) {
            // The JDK's reader answers some broken documents with unchecked exceptions of several kinds.
            return Optional.empty();
        }
    }

    /** An element whose end has not been seen. */
    private static final class Open {
        private final String name;
        private final StringBuilder text = new StringBuilder();
        private final List<XmlElement> elements = new ArrayList<>();

        Open(String name) {
            this.name = name;
        }

        XmlElement close() {
            return new XmlElement(name, text.toString(), elements);
        }
    }

    private static Optional<XmlElement> read(XMLStreamReader reader) throws XMLStreamException {
        ArrayDeque<Open> open = new ArrayDeque<>();
        Optional<XmlElement> root = Optional.empty();
        int elements = 0;
        while (reader.hasNext()) {
            switch (reader.next()) {
                case XMLStreamConstants.START_ELEMENT -> {
                    if (open.size() == MAX_DEPTH || ++elements > MAX_ELEMENTS) {
                        return Optional.empty();
                    }
                    open.push(new Open(reader.getLocalName()));
                }
                case XMLStreamConstants.END_ELEMENT -> {
                    XmlElement closed = open.pop().close();
                    if (open.isEmpty()) {
                        root = Optional.of(closed);
                    } else {
                        open.element().elements.add(closed);
                    }
                }
                case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA, XMLStreamConstants.SPACE -> {
                    if (!open.isEmpty()) {
                        open.element()
                                .text
                                .append(reader.getTextCharacters(), reader.getTextStart(), reader.getTextLength());
                    }
                }
                case XMLStreamConstants.COMMENT,
                        XMLStreamConstants.PROCESSING_INSTRUCTION,
                        XMLStreamConstants.END_DOCUMENT -> {}
                default -> {
                    return Optional.empty(); // a document type, or a reference to an entity of its own
                }
            }
        }
        return root;
    }

    /** Made anew each time: the JDK does not promise that a factory may be shared between threads. */
    private static XMLInputFactory factory() {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, false);
        return factory;
    }
}
