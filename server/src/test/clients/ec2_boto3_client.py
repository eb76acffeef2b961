#!/usr/bin/env python3
"""boto3 against EC2's volumes, snapshots, instances and tags: ec2_boto3_client.py ENDPOINT ACCESS_KEY SECRET_KEY [CA_BUNDLE]

Once as a program that calls the client (paginators, waiters, filters, tokens, errors by their code), once as one that uses resources. What
is made is deleted. The first difference ends the run with a traceback and a non-zero code.
"""

import sys
import uuid

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT, ACCESS, SECRET = sys.argv[1:4]
CA = sys.argv[4] if len(sys.argv) > 4 else None
ZONE = "us-east-1a"
IMAGE = "ami-0123456789abcdef0"
RUN = uuid.uuid4().hex
SOON = {"Delay": 1, "MaxAttempts": 20}

session = boto3.Session(aws_access_key_id=ACCESS, aws_secret_access_key=SECRET, region_name="us-east-1")
how = {"endpoint_url": ENDPOINT, "config": Config(retries={"max_attempts": 1}), "verify": CA if CA else True}
client = session.client("ec2", **how)
resource = session.resource("ec2", **how)


def step(text: str) -> None:
    print("--", text, flush=True)


def same(expected, got) -> None:
    assert expected == got, f"expected {expected!r}, got {got!r}"


def refused(code: str, call, **parameters) -> None:
    try:
        answer = call(**parameters)
    except ClientError as error:
        same(code, error.response["Error"]["Code"])
        assert error.response["ResponseMetadata"]["RequestId"], "an error names its request"
        return
    raise AssertionError(f"{parameters} must be refused with {code}, gave {answer}")


def tagged(kind: str, **tags: str) -> list:
    all_tags = {"run": RUN, **tags}
    return [{"ResourceType": kind, "Tags": [{"Key": key, "Value": value} for key, value in all_tags.items()]}]


def by(name: str, *values: str) -> dict:
    return {"Name": name, "Values": list(values)}


def tags_of(thing: dict) -> dict:
    return {tag["Key"]: tag["Value"] for tag in thing.get("Tags", [])}


def only(things: list):
    same(1, len(things))
    return things[0]


def described(volume_id: str) -> dict:
    return only(client.describe_volumes(VolumeIds=[volume_id])["Volumes"])


def wait(name: str, **parameters) -> None:
    client.get_waiter(name).wait(WaiterConfig=SOON, **parameters)


def volumes_and_tokens() -> list:
    step("volumes, client tokens, dry runs")
    wish = {"AvailabilityZone": ZONE, "Size": 2, "VolumeType": "gp3", "ClientToken": RUN}
    first = client.create_volume(**wish, TagSpecifications=tagged("volume", n="0"))
    same(("creating", 2, "gp3", 3000, ZONE), tuple(first[key] for key in ("State", "Size", "VolumeType", "Iops", "AvailabilityZone")))
    same(first["VolumeId"], client.create_volume(**wish, TagSpecifications=tagged("volume", n="0"))["VolumeId"])
    refused("IdempotentParameterMismatch", client.create_volume, **{**wish, "Size": 3})
    refused("DryRunOperation", client.create_volume, AvailabilityZone=ZONE, Size=1, DryRun=True)
    refused("MissingParameter", client.create_volume, AvailabilityZone=ZONE)
    refused("MissingParameter", client.create_volume, AvailabilityZone=ZONE, Size=8, VolumeType="io2")
    refused("InvalidParameterValue", client.create_volume, AvailabilityZone=ZONE, Size=1, VolumeType="gp3", Iops=1)
    refused("InvalidZone.NotFound", client.create_volume, AvailabilityZone="us-east-1z", Size=1)
    made = [first["VolumeId"]]
    for n in range(1, 7):
        zone = "us-east-1b" if n % 2 else ZONE
        made.append(client.create_volume(AvailabilityZone=zone, Size=1, TagSpecifications=tagged("volume", n=str(n)))["VolumeId"])
    wait("volume_available", VolumeIds=made)
    same({"run": RUN, "n": "0"}, tags_of(described(first["VolumeId"])))
    return sorted(made)


