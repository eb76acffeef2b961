package io.firn.server.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.firn.server.http.HeaderList;
import io.firn.server.http.HttpReply;
import io.firn.server.xml.XmlWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The protocols {@code ec2} and {@code query}: form parameters in, XML out. They differ in how lists and names are spelled and in the
 * envelope.
 *
 * <p>Sources: Smithy, "AWS EC2 query protocol" and "AWS query protocol", read 2026-11; both are held to botocore's protocol tests.
 */
final class QueryProtocol implements Protocol {
    /** Parameters that are the envelope's, or those of a signature in the query. */
    private static final Set<String> ENVELOPE = Set.of(
            "Action",
            "Version",
            "X-Amz-Algorithm",
            "X-Amz-Credential",
            "X-Amz-Date",
            "X-Amz-Expires",
            "X-Amz-SignedHeaders",
            "X-Amz-Signature",
            "X-Amz-Security-Token");

    private final ServiceModel model;
    private final boolean isEc2;
    private final Words words;

    QueryProtocol(ServiceModel model) {
        this.model = model;
        this.isEc2 = model.about().protocol().equals("ec2");
        this.words = new Ec2Words();
    }

    @Override
    public Words words() {
        return words;
    }

    @Override
    public OperationModel operation(WireRequest request) {
        String action = parameters(request)
                .text("Action")
                .orElseThrow(() -> new ServiceException(
                        400, "MissingAction", "The request is missing an action or a required parameter."));
        return model.operation(action).orElseThrow(() -> words.unknownOperation(action));
    }

    private QueryParameters parameters(WireRequest request) {
        try {
            return QueryParameters.parse(request.rawQuery(), new String(request.body(), ISO_8859_1));
        } catch (IllegalArgumentException broken) {
            throw words.malformed(String.valueOf(broken.getMessage()));
        }
    }

    @Override
    public Fields parse(OperationModel operation, WireRequest request) {
        QueryParameters parameters = parameters(request);
        parameters.children().keySet().removeAll(ENVELOPE);
        if (operation.input().isEmpty()) {
            if (!parameters.children().isEmpty()) {
                throw words.unknown(parameters.children().keySet().iterator().next());
            }
            return new Fields();
        }
        return structure(operation.input().get(), parameters, "");
    }

    // Requests

    private Fields structure(Shape.Structure shape, QueryParameters given, String path) {
        Fields fields = new Fields();
        List<String> known = new ArrayList<>();
        for (Member member : shape.members()) {
            String name = requestName(member);
            known.add(name);
            Optional<QueryParameters> child = given.child(name);
            if (child.isPresent()) {
                fields.put(member.name(), value(member, child.get(), path + name));
            }
        }
        for (String name : given.children().keySet()) {
            if (!known.contains(name)) {
                throw words.unknown(path + name);
            }
        }
        for (Member member : shape.members()) {
            if (member.isRequired() && isMissing(member, fields)) {
                throw words.missing(path + requestName(member));
            }
        }
        return fields;
    }

    /** A list that names nothing would mean all to EC2's calls: where one is required it has to name something. */
    private boolean isMissing(Member member, Fields fields) {
        boolean isEmptyList = isEc2
                && member.shape() instanceof Shape.Sequence
                && fields.items(member.name()).isEmpty();
        return isEmptyList || !fields.has(member.name());
    }

    private Value value(Member member, QueryParameters given, String path) {
        return switch (member.shape()) {
            case Shape.Structure structure -> structure(structure, given, path + ".");
            case Shape.Sequence sequence -> items(sequence, member, given, path);
            case Shape.Dictionary dictionary -> map(dictionary, member, given, path);
            default -> {
                if (!given.children().isEmpty()) {
                    throw words.unknown(
                            path + "." + given.children().keySet().iterator().next());
                }
                yield Scalars.parse(
                        member.shape(),
                        given.value().orElse(""),
                        Scalars.format(member, TimestampFormat.ISO8601),
                        path,
                        words);
            }
        };
    }

