#!/usr/bin/env bash
# The AWS command line against EC2's instances, which are records, and volumes attached to them: attach, detach, sets of snapshots, termination.
. "$(dirname "$0")/prelude.sh" "$@"
need aws; need jq; need curl
ec2() { aws --endpoint-url "$ENDPOINT" --output json ec2 "$@"; }
aws --version

new_volume() { ec2 create-volume --availability-zone us-east-1b --size 1 "$@" | jq -r .VolumeId; }
launch() { ec2 run-instances --image-id ami-0123456789abcdef0 --instance-type m7g.large --placement AvailabilityZone=us-east-1b "$@" |
  jq -r '.Instances[].InstanceId'; }
state_of() { ec2 describe-instances --instance-ids "$1" | jq -r '.Reservations[].Instances[].State|[.Code,.Name]|map(tostring)|join(" ")'; }
is() { ec2 describe-volumes --volume-ids "$1" | jq -r '.Volumes[]|[.State,(.Attachments[]|.InstanceId,.Device,.State,.DeleteOnTermination)]|map(tostring)|join(" ")'; }

step launch
refused InvalidAMIID.Malformed ec2 run-instances --image-id picture --count 1
refused UnsupportedOperation ec2 run-instances --image-id ami-0123456789abcdef0 --count 1 --user-data hello
refused InvalidZone.NotFound ec2 run-instances --image-id ami-0123456789abcdef0 --placement AvailabilityZone=eu-west-1a
refused DryRunOperation ec2 run-instances --image-id ami-0123456789abcdef0 --dry-run
one=$(launch --tag-specifications 'ResourceType=instance,Tags=[{Key=name,Value=one}]' --client-token "$BUCKET")
same_text "$one" "$(launch --tag-specifications 'ResourceType=instance,Tags=[{Key=name,Value=one}]' --client-token "$BUCKET")"
refused IdempotentParameterMismatch ec2 run-instances --image-id ami-0123456789abcdef1 --client-token "$BUCKET"
two=$(launch --count 2 --private-ip-address 10.0.0.1 2>/dev/null || true); same_text '' "$two" # not to be had: nothing launched
pair=$(launch --count 2)
same_text '2 1' "$(ec2 describe-instances --instance-ids $pair | jq -r '[(.Reservations[0].Instances|length),(.Reservations|length)]|map(tostring)|join(" ")')"
two=$(head -1 <<<"$pair"); three=$(tail -1 <<<"$pair")
aws --endpoint-url "$ENDPOINT" ec2 wait instance-running --instance-ids "$one" "$two"
same_text '16 running' "$(state_of "$one")"
same_text "$one" "$(ec2 describe-instances --filters 'Name=tag:name,Values=one' "Name=instance-id,Values=$one" | jq -r '.Reservations[].Instances[].InstanceId')"
refused InvalidInstanceID.NotFound ec2 describe-instances --instance-ids i-0123456789abcdef0
refused InvalidInstanceID.Malformed ec2 describe-instances --instance-ids one

step attach
volume=$(new_volume)
refused InvalidVolume.NotFound ec2 attach-volume --volume-id vol-0123456789abcdef0 --instance-id "$one" --device /dev/sdf
refused InvalidInstanceID.NotFound ec2 attach-volume --volume-id "$volume" --instance-id i-0123456789abcdef0 --device /dev/sdf
refused InvalidParameterValue ec2 attach-volume --volume-id "$volume" --instance-id "$one" --device 'C:'
elsewhere=$(ec2 create-volume --availability-zone us-east-1a --size 1 | jq -r .VolumeId)
refused InvalidVolume.ZoneMismatch ec2 attach-volume --volume-id "$elsewhere" --instance-id "$one" --device /dev/sdf
refused IncorrectState ec2 detach-volume --volume-id "$volume"
same_text "attaching $one" "$(ec2 attach-volume --volume-id "$volume" --instance-id "$one" --device /dev/sdf | jq -r '[.State,.InstanceId]|join(" ")')"
aws --endpoint-url "$ENDPOINT" ec2 wait volume-in-use --volume-ids "$volume"
same_text "in-use $one /dev/sdf attached false" "$(is "$volume")"
refused VolumeInUse ec2 attach-volume --volume-id "$volume" --instance-id "$two" --device /dev/sdf
refused VolumeInUse ec2 delete-volume --volume-id "$volume"
second=$(new_volume)
refused 'already in use' ec2 attach-volume --volume-id "$second" --instance-id "$one" --device /dev/sdf
same_text "$volume" "$(ec2 describe-volumes --filters "Name=attachment.instance-id,Values=$one" Name=attachment.device,Values=/dev/sdf |
  jq -r '.Volumes[].VolumeId')"
same_text "$volume" "$(ec2 describe-instances --filters "Name=block-device-mapping.volume-id,Values=$volume" |
  jq -r '.Reservations[].Instances[].BlockDeviceMappings[].Ebs.VolumeId')"
same_text '' "$(ec2 describe-volumes --filters "Name=attachment.instance-id,Values=$two" | jq -r '.Volumes[].VolumeId')"

step several instances
shared=$(new_volume --size 4 --volume-type io2 --iops 100 --multi-attach-enabled)
for instance in "$one" "$two"; do ec2 attach-volume --volume-id "$shared" --instance-id "$instance" --device /dev/sdg >"$WORK/attached"; done
refused VolumeInUse ec2 attach-volume --volume-id "$shared" --instance-id "$two" --device /dev/sdh
same_text 2 "$(ec2 describe-volumes --volume-ids "$shared" | jq '.Volumes[].Attachments|length')"
refused InvalidParameterCombination ec2 detach-volume --volume-id "$shared"
refused InvalidAttachment.NotFound ec2 detach-volume --volume-id "$shared" --instance-id "$three"
same_text detaching "$(ec2 detach-volume --volume-id "$shared" --instance-id "$two" | jq -r .State)"
same_text "in-use $one /dev/sdg attached false" "$(is "$shared")"

