#!/usr/bin/env bash
# How much does the protocol cost? The memory export of the tests beside nbdkit's memory plugin: fio over unix sockets, 4 KiB, the
# server's CPU from /proc. Needs fio, nbdkit, nbdcopy, a JDK 25 and the module's compiled tests:
#   mvn -q -pl nbd -am test-compile && nbd/src/test/bench/beside-nbdkit.sh [SECONDS] [CLASSPATH]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../../.."
seconds=${1:-4}
classes=${2:-nbd/target/test-classes:nbd/target/classes:io/target/classes}
work=$(mktemp -d "${TMPDIR:-/tmp}/firn-nbd.XXXXXX")
pids=()
finish() { for p in "${pids[@]}"; do kill "$p" 2>/dev/null || true; done; rm -rf "$work"; }
trap finish EXIT
mkfifo "$work/open"
"${JAVA_HOME:+$JAVA_HOME/bin/}java" -Xmx256m -XX:MaxDirectMemorySize=512m -XX:+UseSerialGC -cp "$classes" io.firn.nbd.MemoryServer "$work/firn" 256 <"$work/open" >/dev/null &
pids+=($!); firn=$!
exec 3>"$work/open"
nbdkit -f -U "$work/nbdkit" memory 256M >/dev/null 2>&1 &
pids+=($!); nbdkit=$!
for _ in $(seq 100); do [ -S "$work/firn" ] && [ -S "$work/nbdkit" ] && break; sleep 0.1; done
head -c 268435456 /dev/urandom >"$work/random"
nbdcopy "$work/random" "nbd+unix:///?socket=$work/nbdkit"
ticks=$(getconf CLK_TCK)
cpu() { awk '{print $14 + $15}' "/proc/$1/stat"; }
once() { # SERVER PID RW DEPTH EXTRA...
  local server=$1 pid=$2 rw=$3 depth=$4 before after out; shift 4
  before=$(cpu "$pid")
  out=$(fio --name=j --ioengine=nbd --uri="nbd+unix:///?socket=$work/$server" --rw="$rw" --bs=4k --iodepth="$depth" \
    --time_based --runtime="$seconds" --norandommap --output-format=terse --terse-version=3 "$@")
  after=$(cpu "$pid")
  awk -F';' -v s="$server" -v rw="$rw" -v d="$depth" -v e="$*" -v c=$((after - before)) -v t="$ticks" \
    '{n = $6 + $47; k = $8 + $49; if (k > 0) printf "%-7s %-10s QD%-3s %-12s %8d IO/s  %6.2f us CPU/IO\n", s, rw, d, e, k, c * 1e6 / t / (k * '"$seconds"')}' <<<"$out"
}
echo "$(nproc) CPUs, $(uname -r), $(fio --version), $(nbdkit --version), load $(cut -d' ' -f1-3 /proc/loadavg)"
once firn "$firn" randread 32 >/dev/null; once firn "$firn" randwrite 32 >/dev/null # compiled before it counts
for round in 1 2; do
  for rw in randread randwrite; do
    for depth in 1 32; do
      once firn "$firn" $rw $depth; once nbdkit "$nbdkit" $rw $depth
    done
  done
  once firn "$firn" randwrite 1 --fsync=1; once nbdkit "$nbdkit" randwrite 1 --fsync=1
done