def pages(made: list) -> None:
    step("pages and filters")
    mine = [by("tag:run", RUN)]
    paginator = client.get_paginator("describe_volumes")
    sizes, found = [], []
    for page in paginator.paginate(Filters=mine, PaginationConfig={"PageSize": 5}):
        sizes.append(len(page["Volumes"]))
        found += [volume["VolumeId"] for volume in page["Volumes"]]
    same(([5, 2], made), (sizes, found))
    same(6, len(paginator.paginate(Filters=mine, PaginationConfig={"PageSize": 5, "MaxItems": 6}).build_full_result()["Volumes"]))
    page = client.describe_volumes(Filters=mine, MaxResults=5)
    rest = client.describe_volumes(Filters=mine, MaxResults=5, NextToken=page["NextToken"])
    same(made[5:], [volume["VolumeId"] for volume in rest["Volumes"]])
    assert "NextToken" not in rest
    refused("InvalidNextToken", client.describe_volumes, NextToken="?")
    refused("InvalidParameterValue", client.describe_volumes, MaxResults=2)
    refused("InvalidParameterCombination", client.describe_volumes, MaxResults=5, VolumeIds=made)
    refused("InvalidParameterValue", client.describe_volumes, Filters=[by("colour", "blue")])
    refused("InvalidVolume.NotFound", client.describe_volumes, VolumeIds=["vol-0123456789abcdef0"])

    def count(*filters: dict) -> int:
        return len(client.describe_volumes(Filters=mine + list(filters))["Volumes"])

    same(3, count(by("availability-zone", "us-east-1b")))
    same(1, count(by("size", "2"), by("volume-type", "gp3")))
    same(2, count(by("tag:n", "1", "2")))
    same(7, count(by("tag:n", "?"), by("status", "avail*")))
    same(0, count(by("tag:n", "\\?")))
    statuses = client.get_paginator("describe_volume_status").paginate(PaginationConfig={"PageSize": 500}).build_full_result()
    assert {"ok"} == {status["VolumeStatus"]["Status"] for status in statuses["VolumeStatuses"] if status["VolumeId"] in made}
    same([ZONE], [zone["ZoneName"] for zone in client.describe_availability_zones(ZoneNames=[ZONE])["AvailabilityZones"]])


def instances_and_volumes(made: list) -> str:
    step("an instance and what is attached to it")
    launch = {"ImageId": IMAGE, "MinCount": 1, "MaxCount": 1, "Placement": {"AvailabilityZone": ZONE}, "ClientToken": RUN}
    instance = only(client.run_instances(**launch, TagSpecifications=tagged("instance"))["Instances"])["InstanceId"]
    again = client.run_instances(**launch, TagSpecifications=tagged("instance"))
    same(instance, only(again["Instances"])["InstanceId"])
    wait("instance_running", InstanceIds=[instance])
    here = [volume for volume in made if described(volume)["AvailabilityZone"] == ZONE]
    elsewhere = next(volume for volume in made if volume not in here)
    refused("InvalidVolume.ZoneMismatch", client.attach_volume, VolumeId=elsewhere, InstanceId=instance, Device="/dev/sdf")
    refused("InvalidInstanceID.NotFound", client.attach_volume, VolumeId=here[0], InstanceId="i-0123456789abcdef0", Device="/dev/sdf")
    refused("InvalidInstanceID.Malformed", client.attach_volume, VolumeId=here[0], InstanceId="one", Device="/dev/sdf")
    for volume, device in zip(here[:2], ("/dev/sdf", "/dev/sdg")):
        same("attaching", client.attach_volume(VolumeId=volume, InstanceId=instance, Device=device)["State"])
    wait("volume_in_use", VolumeIds=here[:2])
    refused("VolumeInUse", client.attach_volume, VolumeId=here[0], InstanceId=instance, Device="/dev/sdh")
    refused("VolumeInUse", client.delete_volume, VolumeId=here[0])
    refused("IncorrectState", client.detach_volume, VolumeId=here[2])
    same(here[:2], [volume["VolumeId"] for volume in client.describe_volumes(Filters=[by("attachment.instance-id", instance)])["Volumes"]])

    step("snapshots of what is attached")
    taken = client.create_snapshots(
        InstanceSpecification={"InstanceId": instance}, Description=RUN, TagSpecifications=tagged("snapshot"), CopyTagsFromSource="volume"
    )["Snapshots"]
    wait("snapshot_completed", SnapshotIds=[snapshot["SnapshotId"] for snapshot in taken])
    same({tags_of(described(volume))["n"] for volume in here[:2]}, {tags_of(snapshot)["n"] for snapshot in taken})
    same(set(here[:2]), {snapshot["VolumeId"] for snapshot in taken})
    same("detaching", client.detach_volume(VolumeId=here[0])["State"])
    wait("volume_available", VolumeIds=[here[0]])
    client.modify_instance_attribute(
        InstanceId=instance, BlockDeviceMappings=[{"DeviceName": "/dev/sdg", "Ebs": {"DeleteOnTermination": True}}]
    )
    client.terminate_instances(InstanceIds=[instance])
    wait("instance_terminated", InstanceIds=[instance])
    wait("volume_deleted", VolumeIds=[here[1]])
    refused("IdempotentInstanceTerminated", client.run_instances, **launch, TagSpecifications=tagged("instance"))
    made.remove(here[1])
    for snapshot in taken:
        client.delete_snapshot(SnapshotId=snapshot["SnapshotId"])
    return here[0]


