#!/usr/bin/env bash
# What is left of the record of changed blocks after kill -9: a persistent bitmap of qcow2 behind qemu-nbd, and Firn's open epoch.
# Needs qemu-utils and libnbd-bin. Usage: bench/volumes/bitmap-after-kill.sh [SCRATCH-FOLDER]
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
scratch=$(mktemp -d "${1:-${TMPDIR:-/tmp}}/firn-bitmap.XXXXXX")
cd "$scratch"
pids=()
trap 'for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done; rm -rf "$scratch"' EXIT
await() { for _ in $(seq 200); do [ -S "$1" ] && return; sleep 0.05; done; echo "nothing listens at $1" >&2; exit 1; }
writes=(-c 'write -P 1 1M 64k' -c 'write -P 2 100M 4k' -c flush)

echo "== qcow2 with a persistent bitmap"
qemu-img create -q -f qcow2 disk.qcow2 256M
qemu-img bitmap --add disk.qcow2 changed
qemu-nbd -f qcow2 -B changed -k "$scratch/qemu.sock" -t disk.qcow2 &
pids+=($!)
await qemu.sock
qemu-io -f raw "${writes[@]}" "nbd:unix:$scratch/qemu.sock" >/dev/null
echo "before: $(nbdinfo --map=qemu:dirty-bitmap:changed "nbd+unix:///?socket=$scratch/qemu.sock" | grep -c dirty) dirty runs"
kill -9 "${pids[0]}"
wait "${pids[0]}" 2>/dev/null || true
echo "after kill -9: $(qemu-img info disk.qcow2 | grep -A6 bitmaps | tr -s ' \n' ' ')"
rm -f qemu.sock
if qemu-nbd -f qcow2 -B changed -k "$scratch/qemu.sock" -t disk.qcow2 2>refusal.txt & pid=$!; then
  sleep 1
  if kill -0 "$pid" 2>/dev/null; then pids+=("$pid"); echo "served again"; else echo "served again: no: $(cat refusal.txt)"; fi
fi

echo "== Firn"
export FIRN_ROOT_ACCESS_KEY=BENCHROOT FIRN_ROOT_SECRET_KEY=benchRootSecret0123456789
"$home/firn" volume create disk --size 256MiB --data data >/dev/null
serve() {
  "$home/firn" serve --data data --port 0 --nbd-socket "$scratch/firn.sock" >serve.log 2>&1 &
  firn=$!
  pids+=("$firn")
  await firn.sock
}
map() { nbdinfo --map=qemu:dirty-bitmap:open "nbd+unix:///disk?socket=$scratch/firn.sock"; }
serve
qemu-io -f raw "${writes[@]}" "nbd:unix:$scratch/firn.sock:exportname=disk" >/dev/null
map >before.txt
echo "before: $(grep -c dirty before.txt) dirty runs"
kill -9 "$firn"
wait "$firn" 2>/dev/null || true
rm -f firn.sock
serve
map >after.txt
if cmp -s before.txt after.txt; then echo "after kill -9: the same, exactly:"; else echo "after kill -9: DIFFERENT:"; fi
cat after.txt
