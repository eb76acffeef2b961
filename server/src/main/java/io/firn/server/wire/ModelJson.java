package io.firn.server.wire;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads a service's published model (the JSON of the AWS SDKs, {@code service-2.json}). Documentation, waiters and what only clients
 * need are left out.
 *
 * <p><b>Errors.</b> A model that refers to a shape it does not have, or has a type unknown here, is an {@link
 * IllegalArgumentException}: the build fails.
 */
public final class ModelJson {
    private final JsonNode json;
    private final List<String> names = new ArrayList<>();
    private final Map<String, Integer> indexes = new HashMap<>();
    private final Shape[] table;

    private ModelJson(JsonNode json) {
        this.json = json;
        json.path("shapes").fieldNames().forEachRemaining(name -> {
            indexes.put(name, names.size());
            names.add(name);
        });
        this.table = new Shape[names.size()];
    }

    /** The model of {@code json}. */
    public static ServiceModel read(JsonNode json) {
        return new ModelJson(json).read();
    }

    private ServiceModel read() {
        for (int i = 0; i < table.length; i++) {
            table[i] = shape(names.get(i), json.path("shapes").path(names.get(i)));
        }
        List<OperationModel> operations = new ArrayList<>();
        json.path("operations").properties().forEach(entry -> operations.add(operation(entry.getValue())));
        JsonNode about = json.path("metadata");
        return new ServiceModel(
                new ServiceModel.About(
                        about.path("signingName")
                                .asText(about.path("endpointPrefix").asText()),
                        about.path("protocol").asText(),
                        about.path("apiVersion").asText(),
                        about.path("jsonVersion").asText(),
                        about.path("targetPrefix").asText(),
                        about.path("xmlNamespace").asText()),
                table,
                operations);
    }

    private OperationModel operation(JsonNode operation) {
        JsonNode http = operation.path("http");
        return new OperationModel(
                operation.path("name").asText(),
                http.path("method").asText("POST"),
                http.path("requestUri").asText("/"),
                http.path("responseCode").asInt(200),
                structure(operation.path("input")),
                structure(operation.path("output")),
                operation.path("authtype").asText().equals("v4-unsigned-body")
                        || operation.path("unsignedPayload").asBoolean());
    }

    private Optional<Shape.Structure> structure(JsonNode reference) {
        if (reference.isMissingNode()) {
            return Optional.empty();
        }
        return table[index(reference)] instanceof Shape.Structure structure ? Optional.of(structure) : Optional.empty();
    }

    private int index(JsonNode reference) {
        Integer index = indexes.get(reference.path("shape").asText());
        if (index == null) {
            throw new IllegalArgumentException("the model has no shape " + reference);
        }
        return index;
    }

    private Shape shape(String name, JsonNode shape) {
        boolean isFlattened = shape.path("flattened").asBoolean();
        Bounds bounds = new Bounds(
                shape.path("min").asDouble(Bounds.NONE.least()),
                shape.path("max").asDouble(Bounds.NONE.most()));
        String type = shape.path("type").asText();
        return switch (type) {
            case "structure" -> shape.path("document").asBoolean() ? new Shape.Document(name) : structure(name, shape);
            case "list" -> new Shape.Sequence(name, member("", shape.path("member"), false), isFlattened, bounds);
            case "map" ->
                new Shape.Dictionary(
                        name,
                        member("", shape.path("key"), false),
                        member("", shape.path("value"), false),
                        isFlattened,
                        bounds);
            case "string", "character" -> {
                List<String> values = new ArrayList<>();
                shape.path("enum").forEach(value -> values.add(value.asText()));
                yield new Shape.Text(name, bounds, shape.path("pattern").asText(), values);
            }
            case "byte" -> new Shape.Whole(name, 8, bounds);
            case "short" -> new Shape.Whole(name, 16, bounds);
            case "integer" -> new Shape.Whole(name, 32, bounds);
            case "long" -> new Shape.Whole(name, 64, bounds);
            case "float", "double", "bigdecimal" -> new Shape.Real(name, bounds);
            case "boolean" -> new Shape.Truth(name);
            case "blob" -> new Shape.Blob(name, shape.path("streaming").asBoolean(), bounds);
            case "timestamp" -> new Shape.Moment(name, format(shape));
            default -> throw new IllegalArgumentException("shape " + name + " has the unknown type " + type);
        };
    }

    private Shape.Structure structure(String name, JsonNode shape) {
        List<String> required = new ArrayList<>();
        shape.path("required").forEach(member -> required.add(member.asText()));
        List<Member> members = new ArrayList<>();
        shape.path("members")
                .properties()
                .forEach(entry ->
                        members.add(member(entry.getKey(), entry.getValue(), required.contains(entry.getKey()))));
        JsonNode error = shape.path("error");
        boolean isError = !error.isMissingNode() || shape.path("exception").asBoolean();
        return new Shape.Structure(
                name,
                members,
                shape.path("payload").asText(),
                shape.path("union").asBoolean(),
                isError ? error.path("code").asText(name) : "",
                isError ? error.path("httpStatusCode").asInt(shape.path("fault").asBoolean() ? 500 : 400) : 0);
    }

    private Member member(String name, JsonNode member, boolean isRequired) {
        Member.Location location = switch (member.path("location").asText()) {
            case "" -> Member.Location.BODY;
            case "uri" -> Member.Location.URI;
            case "querystring" -> Member.Location.QUERY;
            case "header" -> Member.Location.HEADER;
            case "headers" -> Member.Location.HEADERS;
            case "statusCode" -> Member.Location.STATUS;
            default -> throw new IllegalArgumentException("member " + name + " has the unknown location " + member);
        };
        int flags = (isRequired ? Member.REQUIRED : 0)
                | (member.path("flattened").asBoolean() ? Member.FLATTENED : 0)
                | (member.path("idempotencyToken").asBoolean() ? Member.IDEMPOTENCY_TOKEN : 0)
                | (member.path("jsonvalue").asBoolean() ? Member.JSON_VALUE : 0);
        Member.Traits traits = new Member.Traits(
                location,
                member.path("locationName").asText(),
                member.path("queryName").asText(),
                format(member),
                flags);
        return new Member(name, traits, table, index(member));
    }

    private static TimestampFormat format(JsonNode shape) {
        return switch (shape.path("timestampFormat").asText()) {
            case "" -> TimestampFormat.UNSAID;
            case "iso8601" -> TimestampFormat.ISO8601;
            case "rfc822" -> TimestampFormat.RFC822;
            case "unixTimestamp" -> TimestampFormat.UNIX_SECONDS;
            default -> throw new IllegalArgumentException("unknown timestamp format " + shape);
        };
    }
}
