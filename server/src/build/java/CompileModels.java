import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.firn.server.wire.ModelJson;
import io.firn.server.wire.ModelTable;
import io.firn.server.wire.ServiceModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Run by the build: turns the published service models into the tables that the server loads.
 *
 * <p>{@code CompileModels PUBLISHED ADDITIONS TARGET}: every {@code *-model.json} of the first folder, with the operations, shapes and
 * members of shapes of the file of the same name in the second, becomes {@code TARGET/NAME.model}.
 */
final class CompileModels {
    private static final ObjectMapper JSON = new ObjectMapper();

    private CompileModels() {}

    public static void main(String[] folders) throws IOException {
        Path additions = Path.of(folders[1]);
        Path target = Files.createDirectories(Path.of(folders[2]));
        try (Stream<Path> files = Files.list(Path.of(folders[0]))) {
            files.filter(file -> file.toString().endsWith("-model.json")).forEach(file -> compile(file, additions, target));
        }
    }

    private static void compile(Path file, Path additions, Path target) {
        try {
            ObjectNode model = (ObjectNode) JSON.readTree(file.toFile());
            Path more = additions.resolve(file.getFileName().toString());
            if (Files.exists(more)) {
                JsonNode added = JSON.readTree(more.toFile());
                ((ObjectNode) model.path("operations")).setAll((ObjectNode) added.path("operations"));
                ObjectNode shapes = (ObjectNode) model.path("shapes");
                added.path("shapes").properties().forEach(shape -> add(shapes, shape.getKey(), shape.getValue()));
            }
            ServiceModel compiled = ModelJson.read(model);
            Files.write(target.resolve(compiled.name() + ".model"), ModelTable.write(compiled));
        } catch (IOException e) {
            throw new UncheckedIOException("" + file, e);
        }
    }

    /** A structure that is there gets the members it lacks; anything else is put in place of what is there. */
    private static void add(ObjectNode shapes, String name, JsonNode shape) {
        if (shapes.path(name).path("members") instanceof ObjectNode members) {
            members.setAll((ObjectNode) shape.path("members"));
            if (shape.has("required")) {
                ((ObjectNode) shapes.path(name)).set("required", shape.path("required"));
            }
        } else {
            shapes.set(name, shape);
        }
    }
}