def snapshots(volume: str) -> None:
    step("snapshots, copies, volumes of them")
    snapshot = client.create_snapshot(VolumeId=volume, Description="one", TagSpecifications=tagged("snapshot", n="1"))
    same(("pending", volume, "one"), tuple(snapshot[key] for key in ("State", "VolumeId", "Description")))
    one = snapshot["SnapshotId"]
    wait("snapshot_completed", SnapshotIds=[one])
    copy = client.copy_snapshot(
        SourceRegion="us-east-1", SourceSnapshotId=one, Description="copied", TagSpecifications=tagged("snapshot", n="2")
    )["SnapshotId"]
    wait("snapshot_completed", SnapshotIds=[copy])
    refused("InvalidSnapshot.NotFound", client.copy_snapshot, SourceRegion="us-east-1", SourceSnapshotId="snap-0123456789abcdef0")
    refused("InvalidVolume.NotFound", client.create_snapshot, VolumeId="vol-0123456789abcdef0")
    refused("DryRunOperation", client.delete_snapshot, SnapshotId=one, DryRun=True)
    pager = client.get_paginator("describe_snapshots")
    found = pager.paginate(OwnerIds=["self"], Filters=[by("tag:run", RUN)], PaginationConfig={"PageSize": 5}).build_full_result()
    same({one: "one", copy: "copied"}, {each["SnapshotId"]: each["Description"] for each in found["Snapshots"]})
    same([one], [each["SnapshotId"] for each in client.describe_snapshots(Filters=[by("volume-id", volume), by("tag:n", "1")])["Snapshots"]])

    fast = {"AvailabilityZones": [ZONE], "SourceSnapshotIds": [one]}
    same("enabled", only(client.enable_fast_snapshot_restores(**fast)["Successful"])["State"])
    restored = client.create_volume(AvailabilityZone=ZONE, SnapshotId=one)["VolumeId"]
    wait("volume_available", VolumeIds=[restored])
    same((one, described(volume)["Size"]), tuple(described(restored)[key] for key in ("SnapshotId", "Size")))
    same([restored], [each["VolumeId"] for each in client.describe_volumes(Filters=[by("fast-restored", "true"), by("snapshot-id", one)])["Volumes"]])
    same("disabled", only(client.disable_fast_snapshot_restores(**fast)["Successful"])["State"])
    failed = only(client.disable_fast_snapshot_restores(**fast)["Unsuccessful"])
    same((one, ZONE), (failed["SnapshotId"], only(failed["FastSnapshotRestoreStateErrors"])["AvailabilityZone"]))

    step("modify")
    grown = client.modify_volume(VolumeId=restored, Size=5, VolumeType="io2", Iops=200)["VolumeModification"]
    same(("modifying", 5, 200), (grown["ModificationState"], grown["TargetSize"], grown["TargetIops"]))
    state = only(client.get_paginator("describe_volumes_modifications").paginate(VolumeIds=[restored]).build_full_result()["VolumesModifications"])
    same("completed", state["ModificationState"])
    refused("InvalidParameterValue", client.modify_volume, VolumeId=restored, Size=1)
    same((5, "io2", 200), tuple(described(restored)[key] for key in ("Size", "VolumeType", "Iops")))

    step("tags")
    client.create_tags(Resources=[restored, one, copy], Tags=[{"Key": "owner", "Value": "ann"}, {"Key": "empty", "Value": ""}])
    owned = [by("resource-id", restored, one, copy), by("key", "owner", "empty")]
    pager = client.get_paginator("describe_tags")
    tags = pager.paginate(Filters=owned, PaginationConfig={"PageSize": 5}).build_full_result()["Tags"]
    same((6, {"volume", "snapshot"}), (len(tags), {tag["ResourceType"] for tag in tags}))
    client.delete_tags(Resources=[restored, one, copy], Tags=[{"Key": "owner", "Value": "bob"}, {"Key": "empty"}])
    same(3, len(client.describe_tags(Filters=owned)["Tags"]))
    refused("InvalidSnapshot.NotFound", client.create_tags, Resources=[one, "snap-0123456789abcdef0"], Tags=[{"Key": "half", "Value": "done"}])
    same([], client.describe_tags(Filters=[by("key", "half")])["Tags"])

    client.delete_volume(VolumeId=restored)
    wait("volume_deleted", VolumeIds=[restored])
    for each in (one, copy):
        client.delete_snapshot(SnapshotId=each)
    refused("InvalidSnapshot.NotFound", client.describe_snapshots, SnapshotIds=[one])