    private Value items(Shape.Sequence sequence, Member member, QueryParameters given, String path) {
        QueryParameters list = given;
        String listPath = path;
        if (!isEc2 && !isFlattened(member) && !given.children().isEmpty()) {
            String name = sequence.element().traits().locationName().isEmpty()
                    ? "member"
                    : sequence.element().traits().locationName();
            list = inner(given, name, path);
            listPath = path + "." + name;
        }
        List<Value> values = new ArrayList<>();
        for (Map.Entry<Integer, QueryParameters> entry :
                numbered(list, listPath).entrySet()) {
            values.add(value(sequence.element(), entry.getValue(), listPath + "." + entry.getKey()));
        }
        Scalars.bounds(sequence.size(), values.size(), "length", values.size() + " items", path, words);
        return new Value.Items(values);
    }

    private Value map(Shape.Dictionary dictionary, Member member, QueryParameters given, String path) {
        QueryParameters entries = given;
        String entriesPath = path;
        if (!isFlattened(member) && !given.children().isEmpty()) {
            entries = inner(given, "entry", path);
            entriesPath = path + ".entry";
        }
        String keyName = nameOr(dictionary.key(), "key");
        String valueName = nameOr(dictionary.value(), "value");
        Fields fields = new Fields();
        for (Map.Entry<Integer, QueryParameters> entry :
                numbered(entries, entriesPath).entrySet()) {
            String entryPath = entriesPath + "." + entry.getKey() + ".";
            String key = entry.getValue().text(keyName).orElseThrow(() -> words.missing(entryPath + keyName));
            QueryParameters value =
                    entry.getValue().child(valueName).orElseThrow(() -> words.missing(entryPath + valueName));
            fields.put(key, value(dictionary.value(), value, entryPath + valueName));
        }
        return fields;
    }

    private QueryParameters inner(QueryParameters given, String name, String path) {
        for (String other : given.children().keySet()) {
            if (!other.equals(name)) {
                throw words.unknown(path + "." + other);
            }
        }
        return given.child(name).orElseThrow(() -> words.missing(path + "." + name));
    }

    /** The children of a list in order of their numbers; an empty value without children is an empty list. */
    private Map<Integer, QueryParameters> numbered(QueryParameters list, String path) {
        if (list.value().filter(text -> !text.isEmpty()).isPresent()) {
            throw words.unknown(path);
        }
        Map<Integer, QueryParameters> numbered = new TreeMap<>();
        list.children().forEach((name, child) -> {
            boolean isNumber =
                    !name.isEmpty() && name.length() < 10 && name.chars().allMatch(c -> c >= '0' && c <= '9');
            if (!isNumber) {
                throw words.unknown(path + "." + name);
            }
            numbered.put(Integer.valueOf(name), child);
        });
        return numbered;
    }

    private String requestName(Member member) {
        if (isEc2) {
            Member.Traits traits = member.traits();
            if (!traits.queryName().isEmpty()) {
                return traits.queryName();
            }
            String name = member.wireName();
            return name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
        }
        return listName(member);
    }

    /** A list whose shape is flattened is called as its elements are, when those have a name; one flattened at its place keeps its own. */
    private static String listName(Member member) {
        return !member.traits().has(Member.FLATTENED)
                        && member.shape() instanceof Shape.Sequence sequence
                        && sequence.isFlattened()
                        && !sequence.element().traits().locationName().isEmpty()
                ? sequence.element().traits().locationName()
                : member.wireName();
    }

    private static boolean isFlattened(Member member) {
        return member.traits().has(Member.FLATTENED)
                || (member.shape() instanceof Shape.Sequence sequence && sequence.isFlattened())
                || (member.shape() instanceof Shape.Dictionary dictionary && dictionary.isFlattened());
    }

    private static String nameOr(Member member, String usual) {
        return member.traits().locationName().isEmpty()
                ? usual
                : member.traits().locationName();
    }

