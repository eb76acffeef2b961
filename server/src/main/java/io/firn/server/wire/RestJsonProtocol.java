package io.firn.server.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.firn.server.http.HeaderList;
import io.firn.server.http.HttpReply;
import java.io.IOException;
import java.net.URLDecoder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The protocol {@code rest-json}: an operation is a method and a path; members are in labels, query, headers and a JSON body, or one of
 * them is the body.
 *
 * <p>Source: Smithy, "AWS restJson1 protocol", read 2026-11; held to botocore's protocol tests.
 */
final class RestJsonProtocol implements Protocol {
    private record Route(OperationModel operation, UriTemplate template) {}

    private final ServiceModel model;
    private final Words words;
    private final JsonValues json;
    private final List<Route> routes = new ArrayList<>();

    RestJsonProtocol(ServiceModel model) {
        this.model = model;
        this.words = new JsonWords(model);
        this.json = new JsonValues(words);
        for (OperationModel operation : model.operations()) {
            routes.add(new Route(operation, UriTemplate.parse(operation.uri())));
        }
        routes.sort(Comparator.comparingInt((Route route) -> route.template().weight())
                .reversed());
    }

    @Override
    public Words words() {
        return words;
    }

    @Override
    public OperationModel operation(WireRequest request) {
        return route(request).operation();
    }

    private Route route(WireRequest request) {
        List<String> query = List.of(request.rawQuery().split("&", -1));
        for (Route route : routes) {
            if (route.operation().method().equals(request.method())
                    && query.containsAll(route.template().constants())
                    && route.template().match(request.rawPath()).isPresent()) {
                return route;
            }
        }
        throw words.unknownOperation(request.method() + " " + request.rawPath());
    }

    // Requests

    @Override
    public Fields parse(OperationModel operation, WireRequest request) {
        Fields fields = new Fields();
        if (operation.input().isEmpty()) {
            return fields;
        }
        Shape.Structure shape = operation.input().get();
        UriTemplate template = UriTemplate.parse(operation.uri());
        Map<String, String> labels = template.match(request.rawPath()).orElse(Map.of());
        List<String[]> query = query(request.rawQuery());
        Optional<Fields> body =
                shape.payload().isEmpty() ? Optional.of(body(bodyMembers(shape), request.body())) : Optional.empty();
        for (Member member : shape.members()) {
            Optional<Value> value = switch (member.traits().location()) {
                case URI -> Optional.ofNullable(labels.get(member.wireName())).map(text -> scalar(member, text));
                case QUERY -> query(member, query, template);
                case HEADER -> header(member, request.headers());
                case HEADERS -> headers(member, request.headers());
                case STATUS -> Optional.empty();
                case BODY ->
                    member.name().equals(shape.payload())
                            ? payload(member, request.body())
                            : body.flatMap(given -> given.value(member.name()));
            };
            value.ifPresent(present -> fields.put(member.name(), present));
        }
        JsonValues.require(shape.members(), fields, "", words);
        return fields;
    }

    private static List<Member> bodyMembers(Shape.Structure shape) {
        return shape.members().stream()
                .filter(member -> member.traits().location() == Member.Location.BODY)
                .toList();
    }

    private Fields body(List<Member> members, byte[] bytes) {
        if (members.isEmpty() || bytes.length == 0) {
            return new Fields();
        }
        return json.structure(members, tree(bytes), "");
    }

    private JsonNode tree(byte[] bytes) {
        try {
            return Json.read(bytes);
        } catch (JacksonException broken) {
            throw words.malformed("The body is not JSON.");
        } catch (IOException broken) {
            throw new IllegalStateException("reading from memory", broken);
        }
    }

    private Optional<Value> payload(Member member, byte[] body) {
        return switch (member.shape()) {
            case Shape.Blob blob ->
                body.length == 0 && !member.isRequired()
                        ? Optional.empty()
                        : Optional.of(Scalars.check(blob, new Value.Bytes(body), member.wireName(), words));
            case Shape.Text text ->
                body.length == 0
                        ? Optional.empty()
                        : Optional.of(
                                Scalars.check(text, new Value.Text(new String(body, UTF_8)), member.wireName(), words));
            default ->
                body.length == 0 ? Optional.empty() : Optional.of(json.value(member, tree(body), member.wireName()));
        };
    }

