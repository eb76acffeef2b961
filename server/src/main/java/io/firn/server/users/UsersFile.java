package io.firn.server.users;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.firn.io.Disk;
import io.firn.io.DiskFile;
import io.firn.io.SmallFile;
import io.firn.io.StorageException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The users on disk: {@value #NAME}, JSON, {@code {"format": 1, "users": [{"name", "accessKey", "secretKey", "canonicalId", "email"?,
 * "displayName"}]}}. A file of a newer format is refused.
 */
final class UsersFile {
    static final String NAME = "users.json";

    private static final int FORMAT = 1;
    private static final int MAX_BYTES = 64 << 20;

    /** Token by token: a mapper takes a tenth of a second to make, which every start would wait for. */
    private static final JsonFactory JSON = new JsonFactory();

    private final Disk disk;

    UsersFile(Disk disk) {
        this.disk = disk;
    }

    List<User> read() {
        if (!disk.exists(NAME)) {
            return List.of();
        }
        ByteBuffer bytes;
        try (DiskFile file = disk.open(NAME, Disk.OpenMode.READ)) {
            if (file.length() > MAX_BYTES) {
                throw new StorageException.Corrupt(NAME + " has " + file.length() + " bytes, more than " + MAX_BYTES);
            }
            bytes = ByteBuffer.allocate((int) file.length());
            file.read(bytes, 0);
        }
        try (JsonParser in = JSON.createParser(bytes.array(), 0, bytes.position())) {
            return parse(in);
        } catch (IOException | IllegalArgumentException e) {
            throw new StorageException.Corrupt(NAME + " cannot be read: " + e.getMessage());
        }
    }

    private static List<User> parse(JsonParser in) throws IOException {
        int format = 0;
        List<Map<String, String>> users = List.of();
        if (in.nextToken() != JsonToken.START_OBJECT) {
            throw new IllegalArgumentException("it is no JSON object");
        }
        while (in.nextToken() == JsonToken.FIELD_NAME) {
            String field = in.currentName();
            JsonToken value = in.nextToken();
            if (field.equals("format") && value == JsonToken.VALUE_NUMBER_INT) {
                format = in.getIntValue();
            } else if (field.equals("users") && value == JsonToken.START_ARRAY) {
                users = records(in);
            } else {
                in.skipChildren();
            }
        }
        if (format != FORMAT) {
            throw new StorageException.Unavailable(
                    NAME + " is of format " + format + ", this Firn knows " + FORMAT + ": use a newer Firn");
        }
        return users.stream().map(UsersFile::user).toList();
    }

    private static List<Map<String, String>> records(JsonParser in) throws IOException {
        List<Map<String, String>> records = new ArrayList<>();
        while (in.nextToken() == JsonToken.START_OBJECT) {
            Map<String, String> record = new HashMap<>();
            while (in.nextToken() == JsonToken.FIELD_NAME) {
                String field = in.currentName();
                if (in.nextToken().isScalarValue()) {
                    record.put(field, in.getText());
                } else {
                    in.skipChildren();
                }
            }
            records.add(record);
        }
        return records;
    }

    private static User user(Map<String, String> record) {
        return new User(
                record.getOrDefault("name", ""),
                new KeyPair(record.getOrDefault("accessKey", ""), new Secret(record.getOrDefault("secretKey", ""))),
                record.getOrDefault("canonicalId", ""),
                Optional.ofNullable(record.get("email")),
                record.getOrDefault("displayName", ""));
    }

    /** Replaces the file; durable on return. */
    void write(List<User> users) {
        SmallFile.replace(disk, NAME, ByteBuffer.wrap(format(users)));
    }

    private static byte[] format(List<User> users) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator out = JSON.createGenerator(bytes).useDefaultPrettyPrinter()) {
            out.writeStartObject();
            out.writeNumberField("format", FORMAT);
            out.writeArrayFieldStart("users");
            for (User user : users) {
                out.writeStartObject();
                out.writeStringField("name", user.name());
                out.writeStringField("accessKey", user.keys().accessKey());
                out.writeStringField("secretKey", user.keys().secretKey().reveal());
                out.writeStringField("canonicalId", user.canonicalId());
                out.writeStringField("displayName", user.displayName());
                if (user.email().isPresent()) {
                    out.writeStringField("email", user.email().get());
                }
                out.writeEndObject();
            }
            out.writeEndArray();
            out.writeEndObject();
        } catch (IOException e) {
            throw new IllegalStateException("text cannot fail to be written to memory", e);
        }
        return bytes.toByteArray();
    }
}
