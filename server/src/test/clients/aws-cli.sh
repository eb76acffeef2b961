#!/usr/bin/env bash
# The AWS command line: high-level s3 commands, presigned URLs, and s3api calls for versions, tags and conditions.
. "$(dirname "$0")/prelude.sh" "$@"
need aws; need curl; need jq; need openssl
s3() { aws --endpoint-url "$ENDPOINT" s3 "$@" --no-progress; }
s3q() { aws --endpoint-url "$ENDPOINT" s3 "$@"; }
api() { aws --endpoint-url "$ENDPOINT" --output json s3api "$@"; }
aws --version
# Version 1 of aws-cli still presigns by Signature Version 2 unless told otherwise.
aws configure set default.s3.signature_version s3v4

step make a bucket
s3q mb "s3://$BUCKET"
s3q ls | grep " $BUCKET\$" >/dev/null || fail "the new bucket is not listed"
refused BucketNotEmpty bash -c "aws --endpoint-url '$ENDPOINT' s3 cp - s3://$BUCKET/x </dev/null && aws --endpoint-url '$ENDPOINT' s3 rb s3://$BUCKET"
s3q rm "s3://$BUCKET/x"

step copy a small and a large file up, down and across
tree up
s3 cp up/one\ byte "s3://$BUCKET/one byte"
s3 cp "s3://$BUCKET/one byte" down-one
same "up/one byte" down-one
bytes 26214400 big # 25 MiB: four parts at the default part size of 8 MiB
s3 cp big "s3://$BUCKET/big"
s3 cp "s3://$BUCKET/big" big-down
same big big-down
api head-object --bucket "$BUCKET" --key big >head.json
same_text 26214400 "$(jq -r .ContentLength head.json)"
jq -r .ETag head.json | grep -E >/dev/null '^"[0-9a-f]{32}-4"$' || fail "ETag of four parts: $(jq -r .ETag head.json)"
s3 cp "s3://$BUCKET/big" "s3://$BUCKET/big-copy"
s3 cp "s3://$BUCKET/big-copy" big-copy-down
same big big-copy-down
s3 mv "s3://$BUCKET/big-copy" "s3://$BUCKET/moved"
refused 404 s3 cp "s3://$BUCKET/big-copy" nowhere
s3 cp - "s3://$BUCKET/stream" <big
s3 cp "s3://$BUCKET/stream" - >stream-down
same big stream-down

