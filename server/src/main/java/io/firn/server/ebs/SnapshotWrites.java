package io.firn.server.ebs;

import io.firn.io.RecordWriter;
import io.firn.server.auth.Sha256;
import io.firn.server.ebs.EbsError.Invalid;
import io.firn.server.snapshots.EbsTerms;
import io.firn.server.snapshots.NamedKey;
import io.firn.server.wire.Call;
import io.firn.server.wire.Fields;
import io.firn.server.wire.ServiceException;
import io.firn.snapshot.Chunk;
import io.firn.snapshot.SnapshotDraft;
import io.firn.snapshot.SnapshotId;
import io.firn.snapshot.SnapshotInfo;
import io.firn.snapshot.SnapshotOutcome;
import io.firn.snapshot.SnapshotRefusal;
import io.firn.snapshot.SnapshotSpec;
import io.firn.snapshot.SnapshotState;
import io.firn.snapshot.SnapshotStore;
import io.firn.snapshot.VolumeSnapshots;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The three calls that make a snapshot.
 *
 * <p><b>Durability.</b> What is answered is durable: the start, each block, the completion. A draft goes on after a restart with all blocks
 * that were acknowledged. Starting again with the client token, and completing again with the same count, answer as before.
 *
 * <p><b>Threads.</b> Safe for many. Clients that put at once share the syncs of the disk.
 */
final class SnapshotWrites {
    private static final int PENDING_MAX = 100;
    private static final int GIB_MAX = 65_536;
    private static final int TAGS_MAX = 50;
    private static final String SYSTEM_TAG = "aws:";
    private static final long TIMEOUT_MINUTES = 60;
    private static final String CHECKSUM_ALGORITHM = "SHA256";

    /** The setting of a snapshot in which the count of its completion is kept. */
    private static final String CHANGED_BLOCKS = "ebs-direct-changed-blocks";

    /** Keeps the tokens of this service apart from those of others. */
    private static final String TOKEN = "ebs-direct ";

    private final SnapshotStore store;
    private final VolumeSnapshots snapshots;
    private final Known known;
    private final Turns turns;
    private final Sums sums;
    private final EncryptionByDefault encryption;
    private final Map<SnapshotId, Upload> uploads = new ConcurrentHashMap<>();
    private final ReentrantLock starting = new ReentrantLock();

    SnapshotWrites(
            SnapshotStore store,
            VolumeSnapshots snapshots,
            EncryptionByDefault encryption,
            Known known,
            Turns turns,
            Sums sums) {
        this.store = store;
        this.snapshots = snapshots;
        this.encryption = encryption;
        this.known = known;
        this.turns = turns;
        this.sums = sums;
    }

    // Start

    Fields startSnapshot(Call call) {
        Fields input = call.input();
        SnapshotSpec spec = spec(input);
        starting.lock();
        try {
            Optional<SnapshotInfo> before = spec.clientToken().flatMap(this::byToken);
            if (before.isPresent()) {
                if (!before.get().spec().lineage().equals(spec.lineage())) {
                    throw EbsError.tokenUsed();
                }
                return started(call, before.get());
            }
            requireSound(spec);
            requireEncryptable(spec);
            forgetOld();
            // Not part of what a client token is bound to: that is what was asked for.
            boolean isByDefault = spec.parent().isEmpty() && !spec.isEncrypted() && encryption.isOn();
            SnapshotDraft draft = begin(isByDefault ? spec.encrypted() : spec);
            Optional<String> unnamed = spec.parent().isPresent()
                    ? spec.parent().flatMap(store::info).flatMap(NamedKey::of)
                    : encryption.keyArn().filter(arn -> draft.info().spec().isEncrypted());
            NamedKey.keep(store, draft.id(), input.text("KmsKeyArn").or(() -> unnamed));
            return started(call, draft.info());
        } finally {
            starting.unlock();
        }
    }

