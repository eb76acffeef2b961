package io.firn.testkit;

import io.firn.io.Disk;
import io.firn.io.FileChannelDisk;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.io.TempDir;

final class FileChannelDiskContractTest extends DiskContract {
    private final AtomicInteger disks = new AtomicInteger();

    @TempDir
    Path folder;

    @Override
    protected Disk disk() {
        return FileChannelDisk.open(folder.resolve("disk" + disks.getAndIncrement()));
    }
}
