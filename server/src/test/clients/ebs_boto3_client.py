#!/usr/bin/env python3
"""boto3 against the EBS direct APIs: ebs_boto3_client.py ENDPOINT ACCESS_KEY SECRET_KEY [CA_BUNDLE]

Uploads a sparse image with eight threads, then a day's changes over it as a child, lists and reads both, and compares every byte. The first
difference ends the run with a traceback and a non-zero code.
"""

import base64
import hashlib
import random
import sys
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT, ACCESS, SECRET = sys.argv[1:4]
CA = sys.argv[4] if len(sys.argv) > 4 else None
BLOCK = 512 << 10
GIB = 1 << 30
BLOCKS = GIB // BLOCK
RANDOM = random.Random(20261125)

ebs = boto3.client(
    "ebs",
    endpoint_url=ENDPOINT,
    aws_access_key_id=ACCESS,
    aws_secret_access_key=SECRET,
    region_name="us-east-1",
    config=Config(retries={"max_attempts": 1}, max_pool_connections=8),
    verify=CA if CA else True,
)


def content() -> bytes:
    """Half of it compressible."""
    return RANDOM.randbytes(BLOCK // 2) + bytes(BLOCK // 2)


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def text(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


def put(snapshot: str, index: int, data: bytes) -> None:
    answer = ebs.put_snapshot_block(
        SnapshotId=snapshot,
        BlockIndex=index,
        BlockData=data,
        DataLength=BLOCK,
        Checksum=text(sha(data)),
        ChecksumAlgorithm="SHA256",
    )
    assert answer["Checksum"] == text(sha(data))


def upload(changes: dict, **options) -> str:
    snapshot = ebs.start_snapshot(VolumeSize=1, **options)["SnapshotId"]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda item: put(snapshot, *item), changes.items()))
    linear = sha(b"".join(sha(changes[index]) for index in sorted(changes)))
    answer = ebs.complete_snapshot(
        SnapshotId=snapshot,
        ChangedBlocksCount=len(changes),
        Checksum=text(linear),
        ChecksumAlgorithm="SHA256",
        ChecksumAggregationMethod="LINEAR",
    )
    assert answer["Status"] in ("pending", "completed")
    return snapshot


def pages(call, field: str, **options):
    while True:
        answer = call(MaxResults=100, **options)
        assert len(answer[field]) <= 100 and answer["BlockSize"] == BLOCK and answer["VolumeSize"] == 1
        yield from answer[field]
        if "NextToken" not in answer:
            return
        options["NextToken"] = answer["NextToken"]


def get(snapshot: str, index: int, token: str) -> bytes:
    answer = ebs.get_snapshot_block(SnapshotId=snapshot, BlockIndex=index, BlockToken=token)
    data = answer["BlockData"].read()
    assert answer["DataLength"] == len(data) == BLOCK
    assert answer["Checksum"] == text(sha(data)) and answer["ChecksumAlgorithm"] == "SHA256"
    return data


def download(snapshot: str) -> dict:
    listed = list(pages(ebs.list_snapshot_blocks, "Blocks", SnapshotId=snapshot))
    assert [block["BlockIndex"] for block in listed] == sorted({block["BlockIndex"] for block in listed})
    with ThreadPoolExecutor(8) as threads:
        bodies = threads.map(lambda block: get(snapshot, block["BlockIndex"], block["BlockToken"]), listed)
        return dict(zip((block["BlockIndex"] for block in listed), bodies))


def refused(code: str, reason: str, call, **options) -> None:
    try:
        call(**options)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error.response
        assert error.response["Reason"] == reason, error.response
        return
    raise AssertionError(f"must be refused with {code}")


print("-- an image of 1 GiB with 160 blocks")
image = {index: content() for index in RANDOM.sample(range(BLOCKS), 160)}
first = upload(image)
assert download(first) == image

print("-- a day's changes as a child")
changes = {index: content() for index in RANDOM.sample(sorted(image), 20)}
changes.update({index: content() for index in RANDOM.sample(range(BLOCKS), 5)})
changes[min(image)] = bytes(BLOCK)
second = upload(changes, ParentSnapshotId=first, Description="day two", Timeout=60)
assert download(second) == {**image, **changes}
assert download(first) == image, "the parent is as it was"

print("-- what changed")
listed = list(pages(ebs.list_changed_blocks, "ChangedBlocks", FirstSnapshotId=first, SecondSnapshotId=second))
assert [block["BlockIndex"] for block in listed] == sorted(changes)
for block in listed:
    index = block["BlockIndex"]
    assert ("FirstBlockToken" in block) == (index in image)
    assert get(second, index, block["SecondBlockToken"]) == changes[index]
    if index in image:
        assert get(first, index, block["FirstBlockToken"]) == image[index]

print("-- refusals, with their reasons")
token = listed[0]["SecondBlockToken"]
index = listed[0]["BlockIndex"]
other = next(block for block in sorted(image) if block != index)
forged = token[:20] + ("A" if token[20] != "A" else "B") + token[21:]
invalid = "ValidationException"
for block, given in ((other, token), (index, forged)):
    refused(invalid, "INVALID_BLOCK_TOKEN", ebs.get_snapshot_block, SnapshotId=second, BlockIndex=block, BlockToken=given)
refused(invalid, "INVALID_PAGE_TOKEN", ebs.list_snapshot_blocks, SnapshotId=first, NextToken=token)
refused(
    "ResourceNotFoundException", "SNAPSHOT_NOT_FOUND", ebs.list_snapshot_blocks, SnapshotId="snap-0123456789abcdef0"
)
refused(invalid, "INVALID_VOLUME_SIZE", ebs.start_snapshot, VolumeSize=65_537)
refused(invalid, "INVALID_TAG", ebs.start_snapshot, VolumeSize=1, Tags=[{"Key": "aws:mine", "Value": ""}])
refused(invalid, "INVALID_SNAPSHOT_ID", ebs.complete_snapshot, SnapshotId=first, ChangedBlocksCount=1)
refused(invalid, "UNRELATED_SNAPSHOTS", ebs.list_changed_blocks, FirstSnapshotId=upload({}), SecondSnapshotId=second)
draft = ebs.start_snapshot(VolumeSize=1)["SnapshotId"]
wrong = dict(SnapshotId=draft, DataLength=BLOCK, ChecksumAlgorithm="SHA256", BlockData=bytes(BLOCK))
refused(invalid, "INVALID_BLOCK", ebs.put_snapshot_block, BlockIndex=0, Checksum=text(sha(b"")), **wrong)
refused(invalid, "INVALID_BLOCK", ebs.put_snapshot_block, BlockIndex=BLOCKS, Checksum=text(sha(bytes(BLOCK))), **wrong)