step a set of snapshots
set=$(ec2 create-snapshots --instance-specification "InstanceId=$one" --description both --copy-tags-from-source volume |
  jq -r '.Snapshots[]|[.VolumeId,.Description]|join(" ")' | sort)
same_text "$(printf '%s both\n' "$volume" "$shared" | sort)" "$set"
same_text "$volume" "$(ec2 create-snapshots --instance-specification "InstanceId=$one,ExcludeDataVolumeIds=$shared" | jq -r '.Snapshots[].VolumeId')"
refused InvalidParameterValue ec2 create-snapshots --instance-specification "InstanceId=$three"

step attributes
same_text false "$(ec2 describe-volume-attribute --volume-id "$volume" --attribute autoEnableIO | jq .AutoEnableIO.Value)"
ec2 modify-volume-attribute --volume-id "$volume" --auto-enable-io
same_text true "$(ec2 describe-volume-attribute --volume-id "$volume" --attribute autoEnableIO | jq .AutoEnableIO.Value)"
same_text '[]' "$(ec2 describe-volume-attribute --volume-id "$volume" --attribute productCodes | jq -c .ProductCodes)"

step detach
ec2 detach-volume --volume-id "$volume" --instance-id "$one" --device /dev/sdf --force >"$WORK/detached"
aws --endpoint-url "$ENDPOINT" ec2 wait volume-available --volume-ids "$volume"
same_text available "$(is "$volume")"
root=$(new_volume)
ec2 attach-volume --volume-id "$root" --instance-id "$one" --device /dev/xvda >"$WORK/attached"
refused OperationNotPermitted ec2 detach-volume --volume-id "$root"
ec2 stop-instances --instance-ids "$one" | jq -r '.StoppingInstances[]|[.PreviousState.Name,.CurrentState.Name]|join(" ")' >"$WORK/stopped"
same_text 'running stopping' "$(cat "$WORK/stopped")"
aws --endpoint-url "$ENDPOINT" ec2 wait instance-stopped --instance-ids "$one"
same_text "in-use $one /dev/xvda attached false" "$(is "$root")" # stays attached
ec2 detach-volume --volume-id "$root" >"$WORK/detached"
refused IncorrectInstanceState ec2 reboot-instances --instance-ids "$one"
ec2 start-instances --instance-ids "$one" >"$WORK/started"
same_text '16 running' "$(state_of "$one")"

step terminate
ec2 attach-volume --volume-id "$volume" --instance-id "$one" --device /dev/sdf >"$WORK/attached"
ec2 modify-instance-attribute --instance-id "$one" --block-device-mappings '[{"DeviceName":"/dev/sdf","Ebs":{"DeleteOnTermination":true}}]'
same_text "in-use $one /dev/sdf attached true" "$(is "$volume")"
same_text 'running shutting-down' "$(ec2 terminate-instances --instance-ids "$one" |
  jq -r '.TerminatingInstances[]|[.PreviousState.Name,.CurrentState.Name]|join(" ")')"
aws --endpoint-url "$ENDPOINT" ec2 wait instance-terminated --instance-ids "$one"
refused InvalidVolume.NotFound ec2 describe-volumes --volume-ids "$volume" # went with its instance
same_text available "$(is "$shared")"
refused IncorrectState ec2 attach-volume --volume-id "$second" --instance-id "$one" --device /dev/sdf
refused IncorrectInstanceState ec2 start-instances --instance-ids "$one"
ec2 attach-volume --volume-id "$shared" --instance-id "$two" --device /dev/sdg >"$WORK/attached"
ec2 attach-volume --volume-id "$shared" --instance-id "$three" --device /dev/sdg >"$WORK/attached"
refused IncorrectState ec2 modify-volume --volume-id "$shared" --no-multi-attach-enabled
for instance in $pair; do
  ec2 modify-instance-attribute --instance-id "$instance" --block-device-mappings '[{"DeviceName":"/dev/sdg","Ebs":{"DeleteOnTermination":true}}]'
done
ec2 terminate-instances --instance-ids $pair >"$WORK/terminated"
refused InvalidVolume.NotFound ec2 describe-volumes --volume-ids "$shared" # went with the last of both
refused IdempotentInstanceTerminated ec2 run-instances --image-id ami-0123456789abcdef0 --instance-type m7g.large \
  --placement AvailabilityZone=us-east-1b --tag-specifications 'ResourceType=instance,Tags=[{Key=name,Value=one}]' --client-token "$BUCKET"

step name something
other=$(launch)
same_text 400 "$(curl -s -o "$WORK/answer" -w '%{http_code}' --aws-sigv4 aws:amz:us-east-1:ec2 --user "$ACCESS:$SECRET" ${CA:+--cacert "$CA"} \
  -d 'Action=TerminateInstances&Version=2016-11-15&InstanceId=' "$ENDPOINT/")"
grep -q MissingParameter "$WORK/answer" || fail "$(cat "$WORK/answer")"
same_text '16 running' "$(state_of "$other")"
ec2 terminate-instances --instance-ids "$other" >"$WORK/terminated"

step delete
for id in "$second" "$root" "$elsewhere"; do ec2 delete-volume --volume-id "$id"; done
for id in $(ec2 describe-snapshots --filters "Name=volume-id,Values=$volume,$shared" | jq -r '.Snapshots[].SnapshotId'); do
  ec2 delete-snapshot --snapshot-id "$id"
done
echo "$NAME: all well"
