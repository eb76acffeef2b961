package io.firn.server.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** JSON bodies into values and back, by the model. Unknown members are ignored, as the JSON services do. */
final class JsonValues {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final Words words;

    JsonValues(Words words) {
        this.words = words;
    }

    /** The members of a structure that are in a body; those that are required are not asked for here. */
    Fields structure(List<Member> members, JsonNode json, String path) {
        if (!json.isObject()) {
            throw words.malformed("Start of structure or map found where not expected.");
        }
        Fields fields = new Fields();
        for (Member member : members) {
            JsonNode child = json.path(member.wireName());
            if (!child.isMissingNode() && !child.isNull()) {
                fields.put(member.name(), value(member, child, path + member.wireName()));
            }
        }
        return fields;
    }

    Value value(Member member, JsonNode json, String path) {
        return switch (member.shape()) {
            case Shape.Structure structure -> {
                Fields fields = structure(structure.members(), json, path + ".");
                require(structure.members(), fields, path + ".", words);
                yield fields;
            }
            case Shape.Sequence sequence -> {
                if (!json.isArray()) {
                    throw words.malformed("Expected list or null at '" + path + "'");
                }
                List<Value> items = new ArrayList<>();
                for (JsonNode item : json) {
                    items.add(
                            item.isNull()
                                    ? new Value.Nothing()
                                    : value(sequence.element(), item, path + "." + (items.size() + 1) + ".member"));
                }
                Scalars.bounds(sequence.size(), items.size(), "length", items.size() + " items", path, words);
                yield new Value.Items(items);
            }
            case Shape.Dictionary dictionary -> {
                if (!json.isObject()) {
                    throw words.malformed("Expected map or null at '" + path + "'");
                }
                Fields fields = new Fields();
                for (Map.Entry<String, JsonNode> entry : json.properties()) {
                    fields.put(
                            entry.getKey(),
                            entry.getValue().isNull()
                                    ? new Value.Nothing()
                                    : value(dictionary.value(), entry.getValue(), path + "." + entry.getKey()));
                }
                yield fields;
            }
            case Shape.Document document -> document(json);
            case Shape.Whole whole
            when json.isNumber() && json.canConvertToExactIntegral() && json.canConvertToLong() ->
                Scalars.check(whole, new Value.Whole(json.longValue()), path, words);
            case Shape.Real real
            when json.isNumber() -> Scalars.check(real, new Value.Real(json.doubleValue()), path, words);
            case Shape.Real real
            when json.isTextual() && isSpecial(json.textValue()) ->
                new Value.Real(Double.parseDouble(json.textValue()));
            case Shape.Truth truth when json.isBoolean() -> new Value.Truth(json.booleanValue());
            case Shape.Text text
            when json.isTextual() -> Scalars.check(text, new Value.Text(json.textValue()), path, words);
            case Shape.Blob blob
            when json.isTextual() -> Scalars.parse(blob, json.textValue(), TimestampFormat.UNSAID, path, words);
            case Shape.Moment moment when json.isNumber() -> new Value.Moment(Scalars.ofSeconds(json.doubleValue()));
            case Shape.Moment moment
            when json.isTextual() ->
                Scalars.parse(
                        moment, json.textValue(), Scalars.format(member, TimestampFormat.UNIX_SECONDS), path, words);
            default -> throw words.malformed("The value at '" + path + "' has the wrong type");
        };
    }

    static void require(List<Member> members, Fields fields, String path, Words words) {
        for (Member member : members) {
            if (member.isRequired() && !fields.has(member.name())) {
                throw words.missing(path + member.wireName());
            }
        }
    }

    private static boolean isSpecial(String text) {
        return text.equals("NaN") || text.equals("Infinity") || text.equals("-Infinity");
    }

    static Value document(JsonNode json) {
        if (json.isObject()) {
            Fields fields = new Fields();
            json.properties().forEach(entry -> fields.put(entry.getKey(), document(entry.getValue())));
            return fields;
        }
        if (json.isArray()) {
            List<Value> items = new ArrayList<>();
            json.forEach(item -> items.add(document(item)));
            return new Value.Items(items);
        }
        if (json.isTextual()) {
            return new Value.Text(json.textValue());
        }
        if (json.isBoolean()) {
            return new Value.Truth(json.booleanValue());
        }
        if (json.isNumber()) {
            return json.canConvertToLong() && json.canConvertToExactIntegral()
                    ? new Value.Whole(json.longValue())
                    : new Value.Real(json.doubleValue());
        }
        return new Value.Nothing();
    }

    // Answers

    ObjectNode write(List<Member> members, Fields fields) {
        ObjectNode json = JSON.objectNode();
        for (Member member : members) {
            Optional<Value> value = fields.value(member.name());
            if (value.isPresent()) {
                json.set(member.wireName(), write(member, value.get()));
            }
        }
        return json;
    }

    JsonNode write(Member member, Value value) {
        return switch (value) {
            case Fields fields
            when member.shape() instanceof Shape.Structure structure -> write(structure.members(), fields);
            case Fields fields
            when member.shape() instanceof Shape.Dictionary dictionary -> {
                ObjectNode json = JSON.objectNode();
                fields.asMap().forEach((key, entry) -> json.set(key, write(dictionary.value(), entry)));
                yield json;
            }
            case Value.Items items
            when member.shape() instanceof Shape.Sequence sequence -> {
                ArrayNode json = JSON.arrayNode();
                items.values().forEach(item -> json.add(write(sequence.element(), item)));
                yield json;
            }
            case Value.Moment moment -> moment(moment.instant(), Scalars.format(member, TimestampFormat.UNIX_SECONDS));
            default -> document(value);
        };
    }

    private static JsonNode moment(Instant instant, TimestampFormat format) {
        if (format != TimestampFormat.UNIX_SECONDS) {
            return JSON.textNode(Scalars.text(instant, format));
        }
        long millis = instant.toEpochMilli();
        return millis % 1000 == 0 ? JSON.numberNode(millis / 1000) : JSON.numberNode(millis / 1000.0);
    }

    static JsonNode document(Value value) {
        return switch (value) {
            case Value.Text text -> JSON.textNode(text.text());
            case Value.Whole whole -> JSON.numberNode(whole.number());
            case Value.Real real ->
                Double.isFinite(real.number())
                        ? JSON.numberNode(real.number())
                        : JSON.textNode(Double.toString(real.number()));
            case Value.Truth truth -> JSON.booleanNode(truth.isTrue());
            case Value.Bytes bytes -> JSON.textNode(Base64.getEncoder().encodeToString(bytes.bytes()));
            case Value.Moment moment -> moment(moment.instant(), TimestampFormat.UNIX_SECONDS);
            case Value.Nothing nothing -> JSON.nullNode();
            case Value.Items items -> {
                ArrayNode json = JSON.arrayNode();
                items.values().forEach(item -> json.add(document(item)));
                yield json;
            }
            case Fields fields -> {
                ObjectNode json = JSON.objectNode();
                fields.asMap().forEach((key, entry) -> json.set(key, document(entry)));
                yield json;
            }
        };
    }
}
