package io.firn.server.users;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.firn.io.Disk;
import io.firn.io.DiskFile;
import io.firn.io.StorageException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The users on disk: {@value #NAME}, JSON, {@code {"format": 1, "users": [{"name", "accessKey", "secretKey", "canonicalId", "email"?,
 * "displayName"}]}}. A file of a newer format is refused.
 */
final class UsersFile {
    static final String NAME = "users.json";

    private static final String NEW = "users.json.new";
    private static final int FORMAT = 1;
    private static final int MAX_BYTES = 64 << 20;
    private static final ObjectMapper JSON = new ObjectMapper();

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
        try {
            return parse(JSON.readTree(bytes.array(), 0, bytes.position()));
        } catch (JacksonException | IllegalArgumentException e) {
            throw new StorageException.Corrupt(NAME + " cannot be read: " + e.getMessage());
        } catch (java.io.IOException e) {
            throw new StorageException.Corrupt(NAME + " cannot be read: " + e);
        }
    }

    private static List<User> parse(JsonNode root) {
        int format = root.path("format").asInt();
        if (format != FORMAT) {
            throw new StorageException.Unavailable(
                    NAME + " is of format " + format + ", this Firn knows " + FORMAT + ": use a newer Firn");
        }
        List<User> users = new ArrayList<>();
        for (JsonNode user : root.path("users")) {
            users.add(new User(
                    user.path("name").asText(),
                    new KeyPair(
                            user.path("accessKey").asText(),
                            new Secret(user.path("secretKey").asText())),
                    user.path("canonicalId").asText(),
                    Optional.ofNullable(user.get("email")).map(JsonNode::asText),
                    user.path("displayName").asText()));
        }
        return users;
    }

    /** Replaces the file; durable on return. */
    void write(List<User> users) {
        byte[] bytes = format(users);
        disk.delete(NEW); // left by a crash
        try (DiskFile file = disk.open(NEW, Disk.OpenMode.CREATE)) {
            file.write(ByteBuffer.wrap(bytes), 0);
            file.sync();
        }
        disk.rename(NEW, NAME);
        disk.syncDirectory("");
    }

    private static byte[] format(List<User> users) {
        ObjectNode root = JSON.createObjectNode().put("format", FORMAT);
        ArrayNode list = root.putArray("users");
        for (User user : users) {
            ObjectNode node = list.addObject()
                    .put("name", user.name())
                    .put("accessKey", user.keys().accessKey())
                    .put("secretKey", user.keys().secretKey().reveal())
                    .put("canonicalId", user.canonicalId())
                    .put("displayName", user.displayName());
            user.email().ifPresent(email -> node.put("email", email));
        }
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(root);
        } catch (JacksonException e) {
            throw new IllegalStateException("a tree of text cannot fail to be written", e);
        }
    }
}
