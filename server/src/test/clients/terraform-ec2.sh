#!/usr/bin/env bash
# Terraform with the AWS provider: a volume, its attachment, its snapshot and a volume of that; apply, a plan without changes, change, destroy.
. "$(dirname "$0")/prelude.sh" "$@"
. "$(dirname "$SCRIPT")/terraform-prelude.sh"
need aws; need jq
ec2() { aws --endpoint-url "$ENDPOINT" --output json ec2 "$@"; }

instance=$(ec2 run-instances --image-id ami-0123456789abcdef0 --placement AvailabilityZone=us-east-1c | jq -r '.Instances[].InstanceId')
mkdir infrastructure; cd infrastructure
provider ec2 >main.tf
cat >>main.tf <<TF
variable "gib" { default = 8 }

resource "aws_ebs_volume" "data" {
  availability_zone = "us-east-1c"
  size              = var.gib
  type              = "gp3"
  iops              = 3200
  tags              = { Name = "data of $BUCKET" }
}

resource "aws_volume_attachment" "data" {
  device_name = "/dev/sdf"
  volume_id   = aws_ebs_volume.data.id
  instance_id = "$instance"
}

resource "aws_ebs_snapshot" "first" {
  volume_id   = aws_ebs_volume.data.id
  description = "the first"
  tags        = { Name = "first of $BUCKET" }
}

resource "aws_ebs_volume" "restored" {
  availability_zone = "us-east-1a"
  snapshot_id       = aws_ebs_snapshot.first.id
}

data "aws_ebs_volume" "data" {
  filter {
    name   = "tag:Name"
    values = ["data of $BUCKET"]
  }
  depends_on = [aws_ebs_volume.data, aws_volume_attachment.data]
}

data "aws_ebs_snapshot" "latest" {
  most_recent = true
  owners      = ["self"]
  filter {
    name   = "volume-id"
    values = [aws_ebs_volume.data.id]
  }
  depends_on = [aws_ebs_snapshot.first]
}

output "volume" { value = data.aws_ebs_volume.data.volume_id }
output "snapshot" { value = data.aws_ebs_snapshot.latest.id }
output "restored" { value = aws_ebs_volume.restored.id }
TF

step init
init_provider

step apply
tf apply -auto-approve >apply.log 2>&1 || fail "$(tail -40 apply.log)"
volume=$(terraform output -raw volume)
snapshot=$(terraform output -raw snapshot)
same_text "in-use 8 gp3 3200 $instance /dev/sdf" "$(ec2 describe-volumes --volume-ids "$volume" |
  jq -r '.Volumes[]|[.State,.Size,.VolumeType,.Iops,.Attachments[].InstanceId,.Attachments[].Device]|map(tostring)|join(" ")')"
same_text "$snapshot 8" "$(ec2 describe-volumes --volume-ids "$(terraform output -raw restored)" |
  jq -r '.Volumes[]|[.SnapshotId,.Size]|map(tostring)|join(" ")')"

step a plan shows no changes
tf plan -detailed-exitcode >plan.log 2>&1 || fail "the plan is not empty: $(cat plan.log)"

step grow, plan
tf apply -auto-approve -var gib=10 >apply.log 2>&1 || fail "$(tail -40 apply.log)"
same_text 10 "$(ec2 describe-volumes --volume-ids "$volume" | jq '.Volumes[].Size')"
tf plan -detailed-exitcode -var gib=10 >plan.log 2>&1 || fail "the plan is not empty: $(cat plan.log)"

step destroy
tf destroy -auto-approve -var gib=10 >destroy.log 2>&1 || fail "$(tail -40 destroy.log)"
refused InvalidVolume.NotFound ec2 describe-volumes --volume-ids "$volume"
refused InvalidSnapshot.NotFound ec2 describe-snapshots --snapshot-ids "$snapshot"
ec2 terminate-instances --instance-ids "$instance" >terminated
echo "$NAME: all well"
