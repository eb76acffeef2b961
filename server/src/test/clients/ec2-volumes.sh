#!/usr/bin/env bash
# The AWS command line against what EC2 does with volumes that are there: modify and describe the modifications, status, copies,
# encryption by default.
. "$(dirname "$0")/prelude.sh" "$@"
need aws; need jq
ec2() { aws --endpoint-url "$ENDPOINT" --output json ec2 "$@"; }
aws --version

volume=$(ec2 create-volume --availability-zone us-east-1a --size 8 --volume-type gp3 --iops 3500 | jq -r .VolumeId)
is() { ec2 describe-volumes --volume-ids "$volume" | jq -r '.Volumes[]|[.Size,.VolumeType,.Iops,.Throughput]|map(tostring)|join(" ")'; }
modified() { ec2 describe-volumes-modifications "$@" | jq -r '.VolumesModifications[]|[.ModificationState,.Progress,.OriginalSize,
  .OriginalVolumeType,.OriginalIops,.TargetSize,.TargetVolumeType,.TargetIops]|map(tostring)|join(" ")'; }

step modify
refused InvalidVolumeModification.NotFound ec2 describe-volumes-modifications --volume-ids "$volume"
refused DryRunOperation ec2 modify-volume --volume-id "$volume" --size 9 --dry-run
same_text '8 gp3 3500 125' "$(is)"
same_text 'modifying 8 16' "$(ec2 modify-volume --volume-id "$volume" --size 16 |
  jq -r '.VolumeModification|[.ModificationState,.OriginalSize,.TargetSize]|map(tostring)|join(" ")')"
same_text '16 gp3 3500 125' "$(is)"
same_text 'completed 100 8 gp3 3500 16 gp3 3500' "$(modified --volume-ids "$volume")"
ec2 modify-volume --volume-id "$volume" --volume-type io2 --iops 4000 > "$WORK/modified"
same_text '16 io2 4000 null' "$(is)"
same_text 'completed 100 16 gp3 3500 16 io2 4000' "$(modified --filters "Name=volume-id,Values=$volume" Name=target-iops,Values=4000)"
same_text '' "$(modified --filters "Name=volume-id,Values=$volume" Name=modification-state,Values=failed)"

step what may not be modified
refused InvalidParameterValue ec2 modify-volume --volume-id "$volume" --size 8
refused InvalidParameterValue ec2 modify-volume --volume-id "$volume" --iops 1000000
refused InvalidParameterCombination ec2 modify-volume --volume-id "$volume" --throughput 200
refused MissingParameter ec2 modify-volume --volume-id "$volume"
refused InvalidVolume.NotFound ec2 modify-volume --volume-id vol-0123456789abcdef0 --size 9
ec2 modify-volume --volume-id "$volume" --size 17 > "$WORK/modified"
ec2 modify-volume --volume-id "$volume" --size 18 > "$WORK/modified"
refused VolumeModificationRateExceeded ec2 modify-volume --volume-id "$volume" --size 19 # the fifth of this day
same_text '18 io2 4000 null' "$(is)"

step status
same_text 'ok io-enabled passed' "$(ec2 describe-volume-status --volume-ids "$volume" |
  jq -r '.VolumeStatuses[]|[.VolumeStatus.Status,.VolumeStatus.Details[].Name,.VolumeStatus.Details[].Status]|join(" ")')"
same_text 0 "$(ec2 describe-volume-status --filters Name=volume-status.status,Values=impaired | jq '.VolumeStatuses|length')"
ec2 enable-volume-io --volume-id "$volume"
refused InvalidVolume.NotFound ec2 enable-volume-io --volume-id vol-0123456789abcdef0

step copy
copy=$(ec2 copy-volumes --source-volume-id "$volume" --size 20 --volume-type gp3 --client-token "$BUCKET" | jq -r '.Volumes[].VolumeId')
same_text "$copy" "$(ec2 copy-volumes --source-volume-id "$volume" --size 20 --volume-type gp3 --client-token "$BUCKET" | jq -r '.Volumes[].VolumeId')"
same_text "20 gp3 us-east-1a $volume" "$(ec2 describe-volumes --volume-ids "$copy" |
  jq -r '.Volumes[]|[.Size,.VolumeType,.AvailabilityZone,.SourceVolumeId]|map(tostring)|join(" ")')"
same_text "$copy" "$(ec2 describe-volumes --filters "Name=source-volume-id,Values=$volume" | jq -r '.Volumes[].VolumeId')"
refused InvalidParameterValue ec2 copy-volumes --source-volume-id "$volume" --size 17
refused InvalidVolume.NotFound ec2 copy-volumes --source-volume-id vol-0123456789abcdef0
ec2 delete-volume --volume-id "$copy"

step encryption by default
same_text false "$(ec2 get-ebs-encryption-by-default | jq .EbsEncryptionByDefault)"
same_text true "$(ec2 enable-ebs-encryption-by-default | jq .EbsEncryptionByDefault)"
case $(ec2 get-ebs-default-kms-key-id | jq -r .KmsKeyId) in arn:aws:kms:us-east-1:*:alias/aws/ebs) ;; *) fail "another default key" ;; esac
ec2 modify-ebs-default-kms-key-id --kms-key-id alias/own >"$WORK/key"
encrypted=$(ec2 create-volume --availability-zone us-east-1a --size 1 | jq -r .VolumeId)
case $(ec2 describe-volumes --volume-ids "$encrypted" | jq -r '.Volumes[]|[.Encrypted,.KmsKeyId]|map(tostring)|join(" ")') in
  'true arn:aws:kms:us-east-1:'*:alias/own) ;; *) fail "not encrypted with the default key" ;;
esac
ec2 reset-ebs-default-kms-key-id >"$WORK/key"
same_text false "$(ec2 disable-ebs-encryption-by-default | jq .EbsEncryptionByDefault)"
ec2 delete-volume --volume-id "$encrypted"

step delete
ec2 delete-volume --volume-id "$volume"
refused InvalidVolume.NotFound ec2 describe-volumes-modifications --volume-ids "$volume"
same_text '' "$(modified --filters "Name=volume-id,Values=$volume")"
echo "$NAME: all well"