    private static SnapshotSpec spec(Fields input) {
        long gibibytes = input.number("VolumeSize").orElseThrow();
        if (gibibytes > GIB_MAX) {
            throw EbsError.invalid(
                    Invalid.INVALID_VOLUME_SIZE, "VolumeSize is " + gibibytes + " GiB, more than " + GIB_MAX + ".");
        }
        requireSoundEncryption(input);
        SortedMap<String, String> tags = tags(input);
        SnapshotSpec plain = SnapshotSpec.of(EbsTerms.bytes(gibibytes))
                .withVolume(EbsTerms.NO_VOLUME)
                .withDescription(input.text("Description").orElse(""))
                .withTags(tags)
                .withTimeout(Duration.ofMinutes(input.number("Timeout").orElse(TIMEOUT_MINUTES)))
                .withParent(input.text("ParentSnapshotId")
                        .map(id -> SnapshotId.parse(id).orElseThrow(() -> EbsError.noSnapshot(id))));
        SnapshotSpec spec = input.truth("Encrypted").orElse(false) ? plain.encrypted() : plain;
        SnapshotSpec marked = spec.withLineage(Known.STARTED_HERE + fingerprint(spec));
        return input.text("ClientToken")
                .map(token -> marked.withClientToken(TOKEN + token))
                .orElse(marked);
    }

    private static void requireSoundEncryption(Fields input) {
        boolean isEncrypted = input.truth("Encrypted").orElse(false);
        if (input.has("ParentSnapshotId") && (input.has("Encrypted") || input.has("KmsKeyArn"))) {
            throw EbsError.invalid(
                    Invalid.INVALID_PARAMETER_VALUE,
                    "Encrypted and KmsKeyArn cannot be given with ParentSnapshotId: a snapshot is encrypted as its parent is.");
        }
        if (input.has("KmsKeyArn") && !isEncrypted) {
            throw EbsError.invalid(
                    Invalid.INVALID_PARAMETER_VALUE, "KmsKeyArn can be given only when Encrypted is true.");
        }
        if (input.text("KmsKeyArn").filter(key -> !key.startsWith("arn:")).isPresent()) {
            throw EbsError.invalid(Invalid.INVALID_CUSTOMER_KEY, "KmsKeyArn is not an ARN.");
        }
    }

    private static SortedMap<String, String> tags(Fields input) {
        SortedMap<String, String> tags = new TreeMap<>();
        for (Fields tag : input.structures("Tags")) {
            String key = tag.text("Key").orElse("");
            if (key.isEmpty() || key.startsWith(SYSTEM_TAG)) {
                throw EbsError.invalid(Invalid.INVALID_TAG, "The tag key '" + key + "' is not valid.");
            }
            if (tags.put(key, tag.text("Value").orElse("")) != null) {
                throw EbsError.invalid(Invalid.INVALID_TAG, "The tag key '" + key + "' is there twice.");
            }
        }
        if (tags.size() > TAGS_MAX) {
            throw EbsError.invalid(
                    Invalid.INVALID_TAG, "There are " + tags.size() + " tags, more than " + TAGS_MAX + ".");
        }
        return tags;
    }

    /** What a client token is bound to; tags that are changed later do not change it. */
    private static String fingerprint(SnapshotSpec spec) {
        RecordWriter parameters = new RecordWriter(256)
                .varint(spec.sizeBytes())
                .textOrNone(spec.parent().map(SnapshotId::text))
                .textOrNone(spec.timeout().map(Duration::toString))
                .text(spec.description())
                .u8(spec.isEncrypted() ? 1 : 0)
                .map(spec.tags());
        return Sha256.hex(parameters.toBytes());
    }

    private Optional<SnapshotInfo> byToken(String token) {
        return snapshots.infos().stream()
                .filter(info -> info.spec().clientToken().filter(token::equals).isPresent())
                .findFirst();
    }

    private void requireSound(SnapshotSpec spec) {
        long pending = snapshots.infos().stream()
                .filter(info -> info.state() == SnapshotState.PENDING && Known.isStartedHere(info))
                .count();
        if (pending >= PENDING_MAX) {
            throw EbsError.tooManyPending(PENDING_MAX);
        }
        if (spec.parent().isPresent()) {
            long parentBytes = known.readable(spec.parent().get().text()).sizeBytes();
            if (parentBytes > spec.sizeBytes()) {
                throw EbsError.invalid(
                        Invalid.INVALID_VOLUME_SIZE,
                        "VolumeSize is less than the parent's " + EbsTerms.gibibytes(parentBytes) + " GiB.");
            }
        }
    }

