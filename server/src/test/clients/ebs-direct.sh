#!/usr/bin/env bash
# The AWS command line's six calls of the EBS direct APIs: an image put block by block, completed with its aggregate checksum, listed and
# read back; a child with a changed block; what is refused, and with which reason.
. "$(dirname "$0")/prelude.sh" "$@"
need aws; need curl; need jq; need openssl
ebs() { aws --endpoint-url "$ENDPOINT" --output json ebs "$@"; }
BLOCK=524288
sha() { openssl dgst -sha256 -binary "$1" | base64; }
start() { ebs start-snapshot "$@" | jq -r .SnapshotId; }
put() { # put SNAPSHOT INDEX FILE
  ebs put-snapshot-block --snapshot-id "$1" --block-index "$2" --block-data "$3" --data-length $BLOCK \
    --checksum "$(sha "$3")" --checksum-algorithm SHA256
}
token() { # token SNAPSHOT INDEX
  ebs list-snapshot-blocks --snapshot-id "$1" --starting-block-index "$2" | jq -r '.Blocks[0].BlockToken'
}
get() { # get SNAPSHOT INDEX TOKEN FILE
  ebs get-snapshot-block --snapshot-id "$1" --block-index "$2" --block-token "$3" "$4"
}
# holds PATTERN CURL-ARGUMENTS...: what the command line would not send, and its answer followed by the status
holds() {
  local wanted=$1 got; shift
  got=$(request --aws-sigv4 aws:amz:us-east-1:ebs --user "$ACCESS:$SECRET" -w '%{http_code}' "$@")
  # shellcheck disable=SC2254
  case $got in *$wanted) ;; *) fail "$* must give $wanted, gave: $got" ;; esac
}

step an image in three blocks
for i in 0 1 2; do bytes $BLOCK "block-$i"; done
head -c $BLOCK /dev/zero >zeros
ebs start-snapshot --volume-size 1 --description 'a disk' --tags Key=day,Value=one --client-token "$BUCKET" >started
first=$(jq -r .SnapshotId started)
same_text "pending $BLOCK 1 a disk one" "$(jq -r '"\(.Status) \(.BlockSize) \(.VolumeSize) \(.Description) \(.Tags[0].Value)"' started)"
same_text "$first" "$(start --volume-size 1 --description 'a disk' --tags Key=day,Value=one --client-token "$BUCKET")"
refused ConflictException start --volume-size 2 --client-token "$BUCKET"
put "$first" 2047 block-2 >/dev/null
put "$first" 0 block-0 >/dev/null
same_text "$(sha zeros)" "$(put "$first" 1 zeros | jq -r .Checksum)"
same_text "$(sha block-1)" "$(put "$first" 1 block-1 | jq -r .Checksum)"
refused ValidationException ebs list-snapshot-blocks --snapshot-id "$first"
for i in 0 1 2; do openssl dgst -sha256 -binary "block-$i"; done >linear
complete() { # complete COUNT CHECKSUM
  ebs complete-snapshot --snapshot-id "$first" --changed-blocks-count "$1" --checksum "$2" --checksum-algorithm SHA256 \
    --checksum-aggregation-method LINEAR
}
refused ValidationException complete 4 "$(sha linear)"
refused ValidationException complete 3 "$(sha zeros)"
complete 3 "$(sha linear)" >/dev/null
same_text completed "$(complete 3 "$(sha linear)" | jq -r .Status)"
refused ValidationException put "$first" 5 block-0

step list and read
ebs list-snapshot-blocks --snapshot-id "$first" >listed
same_text '0 1 2047' "$(jq -r '[.Blocks[].BlockIndex]|join(" ")' listed)"
same_text "$BLOCK 1" "$(jq -r '"\(.BlockSize) \(.VolumeSize)"' listed)"
for i in 0 1 2; do
  index=$(jq -r ".Blocks[$i].BlockIndex" listed)
  get "$first" "$index" "$(jq -r ".Blocks[$i].BlockToken" listed)" got >answer
  same "block-$i" got
  same_text "$BLOCK $(sha "block-$i") SHA256" "$(jq -r '"\(.DataLength) \(.Checksum) \(.ChecksumAlgorithm)"' answer)"
done
refused ValidationException get "$first" 0 "$(token "$first" 1)" got
refused ValidationException get "$first" 7 "$(token "$first" 1)" got
refused ResourceNotFoundException get snap-0123456789abcdef0 0 "$(token "$first" 1)" got

step a child and what changed
second=$(start --volume-size 2 --parent-snapshot-id "$first")
bytes $BLOCK fresh
put "$second" 1 fresh >/dev/null
put "$second" 4095 block-0 >/dev/null
ebs complete-snapshot --snapshot-id "$second" --changed-blocks-count 2 >/dev/null
ebs list-changed-blocks --first-snapshot-id "$first" --second-snapshot-id "$second" >changed
same_text '1 true true, 4095 false true' \
  "$(jq -r '[.ChangedBlocks[]|"\(.BlockIndex) \(has("FirstBlockToken")) \(has("SecondBlockToken"))"]|join(", ")' changed)"
get "$second" 1 "$(jq -r '.ChangedBlocks[0].SecondBlockToken' changed)" got >/dev/null
same fresh got
get "$first" 1 "$(jq -r '.ChangedBlocks[0].FirstBlockToken' changed)" got >/dev/null
same block-1 got
get "$second" 0 "$(token "$second" 0)" got >/dev/null
same block-0 got
stranger=$(start --volume-size 1)
ebs complete-snapshot --snapshot-id "$stranger" --changed-blocks-count 0 >/dev/null
refused ValidationException ebs list-changed-blocks --first-snapshot-id "$stranger" --second-snapshot-id "$second"

step pages
third=$(start --volume-size 1 --parent-snapshot-id "$first" --timeout 10)
for i in 10 12 14; do put "$third" "$i" zeros >/dev/null; done
ebs complete-snapshot --snapshot-id "$third" --changed-blocks-count 3 >/dev/null
same_text '0 1 10 12 14 2047' \
  "$(ebs list-snapshot-blocks --snapshot-id "$third" --max-results 100 | jq -r '[.Blocks[].BlockIndex]|join(" ")')"
holds 'INVALID_PARAMETER_VALUE*400' "$ENDPOINT/snapshots/$third/blocks?maxResults=99"
refused ValidationException ebs list-snapshot-blocks --snapshot-id "$third" --next-token AAAA

step what cannot be started
refused ValidationException start --volume-size 65537
refused ValidationException start --volume-size 1 --parent-snapshot-id "$second"
refused ValidationException start --volume-size 1 --encrypted --kms-key-arn own
holds 'INVALID_PARAMETER_VALUE*400' --json '{"VolumeSize":1,"Timeout":9}' "$ENDPOINT/snapshots"
refused ResourceNotFoundException start --volume-size 1 --parent-snapshot-id snap-0123456789abcdef0
put "$(start --volume-size 1)" 0 block-0 >/dev/null # left pending
echo "$NAME: all well"