def resources() -> None:
    step("the same with resources")
    instance = only(
        resource.create_instances(ImageId=IMAGE, MinCount=1, MaxCount=1, Placement={"AvailabilityZone": ZONE}, InstanceType="m7g.large")
    )
    instance.wait_until_running(WaiterConfig=SOON)
    volume = resource.create_volume(AvailabilityZone=ZONE, Size=1, VolumeType="gp3", TagSpecifications=tagged("volume", by="resource"))
    volume.attach_to_instance(InstanceId=instance.id, Device="/dev/sdf")
    volume.reload()
    same(("in-use", instance.id), (volume.state, volume.attachments[0]["InstanceId"]))
    same([volume.id], [each.id for each in instance.volumes.all()])
    same([volume.id], [each.id for each in resource.volumes.filter(Filters=[by("tag:run", RUN), by("tag:by", "resource")]).page_size(5)])
    snapshot = volume.create_snapshot(Description="by a resource")
    snapshot.wait_until_completed(WaiterConfig=SOON)
    snapshot.reload()
    same(("completed", "100%", volume.id), (snapshot.state, snapshot.progress, snapshot.volume.id))
    same([snapshot.id], [each.id for each in volume.snapshots.all()])
    volume.create_tags(Tags=[{"Key": "more", "Value": "yes"}])
    volume.reload()
    same({"run": RUN, "by": "resource", "more": "yes"}, {tag["Key"]: tag["Value"] for tag in volume.tags})
    snapshot.modify_attribute(Attribute="createVolumePermission", OperationType="add", UserIds=["123456789012"])
    same("123456789012", only(snapshot.describe_attribute(Attribute="createVolumePermission")["CreateVolumePermissions"])["UserId"])
    copy = resource.Snapshot(snapshot.copy(SourceRegion="us-east-1", Description="copied")["SnapshotId"])
    same("copied", copy.description)
    volume.detach_from_instance(InstanceId=instance.id)
    same("ok", only(volume.describe_status()["VolumeStatuses"])["VolumeStatus"]["Status"])
    volume.delete()
    refused("InvalidVolume.NotFound", volume.reload)
    for each in (snapshot, copy):
        each.delete()
    instance.terminate()
    instance.wait_until_terminated(WaiterConfig=SOON)


def main() -> None:
    made = volumes_and_tokens()
    pages(made)
    snapshots(instances_and_volumes(made))
    resources()
    for volume in made:
        client.delete_volume(VolumeId=volume)
    same([], list(resource.volumes.filter(Filters=[by("tag:run", RUN)])))


main()