    /** A snapshot is encrypted as its parent is, and where encryption by default is on, none begins that is not. */
    private void requireEncryptable(SnapshotSpec spec) {
        boolean isPlainChild = spec.parent()
                .flatMap(store::info)
                .filter(parent -> !parent.spec().isEncrypted())
                .isPresent();
        if (isPlainChild && encryption.isOn()) {
            throw EbsError.invalid(
                    Invalid.INVALID_PARAMETER_VALUE,
                    "Encryption by default is on, and the parent snapshot is not encrypted: unencrypted snapshots cannot be created.");
        }
    }

    private void forgetOld() {
        for (SnapshotId id : uploads.keySet()) {
            if (store.info(id)
                    .filter(info -> info.state() == SnapshotState.PENDING)
                    .isEmpty()) {
                forget(id);
            }
        }
    }

    private void forget(SnapshotId id) {
        Upload over = uploads.remove(id);
        if (over != null) {
            over.end();
        }
    }

    private Upload upload(SnapshotId id) {
        return uploads.computeIfAbsent(id, unknown -> new Upload(sums));
    }

    /** Of the parent's owner, since content is not shared over accounts; root, who alone may call, sees those of all. */
    private SnapshotDraft begin(SnapshotSpec spec) {
        SnapshotSpec owned = spec.parent()
                .flatMap(store::info)
                .map(parent -> asParent(spec, parent.spec()))
                .orElse(spec);
        return switch (store.begin(owned)) {
            case SnapshotOutcome.Done<SnapshotDraft>(SnapshotDraft draft) -> draft;
            case SnapshotOutcome.Refused<SnapshotDraft>(SnapshotRefusal refusal) -> {
                // The parent went between the look at it and this.
                spec.parent().ifPresent(parent -> known.readable(parent.text()));
                throw new IllegalStateException("a snapshot cannot be begun: " + refusal);
            }
        };
    }

    private static SnapshotSpec asParent(SnapshotSpec spec, SnapshotSpec parent) {
        SnapshotSpec owned = spec.withOwner(parent.owner());
        return parent.isEncrypted() ? owned.encrypted() : owned;
    }

    private static Fields started(Call call, SnapshotInfo info) {
        SnapshotSpec spec = info.spec();
        Fields answer = new Fields()
                .put("SnapshotId", info.id().text())
                .put("OwnerId", call.caller().accountId())
                .put("Status", status(info.state()))
                .put("StartTime", info.started())
                .put("VolumeSize", EbsTerms.gibibytes(spec.sizeBytes()))
                .put("BlockSize", Chunk.BLOCK_BYTES)
                .put("SseType", spec.isEncrypted() ? "sse-kms" : "none")
                .put("KmsKeyArn", NamedKey.of(info))
                .put("ParentSnapshotId", spec.parent().map(SnapshotId::text));
        if (!spec.description().isEmpty()) {
            answer.put("Description", spec.description());
        }
        List<Fields> tags = new ArrayList<>();
        spec.tags()
                .forEach((key, value) -> tags.add(new Fields().put("Key", key).put("Value", value)));
        return tags.isEmpty() ? answer : answer.put("Tags", tags);
    }

    private static String status(SnapshotState state) {
        return switch (state) {
            case PENDING, ERROR -> state.wireName();
            case COMPLETED, RECOVERABLE, RECOVERING -> SnapshotState.COMPLETED.wireName();
        };
    }

    // Put

    Fields putSnapshotBlock(Call call) {
        Fields input = call.input();
        String id = input.requiredText("SnapshotId");
        return Known.whileThere(known::draft, id, draft -> {
            try (var _ = turns.take(draft.id())) {
                return put(draft, input);
            }
        });
    }

    private Fields put(SnapshotDraft draft, Fields input) {
        long block = input.number("BlockIndex").orElseThrow();
        byte[] bytes = input.bytes("BlockData").orElseThrow();
        requireBlock(draft, block, input.number("DataLength").orElseThrow(), bytes.length);
        byte[] sha256 = Sha256.of(bytes);
        if (!MessageDigest.isEqual(sha256, decoded(input.requiredText("Checksum")))) {
            throw EbsError.invalid(
                    Invalid.INVALID_BLOCK,
                    "The data of block " + block + " does not have the checksum that was given.");
        }
        upload(draft.id()).put(draft, (int) block, bytes, sha256);
        input.number("Progress").ifPresent(percent -> tellProgress(draft, percent));
        return new Fields()
                .put("Checksum", Base64.getEncoder().encodeToString(sha256))
                .put("ChecksumAlgorithm", CHECKSUM_ALGORITHM);
    }

