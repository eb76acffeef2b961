package io.firn.nbd;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A metadata context that a client selected, by the number it was given. */
record SelectedContext(int id, String name, ExtentMap extents) {
    private static final int FIRST_ID = 1;

    /** The contexts with these numbers; none when one is unknown or told twice. */
    static List<SelectedContext> byId(List<SelectedContext> selected, int[] ids) {
        List<SelectedContext> found = new ArrayList<>();
        Set<Integer> seen = new HashSet<>();
        for (int id : ids) {
            int index = id - FIRST_ID;
            if (index < 0 || index >= selected.size() || !seen.add(id)) {
                return List.of();
            }
            found.add(selected.get(index));
        }
        return found;
    }

    /** What NBD_OPT_SET_META_CONTEXT selects: wildcards select nothing, unknown names are passed over. */
    static List<SelectedContext> select(Export export, List<String> queries) {
        List<SelectedContext> selected = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (String query : queries) {
            if (!query.endsWith(":") && seen.add(query)) {
                Optional<ExtentMap> extents = export.context(query);
                extents.ifPresent(map -> selected.add(new SelectedContext(FIRST_ID + selected.size(), query, map)));
            }
        }
        return List.copyOf(selected);
    }

    /** What NBD_OPT_LIST_META_CONTEXT lists. A query that ends in a colon is a wildcard; no query asks for all. */
    static List<String> list(Export export, List<String> queries) {
        List<String> names = export.contexts();
        if (queries.isEmpty()) {
            return names;
        }
        List<String> listed = new ArrayList<>();
        for (String name : names) {
            if (queries.stream().anyMatch(query -> query.endsWith(":") ? name.startsWith(query) : name.equals(query))) {
                listed.add(name);
            }
        }
        for (String query : new HashSet<>(queries)) {
            // One that exists without being listed, such as a pair of seals.
            if (!query.endsWith(":")
                    && !listed.contains(query)
                    && export.context(query).isPresent()) {
                listed.add(query);
            }
        }
        return listed;
    }
}
