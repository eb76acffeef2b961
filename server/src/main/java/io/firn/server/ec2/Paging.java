package io.firn.server.ec2;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.firn.server.wire.Call;
import io.firn.server.wire.Fields;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * Pages of a Describe call. A token names the last thing of the page before it: what was made or deleted in between neither repeats
 * nor hides another.
 *
 * @param least the fewest results that may be asked for
 * @param most more are not given, even when they are asked for
 */
record Paging(int least, int most) {
    /** Of the Describe calls about volumes and snapshots. */
    static final Paging VOLUMES = new Paging(5, 1000);

    /** Of the Describe calls about what is done with snapshots. */
    static final Paging SNAPSHOT_LISTS = new Paging(1, 200);

    /**
     * Answers one page.
     *
     * @param sorted what there is, by key
     * @param idsMember the parameter that names things, which excludes paging
     */
    <T> Fields page(
            Call call,
            String resultMember,
            String idsMember,
            Iterable<T> sorted,
            Function<T, String> key,
            Function<T, Fields> describe) {
        Fields input = call.input();
        OptionalLong asked = input.number("MaxResults");
        if (asked.isPresent() && !idsMember.isEmpty() && !input.items(idsMember).isEmpty()) {
            throw Ec2Error.INVALID_PARAMETER_COMBINATION.of(
                    "The parameter " + idsMember + " cannot be used with the parameter maxResults");
        }
        if (asked.isPresent() && asked.getAsLong() < least) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.of("Value ( " + asked.getAsLong()
                    + " ) for parameter maxResults is invalid. Expecting a value greater than or equal to " + least
                    + ".");
        }
        String after = input.text("NextToken")
                .filter(token -> !token.isEmpty())
                .map(Paging::read)
                .orElse("");
        long limit = asked.isPresent() ? Math.min(most, asked.getAsLong()) : Long.MAX_VALUE;
        List<Fields> page = new ArrayList<>();
        String last = "";
        Iterator<T> things = sorted.iterator();
        boolean isMore = false;
        while (things.hasNext()) {
            T thing = things.next();
            String thingKey = key.apply(thing);
            if (thingKey.compareTo(after) <= 0) {
                continue;
            }
            if (page.size() == limit) {
                isMore = true;
                break;
            }
            page.add(describe.apply(thing));
            last = thingKey;
        }
        Fields answer = new Fields().put(resultMember, page);
        return isMore ? answer.put("NextToken", write(last)) : answer;
    }

    private static String write(String last) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(("1 " + last).getBytes(UTF_8));
    }

    private static String read(String token) {
        try {
            String text = new String(Base64.getUrlDecoder().decode(token), UTF_8);
            if (text.startsWith("1 ")) {
                return text.substring(2);
            }
        } catch (IllegalArgumentException notOurs) {
            throw Ec2Error.INVALID_NEXT_TOKEN.of(token);
        }
        throw Ec2Error.INVALID_NEXT_TOKEN.of(token);
    }
}
