package io.firn.server.users;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.Disk;
import io.firn.io.DiskFile;
import io.firn.io.MemoryDisk;
import io.firn.io.StorageException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class UserStoreTest {
    private final Disk disk = new MemoryDisk();

    private UserStore open() {
        return UserStore.open(disk, Optional.empty());
    }

    private static User user(String name, String accessKey, String id, Optional<String> email) {
        return new User(name, new KeyPair(accessKey, new Secret("secret-of-" + name)), id, email, name);
    }

    @Test
    void rootIsMadeOnceAndKept() {
        UserStore first = open();
        assertTrue(first.isRootGenerated());
        UserStore second = open();
        assertFalse(second.isRootGenerated());
        assertEquals(first.root(), second.root());
        assertEquals(64, first.root().canonicalId().length());
        assertEquals(
                first.root(),
                second.byAccessKey(first.root().keys().accessKey()).orElseThrow());
    }

    @Test
    void keysFromOutsideServeAndAreNotStored() {
        String id = open().root().canonicalId();
        KeyPair outside = new KeyPair("minioadmin", new Secret("minioadmin"));
        UserStore given = UserStore.open(disk, Optional.of(outside));
        assertEquals(outside, given.root().keys());
        assertEquals(id, given.root().canonicalId());
        given.add(user("ann", "annkey", "ann-id", Optional.empty()));
        UserStore again = open();
        assertTrue(again.byAccessKey("minioadmin").isEmpty());
        assertFalse(again.isRootGenerated());
        assertTrue(again.byName("ann").isPresent());
    }

    @Test
    void usersSurviveReopening() {
        User ann = user("ann", "annkey", "ann-id", Optional.of("ann@example.com"));
        assertInstanceOf(UserStore.Added.Done.class, open().add(ann));
        UserStore again = open();
        assertEquals(Optional.of(ann), again.byAccessKey("annkey"));
        assertEquals(Optional.of(ann), again.byCanonicalId("ann-id"));
        assertEquals(Optional.of(ann), again.byEmail("ann@example.com"));
        assertTrue(again.remove("ann"));
        assertFalse(again.remove("ann"));
        assertEquals(List.of("root"), open().all().stream().map(User::name).toList());
    }

    @Test
    void whatMustBeUniqueIs() {
        UserStore users = open();
        users.add(user("ann", "annkey", "ann-id", Optional.of("a@b")));
        assertEquals(new UserStore.Added.Taken("name"), users.add(user("ann", "k2y", "i2", Optional.empty())));
        assertEquals(new UserStore.Added.Taken("access key"), users.add(user("bob", "annkey", "i2", Optional.empty())));
        assertEquals(
                new UserStore.Added.Taken("canonical id"), users.add(user("bob", "k2y", "ann-id", Optional.empty())));
        assertEquals(new UserStore.Added.Taken("email"), users.add(user("bob", "k2y", "i2", Optional.of("a@b"))));
        assertEquals(2, users.all().size());
    }

    @Test
    void rootStays() {
        assertThrows(IllegalArgumentException.class, () -> open().remove("root"));
    }

    @Test
    void newerFormatAndDamageAreRefused() {
        open();
        replace("{\"format\": 2}");
        assertThrows(StorageException.Unavailable.class, this::open);
        replace("{\"format\": 1, \"users\": [{\"name\": ");
        assertThrows(StorageException.Corrupt.class, this::open);
    }

    private void replace(String text) {
        disk.delete(UsersFile.NAME);
        try (DiskFile file = disk.open(UsersFile.NAME, Disk.OpenMode.CREATE)) {
            file.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), 0);
        }
    }

    @Test
    void secretsDoNotShow() {
        User root = open().root();
        assertFalse(root.toString().contains(root.keys().secretKey().reveal()));
    }
}
