package io.firn.nbd;

/** The error values of the transmission phase, named as in doc/proto.md without the prefix {@code NBD_}. */
enum NbdError {
    EPERM(1),
    EIO(5),
    EINVAL(22),
    ENOSPC(28),
    EOVERFLOW(75),
    ENOTSUP(95),
    ESHUTDOWN(108);

    private final int code;

    NbdError(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }
}
