package io.firn.testkit;

import io.firn.io.Disk;

final class SimDiskContractTest extends DiskContract {
    @Override
    protected Disk disk() {
        return new SimDisk(1);
    }
}
