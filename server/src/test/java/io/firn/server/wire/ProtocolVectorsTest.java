package io.firn.server.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.firn.server.http.HeaderList;
import io.firn.server.http.HttpReply;
import io.firn.server.xml.XmlElement;
import io.firn.server.xml.XmlParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * botocore's protocol tests, read from the server's side: requests are parsed and must give the parameters, results are written and must
 * give the response. The files are {@code tests/unit/protocols} of github.com/boto/botocore (Apache-2.0), seen at 0e6e240 (2026-08-07):
 *
 * <p>{@code mvn -pl server -am test -Dtest=ProtocolVectorsTest -Dsurefire.failIfNoSpecifiedTests=false
 * -Dfirn.protocolVectors=DIR}
 *
 * <p>Each case that is not met is named here with its reason; one that is met in spite of that fails the test too.
 */
@EnabledIfSystemProperty(named = "firn.protocolVectors", matches = ".+")
final class ProtocolVectorsTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * What is not met, by file. The reasons: {@code SDK...} are compressed requests, which no operation of the services here allows. In requests
     * the client's own additions (idempotency tokens) are there for the server and what it leaves out (nulls, empty lists) is not; all query
     * parameters are in a map of the query. In responses, a client must read what a server never writes (offsets, nulls, unknown members). The
     * legacy files put traits where the published models of the services here do not. A media type on a text is not told from JSON by the model,
     * which botocore leaves out too.
     */
    private static final Map<String, Set<String>> EXCEPTIONS = Map.of(
            "input/ec2.json",
            Set.of(
                    "SDKAppliedContentEncoding_ec2Query",
                    "SDKAppendsGzipAndIgnoresHttpProvidedEncoding_ec2Query",
                    "Ec2ProtocolIdempotencyTokenAutoFill",
                    "Ec2EmptyQueryLists"),
            "input/query.json",
            Set.of(
                    "SDKAppliedContentEncoding_awsQuery",
                    "SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsQuery",
                    "QueryProtocolIdempotencyTokenAutoFill",
                    "QueryEmptyQueryMaps"),
            "output/query.json",
            Set.of("QueryEmptyInputAndEmptyOutput", "QueryNoInputAndNoOutput", "QueryNoInputAndOutput"),
            "input/rest-json.json",
            Set.of(
                    "SDKAppliedContentEncoding_restJson1",
                    "SDKAppendedGzipAfterProvidedEncoding_restJson1",
                    "RestJsonQueryIdempotencyTokenAutoFill",
                    "RestJsonHttpPrefixHeadersAreNotPresent",
                    "RestJsonNullAndEmptyHeaders",
                    "RestJsonOmitsNullQuery",
                    "RestJsonOmitsEmptyListQueryValues",
                    "RestJsonDoesntSerializeNullStructureValues",
                    "RestJsonHttpWithEmptyStructurePayload",
                    "RestJsonHttpWithHeadersButNoPayload",
                    "RestJsonQueryParamsStringListMap",
                    "RestJsonQueryPrecedence",
                    "RestJsonHostWithPath",
                    "MediaTypeHeaderInputBase64"),
            "output/rest-json.json",
            Set.of(
                    "RestJsonDateTimeWithNegativeOffset",
                    "RestJsonDateTimeWithPositiveOffset",
                    "RestJsonHttpPayloadWithUnsetUnion",
                    "RestJsonDeserializesDenseSetMapAndSkipsNull",
                    "RestJsonDeserializeIgnoreType",
                    "RestJsonDoesntDeserializeNullStructureValues",
                    "MediaTypeHeaderOutputBase64"),
            "input/legacy/ec2.json",
            Set.of("Idempotency token auto fill 1"),
            "input/legacy/query.json",
            Set.of("Idempotency token auto fill 1"),
            "input/legacy/rest-json.json",
            Set.of(
                    "Idempotency token auto fill 1",
                    "No parameters 0",
                    "Omits null query params, but serializes empty strings 0",
                    "Content-Type and JSON body 2",
                    "Content-Type and JSON body 4",
                    "Content-Type and JSON body 7",
                    "List in header 1",
                    "Blob payload 0",
                    "Structure payload 0",
                    "String payload 0"),
            "output/legacy/rest-json.json",
            Set.of(
                    "Scalar members 0",
                    "Timestamp members 0",
                    "Ignores extra data 0",
                    "Ignores undefined output 0",
                    "Tagged Unions 2",
                    "List in header 0"));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ec2.json",
                "query.json",
                "rest-json.json",
                "legacy/ec2.json",
                "legacy/query.json",
                "legacy/rest-json.json"
            })
    void requestsAreParsed(String file) throws Exception {
        run("input", file, (model, test) -> {
            Protocol protocol = Protocol.of(model);
            JsonNode sent = test.path("serialized");
            String uri = sent.path("uri").asText("/");
            int question = uri.indexOf('?');
            HeaderList headers = new HeaderList();
            sent.path("headers")
                    .properties()
                    .forEach(entry ->
                            headers.add(entry.getKey(), entry.getValue().asText()));
            WireRequest request = new WireRequest(
                    sent.path("method")
                            .asText(test.path("given")
                                    .path("http")
                                    .path("method")
                                    .asText("POST")),
                    question < 0 ? uri : uri.substring(0, question),
                    question < 0 ? "" : uri.substring(question + 1),
                    headers,
                    sent.path("body").asText("").getBytes(UTF_8));
            OperationModel operation = protocol.operation(request);
            assertEquals(test.path("given").path("name").asText(), operation.name());
            JsonNode expected = normal(test.path("params"));
            JsonNode parsed = normal(plain(protocol.parse(operation, request)));
            assertEquals(expected, parsed);
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ec2.json",
                "query.json",
                "rest-json.json",
                "legacy/ec2.json",
                "legacy/query.json",
                "legacy/rest-json.json"
            })
    void resultsAreWritten(String file) throws Exception {
        run("output", file, (model, test) -> {
            Protocol protocol = Protocol.of(model);
            OperationModel operation = model.operations().getFirst();
            JsonNode response = test.path("response");
            HttpReply reply;
            if (test.has("error")) {
                ServiceException error = new ServiceException(
                        response.path("status_code").asInt(),
                        test.path("errorCode").asText(),
                        test.path("errorMessage").asText());
                reply = protocol.answer(error, "id");
                assertEquals(response.path("status_code").asInt(), reply.status());
                return;
            }
            Fields output = operation
                    .output()
                    .map(shape -> fields(shape.members(), test.path("result")))
                    .orElse(new Fields());
            reply = protocol.answer(operation, output, "id");
            assertEquals(response.path("status_code").asInt(200), reply.status());
            String body = new String(reply.body(), UTF_8);
            String expected = response.path("body").asText("");
            if (model.about().protocol().equals("rest-json")) {
                for (Map.Entry<String, JsonNode> header :
                        response.path("headers").properties()) {
                    if (!header.getKey().equalsIgnoreCase("Content-Type")) {
                        assertEquals(
                                header.getValue().asText().replace(", ", ","),
                                reply.headers()
                                        .first(header.getKey())
                                        .orElse("none")
                                        .replace(", ", ","),
                                header.getKey());
                    }
                }
                boolean isJson =
                        expected.strip().startsWith("{") || expected.strip().startsWith("[");
                if (isJson) {
                    assertEquals(normal(JSON.readTree(expected)), normal(JSON.readTree(body)));
                } else if (!(expected.isEmpty() && body.equals("{}"))) {
                    assertEquals(expected, body);
                }
            } else {
                assertEquals(normal(expected), normal(body));
            }
        });
    }

    private interface Check {
        void check(ServiceModel model, JsonNode test) throws Exception;
    }

    private static void run(String direction, String file, Check check) throws Exception {
        boolean isLegacy = file.startsWith("legacy/");
        Path path = Path.of(System.getProperty("firn.protocolVectors", ""))
                .resolve(isLegacy ? "legacy" : "")
                .resolve(direction)
                .resolve(isLegacy ? file.substring("legacy/".length()) : file);
        Set<String> failed = new TreeSet<>();
        List<String> reasons = new ArrayList<>();
        int count = 0;
        for (JsonNode suite : JSON.readTree(Files.readString(path))) {
            int number = 0;
            for (JsonNode test : suite.path("cases")) {
                String id = test.path("id").asText(suite.path("description").asText() + " " + number);
                number++;
                count++;
                ObjectNode json = suite.deepCopy();
                ObjectNode given = test.path("given").deepCopy();
                if (!given.has("name")) {
                    given.put("name", "OperationName");
                }
                json.set(
                        "operations",
                        JSON.createObjectNode().set(given.path("name").asText(), given));
                try {
                    check.check(ModelJson.read(json), ((ObjectNode) test.deepCopy()).set("given", given));
                } catch (AssertionError | RuntimeException e) {
                    failed.add(id);
                    reasons.add(id + ": " + e);
                }
            }
        }
        Set<String> allowed = new TreeSet<>(EXCEPTIONS.getOrDefault(direction + "/" + file, Set.of()));
        System.out.println(
                direction + "/" + file + ": " + (count - failed.size()) + " passed, " + failed.size() + " not");
        reasons.stream()
                .filter(reason -> allowed.stream().noneMatch(reason::startsWith))
                .forEach(System.out::println);
        assertTrue(count > 0);
        assertEquals(allowed, failed);
    }

    /** A result of the file as the value tree that an operation would return. */
    private static Fields fields(List<Member> members, JsonNode json) {
        Fields fields = new Fields();
        for (Member member : members) {
            JsonNode child = json.path(member.name());
            if (!child.isMissingNode() && !child.isNull()) {
                fields.put(member.name(), value(member.shape(), child));
            }
        }
        return fields;
    }

    private static Value value(Shape shape, JsonNode json) {
        return switch (shape) {
            case Shape.Structure structure -> fields(structure.members(), json);
            case Shape.Sequence sequence -> {
                List<Value> items = new ArrayList<>();
                json.forEach(item -> items.add(
                        item.isNull()
                                ? new Value.Nothing()
                                : value(sequence.element().shape(), item)));
                yield new Value.Items(items);
            }
            case Shape.Dictionary dictionary -> {
                Fields fields = new Fields();
                json.properties()
                        .forEach(entry -> fields.put(
                                entry.getKey(),
                                entry.getValue().isNull()
                                        ? new Value.Nothing()
                                        : value(dictionary.value().shape(), entry.getValue())));
                yield fields;
            }
            case Shape.Whole whole -> new Value.Whole(json.longValue());
            case Shape.Real real ->
                new Value.Real(json.isTextual() ? Double.parseDouble(json.textValue()) : json.doubleValue());
            case Shape.Truth truth -> new Value.Truth(json.booleanValue());
            case Shape.Blob blob -> new Value.Bytes(json.asText().getBytes(UTF_8));
            case Shape.Moment moment -> new Value.Moment(Instant.ofEpochMilli(Math.round(json.doubleValue() * 1000)));
            case Shape.Document document -> JsonValues.document(json);
            case Shape.Text text -> json.isContainerNode() ? JsonValues.document(json) : new Value.Text(json.asText());
        };
    }

    /** The value tree as the files spell it. */
    private static JsonNode plain(Value value) {
        return switch (value) {
            case Value.Bytes bytes -> JsonNodeFactory.instance.textNode(new String(bytes.bytes(), UTF_8));
            case Value.Moment moment ->
                JsonNodeFactory.instance.numberNode(moment.instant().toEpochMilli() / 1000.0);
            case Value.Items items -> {
                var list = JSON.createArrayNode();
                items.values().forEach(item -> list.add(plain(item)));
                yield list;
            }
            case Fields fields -> {
                ObjectNode object = JSON.createObjectNode();
                fields.asMap().forEach((name, child) -> object.set(name, plain(child)));
                yield object;
            }
            default -> JsonValues.document(value);
        };
    }

    /** All numbers as doubles: the files mix 1 and 1.0. */
    private static JsonNode normal(JsonNode json) {
        if (json.isNumber()) {
            return JsonNodeFactory.instance.numberNode(json.doubleValue());
        }
        if (json.isArray()) {
            var list = JSON.createArrayNode();
            json.forEach(item -> list.add(normal(item)));
            return list;
        }
        if (json.isObject()) {
            ObjectNode object = JSON.createObjectNode();
            json.properties().forEach(entry -> object.set(entry.getKey(), normal(entry.getValue())));
            return object;
        }
        return json;
    }

    /** A document without the request id, with moments and numbers in one spelling, in one order of names. */
    private static String normal(String xml) {
        Optional<XmlElement> root = XmlParser.parse(xml.strip().getBytes(UTF_8));
        return root.map(ProtocolVectorsTest::normal).orElse("");
    }

    private static String normal(XmlElement element) {
        if (element.elements().isEmpty()) {
            String text = element.ownText().strip();
            for (TimestampFormat format : TimestampFormat.values()) {
                Optional<Instant> instant = Scalars.instant(text, format);
                if (instant.isPresent()) {
                    return instant.get().toString();
                }
            }
            return text;
        }
        Map<String, List<String>> children = new TreeMap<>();
        for (XmlElement child : element.elements()) {
            String name = child.name();
            if (!name.equalsIgnoreCase("requestId") && !name.equals("ResponseMetadata")) {
                children.computeIfAbsent(name, absent -> new ArrayList<>()).add(normal(child));
            }
        }
        return children.toString();
    }
}