    private Value scalar(Member member, String text) {
        return Scalars.parse(
                member.shape(), text, Scalars.format(member, TimestampFormat.ISO8601), member.wireName(), words);
    }

    private List<String[]> query(String rawQuery) {
        List<String[]> parameters = new ArrayList<>();
        for (String pair : rawQuery.split("&", -1)) {
            if (!pair.isEmpty()) {
                int equals = pair.indexOf('=');
                try {
                    parameters.add(new String[] {
                        URLDecoder.decode(equals < 0 ? pair : pair.substring(0, equals), UTF_8),
                        equals < 0 ? "" : URLDecoder.decode(pair.substring(equals + 1), UTF_8)
                    });
                } catch (IllegalArgumentException broken) {
                    throw words.malformed("The query string is malformed.");
                }
            }
        }
        return parameters;
    }

    private Optional<Value> query(Member member, List<String[]> query, UriTemplate template) {
        if (member.shape() instanceof Shape.Dictionary dictionary) {
            return Optional.of(queryMap(dictionary, query, template));
        }
        List<String> texts = query.stream()
                .filter(pair -> pair[0].equals(member.wireName()))
                .map(pair -> pair[1])
                .toList();
        if (texts.isEmpty()) {
            return Optional.empty();
        }
        if (member.shape() instanceof Shape.Sequence sequence) {
            return Optional.of(new Value.Items(texts.stream()
                    .map(text -> Scalars.parse(
                            sequence.element().shape(),
                            text,
                            Scalars.format(sequence.element(), TimestampFormat.ISO8601),
                            member.wireName(),
                            words))
                    .toList()));
        }
        return Optional.of(scalar(member, texts.getFirst()));
    }

    /** All query parameters that nothing else of the operation has a name for. */
    private Value queryMap(Shape.Dictionary dictionary, List<String[]> query, UriTemplate template) {
        Fields fields = new Fields();
        for (String[] pair : query) {
            if (template.constants().contains(pair[0]) || template.constants().contains(pair[0] + "=" + pair[1])) {
                continue;
            }
            if (dictionary.value().shape() instanceof Shape.Sequence) {
                List<Value> items = new ArrayList<>(fields.items(pair[0]));
                items.add(new Value.Text(pair[1]));
                fields.put(pair[0], items);
            } else {
                fields.put(pair[0], pair[1]);
            }
        }
        return fields;
    }

    private Optional<Value> header(Member member, HeaderList headers) {
        Optional<String> text = headers.first(member.wireName());
        if (text.isEmpty()) {
            return Optional.empty();
        }
        String given = text.get();
        if (member.traits().has(Member.JSON_VALUE)) {
            try {
                return Optional.of(JsonValues.document(tree(Base64.getDecoder().decode(given))));
            } catch (IllegalArgumentException notBase64) {
                throw words.invalid(member.wireName(), given, "It must be Base64.");
            }
        }
        if (member.shape() instanceof Shape.Sequence sequence) {
            TimestampFormat format = Scalars.format(sequence.element(), TimestampFormat.RFC822);
            boolean hasCommas = sequence.element().shape() instanceof Shape.Moment && format == TimestampFormat.RFC822;
            List<Value> items = new ArrayList<>();
            for (String item : HeaderValues.split(String.join(", ", headers.all(member.wireName())), hasCommas)) {
                items.add(Scalars.parse(sequence.element().shape(), item, format, member.wireName(), words));
            }
            return Optional.of(new Value.Items(items));
        }
        return Optional.of(Scalars.parse(
                member.shape(), given, Scalars.format(member, TimestampFormat.RFC822), member.wireName(), words));
    }

    private static Optional<Value> headers(Member member, HeaderList headers) {
        Fields fields = new Fields();
        String prefix = member.traits().locationName().toLowerCase(Locale.ROOT);
        for (int i = 0; i < headers.size(); i++) {
            if (headers.name(i).toLowerCase(Locale.ROOT).startsWith(prefix)) {
                fields.put(headers.name(i).substring(prefix.length()), headers.value(i));
            }
        }
        return fields.asMap().isEmpty() ? Optional.empty() : Optional.of(fields);
    }

