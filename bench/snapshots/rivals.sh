#!/usr/bin/env bash
# Firn's snapshots beside qcow2 with a dirty bitmap, restic and borg, in turn, on one image: a full backup, an incremental after 1 % of all
# 4 KiB blocks were written at random, and a restore; seconds, bytes stored, CPU seconds.
# Needs python3 and, for each rival, its tools; what is missing is left out and said:
#   apt install qemu-utils qemu-system-common restic borgbackup     (qemu-storage-daemon is in qemu-system-common)
# Usage: ROUNDS=3 bench/snapshots/rivals.sh [SCRATCH-FOLDER] > bench/results/snapshots-rivals.md
# By environment too: SIZE_MIB=2048, of the image, half of it written; TOOLS='firn qcow2 restic borg', some of them.
# Every process started here is ended here, by its id.
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
scratch=$(mktemp -d "${1:-${TMPDIR:-/tmp}}/firn-snapshots.XXXXXX")
rounds=${ROUNDS:-3}
size=$((${SIZE_MIB:-2048} << 20))
cd "$scratch"
server=
finish() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$scratch"
}
trap finish EXIT
export RESTIC_PASSWORD=bench RESTIC_CACHE_DIR=$scratch/restic-cache BORG_BASE_DIR=$scratch/borg-base
export BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes BORG_RELOCATED_REPO_ACCESS_IS_OK=yes
export FIRN_ROOT_ACCESS_KEY=bench FIRN_ROOT_SECRET_KEY=bench-secret-key
export AWS_ACCESS_KEY_ID=$FIRN_ROOT_ACCESS_KEY AWS_SECRET_ACCESS_KEY=$FIRN_ROOT_SECRET_KEY

cat > tool.py <<'P'
"""make IMAGE SIZE | dirty TARGET SIZE ROUND | measure ROW TOOL PID COMMAND... | job SOCKET COMMAND-JSON... | table ..."""
import json, os, random, resource, socket, struct, subprocess, sys, time

def words(seed):
    # As firn bench snapshot makes it: words, some far more often than others, which LZ4 brings to about half.
    r = random.Random(seed)
    vocabulary = [('%x' % r.getrandbits(64))[:2 + r.randrange(9)] + ' ' for _ in range(1 << 14)]
    text = ''.join(vocabulary[int(len(vocabulary) * r.random() ** 3)] for _ in range(1 << 19))
    return r, text.encode()

def block(r, pool):
    at = r.randrange(len(pool) - 4096)
    return struct.pack('>Q', r.getrandbits(64)) + pool[at:at + 4088]

def make(path, size):
    r, pool = words(1)
    with open(path, 'wb') as f:
        f.truncate(size)
        for mib in range(0, size >> 20, 2):  # every other MiB
            f.seek(mib << 20)
            f.write(b''.join(block(r, pool) for _ in range(256)))

def connect(path):
    """A socket may be there a moment before somebody listens at it."""
    for left in range(100, -1, -1):
        s = socket.socket(socket.AF_UNIX)
        try:
            s.connect(path)
            return s
        except OSError:
            s.close()
            if not left: raise
            time.sleep(0.1)

class Nbd:
    def __init__(self, where):
        path, export = where.split('#')
        self.s = connect(path)
        self.get(18)
        self.s.sendall(struct.pack('>I', 3) + b'IHAVEOPT' + struct.pack('>II', 1, len(export)) + export.encode())
        self.get(10)
    def get(self, n):
        got = b''
        while len(got) < n:
            more = self.s.recv(n - len(got))
            if not more: raise OSError('the server hung up')
            got += more
        return got
    def command(self, kind, offset, length, data=b''):
        self.s.sendall(struct.pack('>IHHQQI', 0x25609513, 0, kind, 1, offset, length) + data)
        magic, error, _ = struct.unpack('>IIQ', self.get(16))
        if magic != 0x67446698 or error: raise OSError('NBD error %d' % error)
    def pwrite(self, data, offset): self.command(1, offset, len(data), data)
    def close(self):
        self.command(3, 0, 0)
        self.s.sendall(struct.pack('>IHHQQI', 0x25609513, 0, 2, 1, 0, 0))
        self.s.close()

