package io.firn.snapshot;

import java.util.HexFormat;

/**
 * The name of a pack: the birth of the tree it was written for, and a number within that. Names are never used again, and all packs of
 * a tree can be listed.
 *
 * @param birth the random number of the tree
 */
record PackId(long birth, int number) implements Comparable<PackId> {
    private static final String PACKS = "packs/";
    private static final String DEAD = "dead/";
    private static final String LINKS = "links/";
    private static final int HEX_BIRTH = 16;

    /** Where the pack is. */
    String key() {
        return prefix(birth) + HexFormat.of().toHexDigits(number);
    }

    /** Where it is written what of the pack is not used any more. */
    String deadKey() {
        return deadPrefix(birth) + HexFormat.of().toHexDigits(number);
    }

    static String prefix(long birth) {
        return PACKS + HexFormat.of().toHexDigits(birth) + "/";
    }

    static String deadPrefix(long birth) {
        return DEAD + HexFormat.of().toHexDigits(birth) + "/";
    }

    /** Where it is written which of this pack's items the links of another hold. */
    String linkKey(PackId holder) {
        return linksPrefix() + path(holder.birth, holder.number);
    }

    /** Of the records of all packs that link to this one. */
    String linksPrefix() {
        return LINKS + path(birth, number) + "/";
    }

    /** Of the records of all packs that link to any pack of a tree. */
    static String linksPrefix(long birth) {
        return LINKS + HexFormat.of().toHexDigits(birth) + "/";
    }

    private static String path(long birth, int number) {
        return HexFormat.of().toHexDigits(birth) + "/" + HexFormat.of().toHexDigits(number);
    }

    /** The pack that links, of a {@link #linkKey}. */
    static PackId holderOfKey(String key) {
        return ofKey(key.substring(key.indexOf('/', LINKS.length() + HEX_BIRTH + 1)));
    }

    static String allLinks() {
        return LINKS;
    }

    static String allPacks() {
        return PACKS;
    }

    static String allDead() {
        return DEAD;
    }

    /** The pack that a key of either kind names. */
    static PackId ofKey(String key) {
        int slash = key.indexOf('/');
        return new PackId(
                HexFormat.fromHexDigitsToLong(key, slash + 1, slash + 1 + HEX_BIRTH),
                HexFormat.fromHexDigits(key, slash + 2 + HEX_BIRTH, key.length()));
    }

    @Override
    public int compareTo(PackId other) {
        int byBirth = Long.compareUnsigned(birth, other.birth);
        return byBirth != 0 ? byBirth : Integer.compare(number, other.number);
    }
}
