package io.firn.bench.s3;

import io.firn.io.Clock;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;

/** One connection and what it repeats. Lives through all rounds against its endpoint; one thread at a time. */
final class Worker implements AutoCloseable {
    private final LoadPlan plan;
    private final int index;
    private final S3Client client;
    private final Clock clock;
    private final RandomGenerator random;
    private final AtomicInteger nextDelete;
    private final ByteBuffer body;
    private final String bodyHash;
    private final Deque<String> ownPaths = new ArrayDeque<>();

    private int nextPut;
    private int ownCount;
    private String continuation = "";
    private Tally tally = new Tally();

    /** What is put, shared by all workers, and what is signed for it. */
    record Content(ByteBuffer bytes, String hash) {}

    Worker(
            LoadPlan plan,
            int index,
            S3Client client,
            Clock clock,
            RandomGenerator random,
            AtomicInteger nextDelete,
            Content content) {
        this.plan = plan;
        this.index = index;
        this.client = client;
        this.clock = clock;
        this.random = random;
        this.nextDelete = nextDelete;
        this.body = content.bytes().duplicate();
        this.bodyHash = content.hash();
        this.nextPut = index;
    }

    /** Puts this worker's share of the prepared objects. */
    void prepare(LongAdder done) throws IOException {
        for (int object = index; object < plan.objects(); object += plan.concurrency()) {
            S3Client.Answer answer = client.send("PUT", plan.path(object), "", bodyHash, body.rewind(), false);
            if (!answer.isGood()) {
                throw new IOException("cannot prepare " + plan.path(object) + ": " + answer.errorCode());
            }
            done.increment();
        }
    }

    /** Repeats the operation until {@code deadlineNanos} (or until nothing is left to delete); returns what was seen. */
    Tally run(long deadlineNanos, LongAdder progress) {
        tally = new Tally();
        boolean goesOn = true;
        while (goesOn && clock.nanoTime() < deadlineNanos) {
            long startNanos = clock.nanoTime();
            try {
                goesOn = step(startNanos);
            } catch (IOException broken) {
                tally.error(broken.getClass().getSimpleName() + ": " + broken.getMessage());
                goesOn = clock.nanoTime() < deadlineNanos;
            }
            progress.increment();
        }
        return tally;
    }

    private boolean step(long startNanos) throws IOException {
        switch (plan.operation()) {
            case PUT -> put(startNanos, nextPutPath());
            case GET -> get(startNanos);
            case MIXED -> mixed(startNanos);
            case LIST -> list(startNanos);
            case DELETE -> {
                int object = nextDelete.getAndIncrement();
                if (object >= plan.objects()) {
                    return false;
                }
                count(startNanos, client.send("DELETE", plan.path(object), "", false), 0, 1);
            }
            case MULTIPART -> multipart(startNanos);
        }
        return true;
    }

    private String nextPutPath() {
        String path = plan.path(nextPut);
        nextPut += plan.concurrency();
        if (nextPut >= plan.objects()) {
            nextPut = index;
        }
        return path;
    }

    private boolean put(long startNanos, String path) throws IOException {
        S3Client.Answer answer = client.send("PUT", path, "", bodyHash, body.rewind(), false);
        return count(startNanos, answer, plan.objectBytes(), 0);
    }

    private void get(long startNanos) throws IOException {
        S3Client.Answer answer = client.send("GET", plan.path(random.nextInt(plan.objects())), "", false);
        if (answer.isGood() && answer.bodyBytes() != plan.objectBytes()) {
            tally.error("wrong length " + answer.bodyBytes());
            return;
        }
        count(startNanos, answer, answer.bodyBytes(), 0);
    }

    private void mixed(long startNanos) throws IOException {
        int choice = random.nextInt(100);
        if (choice < 45) {
            get(startNanos);
        } else if (choice < 75) {
            count(startNanos, client.send("HEAD", plan.path(random.nextInt(plan.objects())), "", false), 0, 0);
        } else if (choice < 90 || ownPaths.isEmpty()) {
            String path = "/" + plan.bucket() + "/" + plan.prefix() + "own-" + index + "-" + ownCount++;
            if (put(startNanos, path)) {
                ownPaths.push(path);
            }
        } else {
            count(startNanos, client.send("DELETE", ownPaths.pop(), "", false), 0, 1);
        }
    }

    private void list(long startNanos) throws IOException {
        // Canonical order: sorted by name.
        String query = (continuation.isEmpty() ? "" : "continuation-token=" + encode(continuation) + "&")
                + "list-type=2&max-keys=1000&prefix=" + encode(plan.prefix());
        S3Client.Answer answer = client.send("GET", "/" + plan.bucket(), query, true);
        String keys = answer.element("KeyCount");
        continuation = answer.isGood() ? answer.element("NextContinuationToken") : "";
        count(startNanos, answer, 0, keys.isEmpty() ? 0 : Long.parseLong(keys));
    }

    private void multipart(long startNanos) throws IOException {
        String path = nextPutPath();
        S3Client.Answer created = client.send("POST", path, "uploads=", true);
        if (!created.isGood()) {
            tally.error(created.errorCode());
            return;
        }
        String uploadId = encode(created.element("UploadId"));
        StringBuilder parts = new StringBuilder("<CompleteMultipartUpload>");
        int number = 1;
        for (int sent = 0; sent < plan.objectBytes() || number == 1; number++) {
            int count = Math.min(plan.partBytes(), plan.objectBytes() - sent);
            String hash = count == body.capacity() ? bodyHash : RequestSigner.UNSIGNED;
            S3Client.Answer part = client.send(
                    "PUT",
                    path,
                    "partNumber=" + number + "&uploadId=" + uploadId,
                    hash,
                    body.rewind().slice(0, count),
                    true);
            if (!part.isGood()) {
                tally.error(part.errorCode());
                return;
            }
            parts.append("<Part><PartNumber>").append(number).append("</PartNumber><ETag>");
            parts.append(part.etag()).append("</ETag></Part>");
            sent += count;
        }
        byte[] completion =
                parts.append("</CompleteMultipartUpload>").toString().getBytes(StandardCharsets.UTF_8);
        S3Client.Answer completed = client.send(
                "POST",
                path,
                "uploadId=" + uploadId,
                RequestSigner.payloadHash(completion),
                ByteBuffer.wrap(completion),
                true);
        // S3 may answer 200 and then an error.
        if (completed.isGood() && !completed.element("Code").isEmpty()) {
            tally.error(completed.errorCode());
            return;
        }
        count(startNanos, completed, plan.objectBytes(), 0);
    }

    private boolean count(long startNanos, S3Client.Answer answer, long bytes, long keys) {
        if (answer.isGood()) {
            tally.good(clock.nanoTime() - startNanos, bytes, keys);
        } else {
            tally.error(answer.errorCode());
        }
        return answer.isGood();
    }

    private static String encode(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("*", "%2A")
                .replace("%7E", "~");
    }

    @Override
    public void close() throws IOException {
        client.close();
    }
}
