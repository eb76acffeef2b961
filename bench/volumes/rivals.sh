#!/usr/bin/env bash
# Firn's volumes beside nbdkit and qemu-nbd, over unix sockets, in turn: fio's IOPS, latency and server CPU per I/O.
# Needs fio, nbdkit, qemu-utils. Usage: SECONDS_EACH=8 ROUNDS=3 bench/volumes/rivals.sh [SCRATCH-FOLDER] > bench/results/volumes.md
# By environment too: SIZE=1g, what is read and written; SERVERS='firn nbdkit-file', some of them; ROWS=flush, rows whose names match.
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
scratch=$(mktemp -d "${1:-${TMPDIR:-/tmp}}/firn-volumes.XXXXXX")
seconds=${SECONDS_EACH:-8}
rounds=${ROUNDS:-3}
size=${SIZE:-1g}
cd "$scratch"
declare -A pid uri
trap 'for one in "${pid[@]}"; do kill "$one" 2>/dev/null || true; done; wait 2>/dev/null || true; rm -rf "$scratch"' EXIT
await() { for _ in $(seq 400); do [ -S "$1" ] && return; sleep 0.05; done; echo "nothing listens at $1" >&2; exit 1; }
server() { # name export command...
  local name=$1 export=$2
  shift 2
  "$@" >"$name.log" 2>&1 &
  pid[$name]=$!
  uri[$name]="nbd+unix:///$export?socket=$scratch/$name.sock"
  await "$name.sock"
}

"$home/firn" volume create disk --size 4GiB --data data >/dev/null
server firn disk "$home/firn" serve --data data --port 0 --nbd-socket "$scratch/firn.sock"
truncate -s 4G raw.img nbdkit.img
qemu-img create -q -f qcow2 disk.qcow2 4G
server nbdkit-file "" nbdkit -f -U "$scratch/nbdkit-file.sock" file nbdkit.img
server nbdkit-memory "" nbdkit -f -U "$scratch/nbdkit-memory.sock" memory 4G
server qemu-raw "" qemu-nbd -e 8 -f raw -k "$scratch/qemu-raw.sock" -t --cache=writeback raw.img
server qemu-qcow2 "" qemu-nbd -e 8 -f qcow2 -k "$scratch/qemu-qcow2.sock" -t --cache=writeback disk.qcow2
read -ra servers <<<"${SERVERS:-firn nbdkit-file nbdkit-memory qemu-raw qemu-qcow2}"

ticks() { awk '{print $14 + $15}' "/proc/$1/stat"; }
measure() { # server row rw bs depth extra...
  local name=$1 row=$2 length="runtime=$seconds\ntime_based" before after
  case ${6:-} in *end_fsync*) length= ;; esac # the whole size once, the flush at the end included
  printf '[x]\nioengine=nbd\nuri=%s\nrw=%s\nbs=%s\niodepth=%s\nsize=%s\nnorandommap\n%b\n%b\n' \
    "${uri[$name]}" "$3" "$4" "$5" "$size" "$length" "${6:-}" >job.fio
  sync # what the one before left in the page cache is not to be this one's burden
  before=$(ticks "${pid[$name]}")
  fio --output-format=json --output=out.json job.fio >/dev/null 2>fio.err || { cat fio.err >&2; return; }
  after=$(ticks "${pid[$name]}")
  python3 - "$name" "$row" $((after - before)) <<'P' >>rows.txt
import json, sys
text = open('out.json').read()
jobs = json.loads(text[text.index('{'):])['jobs']
iops = sum(j[d]['iops'] for j in jobs for d in ('read', 'write'))
done = sum(j[d]['total_ios'] for j in jobs for d in ('read', 'write'))
mib = sum(j[d]['bw_bytes'] for j in jobs for d in ('read', 'write')) / 2**20
print(sys.argv[2], sys.argv[1], iops, mib, int(sys.argv[3]) * 1e4 / max(1, done), sep='\t')
P
}

for name in "${servers[@]}"; do measure "$name" "warm-up" write 1m 4; measure "$name" "warm-up" randrw 4k 32; done
: >rows.txt
for _ in $(seq "$rounds"); do
  while IFS=$'\t' read -r row rw bs depth extra; do
    [[ $row =~ ${ROWS:-.} ]] || continue
    for name in "${servers[@]}"; do measure "$name" "$row" "$rw" "$bs" "$depth" "$extra"; done
  done <<'ROWS'
1 MiB sequential write, depth 4, once, flushed at the end	write	1m	4	end_fsync=1
1 MiB sequential read, depth 4, as written	read	1m	4	
1 MiB sequential write, depth 4, over and over	write	1m	4	
4 KiB random read, depth 32	randread	4k	32	
4 KiB random write, depth 32	randwrite	4k	32	
4 KiB random read, depth 1	randread	4k	1	
1 MiB sequential read, depth 4, after random writes	read	1m	4	
4 KiB write and flush, one client	randwrite	4k	1	fsync=1
4 KiB write and flush, eight clients	randwrite	4k	1	fsync=1\nnumjobs=8
ROWS
done

python3 - "$home" "$seconds" "$rounds" <<'P'
import collections, datetime, os, platform, statistics, subprocess, sys
home, seconds, rounds = sys.argv[1:]
commit = subprocess.run(['git', '-C', home, 'rev-parse', '--short', 'HEAD'], capture_output=True, text=True).stdout.strip()
cpu = next(line.split(':')[1].strip() for line in open('/proc/cpuinfo') if line.startswith('model name'))
rows = collections.defaultdict(lambda: collections.defaultdict(list))
for line in open('rows.txt'):
    row, name, iops, mib, micros = line.rstrip('\n').split('\t')
    rows[row][name].append((float(iops), float(mib), float(micros)))
print('# Volumes beside nbdkit and qemu-nbd\n')
print(f'- date: {datetime.datetime.now(datetime.UTC):%Y-%m-%dT%H:%M:%SZ}, commit: {commit}')
print(f'- processor: {cpu}, {os.cpu_count()} cores; kernel {platform.release()}; load average at the end {os.getloadavg()[0]:.1f}')
print(f'- command: `SECONDS_EACH={seconds} ROUNDS={rounds} bench/volumes/rivals.sh`; fio over unix sockets, {rounds} rounds in turn')
print('- median (lowest to highest); ratio of medians to Firn\'s; rivals acknowledge from the page cache as Firn does, all flush by fdatasync\n')
for row, servers in rows.items():
    print(f'## {row}\n\n| server | IOPS | MiB/s | server CPU us per I/O | Firn over it |\n|---|---|---|---|---|')
    ours = statistics.median(x[0] for x in servers['firn'])
    for name, values in servers.items():
        iops = [v[0] for v in values]
        print(f'| {name} | {statistics.median(iops):,.0f} ({min(iops):,.0f} to {max(iops):,.0f}) '
              f'| {statistics.median(v[1] for v in values):,.0f} | {statistics.median(v[2] for v in values):.1f} '
              f'| {ours / statistics.median(iops):.2f} |')
    print()
P
