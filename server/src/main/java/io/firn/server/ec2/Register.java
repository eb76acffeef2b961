package io.firn.server.ec2;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.firn.io.Clock;
import io.firn.io.Disk;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * The facts of EC2 that no store holds, durable: all of them in memory, each change one record at the end of a file.
 *
 * <p>A change costs one write and one sync whatever the number of facts. The file is written anew, with what is alive, when more than half
 * of it is dead; so a byte is copied once for each byte appended, on average, and opening reads at most twice what is alive.
 *
 * <p><b>Threads.</b> Reading is free of locks. A change that depends on what was read runs within {@link #inTurn}, one at a time.
 */
public final class Register implements AutoCloseable {
    private static final long COMPACT_BYTES_MIN = 1 << 20;

    private final Clock clock;
    private final ConcurrentNavigableMap<String, Facts> facts = new ConcurrentSkipListMap<>();
    private final Map<Integer, String> volumesByNumber = new ConcurrentHashMap<>();
    private final ReentrantLock turn = new ReentrantLock();
    private final RegisterFile file;
    private long compactAtBytes;

    private Register(Disk disk, Clock clock) {
        this.clock = clock;
        file = RegisterFile.open(disk, this::apply);
        compact();
    }

    /** Opens the register in a folder that nobody else uses, making it when it is missing. */
    public static Register open(Disk disk, Clock clock) {
        return new Register(disk, clock);
    }

    private void apply(JsonNode record) {
        record.path("put").forEach(put -> apply(Facts.fromJson(put)));
        record.path("remove").forEach(key -> remove(key.asText()));
    }

    private void apply(Facts put) {
        facts.put(put.key(), put);
        if (put instanceof VolumeFacts volume && volume.number() != 0) {
            volumesByNumber.put(volume.number(), volume.id());
        }
    }

    private void remove(String key) {
        if (facts.remove(key) instanceof VolumeFacts volume) {
            volumesByNumber.remove(volume.number());
        }
    }

    /** Runs a change alone. */
    <T> T inTurn(Supplier<T> change) {
        turn.lock();
        try {
            return change.get();
        } finally {
            turn.unlock();
        }
    }

    /** Puts these facts in place of those with their keys, all or none; durable on return. */
    void put(Facts... changed) {
        put(Arrays.asList(changed));
    }

    void put(List<? extends Facts> changed) {
        change(changed, List.of());
    }

    /** Puts and removes, all or nothing; durable on return. */
    void change(List<? extends Facts> puts, List<String> removals) {
        turn.lock();
        try {
            file.append(record(puts, removals));
            puts.forEach(this::apply);
            removals.forEach(this::remove);
            if (file.bytes() > compactAtBytes) {
                compact();
            }
        } finally {
            turn.unlock();
        }
    }

    private static ObjectNode record(List<? extends Facts> puts, List<String> removals) {
        ObjectNode record = JsonNodeFactory.instance.objectNode();
        if (!puts.isEmpty()) {
            var array = record.putArray("put");
            puts.forEach(put -> array.add(Facts.write(put)));
        }
        if (!removals.isEmpty()) {
            var array = record.putArray("remove");
            removals.forEach(array::add);
        }
        return record;
    }

    private void compact() {
        facts.values().removeIf(this::isPast);
        List<JsonNode> alive = new ArrayList<>();
        facts.values().forEach(fact -> alive.add(record(List.of(fact), List.of())));
        file.replace(alive);
        compactAtBytes = Math.max(COMPACT_BYTES_MIN, 2 * file.bytes());
    }

    private boolean isPast(Facts fact) {
        return switch (fact) {
            case TokenFacts token -> token.isExpired(clock.now());
            case InstanceFacts instance -> instance.isForgotten(clock.now());
            case VolumeFacts volume -> false;
            case ModificationFacts modification -> false;
            case AttachmentFacts attachment -> false;
            case EncryptionFacts encryption -> false;
            case RetagFacts retag -> false;
        };
    }

    Optional<VolumeFacts> volume(String id) {
        return facts.get(id) instanceof VolumeFacts volume ? Optional.of(volume) : Optional.empty();
    }

    Optional<VolumeFacts> volume(int number) {
        return Optional.ofNullable(volumesByNumber.get(number)).flatMap(this::volume);
    }

    /** All volumes that EC2 was told of, by id. */
    List<VolumeFacts> volumes() {
        return all("vol-", VolumeFacts.class);
    }

    /** An instance that is still told of. */
    Optional<InstanceFacts> instance(String id) {
        return facts.get(id) instanceof InstanceFacts instance && !instance.isForgotten(clock.now())
                ? Optional.of(instance)
                : Optional.empty();
    }

    /** All instances that are still told of, by id. */
    List<InstanceFacts> instances() {
        List<InstanceFacts> instances = all("i-", InstanceFacts.class);
        instances.removeIf(instance -> instance.isForgotten(clock.now()));
        return instances;
    }

    /** Where a volume is attached, by instance. */
    List<AttachmentFacts> attachmentsOf(String volumeId) {
        return all(AttachmentFacts.prefix(volumeId), AttachmentFacts.class);
    }

    /** All attachments, by volume. */
    List<AttachmentFacts> attachments() {
        return all("attachment/", AttachmentFacts.class);
    }

    private <T extends Facts> List<T> all(String prefix, Class<T> kind) {
        List<T> all = new ArrayList<>();
        facts.subMap(prefix, prefix + Character.MAX_VALUE).values().stream()
                .filter(kind::isInstance)
                .map(kind::cast)
                .forEach(all::add);
        return all;
    }

    /** The last modification of a volume. */
    Optional<ModificationFacts> modification(String volumeId) {
        return facts.get(ModificationFacts.key(volumeId)) instanceof ModificationFacts modification
                ? Optional.of(modification)
                : Optional.empty();
    }

    /** The tokens of the calls that made a thing. */
    List<TokenFacts> tokensOf(String id) {
        return all("token/", TokenFacts.class).stream()
                .filter(token -> token.ids().contains(id))
                .toList();
    }

    /** Whether what is made with nothing said of encryption is encrypted. */
    public boolean isEncryptingByDefault() {
        return encryption().isDefault();
    }

    /** The key that was named for it. */
    public Optional<String> defaultKeyArn() {
        return encryption().keyArn();
    }

    EncryptionFacts encryption() {
        return facts.get(EncryptionFacts.KEY) instanceof EncryptionFacts encryption ? encryption : EncryptionFacts.NONE;
    }

    /** What a call began to do to the tags of snapshots and has not ended. */
    Optional<RetagFacts> retag() {
        return facts.get(RetagFacts.KEY) instanceof RetagFacts retag ? Optional.of(retag) : Optional.empty();
    }

    /** A token that was used and still counts. */
    Optional<TokenFacts> token(String operation, String token) {
        return facts.get(TokenFacts.key(operation, token)) instanceof TokenFacts used && !used.isExpired(clock.now())
                ? Optional.of(used)
                : Optional.empty();
    }

    @Override
    public void close() {
        turn.lock();
        try {
            file.close();
        } finally {
            turn.unlock();
        }
    }
}
