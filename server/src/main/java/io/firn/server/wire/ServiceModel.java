package io.firn.server.wire;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A service's operations and shapes, from the model that AWS publishes. Immutable.
 *
 * <p>{@link ModelJson} reads the published JSON, {@link ModelTable} writes and reads the compact form that the build keeps beside the
 * classes.
 */
public final class ServiceModel {

    /**
     * What holds for the whole service.
     *
     * @param name as in endpoints and signatures, for example {@code ec2}
     * @param protocol {@code ec2}, {@code query}, {@code rest-json}, {@code json} or {@code rest-xml}
     * @param jsonVersion {@code 1.0} or {@code 1.1} for {@code json}
     * @param targetPrefix what stands before the operation in {@code X-Amz-Target}
     */
    record About(
            String name,
            String protocol,
            String apiVersion,
            String jsonVersion,
            String targetPrefix,
            String xmlNamespace) {}

    private final About about;
    private final Shape[] shapes;
    private final Map<String, OperationModel> operations = new LinkedHashMap<>();

    /** The table is handed over; it is not changed any more. */
    ServiceModel(About about, Shape[] shapes, List<OperationModel> operations) {
        this.about = about;
        this.shapes = shapes;
        operations.forEach(operation -> this.operations.put(operation.name(), operation));
    }

    /** The service's name in signatures, for example {@code ec2}. */
    public String name() {
        return about.name();
    }

    About about() {
        return about;
    }

    /** All shapes in the order of the table. */
    List<Shape> shapes() {
        return List.of(shapes);
    }

    /** All operations in the model's order. */
    List<OperationModel> operations() {
        return new ArrayList<>(operations.values());
    }

    Optional<OperationModel> operation(String operationName) {
        return Optional.ofNullable(operations.get(operationName));
    }

    /** The error that has this code on the wire. */
    Optional<Shape.Structure> error(String code) {
        for (Shape shape : shapes) {
            if (shape instanceof Shape.Structure structure
                    && structure.errorStatus() != 0
                    && (structure.name().equals(code) || structure.errorCode().equals(code))) {
                return Optional.of(structure);
            }
        }
        return Optional.empty();
    }
}
