package io.firn.blockstore;

import java.util.List;

/**
 * What reading everything found.
 *
 * @param blocks map entries that were followed and verified
 * @param problems one line each; empty when all is well
 */
public record VerifyReport(long blocks, List<String> problems) {
    public VerifyReport {
        problems = List.copyOf(problems);
    }

    public boolean isSound() {
        return problems.isEmpty();
    }
}
