#!/usr/bin/env bash
# The AWS command line against EC2's snapshots and tags: take, list, copy, lock, share, archive, restore to volumes, delete in any order.
. "$(dirname "$0")/prelude.sh" "$@"
need aws; need jq
ec2() { aws --endpoint-url "$ENDPOINT" --output json ec2 "$@"; }
aws --version

step take snapshots
volume=$(ec2 create-volume --availability-zone us-east-1a --size 1 | jq -r .VolumeId)
take() { ec2 create-snapshot --volume-id "$volume" --description "$1" --tag-specifications \
  "ResourceType=snapshot,Tags=[{Key=run,Value=$BUCKET},{Key=day,Value=$1}]" | jq -r .SnapshotId; }
first=$(take one)
second=$(take two)
ec2 wait snapshot-completed --snapshot-ids "$first" "$second"
refused InvalidVolume.NotFound ec2 create-snapshot --volume-id vol-0123456789abcdef0
refused DryRunOperation ec2 create-snapshot --volume-id "$volume" --dry-run

step list snapshots
mine() { ec2 describe-snapshots --owner-ids self --filters "Name=tag:run,Values=$BUCKET" "$@"; }
same_text "completed 100% $volume 1 one standard" "$(mine --filters "Name=tag:run,Values=$BUCKET" Name=tag:day,Values=one |
  jq -r '.Snapshots[]|[.State,.Progress,.VolumeId,.VolumeSize,.Description,.StorageTier]|map(tostring)|join(" ")')"
same_text 2 "$(mine | jq '.Snapshots|length')"
same_text 0 "$(ec2 describe-snapshots --owner-ids amazon | jq '.Snapshots|length')"
same_text 2 "$(ec2 describe-snapshots --filters "Name=volume-id,Values=$volume" Name=status,Values=completed | jq '.Snapshots|length')"
refused InvalidSnapshot.NotFound ec2 describe-snapshots --snapshot-ids snap-0123456789abcdef0
refused InvalidParameterValue ec2 describe-snapshots --snapshot-ids nonsense
refused InvalidParameterValue ec2 describe-snapshots --filters Name=colour,Values=blue

step copy
copy=$(ec2 copy-snapshot --source-region us-east-1 --source-snapshot-id "$second" --description copied | jq -r .SnapshotId)
same_text 'copied completed' "$(ec2 describe-snapshots --snapshot-ids "$copy" | jq -r '.Snapshots[]|[.Description,.State]|join(" ")')"
refused InvalidParameterValue ec2 copy-snapshot --source-region eu-west-1 --source-snapshot-id "$second"

step volumes of snapshots
restored=$(ec2 create-volume --availability-zone us-east-1b --snapshot-id "$first" --volume-type gp3 | jq -r .VolumeId)
same_text "$first 1" "$(ec2 describe-volumes --volume-ids "$restored" | jq -r '.Volumes[]|[.SnapshotId,.Size]|map(tostring)|join(" ")')"
larger=$(ec2 create-volume --availability-zone us-east-1b --snapshot-id "$first" --size 2 | jq -r .VolumeId)
refused InvalidSnapshot.NotFound ec2 create-volume --availability-zone us-east-1b --snapshot-id snap-0123456789abcdef0
ec2 enable-fast-snapshot-restores --availability-zones us-east-1a --source-snapshot-ids "$first" | jq -e '.Successful[0].State == "enabled"' > "$WORK/fast"
same_text us-east-1a "$(ec2 describe-fast-snapshot-restores --filters "Name=snapshot-id,Values=$first" | jq -r '.FastSnapshotRestores[].AvailabilityZone')"
fast=$(ec2 create-volume --availability-zone us-east-1a --snapshot-id "$first" | jq -r .VolumeId)
ec2 disable-fast-snapshot-restores --availability-zones us-east-1a --source-snapshot-ids "$first" > "$WORK/fast"

step tags
ec2 create-tags --resources "$volume" "$first" --tags Key=owner,Value=ann
same_text 'snapshot volume' "$(ec2 describe-tags --filters Name=key,Values=owner "Name=resource-id,Values=$volume,$first" |
  jq -r '[.Tags[].ResourceType]|sort|join(" ")')"
ec2 delete-tags --resources "$volume" "$first" --tags Key=owner,Value=bob
same_text 2 "$(ec2 describe-tags --filters Name=key,Values=owner "Name=resource-id,Values=$volume,$first" | jq '.Tags|length')"
ec2 delete-tags --resources "$volume" "$first" --tags Key=owner
same_text 0 "$(ec2 describe-tags --filters Name=key,Values=owner "Name=resource-id,Values=$volume,$first" | jq '.Tags|length')"
refused InvalidInstanceID.NotFound ec2 create-tags --resources i-0123456789abcdef0 --tags Key=a,Value=b
refused InvalidID ec2 create-tags --resources sg-0123456789abcdef0 --tags Key=a,Value=b
refused InvalidSnapshot.NotFound ec2 create-tags --resources "$volume" snap-0123456789abcdef0 --tags Key=half,Value=done
same_text 0 "$(ec2 describe-tags --filters Name=key,Values=half | jq '.Tags|length')"