    // Answers

    @Override
    public HttpReply answer(OperationModel operation, Fields output, String requestId) {
        HeaderList headers = new HeaderList().add("x-amzn-RequestId", requestId);
        if (operation.output().isEmpty()) {
            return new HttpReply(operation.status(), headers, new byte[0]);
        }
        Shape.Structure shape = operation.output().get();
        for (String name : output.asMap().keySet()) {
            if (shape.member(name).isEmpty()) {
                throw new IllegalStateException(shape.name() + " has no member " + name);
            }
        }
        int status = operation.status();
        for (Member member : shape.members()) {
            Optional<Value> value = output.value(member.name());
            if (value.isPresent()) {
                switch (member.traits().location()) {
                    case HEADER -> headers.add(member.wireName(), headerText(member, value.get()));
                    case HEADERS -> {
                        if (value.get() instanceof Fields map) {
                            map.asMap()
                                    .forEach((name, text) -> headers.add(
                                            member.traits().locationName() + name,
                                            Scalars.text(text, TimestampFormat.RFC822)));
                        }
                    }
                    case STATUS ->
                        status = Math.toIntExact(output.number(member.name()).orElse(status));
                    case BODY, URI, QUERY -> {}
                }
            }
        }
        byte[] body = shape.payload().isEmpty()
                ? Json.write(json.write(bodyMembers(shape), output))
                : payloadBody(shape.member(shape.payload()).orElseThrow(), output);
        boolean isBinary = !shape.payload().isEmpty()
                && shape.member(shape.payload()).orElseThrow().shape() instanceof Shape.Blob;
        if (headers.first("Content-Type").isEmpty()
                && (body.length > 0 || shape.payload().isEmpty())) {
            headers.add("Content-Type", isBinary ? "application/octet-stream" : "application/json");
        }
        return new HttpReply(status, headers, body);
    }

    private byte[] payloadBody(Member member, Fields output) {
        Optional<Value> value = output.value(member.name());
        if (value.isEmpty()) {
            return member.shape() instanceof Shape.Structure
                    ? Json.write(JsonNodeFactory.instance.objectNode())
                    : new byte[0];
        }
        return switch (value.get()) {
            case Value.Bytes bytes -> bytes.bytes();
            case Value.Text text
            when member.shape() instanceof Shape.Text -> text.text().getBytes(UTF_8);
            default -> Json.write(json.write(member, value.get()));
        };
    }

    private static String headerText(Member member, Value value) {
        if (member.traits().has(Member.JSON_VALUE)) {
            return Base64.getEncoder().encodeToString(Json.write(JsonValues.document(value)));
        }
        if (value instanceof Value.Items items && member.shape() instanceof Shape.Sequence sequence) {
            TimestampFormat format = Scalars.format(sequence.element(), TimestampFormat.RFC822);
            return HeaderValues.join(
                    items.values().stream()
                            .map(item -> Scalars.text(item, format))
                            .toList(),
                    sequence.element().shape() instanceof Shape.Text);
        }
        String text = Scalars.text(value, Scalars.format(member, TimestampFormat.RFC822));
        return new String(text.getBytes(UTF_8), ISO_8859_1);
    }

    @Override
    public HttpReply answer(ServiceException error, String requestId) {
        Optional<Shape.Structure> shape = model.error(error.code());
        String code = shape.map(Shape.Structure::errorCode)
                .filter(text -> !text.isEmpty())
                .orElse(error.code());
        boolean isCapital = shape.flatMap(known -> known.member("Message")).isPresent();
        ObjectNode body = JsonNodeFactory.instance.objectNode().put(isCapital ? "Message" : "message", error.text());
        error.members().forEach(body::put);
        HeaderList headers = new HeaderList()
                .add("x-amzn-RequestId", requestId)
                .add("x-amzn-ErrorType", code)
                .add("Content-Type", "application/json");
        int status = shape.map(Shape.Structure::errorStatus).orElse(error.status());
        return new HttpReply(status, headers, Json.write(body));
    }
}
