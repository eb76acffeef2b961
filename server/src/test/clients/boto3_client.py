#!/usr/bin/env python3
"""boto3 against an S3 endpoint: boto3_client.py ENDPOINT ACCESS_KEY SECRET_KEY [CA_BUNDLE]

Every step compares bytes or exact answers; the first difference ends the run with a traceback and a non-zero code.
A step that an older boto3 cannot express is named and left out.
"""

import base64
import hashlib
import io
import random
import re
import sys
import threading
import urllib.error
import urllib.request
import ssl
import zlib

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError, ParamValidationError

ENDPOINT, ACCESS, SECRET = sys.argv[1:4]
CA = sys.argv[4] if len(sys.argv) > 4 else None
BUCKET = f"boto3-{random.SystemRandom().randrange(10**12)}"
MIB = 1 << 20
VERSION = tuple(int(part) for part in boto3.__version__.split(".")[:2])


def client(**options):
    config = Config(signature_version="s3v4", retries={"max_attempts": 1}, s3={"addressing_style": "path"}, **options)
    return boto3.client(
        "s3",
        endpoint_url=ENDPOINT,
        aws_access_key_id=ACCESS,
        aws_secret_access_key=SECRET,
        region_name="us-east-1",
        config=config,
        verify=CA if CA else True,
    )


s3 = client()


def content(count: int, seed: int = 1) -> bytes:
    return random.Random(seed * 1_000_003 + count).randbytes(count)


