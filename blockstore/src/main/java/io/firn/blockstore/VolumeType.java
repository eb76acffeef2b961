package io.firn.blockstore;

import java.util.Locale;

/**
 * The kinds of volumes that Amazon EBS sells, by their limits (EC2 API 2016-11-15, EC2 User Guide "Amazon EBS volume types", read
 * 2026-08-07). What they do to I/O is {@link VolumeLimits}.
 */
public enum VolumeType {
    /** General purpose: 3,000 IOPS and 125 MiB/s whatever the size, more when provisioned; never bursts. */
    GP3,
    /** General purpose: 3 IOPS per GiB, bursting to 3,000 from a bucket of credits. */
    GP2,
    /** Provisioned IOPS, durable to 99.999 %. */
    IO2,
    /** Throughput-optimised disk: 40 MiB/s per TiB, bursting to 250. */
    ST1,
    /** Cold disk: 12 MiB/s per TiB, bursting to 80. */
    SC1;

    /** As the EC2 API spells it. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Reads the API's spelling; {@link IllegalArgumentException} that names the kinds there are otherwise. */
    public static VolumeType parse(String wireName) {
        for (VolumeType type : values()) {
            if (type.wireName().equals(wireName)) {
                return type;
            }
        }
        throw new IllegalArgumentException("no volume type \"" + wireName + "\"; there are gp3, gp2, io2, st1 and sc1");
    }
}