step sync a tree both ways
s3 sync --only-show-errors up "s3://$BUCKET/tree/"
s3 sync --only-show-errors "s3://$BUCKET/tree/" down
same_tree up down
[ -z "$(s3 sync up "s3://$BUCKET/tree/")" ] || fail "a second sync has work to do"
rm up/many/f-7; bytes 99 up/many/new
s3 sync --only-show-errors --delete up "s3://$BUCKET/tree/"
rm -rf down; s3 sync --only-show-errors "s3://$BUCKET/tree/" down
same_tree up down

step list
same_text "$(find up -type f | wc -l)" "$(s3q ls --recursive "s3://$BUCKET/tree/" | wc -l)"
s3q ls "s3://$BUCKET/tree/" | grep 'PRE many/' >/dev/null || fail "no common prefix many/"
same_text 40 "$(api list-objects-v2 --bucket "$BUCKET" --prefix tree/many/ --page-size 7 | jq '.Contents | length')"
same_text 40 "$(api list-objects --bucket "$BUCKET" --prefix tree/many/ --page-size 7 | jq '.Contents | length')"

step presign a URL and fetch it with curl
url=$(s3q presign "s3://$BUCKET/big" --expires-in 300)
request --fail -o presigned "$url"
same big presigned
same_text 206 "$(request -o part -w '%{http_code}' -H 'Range: bytes=1000-1999' "$url")"
slice big 1000 1000 part-expected
same part-expected part
same_text 403 "$(request -o denied -w '%{http_code}' "${url}0")"
grep -q '<Code>SignatureDoesNotMatch</Code>' denied || fail "$(cat denied)"
same_text 403 "$(request -o denied -w '%{http_code}' "$ENDPOINT/$BUCKET/big")"
grep -q '<Code>AccessDenied</Code>' denied || fail "$(cat denied)"

step metadata and system headers
api put-object --bucket "$BUCKET" --key meta --body "up/one byte" --metadata color=blue,shape=round \
  --content-type text/x-firn --cache-control max-age=60 --content-disposition inline --content-language fr --content-encoding identity >put.json
api head-object --bucket "$BUCKET" --key meta >meta.json
same_text 'blue round text/x-firn max-age=60 inline fr identity' \
  "$(jq -r '[.Metadata.color,.Metadata.shape,.ContentType,.CacheControl,.ContentDisposition,.ContentLanguage,.ContentEncoding]|join(" ")' meta.json)"
api copy-object --bucket "$BUCKET" --key meta --copy-source "$BUCKET/meta" --metadata-directive REPLACE --metadata color=red >copy.json
same_text red "$(api head-object --bucket "$BUCKET" --key meta | jq -r .Metadata.color)"

step tags
api put-object-tagging --bucket "$BUCKET" --key meta --tagging 'TagSet=[{Key=team,Value=ice},{Key=cost center,Value=a+b}]'
same_text 'cost center=a+b team=ice' "$(api get-object-tagging --bucket "$BUCKET" --key meta | jq -r '[.TagSet[]|.Key+"="+.Value]|sort|join(" ")')"
api delete-object-tagging --bucket "$BUCKET" --key meta >deltag.json
same_text 0 "$(api get-object-tagging --bucket "$BUCKET" --key meta | jq '.TagSet|length')"
refused NoSuchTagSet api get-bucket-tagging --bucket "$BUCKET"
api put-bucket-tagging --bucket "$BUCKET" --tagging 'TagSet=[{Key=env,Value=test}]'
same_text test "$(api get-bucket-tagging --bucket "$BUCKET" | jq -r '.TagSet[0].Value')"
api delete-bucket-tagging --bucket "$BUCKET"

step conditions
etag=$(api head-object --bucket "$BUCKET" --key big | jq -r .ETag)
refused 304 api get-object --bucket "$BUCKET" --key big --if-none-match "$etag" nowhere
refused PreconditionFailed api get-object --bucket "$BUCKET" --key big --if-match '"00000000000000000000000000000000"' nowhere
api get-object --bucket "$BUCKET" --key big --if-match "$etag" --range bytes=-5 tail5 >/dev/null
tail -c 5 big >tail5-expected
same tail5-expected tail5
if api put-object --bucket "$BUCKET" --key once --body tail5 --if-none-match '*' >once.json 2>once.err; then
  refused PreconditionFailed api put-object --bucket "$BUCKET" --key once --body part --if-none-match '*'
  refused PreconditionFailed api put-object --bucket "$BUCKET" --key once --body part --if-match '"00000000000000000000000000000000"'
  api put-object --bucket "$BUCKET" --key once --body part --if-match "$(jq -r .ETag once.json)" >/dev/null
  s3 cp "s3://$BUCKET/once" once
  same part once
elif grep -qi 'unknown options\|unrecognized' once.err; then
  echo "   this aws-cli is too old for conditional writes: not tried"
else
  fail "$(cat once.err)"
fi

step multipart by hand, parts out of order, and an abort
upload=$(api create-multipart-upload --bucket "$BUCKET" --key parts | jq -r .UploadId)
slice big 0 5242880 p1; slice big 5242880 6000000 p2; slice big 11242880 14971520 p3
for n in 3 1 2; do
  api upload-part --bucket "$BUCKET" --key parts --upload-id "$upload" --part-number $n --body p$n | jq -r .ETag >etag$n
done
same_text '1 2 3' "$(api list-parts --bucket "$BUCKET" --key parts --upload-id "$upload" | jq -r '[.Parts[].PartNumber]|join(" ")')"
jq -n --arg a "$(cat etag1)" --arg b "$(cat etag2)" --arg c "$(cat etag3)" \
  '{Parts:[{PartNumber:1,ETag:$a},{PartNumber:2,ETag:$b},{PartNumber:3,ETag:$c}]}' >complete.json
api complete-multipart-upload --bucket "$BUCKET" --key parts --upload-id "$upload" --multipart-upload file://complete.json >/dev/null
s3 cp "s3://$BUCKET/parts" parts-down
same big parts-down
upload=$(api create-multipart-upload --bucket "$BUCKET" --key aborted | jq -r .UploadId)
api upload-part --bucket "$BUCKET" --key aborted --upload-id "$upload" --part-number 1 --body p2 >/dev/null
same_text aborted "$(api list-multipart-uploads --bucket "$BUCKET" | jq -r '.Uploads[].Key')"
api abort-multipart-upload --bucket "$BUCKET" --key aborted --upload-id "$upload"
refused NoSuchUpload api list-parts --bucket "$BUCKET" --key aborted --upload-id "$upload"

step versions
api put-bucket-versioning --bucket "$BUCKET" --versioning-configuration Status=Enabled
same_text Enabled "$(api get-bucket-versioning --bucket "$BUCKET" | jq -r .Status)"
v1=$(api put-object --bucket "$BUCKET" --key v --body p1 | jq -r .VersionId)
v2=$(api put-object --bucket "$BUCKET" --key v --body p2 | jq -r .VersionId)
[ "$v1" != "$v2" ] || fail "two puts, one version id"
api delete-object --bucket "$BUCKET" --key v >marker.json
same_text true "$(jq -r .DeleteMarker marker.json)"
refused 404 api head-object --bucket "$BUCKET" --key v
api get-object --bucket "$BUCKET" --key v --version-id "$v1" v1 >/dev/null; same p1 v1
api get-object --bucket "$BUCKET" --key v --version-id "$v2" v2 >/dev/null; same p2 v2
api list-object-versions --bucket "$BUCKET" --prefix v >versions.json
same_text '2 1' "$(jq -r '"\(.Versions|length) \(.DeleteMarkers|length)"' versions.json)"
same_text "$v2 $v1" "$(jq -r '[.Versions[].VersionId]|join(" ")' versions.json)"
api delete-object --bucket "$BUCKET" --key v --version-id "$(jq -r .VersionId marker.json)" >/dev/null
s3 cp "s3://$BUCKET/v" v-now; same p2 v-now

step sub-resources that are absent
refused NoSuchLifecycleConfiguration api get-bucket-lifecycle-configuration --bucket "$BUCKET"
refused NoSuchBucketPolicy api get-bucket-policy --bucket "$BUCKET"
refused NoSuchCORSConfiguration api get-bucket-cors --bucket "$BUCKET"
refused NoSuchWebsiteConfiguration api get-bucket-website --bucket "$BUCKET"
refused NoSuchKey api get-object --bucket "$BUCKET" --key nowhere nowhere
refused NoSuchBucket api list-objects-v2 --bucket "$BUCKET-absent"

step remove everything, version by version, in batches
api list-object-versions --bucket "$BUCKET" | jq '{Objects:[(.Versions//[])[],(.DeleteMarkers//[])[]|{Key,VersionId}],Quiet:true}' >batch.json
same_text '' "$(api delete-objects --bucket "$BUCKET" --delete file://batch.json | tr -d '{} \n')"
same_text 0 "$(api list-object-versions --bucket "$BUCKET" | jq '(.Versions//[]|length)+(.DeleteMarkers//[]|length)')"
s3q rb "s3://$BUCKET"
refused 404 api head-bucket --bucket "$BUCKET"
echo "$NAME: all well"