step locks
same_text governance "$(ec2 lock-snapshot --snapshot-id "$first" --lock-mode governance --lock-duration 1 | jq -r .LockState)"
same_text "$first" "$(ec2 describe-locked-snapshots --snapshot-ids "$first" | jq -r '.Snapshots[].SnapshotId')"
refused SnapshotLocked ec2 delete-snapshot --snapshot-id "$first"
ec2 unlock-snapshot --snapshot-id "$first" > "$WORK/unlocked"
refused IncorrectState ec2 unlock-snapshot --snapshot-id "$first"

step sharing
ec2 modify-snapshot-attribute --snapshot-id "$first" --attribute createVolumePermission --operation-type add --user-ids 123456789012
same_text 123456789012 "$(ec2 describe-snapshot-attribute --snapshot-id "$first" --attribute createVolumePermission | jq -r '.CreateVolumePermissions[].UserId')"
ec2 reset-snapshot-attribute --snapshot-id "$first" --attribute createVolumePermission
same_text 0 "$(ec2 describe-snapshot-attribute --snapshot-id "$first" --attribute createVolumePermission | jq '.CreateVolumePermissions|length')"

step encryption
hidden=$(ec2 copy-snapshot --source-region us-east-1 --source-snapshot-id "$first" --encrypted --kms-key-id alias/own | jq -r .SnapshotId)
ec2 wait snapshot-completed --snapshot-ids "$hidden"
case $(ec2 describe-snapshots --snapshot-ids "$hidden" | jq -r '.Snapshots[]|[.Encrypted,.KmsKeyId]|map(tostring)|join(" ")') in
  'true arn:aws:kms:us-east-1:'*:alias/own) ;; *) fail "not encrypted with the key that was named" ;;
esac
secret=$(ec2 create-volume --availability-zone us-east-1a --snapshot-id "$hidden" | jq -r .VolumeId)
case $(ec2 describe-volumes --volume-ids "$secret" | jq -r '.Volumes[]|[.Encrypted,.KmsKeyId]|map(tostring)|join(" ")') in
  'true arn:aws:kms:us-east-1:'*:alias/own) ;; *) fail "the volume is not encrypted as its snapshot" ;;
esac
again=$(ec2 create-snapshot --volume-id "$secret" | jq -r '[.SnapshotId,.Encrypted]|map(tostring)|join(" ")')
same_text true "${again#* }"
ec2 wait snapshot-completed --snapshot-ids "${again% *}"
refused InvalidParameterDependency ec2 copy-snapshot --source-region us-east-1 --source-snapshot-id "$first" --kms-key-id alias/own
for id in "$hidden" "${again% *}"; do ec2 delete-snapshot --snapshot-id "$id"; done
ec2 delete-volume --volume-id "$secret"

step archive
ec2 modify-snapshot-tier --snapshot-id "$copy" --storage-tier archive > "$WORK/archived"
same_text 'archive archival-completed' "$(ec2 describe-snapshot-tier-status --filters "Name=snapshot-id,Values=$copy" |
  jq -r '.SnapshotTierStatuses[]|[.StorageTier,.LastTieringOperationStatus]|join(" ")')"
refused IncorrectState ec2 create-volume --availability-zone us-east-1b --snapshot-id "$copy"
ec2 restore-snapshot-tier --snapshot-id "$copy" --permanent-restore > "$WORK/restored"
same_text standard "$(ec2 describe-snapshots --snapshot-ids "$copy" | jq -r '.Snapshots[].StorageTier')"

step delete in any order
ec2 delete-snapshot --snapshot-id "$first"
refused InvalidSnapshot.NotFound ec2 describe-snapshots --snapshot-ids "$first"
for each in "$copy" "$second"; do ec2 delete-snapshot --snapshot-id "$each"; done
same_text 0 "$(mine | jq '.Snapshots|length')"
same_text 0 "$(ec2 list-snapshots-in-recycle-bin | jq '.Snapshots|length')"
refused InvalidSnapshot.NotFound ec2 restore-snapshot-from-recycle-bin --snapshot-id "$first"
for each in "$volume" "$restored" "$larger" "$fast"; do ec2 delete-volume --volume-id "$each"; done
echo "$NAME: all well"