    private static void requireBlock(SnapshotDraft draft, long block, long length, int sent) {
        long blocks = draft.info().sizeBytes() / Chunk.BLOCK_BYTES;
        if (block >= blocks) {
            throw EbsError.invalid(
                    Invalid.INVALID_BLOCK, "Block " + block + " is none of the " + blocks + " of the volume.");
        }
        if (length != Chunk.BLOCK_BYTES) {
            throw EbsError.invalid(
                    Invalid.INVALID_PARAMETER_VALUE,
                    "DataLength is " + length + " and must be " + Chunk.BLOCK_BYTES + ".");
        }
        if (sent != length) {
            throw EbsError.invalid(
                    Invalid.INVALID_PARAMETER_VALUE,
                    "Failed to read block data: there are " + sent + " bytes of " + length + ".");
        }
    }

    private static byte[] decoded(String checksum) {
        try {
            return Base64.getDecoder().decode(checksum);
        } catch (IllegalArgumentException notBase64) {
            throw EbsError.invalid(Invalid.INVALID_PARAMETER_VALUE, "The checksum is not Base64.");
        }
    }

    private static void tellProgress(SnapshotDraft draft, long percent) {
        if (percent > 0) {
            draft.expect(draft.putChunks() * 100 / percent);
        }
    }

    // Complete

    Fields completeSnapshot(Call call) {
        Fields input = call.input();
        String id = input.requiredText("SnapshotId");
        long changed = input.number("ChangedBlocksCount").orElseThrow();
        if (!isCompleted(known.info(id), changed)) {
            Known.whileThere(known::draft, id, draft -> {
                complete(draft, changed, aggregate(input));
                return draft;
            });
        }
        return new Fields().put("Status", SnapshotState.COMPLETED.wireName());
    }

    /** Whether a request with this count completed it. */
    private static boolean isCompleted(SnapshotInfo info, long changed) {
        return info.state() == SnapshotState.COMPLETED
                && Long.toString(changed).equals(info.settings().get(CHANGED_BLOCKS));
    }

    private static Optional<byte[]> aggregate(Fields input) {
        Optional<String> checksum = input.text("Checksum");
        if (checksum.isPresent() && !(input.has("ChecksumAlgorithm") && input.has("ChecksumAggregationMethod"))) {
            throw EbsError.invalid(
                    Invalid.INVALID_PARAMETER_VALUE,
                    "A checksum needs its algorithm, SHA256, and its aggregation method, LINEAR.");
        }
        return checksum.map(SnapshotWrites::decoded);
    }

    private void complete(SnapshotDraft draft, long changed, Optional<byte[]> aggregate) {
        upload(draft.id()).alone(upload -> {
            SnapshotInfo info = known.info(draft.id().text());
            if (isCompleted(info, changed)) {
                return info; // by the request that this one waited for
            }
            long put = Upload.countBlocks(draft);
            if (put != changed) {
                throw EbsError.invalid(
                        Invalid.INVALID_PARAMETER_VALUE,
                        "ChangedBlocksCount is " + changed + ", but " + put + " blocks were put.");
            }
            if (aggregate.isPresent() && !MessageDigest.isEqual(aggregate.get(), upload.aggregate(draft))) {
                throw EbsError.invalid(
                        Invalid.INVALID_PARAMETER_VALUE,
                        "The blocks that were put do not have the checksum that was given.");
            }
            store.setSetting(draft.id(), CHANGED_BLOCKS, Optional.of(Long.toString(changed)))
                    .orElseThrow(refusal -> notCompleted(draft, refusal));
            return draft.complete()
                    .orElseThrow(refusal -> notCompleted(draft, refusal))
                    .info();
        });
        forget(draft.id());
    }

    /** It failed, was deleted, or another request completed it. */
    private ServiceException notCompleted(SnapshotDraft draft, SnapshotRefusal refusal) {
        known.draft(draft.id().text());
        return EbsError.invalid(Invalid.INVALID_SNAPSHOT_ID, refusal.detail());
    }
}
