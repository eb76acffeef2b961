#!/usr/bin/env bash
# restic: initialise a repository, back up twice, check every byte, restore, compare, forget and prune.
. "$(dirname "$0")/prelude.sh" "$@"
need restic; need openssl
restic version
export RESTIC_PASSWORD=firn-and-ice RESTIC_REPOSITORY="s3:$ENDPOINT/$BUCKET/repository" RESTIC_CACHE_DIR=$WORK/cache
rs() { restic ${CA:+--cacert "$CA"} --quiet "$@"; }

step initialise
tree tree
rs init
refused 'already' restic ${CA:+--cacert "$CA"} init

step back up, check, restore
rs backup tree
rs check --read-data
rs restore latest --target first
same_tree tree first/tree

step back up a changed tree
rm -r tree/many; bytes 3000000 tree/second.bin; bytes 5 "tree/one byte"
rs backup tree
same_text 2 "$(rs snapshots --json | grep -o '"short_id"' | wc -l)"
rs restore latest --target second
same_tree tree second/tree
rs dump latest /tree/second.bin >dumped || rs dump latest tree/second.bin >dumped
same tree/second.bin dumped

step forget and prune
rs forget --keep-last 1 --prune
rs check --read-data
rs restore latest --target third
same_tree tree third/tree
same_text '' "$(rs list locks)"

step remove everything
for python in python3 /usr/bin/python3; do
  if "$python" -c 'import boto3' 2>/dev/null; then
    "$python" - "$ENDPOINT" "$BUCKET" <<'PY'
import sys, boto3
bucket = boto3.resource("s3", endpoint_url=sys.argv[1]).Bucket(sys.argv[2])
bucket.objects.all().delete()
bucket.delete()
PY
    break
  fi
done
echo "$NAME: all well"
