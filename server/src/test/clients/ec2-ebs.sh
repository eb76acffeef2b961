#!/usr/bin/env bash
# The AWS command line against EC2 and EBS on the same port as S3 (what EBS does is ebs-direct.sh's): the region and its zones, parameters that do not fit the model, and
# operations that are unknown, not implemented or not signed for.
. "$(dirname "$0")/prelude.sh" "$@"
need aws; need curl; need jq
ec2() { aws --endpoint-url "$ENDPOINT" --output json ec2 "$@"; }
ebs() { aws --endpoint-url "$ENDPOINT" --output json ebs "$@"; }
aws --version

step region and zones
same_text us-east-1 "$(ec2 describe-regions | jq -r '.Regions[].RegionName')"
same_text 'us-east-1a us-east-1b us-east-1c' "$(ec2 describe-availability-zones | jq -r '[.AvailabilityZones[].ZoneName]|join(" ")')"
same_text us-east-1b "$(ec2 describe-availability-zones --zone-names us-east-1b | jq -r '.AvailabilityZones[].ZoneName')"
refused InvalidParameterValue ec2 describe-availability-zones --zone-names mars-1a
refused DryRunOperation ec2 describe-regions --dry-run

step volumes
make() { ec2 create-volume --availability-zone us-east-1b --size 8 --volume-type gp3 --client-token "$BUCKET" \
  --tag-specifications "ResourceType=volume,Tags=[{Key=Name,Value=$BUCKET}]" "$@"; }
volume=$(make | jq -r .VolumeId)
same_text "$volume" "$(make | jq -r .VolumeId)" # the same token
refused IdempotentParameterMismatch make --iops 4000
same_text "$volume available us-east-1b 8 3000 125" "$(ec2 describe-volumes --filters "Name=tag:Name,Values=$BUCKET" |
  jq -r '.Volumes[]|[.VolumeId,.State,.AvailabilityZone,.Size,.Iops,.Throughput]|join(" ")')"
refused MissingParameter ec2 create-volume --availability-zone us-east-1b --size 8 --volume-type io2
refused InvalidZone.NotFound ec2 create-volume --availability-zone us-east-1z --size 8
refused InvalidParameterValue ec2 describe-volumes --filters Name=colour,Values=blue
refused DryRunOperation ec2 delete-volume --volume-id "$volume" --dry-run
ec2 delete-volume --volume-id "$volume"
refused InvalidVolume.NotFound ec2 describe-volumes --volume-ids "$volume"

step operations that are not there
refused NotImplemented ec2 describe-byoip-cidrs --max-results 5

# A signed query of EC2 by curl
query() {
  request --aws-sigv4 aws:amz:us-east-1:ec2 --user "$ACCESS:$SECRET" -w '\n%{http_code}' --data "$1" "$ENDPOINT/"
}
holds() { case $(query "$1") in *"$2"*"$3") ;; *) fail "$1 must give $2 and $3, gave: $(query "$1")" ;; esac; }
step query by hand
holds 'Action=DescribeRegions&Version=2016-11-15' '<regionName>us-east-1</regionName>' 200
holds 'Action=DescribeRegion&Version=2016-11-15' '<Code>InvalidAction</Code>' 400
holds 'Action=DescribeRegions&Version=2016-11-15&Color=blue' '<Code>UnknownParameter</Code>' 400
holds 'Action=DescribeRegions&Version=2016-11-15&AllRegions=perhaps' '<Code>InvalidParameterValue</Code>' 400
holds 'Version=2016-11-15' '<Code>MissingAction</Code>' 400

step signatures
AWS_SECRET_ACCESS_KEY=wrong refused SignatureDoesNotMatch ec2 describe-regions
AWS_ACCESS_KEY_ID=nobody refused AuthFailure ec2 describe-regions
AWS_ACCESS_KEY_ID=nobody refused UnrecognizedClientException ebs list-snapshot-blocks --snapshot-id snap-0123456789abcdef0
unsigned=$(request -w '%{http_code}' -H 'Host: ec2.us-east-1.amazonaws.com' --data 'Action=DescribeRegions&Version=2016-11-15' "$ENDPOINT/")
case $unsigned in *'<Code>MissingAuthenticationToken</Code>'*403) ;; *) fail "unsigned: $unsigned" ;; esac
echo "$NAME: all well"
