package io.firn.server.wire;

/** What a service does for one call. Safe for use by many threads. */
@FunctionalInterface
public interface Operation {

    /**
     * Carries the call out. Whatever the answer says is durable has to be durable on return.
     *
     * @return the members of the operation's output, by the model's names
     * @throws ServiceException to answer an error
     */
    Fields handle(Call call);
}
