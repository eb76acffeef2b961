#!/usr/bin/env bash
# Block volumes through real NBD clients: volumes.sh SOCKET FOLDER write|check
# "write" fills the volumes disk and files (256 MiB each) and notes what must be there; "check", after the server was killed and started
# again, compares: content, the exact dirty bitmap, and an ext4 file system.
set -euo pipefail
socket=$1
folder=$2
phase=$3
cd "$folder"

uri() { printf 'nbd+unix:///%s?socket=%s' "$1" "$socket"; }
qemu() { printf 'nbd:unix:%s:exportname=%s' "$socket" "$1"; }
dirty() { nbdinfo --map=qemu:dirty-bitmap:open "$(uri "$1")"; }
step() { printf -- '-- %s\n' "$*"; }

mounted() { # runs a function with the volume "files" mounted at mnt
  mkdir -p fuse mnt
  nbdfuse fuse/disk "$(uri files)" &
  local fuse=$! loop tries=0
  until [ -e fuse/disk ]; do
    sleep 0.1
    tries=$((tries + 1))
    [ "$tries" -lt 100 ]
  done
  loop=$(losetup -f --show fuse/disk)
  "$@" "$loop"
  losetup -d "$loop"
  sync
  fusermount3 -u fuse
  wait "$fuse" || true
}

fill() {
  mkfs.ext4 -q "$1"
  mount "$1" mnt
  mkdir -p mnt/tree/deep
  cp big.img mnt/tree/deep/
  for i in $(seq 200); do printf 'file %s\n' "$i" >"mnt/tree/$i"; done
  (cd mnt && find tree -type f -exec sha256sum {} + | sort -k 2) >tree.sums
  umount mnt
  e2fsck -fn "$1" >fsck.log 2>&1
}

compare() {
  e2fsck -fn "$1" >fsck.log 2>&1 || { cat fsck.log; return 1; }
  mount -o ro "$1" mnt
  (cd mnt && sha256sum --quiet -c ../tree.sums)
  umount mnt
}

case $phase in
  write)
    head -c 24M /dev/urandom >source.img
    truncate -s 256M source.img
    head -c 3M /dev/urandom >big.img
    step nbdinfo
    nbdinfo "$(uri disk)"
    for can in flush fua multi-conn trim zero fast-zero df cache; do nbdinfo --can "$can" "$(uri disk)"; done
    nbdinfo --list "nbd+unix:///?socket=$socket" | grep -q 'export="files"'
    step "nbdcopy both ways"
    nbdcopy --flush source.img "$(uri disk)"
    nbdcopy "$(uri disk)" back.img
    cmp source.img back.img
    step "qemu-img compare and map, qemu-io"
    qemu-img compare -f raw -F raw source.img "$(qemu disk)"
    qemu-img map --output=json -f raw "$(qemu disk)" >map.json
    for image in "$(qemu disk)" source.img; do
      qemu-io -f raw -c 'write -P 0xaa 1M 64k' -c 'write -f -P 0xbb 100M 4k' -c 'write -z 2M 1M' -c 'discard 8M 1M' \
        -c 'write -P 0xcc 200000123 777' -c 'write -P 0 8M 1M' -c 'flush' "$image" >/dev/null
    done
    qemu-img compare -f raw -F raw source.img "$(qemu disk)"
    step "fio with verification"
    printf '[v]\nioengine=nbd\nuri=%s\nrw=randwrite\nbs=4k-64k\noffset=128m\nsize=64m\nio_size=48m\niodepth=16\nverify=crc32c\ndo_verify=1\nverify_fatal=1\n' \
      "$(uri disk)" >fio.job
    fio fio.job >fio.log
    nbdcopy "$(uri disk)" after.img
    qemu-io -f raw -c flush "$(qemu disk)" >/dev/null
    dirty disk >dirty.txt
    grep -q dirty dirty.txt
    if [ "$(id -u)" = 0 ] && [ -e /dev/fuse ]; then
      step "nbdfuse, loop and ext4"
      mounted fill
    fi
    ;;
  check)
    step "content and dirty bitmap after kill -9"
    nbdcopy "$(uri disk)" found.img
    cmp after.img found.img
    dirty disk | diff dirty.txt -
    if [ -e tree.sums ]; then
      step "ext4 after kill -9"
      mounted compare
    fi
    ;;
esac
printf 'OK\n'
