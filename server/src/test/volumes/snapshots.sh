#!/usr/bin/env bash
# Snapshots of volumes through real clients: snapshots.sh SOCKET FOLDER ENDPOINT PHASE, with the firn command in FIRN.
# "days" writes an ext4 tree on volume files on three days, each kept as a snapshot, and begins the upload of a large one; "restore", after a
# kill during that upload, waits for it, compares it and restores all; "check", after a kill while they are filled, mounts and compares.
set -euo pipefail
socket=$1
folder=$2
endpoint=$3
phase=$4
cd "$folder"

uri() { printf 'nbd+unix:///%s?socket=%s' "$1" "$socket"; }
qemu() { printf 'nbd:unix:%s:exportname=%s' "$socket" "$1"; }
firn() { $FIRN "$@" --endpoint "$endpoint"; }
take() { firn snapshot create "$@" --json | grep -o 'snap-[0-9a-f]*' | head -1; }
step() { printf -- '-- %s\n' "$*"; }
may_mount() { [ "$(id -u)" = 0 ] && [ -e /dev/fuse ]; }

mounted() { # mounted VOLUME FUNCTION: runs it with the volume as a loop device
  mkdir -p fuse mnt
  nbdfuse fuse/disk "$(uri "$1")" &
  local fuse=$! loop tries=0
  until [ -e fuse/disk ]; do
    sleep 0.1
    tries=$((tries + 1))
    [ "$tries" -lt 100 ]
  done
  loop=$(losetup -f --show fuse/disk)
  "$2" "$loop"
  losetup -d "$loop"
  sync
  fusermount3 -u fuse
  wait "$fuse" || true
}

format() { mkfs.ext4 -q "$1"; }

write_day() {
  mount "$1" mnt
  mkdir -p "mnt/tree/day$day"
  for i in $(seq 50); do printf 'day %s file %s\n' "$day" "$i" >"mnt/tree/day$day/$i"; done
  head -c 1M /dev/urandom >mnt/tree/changing
  [ "$day" -lt 3 ] || rm -r mnt/tree/day1
  (cd mnt && find tree -type f -exec sha256sum {} + | sort -k 2) >"day$day.sums"
  umount mnt
}

check_day() {
  e2fsck -fn "$1" >fsck.log 2>&1 || { cat fsck.log; return 1; }
  mount -o ro "$1" mnt
  (cd mnt && find tree -type f -exec sha256sum {} + | sort -k 2) | diff "day$day.sums" -
  umount mnt
}

case $phase in
  days)
    : >days
    if may_mount; then mounted files format; fi
    for day in 1 2 3; do
      step "day $day"
      if may_mount; then
        mounted files write_day
      else
        qemu-io -f raw -c "write -P $day ${day}M 2M" -c flush "$(qemu files)" >/dev/null
      fi
      nbdcopy "$(uri files)" "day$day.img"
      snapshot=$(take files --description "day $day" --wait)
      printf '%s\n' "$snapshot" >>days
      qemu-img compare -f raw -F raw "day$day.img" "$(qemu "$snapshot")"
    done
    step "what clients see of a snapshot"
    mapfile -t all <days
    nbdinfo --list "nbd+unix:///?socket=$socket" | grep -q "export=\"${all[0]}\""
    nbdinfo --is read-only "$(uri "${all[1]}")"
    nbdinfo --can multi-conn "$(uri "${all[1]}")"
    nbdinfo --map "$(uri "${all[1]}")" | grep -q hole
    nbdinfo --map="qemu:dirty-bitmap:since-${all[0]}" "$(uri "${all[1]}")" >since.txt
    grep -q dirty since.txt
    grep -q clean since.txt
    nbdinfo --map="qemu:dirty-bitmap:since-${all[2]}" "$(uri "${all[0]}")" | grep -q dirty
    firn snapshot diff "${all[0]}" "${all[1]}" | tail -1
    step "export and import"
    firn snapshot export "${all[2]}" back.img 2>/dev/null
    cmp back.img day3.img
    [ "$(du --block-size=1 back.img | cut -f 1)" -lt $((128 << 20)) ]
    firn snapshot export "${all[2]}" back.qcow2 --format qcow2 2>/dev/null
    qemu-img compare -f qcow2 -F raw back.qcow2 day3.img
    imported=$(firn snapshot import back.qcow2 --json | grep -o 'snap-[0-9a-f]*' | head -1)
    qemu-img compare -f raw -F raw day3.img "$(qemu "$imported")"
    firn snapshot verify "$imported" --full
    step "a large upload begins"
    head -c 128M /dev/urandom >large.img
    nbdcopy --flush large.img "$(uri disk)"
    take disk --description large >large
    ;;
  restore)
    step "the upload goes on after the kill"
    large=$(cat large)
    until firn snapshot show "$large" | grep -q '^state *completed'; do sleep 0.5; done
    nbdcopy "$(uri "$large")" found.img
    cmp -n $((128 << 20)) large.img found.img
    step "restore"
    day=0
    while read -r snapshot; do
      day=$((day + 1))
      firn snapshot restore "$snapshot" "day$day" >/dev/null
    done <days
    firn snapshot restore "$large" again --rate 1MiB >/dev/null
    cmp -n $((128 << 20)) large.img <(nbdcopy "$(uri again)" -)
    firn snapshot rm "$large" >/dev/null
    ;;
  check)
    step "restored volumes after the kill"
    nbdcopy "$(uri again)" found.img
    cmp -n $((128 << 20)) large.img found.img
    for day in 1 2 3; do
      qemu-img compare -f raw -F raw "day$day.img" "$(qemu "day$day")"
      if [ -e "day$day.sums" ]; then mounted "day$day" check_day; fi
    done
    step "delete in any order"
    mapfile -t all <days
    firn snapshot rm "${all[1]}"
    firn snapshot rm "${all[0]}"
    qemu-img compare -f raw -F raw day3.img "$(qemu "${all[2]}")"
    ;;
esac
printf 'OK\n'
