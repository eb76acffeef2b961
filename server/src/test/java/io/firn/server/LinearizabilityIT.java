package io.firn.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.firn.io.SystemClock;
import io.firn.testkit.LinearizabilityChecker;
import io.firn.testkit.LinearizabilityChecker.Operation;
import io.firn.testkit.Seeds;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.random.RandomGenerator.SplittableGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Clients of the AWS SDK put, put and delete under conditions, read and delete a few keys at once, over HTTP; the server is killed with
 * {@code kill -9} in the midst of it and started again on its folder. For each key one order must explain every answer, before and
 * after. What was unanswered when the server died happened before it died or never did.
 *
 * <p>The schedule is the machine's: a seed fixes only what is asked for. A longer run: {@code mvn -pl server -am verify -Dtest=None
 * -Dsurefire.failIfNoSpecifiedTests=false -Dit.test=LinearizabilityIT -Dfailsafe.failIfNoSpecifiedTests=false -Dfirn.seeds=200}.
 */
final class LinearizabilityIT {
    private static final int CLIENTS = 6;
    private static final String[] KEYS = {"a", "a/b", "c//"};

    /** Of each key by each client before the kill, and again after it: a history holds at most 64. */
    private static final int OPERATIONS = 5;

    /** Beyond what travels in the journal's record. */
    private static final int LARGE_BYTES = 200_000;

    /** The state of a key in the checker's eyes: the ETag of its bytes, or this. */
    private static final String ABSENT = "absent";

    private static final String NOT_MODIFIED = "NotModified";
    private static final String FAILED = "PreconditionFailed";
    private static final String NO_SUCH_KEY = "NoSuchKey";

    @TempDir
    Path folder;

    private final SystemClock clock = new SystemClock();

    /** What an operation makes of the state it meets: the next state and the answer. */
    private record Effect(String next, String answer) {}

    /** A request whose answer never came. */
    private record Unanswered(long calledNanos, String asked, Function<String, Effect> effect) {}

    /** What clients saw of one key, and the ETag somebody saw last. */
    private static final class History {
        private final List<Operation<String>> operations = Collections.synchronizedList(new ArrayList<>());
        private final List<Unanswered> unanswered = Collections.synchronizedList(new ArrayList<>());
        private volatile String lastSeen = "d41d8cd98f00b204e9800998ecf8427e";

        void answered(long called, long returned, String asked, String answer, Function<String, Effect> effect) {
            operations.add(new Operation<>(called, returned, asked + ": " + answer, state -> {
                Effect had = effect.apply(state);
                return had.answer().equals(answer) ? Set.of(had.next()) : Set.of();
            }));
        }

        /** The server is dead: what it did not answer happened by now, or never will. */
        void settleUnanswered(long deadNanos) {
            for (Unanswered request : unanswered) {
                operations.add(
                        new Operation<>(request.calledNanos(), deadNanos, request.asked() + ": no answer", state -> {
                            String next = request.effect().apply(state).next();
                            return next.equals(state) ? Set.of(state) : Set.of(state, next);
                        }));
            }
            unanswered.clear();
        }

        void check() {
            List<Operation<String>> all = List.copyOf(operations);
            assertTrue(
                    LinearizabilityChecker.isLinearizable(ABSENT, all),
                    () -> "no order explains these answers:\n"
                            + String.join(
                                    "\n", all.stream().map(Operation::toString).toList()));
        }
    }

    /** One request to one key: sends it and notes the answer. */
    private final class Client {
        private final S3Client s3;
        private final String bucket;
        private final String key;
        private final History history;

        Client(S3Client s3, String bucket, String key, History history) {
            this.s3 = s3;
            this.bucket = bucket;
            this.key = key;
            this.history = history;
        }

        void step(RandomGenerator random) {
            byte[] bytes = new byte[random.nextInt(8) == 0 ? LARGE_BYTES : 1 + random.nextInt(100)];
            random.nextBytes(bytes);
            Optional<String> seen = Optional.of(history.lastSeen);
            switch (random.nextInt(12)) {
                case 0, 1 -> put(bytes, Optional.empty(), false);
                case 2, 3 -> put(bytes, seen, false);
                case 4, 5 -> put(bytes, Optional.empty(), true);
                case 6, 7 -> get(Optional.empty());
                case 8 -> get(seen);
                case 9 -> head();
                case 10 -> delete(seen);
                default -> delete(Optional.empty());
            }
        }