def refused(status: int, code: str, call, **arguments) -> dict:
    try:
        answer = call(**arguments)
    except ClientError as error:
        got = (error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"])
        assert got == (status, code), f"expected {status} {code}, got {got}: {error}"
        assert error.response["ResponseMetadata"].get("RequestId"), "an error without a request id"
        return error.response
    raise AssertionError(f"expected {status} {code}, got {answer}")


def read(key: str, **arguments) -> bytes:
    return s3.get_object(Bucket=BUCKET, Key=key, **arguments)["Body"].read()


def same(expected, got):
    if expected != got:
        if isinstance(expected, bytes) and isinstance(got, bytes):
            at = next((i for i, (a, b) in enumerate(zip(expected, got)) if a != b), min(len(expected), len(got)))
            raise AssertionError(f"{len(expected)} bytes expected, {len(got)} bytes got, first difference at {at}")
        raise AssertionError(f"expected {expected!r}\n     got {got!r}")


def buckets():
    refused(404, "404", s3.head_bucket, Bucket=BUCKET)
    s3.create_bucket(Bucket=BUCKET)
    s3.head_bucket(Bucket=BUCKET)
    assert BUCKET in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    same(None, s3.get_bucket_location(Bucket=BUCKET)["LocationConstraint"])
    refused(404, "NoSuchBucket", s3.list_objects_v2, Bucket=BUCKET + "-absent")
    refused(404, "NoSuchKey", s3.get_object, Bucket=BUCKET, Key="absent")
    refused(400, "InvalidBucketName", client_without_name_check().create_bucket, Bucket="UP_")


def client_without_name_check():
    from botocore.handlers import validate_bucket_name

    other = client()
    other.meta.events.unregister("before-parameter-build.s3", validate_bucket_name)
    return other


def sizes_and_etags():
    for count in (0, 1, 15, 16, 4095, 4096, 65535, 65536, 65537, MIB, 5 * MIB + 1, 17 * MIB + 3):
        body = content(count)
        put = s3.put_object(Bucket=BUCKET, Key=f"size/{count}", Body=body)
        same(f'"{hashlib.md5(body).hexdigest()}"', put["ETag"])
        got = s3.get_object(Bucket=BUCKET, Key=f"size/{count}")
        same(count, got["ContentLength"])
        same(put["ETag"], got["ETag"])
        same(body, got["Body"].read())
        head = s3.head_object(Bucket=BUCKET, Key=f"size/{count}")
        same((count, put["ETag"]), (head["ContentLength"], head["ETag"]))


def keys():
    """Keys are bytes: nothing is folded, normalised or taken for a path."""
    names = [
        "a", "a/b", "a/", "a//b", "a//", "/", "//", "/leading", ".", "..", "../up", "a/../b", "a/./b", "./a", "trailing.", " ", " blank ",
        "plus+plus", "per%cent", "%2F", "%", "a b/c d", "q?x=1&y=2", "hash#mark", "semi;colon", "quote\"'`", "back\\slash", "tab\there",
        "new\nline", "*", "<xml>&amp;", "é", "e\u0301", "日本語", "\U0001f9ca ice", "\u00a0", "~tilde", "col:on", "at@", "$1,00", "x" * 1024, "é" * 512,
    ]
    for name in names:
        s3.put_object(Bucket=BUCKET, Key=name, Body=name.encode())
    for name in names:
        same(name.encode(), read(name))
    for pages in ("list_objects_v2", "list_objects"):
        got = [entry["Key"] for page in s3.get_paginator(pages).paginate(Bucket=BUCKET, PaginationConfig={"PageSize": 7})
               for entry in page.get("Contents", []) if not entry["Key"].startswith("size/")]
        same(sorted(names, key=str.encode), got)
    for name in names:
        s3.copy_object(Bucket=BUCKET, Key="copy", CopySource={"Bucket": BUCKET, "Key": name})
        same(name.encode(), read("copy"))
    same("a", s3.list_objects_v2(Bucket=BUCKET, Prefix="a", Delimiter="/")["Contents"][0]["Key"])
    same(["a b/", "a/"], [p["Prefix"] for p in s3.list_objects_v2(Bucket=BUCKET, Prefix="a", Delimiter="/")["CommonPrefixes"]])
    answer = s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": name} for name in names]})
    same(sorted(names), sorted(entry["Key"] for entry in answer["Deleted"]))
    refused(400, "KeyTooLongError", s3.put_object, Bucket=BUCKET, Key="x" * 1025, Body=b"")
    s3.delete_object(Bucket=BUCKET, Key="copy")


def ranges():
    body = content(300_000)
    s3.put_object(Bucket=BUCKET, Key="range", Body=body)
    for spec, start, stop in (
        ("bytes=0-0", 0, 1), ("bytes=0-", 0, 300_000), ("bytes=65535-65537", 65535, 65538), ("bytes=299999-", 299_999, 300_000),
        ("bytes=-1", 299_999, 300_000), ("bytes=-400000", 0, 300_000), ("bytes=100-999999", 100, 300_000), ("bytes=131072-262143", 131072, 262144),
    ):
        got = s3.get_object(Bucket=BUCKET, Key="range", Range=spec)
        same(206, got["ResponseMetadata"]["HTTPStatusCode"])
        same(f"bytes {start}-{stop - 1}/300000", got["ContentRange"])
        same(stop - start, got["ContentLength"])
        same(body[start:stop], got["Body"].read())
    refused(416, "InvalidRange", s3.get_object, Bucket=BUCKET, Key="range", Range="bytes=300000-")
    refused(416, "InvalidRange", s3.get_object, Bucket=BUCKET, Key="range", Range="bytes=-0")
    same(body, read("range", Range="bytes=0-1,5-6"))
    same(body, read("range", Range="lines=1-2"))


def metadata():
    s3.put_object(Bucket=BUCKET, Key="meta", Body=b"x", Metadata={"one": "1", "two": "with  blanks", "empty": ""}, ContentType="text/plain; charset=utf-8",
                  CacheControl="no-cache", ContentDisposition='attachment; filename="ice.txt"', ContentEncoding="gzip", ContentLanguage="fr, en")
    head = s3.head_object(Bucket=BUCKET, Key="meta")
    same({"one": "1", "two": "with  blanks", "empty": ""}, head["Metadata"])
    same(("text/plain; charset=utf-8", "no-cache", 'attachment; filename="ice.txt"', "gzip", "fr, en"),
         tuple(head[k] for k in ("ContentType", "CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage")))
    s3.copy_object(Bucket=BUCKET, Key="meta2", CopySource=f"{BUCKET}/meta")
    same(head["Metadata"], s3.head_object(Bucket=BUCKET, Key="meta2")["Metadata"])
    s3.copy_object(Bucket=BUCKET, Key="meta2", CopySource=f"{BUCKET}/meta", MetadataDirective="REPLACE", Metadata={"new": "yes"}, ContentType="a/b")
    head = s3.head_object(Bucket=BUCKET, Key="meta2")
    same(({"new": "yes"}, "a/b"), (head["Metadata"], head["ContentType"]))
    refused(400, "InvalidRequest", s3.copy_object, Bucket=BUCKET, Key="meta", CopySource=f"{BUCKET}/meta")
    s3.put_object(Bucket=BUCKET, Key="meta3", Body=b"", Metadata={"k": "v" * 2047})
    refused(400, "MetadataTooLarge", s3.put_object, Bucket=BUCKET, Key="meta4", Body=b"", Metadata={"k": "v" * 2048})
    refused(404, "404", s3.head_object, Bucket=BUCKET, Key="meta4")
    got = s3.get_object(Bucket=BUCKET, Key="meta", ResponseContentType="x/y", ResponseCacheControl="max-age=1")
    same(("x/y", "max-age=1"), (got["ContentType"], got["CacheControl"]))


CRC64NVME_TABLE = []


def crc64nvme(data: bytes) -> bytes:
    if not CRC64NVME_TABLE:
        for byte in range(256):
            value = byte
            for _ in range(8):
                value = (value >> 1) ^ (0x9A6C9329AC4BC9B5 if value & 1 else 0)
            CRC64NVME_TABLE.append(value)
    crc = 0xFFFFFFFFFFFFFFFF
    for byte in data:
        crc = CRC64NVME_TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return (crc ^ 0xFFFFFFFFFFFFFFFF).to_bytes(8, "big")


def crc32c(data: bytes) -> bytes:
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return (crc ^ 0xFFFFFFFF).to_bytes(4, "big")


DIGESTS = {
    "CRC32": lambda data: zlib.crc32(data).to_bytes(4, "big"),
    "CRC32C": crc32c,
    "CRC64NVME": crc64nvme,
    "SHA1": lambda data: hashlib.sha1(data).digest(),
    "SHA256": lambda data: hashlib.sha256(data).digest(),
    "SHA512": lambda data: hashlib.sha512(data).digest(),
    "MD5": lambda data: hashlib.md5(data).digest(),
}


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def algorithms():
    model = s3.meta.service_model.shape_for("ChecksumAlgorithm").enum
    members = s3.meta.service_model.operation_model("PutObject").input_shape.members
    return [name for name in DIGESTS if name in model and f"Checksum{name}" in members]


def checksums():
    body = content(70_001)
    known = algorithms()
    print("   algorithms:", " ".join(known))
    for name in known:
        field, right = f"Checksum{name}", b64(DIGESTS[name](body))
        wrong = b64(DIGESTS[name](body + b"x"))
        key = f"sum/{name}"
        put = s3.put_object(Bucket=BUCKET, Key=key, Body=body, **{field: right})
        same(right, put[field])
        head = s3.head_object(Bucket=BUCKET, Key=key, ChecksumMode="ENABLED")
        same(right, head[field])
        got = s3.get_object(Bucket=BUCKET, Key=key, ChecksumMode="ENABLED")
        same((right, body), (got[field], got["Body"].read()))
        attributes = s3.get_object_attributes(Bucket=BUCKET, Key=key, ObjectAttributes=["Checksum", "ObjectSize", "ETag", "StorageClass"])
        same((right, 70_001), (attributes["Checksum"][field], attributes["ObjectSize"]))
        refused(400, "BadDigest", s3.put_object, Bucket=BUCKET, Key=key, Body=b"other", **{field: wrong})
        same(body, read(key))
        try:  # the SDK computes it: a header over HTTP, a trailer over HTTPS
            put = s3.put_object(Bucket=BUCKET, Key=key, Body=io.BytesIO(body), ChecksumAlgorithm=name)
            same(right, put[field])
        except Exception as error:  # noqa: BLE001 - an algorithm that needs the CRT library
            if not re.search("CRT|crt|Unsupported checksum", str(error)) and not isinstance(error, ParamValidationError):
                raise
            print(f"   {name}: this boto3 cannot compute it itself")
    refused(400, "BadDigest", s3.put_object, Bucket=BUCKET, Key="sum/md5", Body=b"x", ContentMD5=b64(hashlib.md5(b"y").digest()))
    refused(400, "InvalidDigest", s3.put_object, Bucket=BUCKET, Key="sum/md5", Body=b"x", ContentMD5="bm90IGEgZGlnZXN0")
    if "CRC64NVME" in known:  # without a checksum from the client, S3 computes CRC64NVME
        plain = client(request_checksum_calculation="when_required")
        plain.put_object(Bucket=BUCKET, Key="sum/none", Body=body)
        same(b64(crc64nvme(body)), s3.head_object(Bucket=BUCKET, Key="sum/none", ChecksumMode="ENABLED")["ChecksumCRC64NVME"])


def multipart():
    parts = [content(5 * MIB, 1), content(5 * MIB + 17, 2), content(12345, 3)]
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="mp", Metadata={"m": "p"}, ContentType="multi/part")["UploadId"]
    done = {}
    for number in (9, 2, 5):  # any numbers, any order
        index = {2: 0, 5: 1, 9: 2}[number]
        done[number] = s3.upload_part(Bucket=BUCKET, Key="mp", UploadId=upload, PartNumber=number, Body=parts[index])["ETag"]
        same(f'"{hashlib.md5(parts[index]).hexdigest()}"', done[number])
    refused(404, "NoSuchKey", s3.get_object, Bucket=BUCKET, Key="mp")
    listed = s3.list_parts(Bucket=BUCKET, Key="mp", UploadId=upload)["Parts"]
    same([(2, 5 * MIB), (5, 5 * MIB + 17), (9, 12345)], [(part["PartNumber"], part["Size"]) for part in listed])
    page = s3.list_parts(Bucket=BUCKET, Key="mp", UploadId=upload, MaxParts=2)
    same((True, 5), (page["IsTruncated"], page["NextPartNumberMarker"]))
    order = [{"PartNumber": n, "ETag": done[n]} for n in sorted(done)]
    complete = dict(Bucket=BUCKET, Key="mp", UploadId=upload)
    refused(400, "InvalidPartOrder", s3.complete_multipart_upload, **complete, MultipartUpload={"Parts": order[::-1]})
    refused(400, "InvalidPart", s3.complete_multipart_upload, **complete, MultipartUpload={"Parts": [{"PartNumber": 2, "ETag": done[5]}]})
    refused(400, "InvalidPart", s3.complete_multipart_upload, **complete, MultipartUpload={"Parts": order[:1] + [{"PartNumber": 10, "ETag": done[9]}]})
    etag = s3.complete_multipart_upload(**complete, MultipartUpload={"Parts": order})["ETag"]
    same('"%s-3"' % hashlib.md5(b"".join(hashlib.md5(part).digest() for part in parts)).hexdigest(), etag)
    whole = b"".join(parts)
    same(whole, read("mp"))
    same(whole[5 * MIB - 3 : 5 * MIB + 30], read("mp", Range=f"bytes={5 * MIB - 3}-{5 * MIB + 29}"))
    head = s3.head_object(Bucket=BUCKET, Key="mp")
    same(({"m": "p"}, "multi/part", len(whole)), (head["Metadata"], head["ContentType"], head["ContentLength"]))
    second = s3.get_object(Bucket=BUCKET, Key="mp", PartNumber=2)
    same((parts[1], 3), (second["Body"].read(), second["PartsCount"]))
    # too small a part, an unknown upload, an abort
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="small")["UploadId"]
    small = [{"PartNumber": n, "ETag": s3.upload_part(Bucket=BUCKET, Key="small", UploadId=upload, PartNumber=n, Body=b"x")["ETag"]} for n in (1, 2)]
    refused(400, "EntityTooSmall", s3.complete_multipart_upload, Bucket=BUCKET, Key="small", UploadId=upload, MultipartUpload={"Parts": small})
    same(["small"], [entry["Key"] for entry in s3.list_multipart_uploads(Bucket=BUCKET)["Uploads"]])
    s3.abort_multipart_upload(Bucket=BUCKET, Key="small", UploadId=upload)
    refused(404, "NoSuchUpload", s3.upload_part, Bucket=BUCKET, Key="small", UploadId=upload, PartNumber=1, Body=b"x")
    same(None, s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads"))
    # parts copied from other objects
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="joined")["UploadId"]
    source = {"Bucket": BUCKET, "Key": "mp"}
    first = s3.upload_part_copy(Bucket=BUCKET, Key="joined", UploadId=upload, PartNumber=1, CopySource=source)["CopyPartResult"]["ETag"]
    last = s3.upload_part_copy(Bucket=BUCKET, Key="joined", UploadId=upload, PartNumber=2, CopySource=source, CopySourceRange="bytes=7-1000006")["CopyPartResult"]["ETag"]
    s3.complete_multipart_upload(Bucket=BUCKET, Key="joined", UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": first}, {"PartNumber": 2, "ETag": last}]})
    same(whole + whole[7:1000007], read("joined"))


def multipart_checksums():
    parts = [content(5 * MIB, 4), content(99, 5)]
    for name in [n for n in ("CRC32", "SHA256") if n in algorithms()]:
        field = f"Checksum{name}"
        upload = s3.create_multipart_upload(Bucket=BUCKET, Key="mpsum", ChecksumAlgorithm=name)["UploadId"]
        done = []
        for number, part in enumerate(parts, 1):
            answer = s3.upload_part(Bucket=BUCKET, Key="mpsum", UploadId=upload, PartNumber=number, Body=part, ChecksumAlgorithm=name)
            same(b64(DIGESTS[name](part)), answer[field])
            done.append({"PartNumber": number, "ETag": answer["ETag"], field: answer[field]})
        answer = s3.complete_multipart_upload(Bucket=BUCKET, Key="mpsum", UploadId=upload, MultipartUpload={"Parts": done})
        composite = b64(DIGESTS[name](b"".join(DIGESTS[name](part) for part in parts))) + "-2"
        same(composite, answer[field])
        head = s3.head_object(Bucket=BUCKET, Key="mpsum", ChecksumMode="ENABLED")
        same(composite, head[field])
        attributes = s3.get_object_attributes(Bucket=BUCKET, Key="mpsum", ObjectAttributes=["Checksum", "ObjectParts"])
        same(2, attributes["ObjectParts"]["TotalPartsCount"])
        same([entry[field] for entry in done], [part[field] for part in attributes["ObjectParts"]["Parts"]])
    if "ChecksumType" in s3.meta.service_model.operation_model("CreateMultipartUpload").input_shape.members:
        whole = b"".join(parts)
        upload = s3.create_multipart_upload(Bucket=BUCKET, Key="mpfull", ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")["UploadId"]
        done = []
        for number, part in enumerate(parts, 1):
            answer = s3.upload_part(Bucket=BUCKET, Key="mpfull", UploadId=upload, PartNumber=number, Body=part, ChecksumAlgorithm="CRC32")
            done.append({"PartNumber": number, "ETag": answer["ETag"], "ChecksumCRC32": answer["ChecksumCRC32"]})
        finish = dict(Bucket=BUCKET, Key="mpfull", UploadId=upload, MultipartUpload={"Parts": done}, ChecksumType="FULL_OBJECT")
        refused(400, "BadDigest", s3.complete_multipart_upload, **finish, ChecksumCRC32=b64(DIGESTS["CRC32"](b"wrong")))
        answer = s3.complete_multipart_upload(**finish, ChecksumCRC32=b64(DIGESTS["CRC32"](whole)))
        same((b64(DIGESTS["CRC32"](whole)), "FULL_OBJECT"), (answer["ChecksumCRC32"], answer["ChecksumType"]))


def transfers():
    body = content(33 * MIB + 5)
    config = TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB, max_concurrency=4)
    s3.upload_fileobj(io.BytesIO(body), BUCKET, "transfer", Config=config)
    out = io.BytesIO()
    s3.download_fileobj(BUCKET, "transfer", out, Config=config)
    same(body, out.getvalue())
    s3.copy({"Bucket": BUCKET, "Key": "transfer"}, BUCKET, "transfer-copy", Config=config)
    same(body, read("transfer-copy"))


def conditions():
    put = s3.put_object(Bucket=BUCKET, Key="cond", Body=b"first")
    etag, date = put["ETag"], s3.head_object(Bucket=BUCKET, Key="cond")["LastModified"]
    other = '"ffffffffffffffffffffffffffffffff"'
    same(b"first", read("cond", IfMatch=etag))
    same(b"first", read("cond", IfMatch=etag.strip('"')))
    same(b"first", read("cond", IfNoneMatch=other))
    refused(304, "304", s3.get_object, Bucket=BUCKET, Key="cond", IfNoneMatch=etag)
    refused(412, "PreconditionFailed", s3.get_object, Bucket=BUCKET, Key="cond", IfMatch=other)
    refused(304, "304", s3.head_object, Bucket=BUCKET, Key="cond", IfModifiedSince=date)
    refused(412, "PreconditionFailed", s3.get_object, Bucket=BUCKET, Key="cond", IfUnmodifiedSince=date.replace(year=2001))
    refused(412, "PreconditionFailed", s3.copy_object, Bucket=BUCKET, Key="cond2", CopySource=f"{BUCKET}/cond", CopySourceIfMatch=other)
    members = s3.meta.service_model.operation_model("PutObject").input_shape.members
    if "IfNoneMatch" not in members or "IfMatch" not in members:
        print("   this boto3 is too old for conditional writes: not tried")
        return
    refused(412, "PreconditionFailed", s3.put_object, Bucket=BUCKET, Key="cond", Body=b"no", IfNoneMatch="*")
    refused(412, "PreconditionFailed", s3.put_object, Bucket=BUCKET, Key="cond", Body=b"no", IfMatch=other)
    refused(404, "NoSuchKey", s3.put_object, Bucket=BUCKET, Key="cond-absent", Body=b"no", IfMatch=other)
    s3.put_object(Bucket=BUCKET, Key="cond", Body=b"second", IfMatch=etag)
    same(b"second", read("cond"))
    # of many writers of one new key, one wins
    results = []

    def write(number: int):
        try:
            client().put_object(Bucket=BUCKET, Key="race", Body=b"%d" % number, IfNoneMatch="*")
            results.append(number)
        except ClientError as error:
            assert error.response["Error"]["Code"] in ("PreconditionFailed", "ConditionalRequestConflict"), error

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    same(1, len(results))
    same(b"%d" % results[0], read("race"))


def listings():
    names = [f"list/{i % 10}/{i:04d}" for i in range(230)] + ["list/flat-%02d" % i for i in range(25)]
    threads = [threading.Thread(target=lambda part: [s3.put_object(Bucket=BUCKET, Key=n, Body=b"") for n in part], args=(names[i::8],)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    names.sort()
    for size in (1000, 100, 7):
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix="list/", PaginationConfig={"PageSize": size})
        got, counts = [], []
        for page in pages:
            same(len(page.get("Contents", [])) + len(page.get("CommonPrefixes", [])), page["KeyCount"])
            counts.append(page["KeyCount"])
            got += [entry["Key"] for entry in page.get("Contents", [])]
        same(names, got)
        assert all(count == size for count in counts[:-1]), counts
    flat, folders = [], []
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix="list/", Delimiter="/", PaginationConfig={"PageSize": 3}):
        flat += [entry["Key"] for entry in page.get("Contents", [])]
        folders += [entry["Prefix"] for entry in page.get("CommonPrefixes", [])]
    same([n for n in names if "flat" in n], flat)
    same([f"list/{i}/" for i in range(10)], folders)
    same(names[101:], [e["Key"] for e in s3.list_objects_v2(Bucket=BUCKET, Prefix="list/", StartAfter=names[100])["Contents"]])
    first = s3.list_objects(Bucket=BUCKET, Prefix="list/", Delimiter="/", MaxKeys=3)
    same((True, "list/2/"), (first["IsTruncated"], first["NextMarker"]))
    same((0, False), (s3.list_objects_v2(Bucket=BUCKET, MaxKeys=0)["KeyCount"], s3.list_objects_v2(Bucket=BUCKET, MaxKeys=0)["IsTruncated"]))
    refused(400, "InvalidArgument", s3.list_objects_v2, Bucket=BUCKET, ContinuationToken="nonsense")
    answer = s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": n} for n in names] + [{"Key": "never there"}], "Quiet": True})
    assert "Deleted" not in answer and "Errors" not in answer, answer
    same(0, s3.list_objects_v2(Bucket=BUCKET, Prefix="list/")["KeyCount"])
    refused(400, "MalformedXML", s3.delete_objects, Bucket=BUCKET, Delete={"Objects": [{"Key": str(i)} for i in range(1001)]})


def versions():
    s3.put_object(Bucket=BUCKET, Key="ver", Body=b"before")
    same(None, s3.get_bucket_versioning(Bucket=BUCKET).get("Status"))
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    one = s3.put_object(Bucket=BUCKET, Key="ver", Body=b"one")["VersionId"]
    two = s3.put_object(Bucket=BUCKET, Key="ver", Body=b"two")["VersionId"]
    same([b"before", b"one", b"two", b"two"], [read("ver", VersionId="null"), read("ver", VersionId=one), read("ver", VersionId=two), read("ver")])
    marker = s3.delete_object(Bucket=BUCKET, Key="ver")
    same(True, marker["DeleteMarker"])
    headers = refused(404, "NoSuchKey", s3.get_object, Bucket=BUCKET, Key="ver")["ResponseMetadata"]["HTTPHeaders"]
    same(("true", marker["VersionId"]), (headers.get("x-amz-delete-marker"), headers.get("x-amz-version-id")))
    refused(405, "MethodNotAllowed", s3.get_object, Bucket=BUCKET, Key="ver", VersionId=marker["VersionId"])
    listing = s3.list_object_versions(Bucket=BUCKET, Prefix="ver")
    same([two, one, "null"], [version["VersionId"] for version in listing["Versions"]])
    same([marker["VersionId"]], [version["VersionId"] for version in listing["DeleteMarkers"]])
    same([False] * 3, [version["IsLatest"] for version in listing["Versions"]])
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Suspended"})
    s3.put_object(Bucket=BUCKET, Key="ver", Body=b"suspended")
    same([b"suspended", b"suspended", b"one"], [read("ver"), read("ver", VersionId="null"), read("ver", VersionId=one)])
    s3.delete_object(Bucket=BUCKET, Key="ver", VersionId="null")
    refused(404, "NoSuchVersion", s3.get_object, Bucket=BUCKET, Key="ver", VersionId="null")
    s3.copy_object(Bucket=BUCKET, Key="revived", CopySource={"Bucket": BUCKET, "Key": "ver", "VersionId": one})
    same(b"one", read("revived"))
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=BUCKET, Prefix="ver", PaginationConfig={"PageSize": 1})
    same(3, sum(len(page.get("Versions", [])) + len(page.get("DeleteMarkers", [])) for page in pages))


