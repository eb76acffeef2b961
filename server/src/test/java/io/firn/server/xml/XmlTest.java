package io.firn.server.xml;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class XmlTest {

    private static final String COMPLETE = """
            <?xml version="1.0" encoding="UTF-8"?>
            <CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
              <Part><PartNumber>1</PartNumber><ETag>&quot;a54357aff0632cce46d942af68356b38&quot;</ETag></Part>
              <Part><ETag>"0c78aef83f66abc1fa1e8477f296d394"</ETag><PartNumber>2</PartNumber></Part>
            </CompleteMultipartUpload>
            """;

    @Test
    void readsTheDocumentOfTheApiReference() {
        XmlElement root = parse(COMPLETE).orElseThrow();
        assertEquals("CompleteMultipartUpload", root.name());
        List<XmlElement> parts = root.children("Part");
        assertEquals(2, parts.size());
        assertEquals(Optional.of("1"), parts.get(0).text("PartNumber"));
        assertEquals(
                Optional.of("\"a54357aff0632cce46d942af68356b38\""),
                parts.get(0).text("ETag"));
        assertEquals(Optional.empty(), parts.get(1).text("ChecksumCRC32"));
        assertTrue(root.hasOnly(Set.of("Part")));
        assertFalse(parts.get(0).hasOnly(Set.of("PartNumber")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<Delete><Object><Key>k</Key></Object></Delete>",
                "<Delete xmlns='http://s3.amazonaws.com/doc/2006-03-01/'><Object><Key>k</Key></Object></Delete>",
                "<s3:Delete xmlns:s3='http://s3.amazonaws.com/doc/2006-03-01/'><s3:Object><s3:Key>k</s3:Key></s3:Object></s3:Delete>",
                "\uFEFF<?xml version='1.0'?><!-- c --><Delete><Object><Key><![CDATA[k]]></Key></Object></Delete><?end?>",
                "<Delete><Object><Key>&#x6b;</Key></Object></Delete>",
            })
    void readsOneDocumentInManySpellings(String document) {
        XmlElement root = parse(document).orElseThrow();
        assertEquals("Delete", root.name());
        assertEquals(Optional.of("k"), root.child("Object").orElseThrow().text("Key"));
    }

    @Test
    void keepsTheSpaceAndTheTextOfKeys() {
        assertEquals(
                Optional.of(" a\tb &<>\"'é漢😀\r\n"),
                parse("<D><Key> a\tb &amp;&lt;&gt;&quot;&apos;é漢😀&#13;&#xA;</Key></D>")
                        .orElseThrow()
                        .text("Key"));
        assertEquals(Optional.empty(), XmlParser.parse("<D/>".getBytes(UTF_16)));
        assertEquals(Optional.empty(), XmlParser.parse("<D>\u00e9</D>".getBytes(ISO_8859_1)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "text",
                "<",
                "<a>",
                "<a></b>",
                "<a/><b/>",
                "<a/>text",
                "<a>&nbsp;</a>",
                "<a>&#x1;</a>",
                "<a>\u0001</a>",
                "<a b=1/>",
                "<p:a/>",
                "<!DOCTYPE a><a/>",
                "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>",
                "<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><a>&e;</a>",
                "<!DOCTYPE a SYSTEM 'http://127.0.0.1:1/a.dtd'><a/>",
            })
    void refusesWhatIsMalformed(String document) {
        assertEquals(Optional.empty(), parse(document));
    }

    @Test
    void boundsDepthAndNumberOfElements() {
        assertTrue(parse("<a>".repeat(16) + "</a>".repeat(16)).isPresent());
        assertEquals(Optional.empty(), parse("<a>".repeat(17) + "</a>".repeat(17)));
        assertEquals(Optional.empty(), parse("<a>".repeat(1_000_000)));
        assertEquals(Optional.empty(), parse("<a>" + "<b/>".repeat(150_000) + "</a>"));
        assertEquals(Optional.empty(), parse("<a " + "b".repeat(1_000_000)));
    }

    @Test
    void answersAnyBytesInTime() {
        assertTimeoutPreemptively(Duration.ofSeconds(60), XmlTest::parseMutations);
    }

    private static void parseMutations() {
        byte[] document = COMPLETE.getBytes(UTF_8);
        byte[][] pieces = Arrays.stream(new String[] {
                    "<",
                    ">",
                    "</",
                    "&",
                    "&#",
                    "<!DOCTYPE ",
                    "<![CDATA[",
                    "<!--",
                    "<?xml ",
                    "]]>",
                    "xmlns:a=",
                    "\uFFFF",
                    "<a>",
                    "'"
                })
                .map(piece -> piece.getBytes(UTF_8))
                .toArray(byte[][]::new);
        int malformed = 0;
        for (long seed = 0; seed < 8_000; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] bytes = seed % 4 == 0 ? new byte[random.nextInt(200)] : document.clone();
            if (seed % 4 == 0) {
                random.nextBytes(bytes);
            }
            for (int i = random.nextInt(1, 6); i > 0 && bytes.length > 0; i--) {
                int at = random.nextInt(bytes.length);
                switch (random.nextInt(3)) {
                    case 0 -> bytes[at] = (byte) random.nextInt();
                    case 1 -> bytes = Arrays.copyOf(bytes, at);
                    default -> {
                        byte[] piece = pieces[random.nextInt(pieces.length)];
                        System.arraycopy(piece, 0, bytes, at, Math.min(piece.length, bytes.length - at));
                    }
                }
            }
            byte[] mutated = bytes;
            Optional<XmlElement> outcome = assertDoesNotThrow(() -> XmlParser.parse(mutated), "seed " + seed);
            malformed += outcome.isEmpty() ? 1 : 0;
        }
        assertTrue(malformed > 6_000 && malformed < 8_000, "malformed " + malformed);
    }

    @Test
    void writesAListingAsS3Does() {
        XmlWriter xml = XmlWriter.document("ListBucketResult");
        xml.element("MaxKeys", 1000);
        xml.begin("Contents");
        xml.element("Key", "a&b<c>d\"e'f\r\n\u0001\u007fé漢😀");
        xml.element("ETag", "\"d41d8cd98f00b204e9800998ecf8427e\"");
        xml.end();
        assertEquals(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                        + "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><MaxKeys>1000</MaxKeys><Contents>"
                        + "<Key>a&amp;b&lt;c&gt;d&quot;e'f&#xD;&#xA;&#x1;&#x7F;é漢😀</Key>"
                        + "<ETag>&quot;d41d8cd98f00b204e9800998ecf8427e&quot;</ETag></Contents></ListBucketResult>",
                new String(xml.toBytes(), UTF_8));
    }

    @Test
    void writesErrorsGranteesAndHalfCharacters() {
        XmlWriter xml = XmlWriter.plainDocument("Error");
        xml.beginTyped("Grantee", "CanonicalUser");
        xml.text("\uD83D \uDE00");
        assertEquals(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Grantee"
                        + " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"CanonicalUser\">\uFFFD \uFFFD"
                        + "</Grantee></Error>",
                new String(xml.toBytes(), UTF_8));
        assertThrows(IllegalStateException.class, xml::end);
    }

    @Test
    void readsBackWhatItWrites() {
        for (long seed = 0; seed < 500; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(2000); i > 0; i--) {
                int c = random.nextInt(3) == 0 ? random.nextInt(0x20, 0x80) : random.nextInt(0x10FFFE);
                boolean legal = c >= 0x20 && (c < 0xD800 || c > 0xDFFF) && c != 0xFFFE && c != 0xFFFF;
                text.appendCodePoint(legal ? c : '\n');
            }
            XmlWriter xml = XmlWriter.document("R");
            xml.element("K", text.toString());
            Optional<XmlElement> read = XmlParser.parse(xml.toBytes());
            assertEquals(Optional.of(text.toString()), read.orElseThrow().text("K"), "seed " + seed);
        }
    }

    private static Optional<XmlElement> parse(String document) {
        return XmlParser.parse(document.getBytes(UTF_8));
    }
}
