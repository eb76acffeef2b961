"""Writes to a volume until its server is gone and keeps a list of what was acknowledged; or holds a volume against that list.

    acknowledged.py write|check URI LIST ROUND

4 KiB blocks, 16 in flight, each block at most once a round. What was in flight at the end may be there or not, and leaves the list. (fio's
own list, verify_state_save, takes writes that failed with the connection for written.)
"""
import hashlib
import json
import os
import random
import sys

import nbd

BLOCKS = 51_200
IN_FLIGHT = 16


def content(block, round_number):
    return hashlib.blake2b(f"{block} in round {round_number}".encode(), digest_size=64).digest() * 64


def write(connection, kept, round_number):
    blocks = list(range(BLOCKS))
    random.Random(round_number).shuffle(blocks)
    failed = []

    def send(block):
        kept.pop(str(block), None)

        def done(error):
            if error.value:
                failed.append(block)
            else:
                kept[str(block)] = round_number
            return 1

        connection.aio_pwrite(nbd.Buffer.from_bytearray(bytearray(content(block, round_number))), block * 4096, done)

    try:
        for block in blocks:
            while connection.aio_in_flight() >= IN_FLIGHT:
                connection.poll(1000)
            send(block)
        sys.exit("every block was written before the server was gone")
    except nbd.Error:
        print(f"{sum(r == round_number for r in kept.values())} acknowledged, {len(failed)} in flight when the server went")


def check(connection, kept):
    lost = [b for b, r in kept.items() if bytes(connection.pread(4096, int(b) * 4096)) != content(int(b), r)]
    print(f"{len(kept)} acknowledged blocks, {len(lost)} lost")
    if lost:
        sys.exit(f"lost: {lost[:20]}")


def main(mode, uri, path, round_number):
    connection = nbd.NBD()
    connection.connect_uri(uri)
    kept = {}
    if os.path.exists(path):
        with open(path, encoding="ascii") as file:
            kept = json.load(file)
    if mode == "check":
        check(connection, kept)
    else:
        write(connection, kept, int(round_number))
        with open(path, "w", encoding="ascii") as file:
            json.dump(kept, file)


main(*sys.argv[1:])