def tags():
    s3.put_object(Bucket=BUCKET, Key="tag", Body=b"", Tagging="a=1&b%20c=d%2Be")
    same([{"Key": "a", "Value": "1"}, {"Key": "b c", "Value": "d+e"}], sorted(s3.get_object_tagging(Bucket=BUCKET, Key="tag")["TagSet"], key=lambda t: t["Key"]))
    same(2, s3.get_object(Bucket=BUCKET, Key="tag")["TagCount"])
    ten = [{"Key": f"k{i}", "Value": "v" * 256} for i in range(10)]
    s3.put_object_tagging(Bucket=BUCKET, Key="tag", Tagging={"TagSet": ten})
    same(10, len(s3.get_object_tagging(Bucket=BUCKET, Key="tag")["TagSet"]))
    refused(400, "InvalidTag", s3.put_object_tagging, Bucket=BUCKET, Key="tag", Tagging={"TagSet": ten + [{"Key": "k", "Value": ""}]})
    refused(400, "InvalidTag", s3.put_object_tagging, Bucket=BUCKET, Key="tag", Tagging={"TagSet": [{"Key": "k" * 129, "Value": ""}]})
    s3.copy_object(Bucket=BUCKET, Key="tag2", CopySource=f"{BUCKET}/tag")
    same(10, len(s3.get_object_tagging(Bucket=BUCKET, Key="tag2")["TagSet"]))
    s3.copy_object(Bucket=BUCKET, Key="tag2", CopySource=f"{BUCKET}/tag", TaggingDirective="REPLACE", Tagging="only=one")
    same([{"Key": "only", "Value": "one"}], s3.get_object_tagging(Bucket=BUCKET, Key="tag2")["TagSet"])
    refused(404, "NoSuchTagSet", s3.get_bucket_tagging, Bucket=BUCKET)