    // Answers

    @Override
    public HttpReply answer(OperationModel operation, Fields output, String requestId) {
        XmlWriter xml = XmlWriter.document(operation.name() + "Response", namespace());
        if (isEc2) {
            xml.element("requestId", requestId);
            if (operation.output().isEmpty()) {
                xml.element("return", "true");
            }
            operation.output().ifPresent(shape -> write(shape, output, xml));
        } else {
            operation.output().ifPresent(shape -> {
                xml.begin(operation.name() + "Result");
                write(shape, output, xml);
                xml.end();
            });
            xml.begin("ResponseMetadata");
            xml.element("RequestId", requestId);
            xml.end();
        }
        return reply(operation.status(), xml, requestId);
    }

    private String namespace() {
        String namespace = model.about().xmlNamespace();
        return isEc2 && !namespace.endsWith("/") ? namespace + "/" : namespace;
    }

    private static HttpReply reply(int status, XmlWriter xml, String requestId) {
        HeaderList headers =
                new HeaderList().add("x-amzn-RequestId", requestId).add("Content-Type", "text/xml;charset=UTF-8");
        return new HttpReply(status, headers, xml.toBytes());
    }

    private void write(Shape.Structure shape, Fields output, XmlWriter xml) {
        for (Member member : shape.members()) {
            Optional<Value> value = output.value(member.name());
            if (value.isPresent()) {
                write(member, listName(member), value.get(), xml);
            }
        }
        for (String name : output.asMap().keySet()) {
            if (shape.member(name).isEmpty()) {
                throw new IllegalStateException(shape.name() + " has no member " + name);
            }
        }
    }

    private void write(Member member, String name, Value value, XmlWriter xml) {
        switch (member.shape()) {
            case Shape.Structure structure
            when value instanceof Fields fields -> {
                xml.begin(name);
                write(structure, fields, xml);
                xml.end();
            }
            case Shape.Sequence sequence
            when value instanceof Value.Items items -> {
                if (isFlattened(member)) {
                    items.values().forEach(item -> write(sequence.element(), name, item, xml));
                } else {
                    xml.begin(name);
                    String element = nameOr(sequence.element(), "member");
                    items.values().forEach(item -> write(sequence.element(), element, item, xml));
                    xml.end();
                }
            }
            case Shape.Dictionary dictionary
            when value instanceof Fields fields -> {
                boolean isFlattened = isFlattened(member);
                if (!isFlattened) {
                    xml.begin(name);
                }
                fields.asMap().forEach((key, entry) -> {
                    xml.begin(isFlattened ? name : "entry");
                    xml.element(nameOr(dictionary.key(), "key"), key);
                    write(dictionary.value(), nameOr(dictionary.value(), "value"), entry, xml);
                    xml.end();
                });
                if (!isFlattened) {
                    xml.end();
                }
            }
            default ->
                xml.element(
                        name,
                        Scalars.text(
                                value,
                                Scalars.format(
                                        member, isEc2 ? TimestampFormat.ISO8601_MILLIS : TimestampFormat.ISO8601)));
        }
    }

    @Override
    public HttpReply answer(ServiceException error, String requestId) {
        if (isEc2) {
            XmlWriter xml = XmlWriter.plainDocument("Response");
            xml.begin("Errors");
            xml.begin("Error");
            members(error, xml);
            xml.end();
            xml.end();
            xml.element("RequestID", requestId);
            return reply(error.status(), xml, requestId);
        }
        XmlWriter xml = XmlWriter.document("ErrorResponse", namespace());
        xml.begin("Error");
        xml.element("Type", error.status() < 500 ? "Sender" : "Receiver");
        members(error, xml);
        xml.end();
        xml.element("RequestId", requestId);
        return reply(error.status(), xml, requestId);
    }

    private static void members(ServiceException error, XmlWriter xml) {
        xml.element("Code", error.code());
        xml.element("Message", error.text());
        error.members().forEach(xml::element);
    }
}
