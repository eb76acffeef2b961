#!/usr/bin/env bash
# rclone: copy, sync, check, server-side copy, large files in parts, and a FUSE mount where the machine allows one.
. "$(dirname "$0")/prelude.sh" "$@"
need rclone; need openssl
unset AWS_CA_BUNDLE # older ones fail on it; --ca-cert says the same
rclone version >version.log; head -1 version.log
cat >"$HOME/rclone.conf" <<CONF
[firn]
type = s3
provider = Other
endpoint = $ENDPOINT
access_key_id = $ACCESS
secret_access_key = $SECRET
region = us-east-1
force_path_style = true
chunk_size = 5Mi
upload_cutoff = 12Mi
copy_cutoff = 8Mi
CONF
rc() { rclone --config "$HOME/rclone.conf" ${CA:+--ca-cert "$CA"} --retries 1 --low-level-retries 1 --contimeout 10s "$@"; }
MOUNT=$WORK/mount
uploaded() {
  local i
  for i in $(seq 60); do
    rc lsf -R "firn:$BUCKET/tree" >listed
    ! grep -xF "$1" listed >/dev/null || return 0
    sleep 0.3
  done
  fail "not uploaded in time: $1: $(cat mount.log)"
}
leave() {
  if mountpoint -q "$MOUNT" 2>/dev/null; then fusermount3 -u "$MOUNT" || fusermount3 -uz "$MOUNT"; fi
  [ -z "${MOUNTER:-}" ] || { kill "$MOUNTER" 2>/dev/null; wait "$MOUNTER" 2>/dev/null; }
}

step make a bucket and copy a tree
tree up
rc mkdir "firn:$BUCKET"
rc lsd firn: | grep " $BUCKET\$" >/dev/null || fail "the new bucket is not listed"
rc copy up "firn:$BUCKET/tree"
rc check --download up "firn:$BUCKET/tree"
rc check up "firn:$BUCKET/tree"
rc copy "firn:$BUCKET/tree" down
same_tree up down
same_text "$(find up -type f | wc -l)" "$(rc lsf -R --files-only "firn:$BUCKET/tree" | wc -l)"
same_text "$(find up -type f -printf '%s\n' | awk '{s+=$1} END {print s}')" "$(rc size --json "firn:$BUCKET/tree" | grep -o '"bytes":[0-9]*' | cut -d: -f2)"

step modification times survive
touch -d '2001-02-03 04:05:06.789012345' up/timed 2>/dev/null; bytes 10 up/timed; touch -d '2001-02-03 04:05:06.789012345' up/timed
rc copy up "firn:$BUCKET/tree"
rc copy "firn:$BUCKET/tree" down
same_text "$(stat -c %y up/timed)" "$(stat -c %y down/timed)"

step sync changes, both ways
rm -r up/deep; bytes 77 "up/many/f-3"; bytes 123456 "up/new file"
rc sync up "firn:$BUCKET/tree"
rc sync "firn:$BUCKET/tree" down
same_tree up down
rc sync up "firn:$BUCKET/tree" --log-level INFO 2>log
grep -E 'Copied|Deleted' log && fail "a second sync has work to do" || true

step copy and move inside the server
rc copyto "firn:$BUCKET/tree/large.bin" "firn:$BUCKET/copy of large"
rc copyto "firn:$BUCKET/copy of large" large-down
same up/large.bin large-down
rc moveto "firn:$BUCKET/copy of large" "firn:$BUCKET/moved"
rc sync "firn:$BUCKET/tree" "firn:$BUCKET/second"
rc check --download "firn:$BUCKET/tree" "firn:$BUCKET/second"
same_text "moved" "$(rc lsf --files-only "firn:$BUCKET")"
rc cat --offset 1000 --count 500 "firn:$BUCKET/moved" >range
slice up/large.bin 1000 500 range-expected
same range-expected range
rc rcat "firn:$BUCKET/streamed" <up/large.bin
rc cat "firn:$BUCKET/streamed" >streamed
same up/large.bin streamed

if [ -e /dev/fuse ] && command -v fusermount3 >/dev/null; then
  step mount
  mkdir -p "$MOUNT"
  rclone --config "$HOME/rclone.conf" ${CA:+--ca-cert "$CA"} mount "firn:$BUCKET/tree" "$MOUNT" --vfs-cache-mode writes --vfs-write-back 0s \
    --dir-cache-time 1s --cache-dir "$WORK/cache" --log-level INFO >mount.log 2>&1 &
  MOUNTER=$!
  for _ in $(seq 100); do mountpoint -q "$MOUNT" && break; kill -0 $MOUNTER 2>/dev/null || break; sleep 0.1; done
  if mountpoint -q "$MOUNT"; then
    same_tree up "$MOUNT"
    cp up/large.bin "$MOUNT/written through the mount"
    mkdir "$MOUNT/folder"; cp "up/one byte" "$MOUNT/folder/x"
    # The mount uploads in the background, and a file must not be renamed meanwhile: wait until the server has both.
    uploaded 'written through the mount'; uploaded folder/x
    mv "$MOUNT/folder/x" "$MOUNT/folder/y"
    rm "$MOUNT/empty"
    uploaded folder/y
    fusermount3 -u "$MOUNT"; wait "$MOUNTER" || true; MOUNTER=
    rc copyto "firn:$BUCKET/tree/written through the mount" written
    same up/large.bin written
    rc copyto "firn:$BUCKET/tree/folder/y" y; same "up/one byte" y
    same_text '' "$(rc lsf "firn:$BUCKET/tree" | grep -x empty || true)"
  elif grep -qiE 'not permitted|denied|fusermount' mount.log; then
    echo "   this machine does not allow FUSE mounts: not tried"
  else
    fail "mount: $(cat mount.log)"
  fi
else
  echo "   no FUSE on this machine: mount not tried"
fi

step remove everything
rc purge "firn:$BUCKET"
rc lsd firn: | grep " $BUCKET\$" && fail "the bucket is still there" || true
echo "$NAME: all well"