def fetch(url: str, method: str = "GET", body: bytes = None) -> tuple:
    context = ssl.create_default_context(cafile=CA) if url.startswith("https") else None
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data=body, method=method), context=context) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def presigned():
    url = s3.generate_presigned_url("put_object", Params={"Bucket": BUCKET, "Key": "pre signed/é+"}, ExpiresIn=60)
    same(200, fetch(url, "PUT", b"through a URL")[0])
    url = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "pre signed/é+"}, ExpiresIn=60)
    same((200, b"through a URL"), fetch(url))
    status, answer = fetch(url.replace("X-Amz-Expires=60", "X-Amz-Expires=61"))
    same((403, True), (status, b"<Code>SignatureDoesNotMatch</Code>" in answer))
    status, answer = fetch(f"{ENDPOINT}/{BUCKET}/pre%20signed/%C3%A9%2B")
    same((403, True), (status, b"<Code>AccessDenied</Code>" in answer))
    bad = boto3.client("s3", endpoint_url=ENDPOINT, aws_access_key_id=ACCESS, aws_secret_access_key="wrong" + SECRET, region_name="us-east-1", verify=CA or True)
    refused(403, "SignatureDoesNotMatch", bad.list_buckets)
    bad = boto3.client("s3", endpoint_url=ENDPOINT, aws_access_key_id="NOBODYKNOWSME", aws_secret_access_key=SECRET, region_name="us-east-1", verify=CA or True)
    refused(403, "InvalidAccessKeyId", bad.list_buckets)


