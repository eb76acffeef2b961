#!/usr/bin/env bash
# s3fs: mount a bucket, write a tree through the mount, read it back through a second mount, unmount.
. "$(dirname "$0")/prelude.sh" "$@"
need s3fs; need fusermount3; need openssl; need curl
[ -e /dev/fuse ] || { echo "$NAME: no /dev/fuse on this machine"; exit 77; }
s3fs --version >version.log; head -1 version.log
printf '%s:%s\n' "$ACCESS" "$SECRET" >"$HOME/passwd"; chmod 600 "$HOME/passwd"
MOUNT=$WORK/mount; mkdir "$MOUNT"
unmount() { fusermount3 -u "$MOUNT" 2>/dev/null || fusermount -u "$MOUNT" 2>/dev/null || umount "$MOUNT"; }
leave() { mountpoint -q "$MOUNT" && unmount; }
mount_it() {
  [ -z "$CA" ] || export CURL_CA_BUNDLE=$CA
  if ! s3fs "$BUCKET" "$MOUNT" -o url="$ENDPOINT" -o use_path_request_style -o passwd_file="$HOME/passwd" -o endpoint=us-east-1 -o sigv4 \
    -o multipart_size=10 -o retries=2 -o createbucket 2>mount.log && ! s3fs "$BUCKET" "$MOUNT" -o url="$ENDPOINT" -o use_path_request_style \
    -o passwd_file="$HOME/passwd" -o endpoint=us-east-1 -o sigv4 -o multipart_size=10 -o retries=2 2>mount.log; then
    if grep -qiE 'operation not permitted|permission denied' mount.log; then echo "$NAME: this machine does not allow FUSE mounts"; exit 77; fi
    fail "mount: $(cat mount.log)"
  fi
  for _ in $(seq 100); do mountpoint -q "$MOUNT" && return; sleep 0.1; done
  fail "the mount did not come up"
}

step make a bucket
signed --fail -X PUT "$ENDPOINT/$BUCKET" >/dev/null

step write a tree through the mount
tree up
mount_it
cp -r up "$MOUNT/tree"
same_tree up "$MOUNT/tree"
mv "$MOUNT/tree/large.bin" "$MOUNT/tree/renamed.bin"; mv up/large.bin up/renamed.bin
printf 'appended' >>"$MOUNT/tree/one byte"; printf 'appended' >>"up/one byte"
truncate -s 1000 "$MOUNT/tree/many/f-40"; truncate -s 1000 up/many/f-40
chmod 640 "$MOUNT/tree/many/f-1"
rm "$MOUNT/tree/many/f-2" up/many/f-2
dd if=up/renamed.bin of="$MOUNT/tree/renamed.bin" bs=4096 skip=100 seek=2000 count=50 conv=notrunc status=none
dd if=up/renamed.bin of=up/patched.bin bs=1M status=none
dd if=up/renamed.bin of=up/patched.bin bs=4096 skip=100 seek=2000 count=50 conv=notrunc status=none
mv up/patched.bin up/renamed.bin
sync -f "$MOUNT" || true
unmount

step read it back through a new mount
mount_it
same_tree up "$MOUNT/tree"
same_text 640 "$(stat -c %a "$MOUNT/tree/many/f-1")"

step remove everything
rm -r "$MOUNT/tree"
same_text '' "$(ls -A "$MOUNT")"
unmount
signed --fail -X DELETE "$ENDPOINT/$BUCKET" >/dev/null
echo "$NAME: all well"
