package io.firn.server.ec2;

import io.firn.blockstore.VolumeType;
import io.firn.server.wire.Fields;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * What a type of volume may be and what it gets when nothing is said.
 *
 * <p>Source: the documentation within the EC2 model 2016-11-15 (CreateVolume), read 2026-08-07; the wording of refusals is not from there.
 */
enum VolumeRules {
    GP3(VolumeType.GP3, 1, 65_536, 3_000, 80_000, 500),
    GP2(VolumeType.GP2, 1, 16_384, 0, 0, 0),
    IO1(VolumeType.IO2, 4, 16_384, 100, 64_000, 50),
    IO2(VolumeType.IO2, 4, 65_536, 100, 256_000, 1_000),
    ST1(VolumeType.ST1, 125, 16_384, 0, 0, 0),
    SC1(VolumeType.SC1, 125, 16_384, 0, 0, 0),
    STANDARD(VolumeType.GP2, 1, 1_024, 0, 0, 0);

    /** The type of a new volume for which none is named. */
    static final String DEFAULT_TYPE = "gp2";

    private static final int GP3_IOPS = 3_000;
    private static final int GP3_MIB_PER_SECOND = 125;
    private static final int GP3_MIB_PER_SECOND_MAX = 2_000;
    private static final int IOPS_PER_MIB_PER_SECOND = 4;
    private static final int GP2_IOPS_PER_GIB = 3;
    private static final int GP2_IOPS_LEAST = 100;
    private static final int GP2_IOPS_MOST = 16_000;

    private final VolumeType store; // limits I/O likewise
    private final int gibLeast;
    private final int gibMost;
    private final int iopsLeast; // 0 when none may be asked for
    private final int iopsMost;
    private final int iopsPerGib;

    VolumeRules(VolumeType store, int gibLeast, int gibMost, int iopsLeast, int iopsMost, int iopsPerGib) {
        this.store = store;
        this.gibLeast = gibLeast;
        this.gibMost = gibMost;
        this.iopsLeast = iopsLeast;
        this.iopsMost = iopsMost;
        this.iopsPerGib = iopsPerGib;
    }

    /** The rules of a type that the model allows. */
    static VolumeRules of(String wireName) {
        return valueOf(wireName.toUpperCase(Locale.ROOT));
    }

    VolumeType store() {
        return store;
    }

    /** True for types whose IOPS are asked for. */
    boolean isProvisioned() {
        return iopsLeast != 0;
    }

    String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The service of a new volume of this type that a request asks for, or the error of it. */
    VolumeFacts.Service service(Fields input, long gib) {
        return service(
                gib,
                input.number("Iops"),
                input.number("Throughput"),
                input.truth("MultiAttachEnabled").orElse(false));
    }

    /** The service of a volume that a request asks for, or the error of it. */
    VolumeFacts.Service service(long gib, OptionalLong iops, OptionalLong mibPerSecond, boolean isMultiAttach) {
        requireSize(gib);
        if (isMultiAttach && this != IO1 && this != IO2) {
            throw Ec2Error.INVALID_PARAMETER_COMBINATION.of(
                    "The parameter multiAttachEnabled is not supported for " + wireName() + " volumes.");
        }
        int provisionedIops = iops(gib, iops);
        return new VolumeFacts.Service(
                wireName(), provisionedIops, throughput(provisionedIops, mibPerSecond), isMultiAttach);
    }

    /** What a volume of the type has of itself, whatever its size. */
    VolumeFacts.Service ownService(long gib) {
        OptionalLong least =
                iopsLeast == 0 ? OptionalLong.empty() : OptionalLong.of(this == GP3 ? GP3_IOPS : iopsLeast);
        int provisionedIops = iops(Math.max(gib, gibLeast), least);
        return new VolumeFacts.Service(
                wireName(), provisionedIops, throughput(provisionedIops, OptionalLong.empty()), false);
    }

    private void requireSize(long gib) {
        if (gib < gibLeast) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.of("Volume of " + gib + "GiB is too small for volume type "
                    + wireName() + "; minimum is " + gibLeast + "GiB.");
        }
        if (gib > gibMost) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.of("Volume of " + gib + "GiB is too large for volume type "
                    + wireName() + "; maximum is " + gibMost + "GiB.");
        }
    }

    private int iops(long gib, OptionalLong asked) {
        if (iopsLeast == 0) {
            if (asked.isPresent()) {
                throw Ec2Error.INVALID_PARAMETER_COMBINATION.of(
                        "The parameter iops is not supported for " + wireName() + " volumes.");
            }
            return this == GP2 ? Math.clamp(GP2_IOPS_PER_GIB * gib, GP2_IOPS_LEAST, GP2_IOPS_MOST) : 0;
        }
        if (asked.isEmpty()) {
            if (this == GP3) {
                return GP3_IOPS;
            }
            throw Ec2Error.MISSING_PARAMETER.of("iops");
        }
        long iops = asked.getAsLong();
        requireBetween("Volume iops", "", iops, iopsLeast, iopsMost);
        if (iops > gib * iopsPerGib && iops > iopsLeast) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.of(String.format(
                    Locale.ROOT,
                    "Iops to volume size ratio of %.6f is too high; maximum is %d.",
                    (double) iops / gib,
                    iopsPerGib));
        }
        return (int) iops;
    }

    private int throughput(int iops, OptionalLong asked) {
        if (this != GP3) {
            if (asked.isPresent()) {
                throw Ec2Error.INVALID_PARAMETER_COMBINATION.of(
                        "The parameter throughput is not supported for " + wireName() + " volumes.");
            }
            return 0;
        }
        long mib = asked.orElse(GP3_MIB_PER_SECOND);
        requireBetween("Throughput", " MiBps", mib, GP3_MIB_PER_SECOND, GP3_MIB_PER_SECOND_MAX);
        if (mib * IOPS_PER_MIB_PER_SECOND > iops) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.of(String.format(
                    Locale.ROOT,
                    "Throughput (MiBps) to iops ratio of %.6f is too high; maximum is 0.250000 MiBps per iops.",
                    (double) mib / iops));
        }
        return (int) mib;
    }

    private static void requireBetween(String what, String unit, long asked, int least, int most) {
        if (asked < least) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.of(
                    what + " of " + asked + unit + " is too low; minimum is " + least + unit + ".");
        }
        if (asked > most) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.of(
                    what + " of " + asked + unit + " is too high; maximum is " + most + unit + ".");
        }
    }
}