class Plain:
    def __init__(self, path): self.f = os.open(path, os.O_RDWR)
    def pwrite(self, data, offset): os.pwrite(self.f, data, offset)
    def close(self): os.fsync(self.f); os.close(self.f)

def writer(target): return Nbd(target) if '#' in target else Plain(target)

def copy(path, target):
    out = writer(target)
    with open(path, 'rb') as f:
        at = 0
        while data := f.read(1 << 20):
            if data.count(0) != len(data): out.pwrite(data, at)
            at += len(data)
    out.close()

def dirty(target, size, turn):
    r, pool = words(1)
    r.seed(100 + turn)
    out = writer(target)
    for _ in range(size // 4096 // 100):
        out.pwrite(block(r, pool), r.randrange(size // 4096) * 4096)
    out.close()

def ticks(pid):
    fields = open(f'/proc/{pid}/stat').read().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')

def measure(row, tool, pid, command):
    servers = ticks(pid) if pid != '-' else 0
    start = time.monotonic()
    subprocess.run(command, check=True, stdout=sys.stderr)
    seconds = time.monotonic() - start
    mine = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = mine.ru_utime + mine.ru_stime + (ticks(pid) - servers if pid != '-' else 0)
    with open('rows.txt', 'a') as f: print(row, tool, seconds, cpu, sep='\t', file=f)

def qmp(path, commands):
    """Sends commands in turn; waits for each job that one begins."""
    s = connect(path)
    f = s.makefile('rw')
    f.readline()
    def call(name, arguments={}):
        f.write(json.dumps({'execute': name, 'arguments': arguments}) + '\n'); f.flush()
        while True:
            answer = json.loads(f.readline())
            if 'error' in answer: raise OSError(f"{name}: {answer['error']['desc']}")
            if 'return' in answer: return answer['return']
    call('qmp_capabilities')
    for text in commands:
        name, arguments = json.loads(text)
        call(name, arguments)
        if 'job-id' in arguments:
            while True:
                job = [j for j in call('query-jobs') if j['id'] == arguments['job-id']][0]
                if job['status'] == 'concluded':
                    if 'error' in job: raise OSError(job['error'])
                    call('job-dismiss', {'id': job['id']})
                    break
                time.sleep(0.01)

def table(home, rounds, size, missing):
    import collections, datetime, platform, statistics
    commit = subprocess.run(['git', '-C', home, 'describe', '--always', '--dirty', '--exclude', '*'], capture_output=True, text=True).stdout.strip()
    cpu = next(line.split(':')[1].strip() for line in open('/proc/cpuinfo') if line.startswith('model name'))
    rows = collections.defaultdict(lambda: collections.defaultdict(list))
    for line in open('rows.txt'):
        row, tool, seconds, cpus = line.rstrip('\n').split('\t')
        rows[row][tool].append((float(seconds), float(cpus)))
    stored = collections.defaultdict(lambda: collections.defaultdict(list))
    if os.path.exists('stored.txt'):
        for line in open('stored.txt'):
            row, tool, count = line.rstrip('\n').split('\t')
            stored[row][tool].append(int(count))
    print('# Snapshots beside qcow2 with a dirty bitmap, restic and borg\n')
    print(f'- date: {datetime.datetime.now(datetime.UTC):%Y-%m-%dT%H:%M:%SZ}, commit: {commit}')
    print(f'- processor: {cpu}, {os.cpu_count()} cores; kernel {platform.release()}; load average at the end {os.getloadavg()[0]:.1f}')
    print(f'- command: `ROUNDS={rounds} SIZE_MIB={int(size) >> 20} bench/snapshots/rivals.sh`; half of the image is written; {rounds} rounds in turn, each with a new store')
    print('- median (lowest to highest); CPU of the command and of the server it asks; what is stored for Firn leaves out pages and indexes, '
          'which are under 1 %; files that a restore makes are synced within its time')
    if missing.strip(): print(f'- not measured, for it is not installed: {missing.strip()}')
    for row, tools in rows.items():
        print(f'\n## {row}\n\n| tool | seconds | CPU seconds | stored MiB |\n|---|---|---|---|')
        for tool, values in tools.items():
            times = [v[0] for v in values]
            kept = stored[row][tool]
            print(f'| {tool} | {statistics.median(times):.2f} ({min(times):.2f} to {max(times):.2f}) '
                  f'| {statistics.median(v[1] for v in values):.2f} | {statistics.median(kept) / 2**20:,.0f} |' if kept else
                  f'| {tool} | {statistics.median(times):.2f} ({min(times):.2f} to {max(times):.2f}) '
                  f'| {statistics.median(v[1] for v in values):.2f} | |')

act, rest = sys.argv[1], sys.argv[2:]
if act == 'make': make(rest[0], int(rest[1]))
elif act == 'copy': copy(*rest)
elif act == 'dirty': dirty(rest[0], int(rest[1]), int(rest[2]))
elif act == 'measure': measure(rest[0], rest[1], rest[2], rest[3:])
elif act == 'qmp': qmp(rest[0], rest[1:])
elif act == 'table': table(*rest)
P

measure() { python3 tool.py measure "$@"; }
stored() { printf '%s\t%s\t%s\n' "$@" >> stored.txt; } # row, tool, bytes
used() { du -sB1 "$@" | awk '{ n += $1 } END { print n }'; }
await() { for _ in $(seq 600); do [ -S "$1" ] && return; sleep 0.05; done; echo "nothing listens at $1" >&2; exit 1; }
end_server() { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; server=; }
full='Full backup' incremental='Incremental, 1 % of 4 KiB blocks written at random' restore='Restore of the last to a file'
as_volume='Restore of the last to a volume, everything in'

firn_round() {
  rm -rf firn firn.raw
  local port endpoint id
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  endpoint=http://127.0.0.1:$port
  "$home/firn" volume create disk --size "$size" --data firn > /dev/null
  "$home/firn" serve --data firn --port "$port" --nbd-socket "$scratch/firn.sock" > firn.log 2>&1 &
  server=$!
  await firn.sock
  python3 tool.py copy image.raw firn.sock#disk
  sync
  measure "$full" Firn "$server" "$home/firn" snapshot create disk --wait --endpoint $endpoint
  last() { "$home/firn" snapshot ls --json --endpoint $endpoint | python3 -c "
import json, sys
print(sorted(json.load(sys.stdin), key=lambda s: s['started'])[-1]['$1'])"; }
  stored "$full" Firn "$(last incrementalBytes)"
  python3 tool.py dirty firn.sock#disk "$size" "$1"
  sync
  measure "$incremental" Firn "$server" "$home/firn" snapshot create disk --wait --endpoint $endpoint
  stored "$incremental" Firn "$(last incrementalBytes)"
  id=$(last id)
  sync
  measure "$restore" Firn "$server" sh -c "'$home/firn' snapshot export $id firn.raw --endpoint $endpoint && sync firn.raw"
  cmp firn.raw dirty.raw
  measure "$as_volume" Firn "$server" "$home/firn" snapshot restore "$id" copy --fast --endpoint $endpoint
  end_server
  rm -rf firn firn.sock firn.raw
}

qcow2_round() {
  rm -f disk.qcow2 full.qcow2 inc.qcow2 qemu.raw
  qemu-img convert -O qcow2 image.raw disk.qcow2
  qemu-img bitmap --add -g 65536 disk.qcow2 day
  qemu-img create -q -f qcow2 full.qcow2 "$size"
  qemu-storage-daemon --blockdev driver=file,node-name=file,filename=disk.qcow2 --blockdev driver=qcow2,node-name=disk,file=file \
    --nbd-server addr.type=unix,addr.path="$scratch/qemu.sock" --export type=nbd,id=e,node-name=disk,name=disk,writable=on \
    --chardev socket,path="$scratch/qmp.sock",server=on,wait=off,id=c --monitor chardev=c > qemu.log 2>&1 &
  server=$!
  await qmp.sock
  local target='"driver":"qcow2","node-name":"%s","file":{"driver":"file","filename":"%s.qcow2"}'
  sync
  # shellcheck disable=SC2059
  measure "$full" 'qcow2 + bitmap' "$server" sh -c "python3 tool.py qmp qmp.sock '[\"blockdev-add\", {$(printf "$target" full full)}]' \
    '[\"blockdev-backup\", {\"job-id\":\"f\",\"device\":\"disk\",\"target\":\"full\",\"sync\":\"full\",\"auto-dismiss\":false}]' \
    '[\"blockdev-del\", {\"node-name\":\"full\"}]' && sync full.qcow2"
  stored "$full" 'qcow2 + bitmap' "$(used full.qcow2)"
  qemu-img create -q -f qcow2 -b full.qcow2 -F qcow2 inc.qcow2
  python3 tool.py dirty qemu.sock#disk "$size" "$1"
  sync
  # shellcheck disable=SC2059
  measure "$incremental" 'qcow2 + bitmap' "$server" sh -c "python3 tool.py qmp qmp.sock '[\"blockdev-add\", {$(printf "$target" inc inc)}]' \
    '[\"blockdev-backup\", {\"job-id\":\"i\",\"device\":\"disk\",\"target\":\"inc\",\"sync\":\"bitmap\",\"bitmap\":\"day\",\"bitmap-mode\":\"on-success\",\"auto-dismiss\":false}]' \
    '[\"blockdev-del\", {\"node-name\":\"inc\"}]' && sync inc.qcow2"
  stored "$incremental" 'qcow2 + bitmap' "$(used inc.qcow2)"
  end_server
  sync
  measure "$restore" 'qcow2 + bitmap' - sh -c 'qemu-img convert -O raw inc.qcow2 qemu.raw && sync qemu.raw'
  cmp qemu.raw dirty.raw
  rm -f disk.qcow2 full.qcow2 inc.qcow2 qemu.raw qemu.sock qmp.sock
}

restic_round() {
  rm -rf restic restic-cache restored
  restic init -q -r restic
  cp --sparse=always image.raw day.raw
  sync
  measure "$full" restic - restic backup -q -r restic day.raw
  stored "$full" restic "$(used restic)"
  local before
  before=$(used restic)
  python3 tool.py dirty day.raw "$size" "$1"
  sync
  measure "$incremental" restic - restic backup -q -r restic day.raw
  stored "$incremental" restic "$(($(used restic) - before))"
  sync
  measure "$restore" restic - sh -c 'restic restore -q -r restic latest --target restored && find restored -name day.raw -exec sync {} +'
  cmp "$(find restored -name day.raw)" dirty.raw
  rm -rf restic restic-cache restored day.raw
}

borg_round() {
  rm -rf borg borg-base restored
  mkdir restored
  borg init -e none borg
  cp --sparse=always image.raw day.raw
  sync
  measure "$full" borg - borg create --compression lz4 borg::one day.raw
  stored "$full" borg "$(used borg)"
  local before
  before=$(used borg)
  python3 tool.py dirty day.raw "$size" "$1"
  sync
  measure "$incremental" borg - borg create --compression lz4 borg::two day.raw
  stored "$incremental" borg "$(($(used borg) - before))"
  sync
  measure "$restore" borg - sh -c 'cd restored && borg extract --sparse ../borg::two && sync day.raw'
  cmp restored/day.raw dirty.raw
  rm -rf borg borg-base restored day.raw
}

missing=
tools=
for tool in ${TOOLS:-firn qcow2 restic borg}; do
  case $tool in
    qcow2) needed='qemu-img qemu-storage-daemon' ;;
    firn) needed=python3 ;;
    *) needed=$tool ;;
  esac
  for one in $needed; do
    if ! command -v "$one" > /dev/null; then
      echo "$tool is left out: $one is not installed" >&2
      missing="$missing $tool"
      continue 2
    fi
  done
  tools="$tools $tool"
done
: > rows.txt
"$home/firn" --version >&2
python3 tool.py make image.raw "$size"
for round in $(seq "$rounds"); do
  cp --sparse=always image.raw dirty.raw
  python3 tool.py dirty dirty.raw "$size" "$round"
  for tool in $tools; do "${tool}_round" "$round"; done
done
python3 tool.py table "$home" "$rounds" "$size" "$missing"
