package io.firn.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.firn.server.users.NewUser;
import io.firn.server.users.Secret;
import io.firn.server.users.User;
import io.firn.server.users.UserJson;
import io.firn.server.users.UserStore;
import java.io.PrintWriter;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code firn user}: who may sign requests. */
@Command(
        name = "user",
        mixinStandardHelpOptions = true,
        description = "Adds, lists and removes users.",
        subcommands = {UserCommand.Add.class, UserCommand.Ls.class, UserCommand.Rm.class})
final class UserCommand implements Runnable {
    private static final byte[] NOTHING = {};

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    @Command(
            name = "add",
            mixinStandardHelpOptions = true,
            description = "Adds a user and prints its keys, which are made up unless they are given.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  firn user add ann --data ./data",
                "  firn user add ann --access-key ANNSKEY --secret-key ANNSSECRET --endpoint http://127.0.0.1:9000"
            })
    static final class Add extends AdminCommand {
        @Parameters(paramLabel = "NAME", description = "1 to 64 letters, digits and _.@=,+-")
        private String name;

        @Option(names = "--access-key", paramLabel = "K", description = "What requests are signed with.")
        private @Nullable String accessKey;

        @Option(names = "--secret-key", paramLabel = "S", description = "Its secret, at least 8 characters.")
        private @Nullable String secretKey;

        @Option(names = "--id", paramLabel = "CANONICAL-ID", description = "Owner of what the user makes.")
        private @Nullable String id;

        @Option(names = "--email", paramLabel = "E", description = "For grants by e-mail address.")
        private @Nullable String email;

        @Option(names = "--display-name", paramLabel = "D", description = "For listings (default: NAME).")
        private @Nullable String displayName;

        @Override
        JsonNode answer() {
            NewUser asked = new NewUser(
                    name,
                    Optional.ofNullable(accessKey),
                    Optional.ofNullable(secretKey).map(Secret::new),
                    Optional.ofNullable(id),
                    Optional.ofNullable(email),
                    Optional.ofNullable(displayName));
            return target.run(
                    client -> client.call(
                            "POST",
                            "/_firn/users",
                            UserJson.of(asked).toString().getBytes(UTF_8)),
                    users -> add(users, asked.complete()));
        }

        @Override
        void print(JsonNode added, PrintWriter out) {
            out.println("name          " + added.path("name").asText());
            out.println("access key    " + added.path("accessKey").asText());
            out.println("secret key    " + added.path("secretKey").asText());
            out.println("canonical id  " + added.path("canonicalId").asText());
        }

        private static JsonNode add(UserStore users, User user) {
            return switch (users.add(user)) {
                case UserStore.Added.Done done -> UserJson.withSecret(done.user());
                case UserStore.Added.Taken taken ->
                    throw new CommandFailed("another user has this " + taken.what() + " already");
            };
        }
    }

    @Command(name = "ls", mixinStandardHelpOptions = true, description = "Lists the users, without their secrets.")
    static final class Ls extends AdminCommand {
        @Override
        JsonNode answer() {
            return target.run(client -> client.call("GET", "/_firn/users", NOTHING), Ls::list);
        }

        @Override
        void print(JsonNode list, PrintWriter out) {
            out.printf("%-20s %-24s %-20s %s%n", "NAME", "ACCESS KEY", "DISPLAY NAME", "CANONICAL ID");
            for (JsonNode user : list) {
                out.printf(
                        "%-20s %-24s %-20s %s%n",
                        user.path("name").asText(),
                        user.path("accessKey").asText(),
                        user.path("displayName").asText(),
                        user.path("canonicalId").asText());
            }
        }

        private static JsonNode list(UserStore users) {
            ArrayNode list = JsonNodeFactory.instance.arrayNode();
            users.all().forEach(user -> list.add(UserJson.of(user)));
            return list;
        }
    }

    @Command(name = "rm", mixinStandardHelpOptions = true, description = "Removes a user; what it made stays.")
    static final class Rm extends AdminCommand {
        @Parameters(paramLabel = "NAME", description = "The user.")
        private String name;

        @Override
        JsonNode answer() {
            return target.run(client -> client.call("DELETE", "/_firn/users/" + name, NOTHING), users -> {
                if (!users.remove(name)) {
                    throw new CommandFailed("there is no user " + name);
                }
                return JsonNodeFactory.instance.objectNode().put("removed", name);
            });
        }

        @Override
        void print(JsonNode removed, PrintWriter out) {
            out.println("removed " + name);
        }
    }
}