        void put(byte[] bytes, Optional<String> ifMatch, boolean isIfAbsent) {
            String made = etag(bytes);
            String asked = "put " + made + ifMatch.map(tag -> " if " + tag).orElse("") + (isIfAbsent ? " if new" : "");
            ask(
                    asked,
                    () -> unquoted(s3.putObject(
                                    request -> {
                                        request.bucket(bucket).key(key);
                                        ifMatch.ifPresent(request::ifMatch);
                                        if (isIfAbsent) {
                                            request.ifNoneMatch("*");
                                        }
                                    },
                                    RequestBody.fromBytes(bytes))
                            .eTag()),
                    state -> {
                        boolean isAbsent = state.equals(ABSENT);
                        if (ifMatch.isPresent() && isAbsent) {
                            return new Effect(state, NO_SUCH_KEY);
                        }
                        boolean isRefused =
                                ifMatch.isPresent() ? !ifMatch.get().equals(state) : isIfAbsent && !isAbsent;
                        return isRefused ? new Effect(state, FAILED) : new Effect(made, made);
                    });
        }

        void get(Optional<String> ifNoneMatch) {
            ask(
                    "get" + ifNoneMatch.map(tag -> " unless " + tag).orElse(""),
                    () -> etag(s3.getObjectAsBytes(request -> {
                                request.bucket(bucket).key(key);
                                ifNoneMatch.ifPresent(request::ifNoneMatch);
                            })
                            .asByteArray()),
                    state -> {
                        boolean isKnown =
                                ifNoneMatch.isPresent() && ifNoneMatch.get().equals(state);
                        return new Effect(state, isKnown ? NOT_MODIFIED : state.equals(ABSENT) ? NO_SUCH_KEY : state);
                    });
        }

        void head() {
            ask(
                    "head",
                    () -> unquoted(
                            s3.headObject(request -> request.bucket(bucket).key(key))
                                    .eTag()),
                    state -> new Effect(state, state.equals(ABSENT) ? NO_SUCH_KEY : state));
        }

        void delete(Optional<String> ifMatch) {
            ask(
                    "delete" + ifMatch.map(tag -> " if " + tag).orElse(""),
                    () -> {
                        s3.deleteObject(request -> {
                            request.bucket(bucket).key(key);
                            ifMatch.ifPresent(request::ifMatch);
                        });
                        return ABSENT;
                    },
                    state -> {
                        // What is not there may always be deleted.
                        boolean isRefused = ifMatch.isPresent()
                                && !state.equals(ABSENT)
                                && !ifMatch.get().equals(state);
                        return isRefused ? new Effect(state, FAILED) : new Effect(ABSENT, ABSENT);
                    });
        }

        private void ask(String asked, Request request, Function<String, Effect> effect) {
            long called = clock.nanoTime();
            String answer;
            try {
                answer = request.send();
                if (!answer.equals(ABSENT)) {
                    history.lastSeen = answer;
                }
            } catch (S3Exception refused) {
                answer = code(refused);
            } catch (SdkClientException dead) {
                history.unanswered.add(new Unanswered(called, asked, effect));
                throw dead;
            }
            history.answered(called, clock.nanoTime(), asked, answer, effect);
        }
    }

    @FunctionalInterface
    private interface Request {
        String send();
    }

    private static String code(S3Exception refused) {
        return switch (refused.statusCode()) {
            case 304 -> NOT_MODIFIED;
            case 404 -> NO_SUCH_KEY;
            case 412 -> FAILED;
            default -> throw refused;
        };
    }

    private static String unquoted(String etag) {
        return etag.replace("\"", "");
    }

