package io.firn.server.wire;

import java.util.ArrayList;
import java.util.List;

/** Lists in one header: items between commas, quoted when they hold commas or quotes themselves. */
final class HeaderValues {
    private HeaderValues() {}

    /** The items of {@code header}; with {@code hasDates} every item is an HTTP date, which holds one comma of its own. */
    static List<String> split(String header, boolean hasDates) {
        List<String> items = new ArrayList<>();
        StringBuilder item = new StringBuilder();
        boolean isQuoted = false;
        int commas = 0;
        for (int i = 0; i < header.length(); i++) {
            char c = header.charAt(i);
            if (isQuoted && c == '\\' && i + 1 < header.length()) {
                item.append(header.charAt(++i));
            } else if (c == '"') {
                isQuoted = !isQuoted;
            } else if (c == ',' && !isQuoted && (!hasDates || ++commas % 2 == 0)) {
                items.add(item.toString().strip());
                item.setLength(0);
            } else {
                item.append(c);
            }
        }
        items.add(item.toString().strip());
        return items;
    }

    static String join(List<String> items, boolean isText) {
        List<String> written = new ArrayList<>();
        for (String item : items) {
            boolean isPlain = !isText || (item.indexOf(',') < 0 && item.indexOf('"') < 0);
            written.add(isPlain ? item : '"' + item.replace("\\", "\\\\").replace("\"", "\\\"") + '"');
        }
        return String.join(", ", written);
    }
}
