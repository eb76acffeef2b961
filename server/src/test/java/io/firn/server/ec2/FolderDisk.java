package io.firn.server.ec2;

import io.firn.io.Disk;
import io.firn.io.DiskFile;
import io.firn.io.DiskName;
import java.util.List;

/** A folder of a disk as a disk: stores that are on one machine lose power together. */
record FolderDisk(Disk disk, String folder) implements Disk {
    FolderDisk {
        disk.createDirectory(folder);
    }

    private String under(String name) {
        return name.isEmpty() ? folder : DiskName.child(folder, name);
    }

    @Override
    public DiskFile open(String name, OpenMode mode) {
        return disk.open(under(name), mode);
    }

    @Override
    public boolean exists(String name) {
        return disk.exists(under(name));
    }

    @Override
    public List<String> list(String directory) {
        return disk.list(under(directory));
    }

    @Override
    public void createDirectory(String directory) {
        disk.createDirectory(under(directory));
    }

    @Override
    public void delete(String name) {
        disk.delete(under(name));
    }

    @Override
    public void rename(String from, String to) {
        disk.rename(under(from), under(to));
    }

    @Override
    public void syncDirectory(String directory) {
        disk.syncDirectory(under(directory));
    }

    @Override
    public long usableBytes() {
        return disk.usableBytes();
    }
}
