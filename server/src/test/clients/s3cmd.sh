#!/usr/bin/env bash
# s3cmd: its own signing, multipart and sync code.
. "$(dirname "$0")/prelude.sh" "$@"
need s3cmd; need openssl
s3cmd --version
cat >"$HOME/s3cfg" <<CONF
[default]
access_key = $ACCESS
secret_key = $SECRET
host_base = $HOST
host_bucket = $HOST
bucket_location = us-east-1
use_https = $([[ $ENDPOINT == https://* ]] && echo True || echo False)
ca_certs_file = $CA
check_ssl_hostname = True
multipart_chunk_size_mb = 5
max_retries = 1
progress_meter = False
CONF
s3c() { s3cmd -c "$HOME/s3cfg" --no-progress "$@"; }

step make a bucket, put and get
tree up
s3c mb "s3://$BUCKET"
s3c ls | grep "s3://$BUCKET\$" >/dev/null || fail "the new bucket is not listed"
s3c put "up/one byte" "s3://$BUCKET/one byte"
s3c get "s3://$BUCKET/one byte" one-down
same "up/one byte" one-down
s3c put up/large.bin "s3://$BUCKET/large"
s3c get "s3://$BUCKET/large" large-down
same up/large.bin large-down
slice up/large.bin 0 1000000 large-resumed
s3c get --continue "s3://$BUCKET/large" large-resumed
same up/large.bin large-resumed

step sync both ways
s3c sync up/ "s3://$BUCKET/tree/" >/dev/null
mkdir down
s3c sync "s3://$BUCKET/tree/" down/ >/dev/null
same_tree up down
rm up/many/f-7; bytes 99 up/many/new
s3c sync --delete-removed up/ "s3://$BUCKET/tree/" >/dev/null
s3c sync --delete-removed "s3://$BUCKET/tree/" down/ >/dev/null
same_tree up down
same_text "$(find up -type f | wc -l)" "$(s3c ls -r "s3://$BUCKET/tree/" | wc -l)"
s3c ls "s3://$BUCKET/tree/" | grep "DIR .*s3://$BUCKET/tree/many/\$" >/dev/null || fail "no folder many/"
same_text "$(find up -type f -printf '%s\n' | awk '{s+=$1} END {print s}')" "$(s3c du "s3://$BUCKET/tree/" | awk '{print $1}')"

step copy, move, info, metadata
s3c cp "s3://$BUCKET/large" "s3://$BUCKET/copy"
s3c mv "s3://$BUCKET/copy" "s3://$BUCKET/moved"
s3c get "s3://$BUCKET/moved" moved
same up/large.bin moved
s3c modify --add-header=x-amz-meta-color:blue --mime-type=text/x-firn "s3://$BUCKET/one byte"
s3c info "s3://$BUCKET/one byte" >info
grep -i 'x-amz-meta-color: *blue' info >/dev/null || fail "$(cat info)"
grep 'text/x-firn' info >/dev/null || fail "$(cat info)"
s3c info "s3://$BUCKET" >info

step multipart upload listed and aborted
s3c multipart "s3://$BUCKET" >uploads
grep "s3://$BUCKET/." uploads && fail "an upload is left over: $(cat uploads)" || true

step remove everything
s3c rm "s3://$BUCKET/one byte"
s3c del --recursive --force "s3://$BUCKET" >/dev/null
s3c rb "s3://$BUCKET"
s3c ls | grep "s3://$BUCKET\$" && fail "the bucket is still there" || true
echo "$NAME: all well"