def absent_configuration():
    for code, call in (
        ("NoSuchLifecycleConfiguration", s3.get_bucket_lifecycle_configuration), ("NoSuchBucketPolicy", s3.get_bucket_policy),
        ("NoSuchCORSConfiguration", s3.get_bucket_cors), ("NoSuchWebsiteConfiguration", s3.get_bucket_website),
        ("ReplicationConfigurationNotFoundError", s3.get_bucket_replication),
        ("ObjectLockConfigurationNotFoundError", s3.get_object_lock_configuration),
    ):
        refused(404, code, call, Bucket=BUCKET)


def clean_up():
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=BUCKET):
        batch = [{"Key": v["Key"], "VersionId": v["VersionId"]} for v in page.get("Versions", []) + page.get("DeleteMarkers", [])]
        if batch:
            assert "Errors" not in s3.delete_objects(Bucket=BUCKET, Delete={"Objects": batch, "Quiet": True})
    s3.delete_bucket(Bucket=BUCKET)
    refused(404, "404", s3.head_bucket, Bucket=BUCKET)


STEPS = [buckets, sizes_and_etags, keys, ranges, metadata, checksums, multipart, multipart_checksums, transfers, conditions, listings, versions, tags,
         presigned, absent_configuration, clean_up]


def main() -> int:
    print("boto3", boto3.__version__)
    chosen = [step for step in STEPS if not sys.argv[5:] or step.__name__ in sys.argv[5:] or step in (buckets, clean_up)]
    failures = 0
    for step in chosen:
        print("--", step.__name__.replace("_", " "), flush=True)
        try:
            step()
        except Exception:  # noqa: BLE001 - report every step that fails, not only the first
            import traceback

            traceback.print_exc()
            failures += 1
    if failures:
        print(f"boto3: {failures} of {len(chosen)} steps FAILED")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
