package io.firn.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Holds the arrows of DESIGN.md and the rule that only {@code io} touches the world. */
final class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.firn");

    /** What a module may use of Firn, itself aside. An arrow that is not here is refused. */
    private static final Map<String, List<String>> ARROWS = Map.of(
            "io", List.of(),
            "testkit", List.of("io"),
            "extent", List.of("io"),
            "objectstore", List.of("io", "extent"),
            "blockstore", List.of("io"),
            "snapshot", List.of("io", "objectstore", "blockstore"),
            "nbd", List.of("io"),
            "server", List.of("io", "objectstore", "blockstore", "snapshot", "nbd"));

    /** What nobody but {@code io} calls, and what to use instead. A name that ends in a dot stands for all members of the class. */
    private static final Map<String, String> REPLACEMENTS = new TreeMap<>(Map.ofEntries(
            Map.entry("java.nio.file.Files.", "a Disk"),
            Map.entry("java.nio.channels.FileChannel.", "a DiskFile"),
            Map.entry("java.io.File.", "a Disk"),
            Map.entry("java.io.FileInputStream.", "a DiskFile"),
            Map.entry("java.io.FileOutputStream.", "a DiskFile"),
            Map.entry("java.io.RandomAccessFile.", "a DiskFile"),
            Map.entry("java.time.Instant.now", "the Clock that was handed in"),
            Map.entry("java.time.LocalDate.now", "the Clock that was handed in"),
            Map.entry("java.lang.System.currentTimeMillis", "the Clock that was handed in"),
            Map.entry("java.lang.System.nanoTime", "Clock.nanoTime"),
            Map.entry("java.util.Random.", "the RandomGenerator that was handed in"),
            Map.entry("java.security.SecureRandom.", "Randomness"),
            Map.entry("java.util.concurrent.ThreadLocalRandom.", "the RandomGenerator that was handed in"),
            Map.entry("java.util.UUID.randomUUID", "Randomness"),
            Map.entry("java.lang.Math.random", "the RandomGenerator that was handed in"),
            Map.entry("java.lang.Thread.<init>", "Threads"),
            Map.entry("java.lang.Thread.sleep", "Threads.sleep, or a Task"),
            Map.entry("java.lang.Thread.ofVirtual", "Threads"),
            Map.entry("java.lang.Thread.ofPlatform", "Threads"),
            Map.entry("java.lang.Thread.startVirtualThread", "Threads"),
            Map.entry("java.util.concurrent.Executors.", "Threads")));

    @Test
    void arrowsPointDownOnly() {
        assertFalse(CLASSES.isEmpty());
        ARROWS.forEach((module, allowed) -> {
            String[] forbidden = ARROWS.keySet().stream()
                    .filter(other -> !other.equals(module) && !allowed.contains(other))
                    .map(other -> "io.firn." + other + "..")
                    .toArray(String[]::new);
            noClasses()
                    .that()
                    .resideInAPackage("io.firn." + module + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(forbidden)
                    .because("of Firn, " + module + " may use " + allowed + " (docs: ARCHITECTURE.md)")
                    .allowEmptyShould(true)
                    .check(CLASSES);
        });
    }

    @Test
    void onlyIoTouchesTheWorld() {
        noClasses()
                .that()
                .resideOutsideOfPackages("io.firn.io..", "io.firn.testkit..")
                .should(callWhatOnlyIoMay())
                .because("everything above io is deterministic under simulation")
                .check(CLASSES);
    }

    private static ArchCondition<JavaClass> callWhatOnlyIoMay() {
        return new ArchCondition<>("call what only io may") {
            @Override
            public void check(JavaClass caller, ConditionEvents events) {
                for (JavaAccess<?> call : caller.getAccessesFromSelf()) {
                    AccessTarget target = call.getTarget();
                    String owner = target.getOwner().getName() + ".";
                    String replacement =
                            REPLACEMENTS.getOrDefault(owner + target.getName(), REPLACEMENTS.getOrDefault(owner, ""));
                    if (!replacement.isEmpty()) {
                        events.add(
                                SimpleConditionEvent.satisfied(caller, call.getDescription() + ": use " + replacement));
                    }
                }
            }
        };
    }
}