    private static String etag(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void answersHaveOneOrderAcrossAKill() {
        AtomicInteger unanswered = new AtomicInteger();
        Seeds.forEach(3, (seed, random) -> unanswered.addAndGet(round(folder.resolve("data-" + seed), random)));
        assertTrue(unanswered.get() > 0, "no request was under way when the server was killed");
    }

    /** Returns how many requests a kill left without an answer. */
    private int round(Path data, SplittableGenerator random) throws Exception {
        List<History> histories = new ArrayList<>();
        for (int i = 0; i < KEYS.length; i++) {
            histories.add(new History());
        }
        int left = 0;
        for (boolean isKilled : new boolean[] {true, false}) {
            ServerProcess server = ServerProcess.start(data, folder.resolve("log"), List.of());
            try (S3Client s3 = JavaSdk.blocking(server)) {
                if (isKilled) {
                    s3.createBucket(request -> request.bucket("bucket"));
                }
                AtomicInteger answers = new AtomicInteger();
                List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
                List<Thread> threads = start(s3, histories, random, answers, failures);
                if (isKilled) {
                    int enough = CLIENTS * KEYS.length * OPERATIONS / 4 + random.nextInt(CLIENTS * OPERATIONS);
                    while (answers.get() < enough && threads.stream().anyMatch(Thread::isAlive)) {
                        Thread.sleep(1);
                    }
                    server.kill();
                }
                for (Thread thread : threads) {
                    thread.join();
                }
                for (History history : histories) {
                    left += history.unanswered.size();
                    history.settleUnanswered(clock.nanoTime());
                }
                failures.removeIf(failure -> isKilled && failure instanceof SdkClientException);
                assertEquals(List.of(), failures);
            } finally {
                server.kill();
            }
        }
        histories.forEach(History::check);
        return left;
    }

    private List<Thread> start(
            S3Client s3,
            List<History> histories,
            SplittableGenerator random,
            AtomicInteger answers,
            List<Throwable> failures) {
        List<Thread> threads = new ArrayList<>();
        for (int number = 0; number < CLIENTS; number++) {
            RandomGenerator own = random.split();
            threads.add(Thread.ofPlatform()
                    .uncaughtExceptionHandler((thread, failure) -> failures.add(failure))
                    .start(() -> {
                        for (int i = 0; i < OPERATIONS * KEYS.length; i++) {
                            int key = i % KEYS.length;
                            new Client(s3, "bucket", KEYS[key], histories.get(key)).step(own);
                            answers.incrementAndGet();
                        }
                    }));
        }
        return threads;
    }

    /** Histories as the server answered them are accepted, and refused with one answer changed to what a weaker store would give. */
    @Test
    void plantedAnswersAreRefused() throws Exception {
        ServerProcess server = ServerProcess.start(folder.resolve("data"), folder.resolve("log"), List.of());
        try (S3Client s3 = JavaSdk.blocking(server)) {
            s3.createBucket(request -> request.bucket("bucket"));
            byte[] first = {1};
            byte[] second = {2};
            byte[] third = {3};

            History stale = new History();
            Client client = new Client(s3, "bucket", "stale", stale);
            client.put(first, Optional.empty(), false);
            client.put(second, Optional.empty(), false);
            client.get(Optional.empty());
            refusedWithLast(stale, "get: the first bytes again", state -> state.equals(etag(first)));

            History twoWinners = new History();
            client = new Client(s3, "bucket", "two-winners", twoWinners);
            client.put(first, Optional.empty(), true);
            client.put(second, Optional.empty(), true);
            refusedWithLast(twoWinners, "put if new: done a second time", state -> state.equals(ABSENT));

            History lostUpdate = new History();
            client = new Client(s3, "bucket", "lost-update", lostUpdate);
            client.put(first, Optional.empty(), false);
            client.put(second, Optional.of(etag(first)), false);
            client.put(third, Optional.of(etag(first)), false);
            refusedWithLast(lostUpdate, "put if the first: done over the second", state -> state.equals(etag(first)));

            History undead = new History();
            client = new Client(s3, "bucket", "undead", undead);
            client.put(first, Optional.empty(), false);
            client.delete(Optional.empty());
            client.head();
            refusedWithLast(undead, "head: still there", state -> state.equals(etag(first)));
        } finally {
            server.kill();
        }
    }

    /** The history is accepted; with its last operation so answered that only states of {@code explained} allow it, it is not. */
    private static void refusedWithLast(History history, String description, Function<String, Boolean> explained) {
        history.check();
        List<Operation<String>> planted = new ArrayList<>(history.operations);
        Operation<String> last = planted.removeLast();
        planted.add(new Operation<>(
                last.calledNanos(),
                last.returnedNanos(),
                description,
                state -> explained.apply(state) ? Set.of("anything") : Set.of()));
        assertFalse(LinearizabilityChecker.isLinearizable(ABSENT, planted), description);
    }
}
