package io.firn.server.wire;

import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A service that can be called: its model and what it does for each operation that it knows. Operations of the model that are not in
 * the map answer that they are not implemented.
 *
 * <p><b>Threads.</b> Safe. The model is loaded by the first request, so that a server that is never asked does not pay for it.
 */
public final class Service {
    private final String name;
    private final Supplier<ServiceModel> load;
    private final Map<String, Operation> operations;
    private volatile Optional<Protocol> protocol = Optional.empty();

    /** A service of this signing name. */
    public Service(String name, Supplier<ServiceModel> load, Map<String, Operation> operations) {
        this.name = name;
        this.load = load;
        this.operations = Map.copyOf(operations);
    }

    /** The service whose model the build made. */
    public static Service of(String name, Map<String, Operation> operations) {
        return new Service(name, () -> ModelTable.load(name), operations);
    }

    /** The service's name in signatures. */
    public String name() {
        return name;
    }

    Optional<Operation> operation(String operationName) {
        return Optional.ofNullable(operations.get(operationName));
    }

    Protocol protocol() {
        Optional<Protocol> known = protocol;
        if (known.isPresent()) {
            return known.get();
        }
        synchronized (this) {
            if (protocol.isEmpty()) {
                ServiceModel model = load.get();
                for (String operation : operations.keySet()) {
                    if (model.operation(operation).isEmpty()) {
                        throw new IllegalStateException("the model of " + name + " has no operation " + operation);
                    }
                }
                protocol = Optional.of(Protocol.of(model));
            }
            return protocol.orElseThrow();
        }
    }
}
