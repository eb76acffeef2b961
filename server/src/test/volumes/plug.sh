#!/usr/bin/env bash
# Work on volumes while the server is killed: plug.sh SOCKET FOLDER load|check
#
# "load" mounts volume "files" as ext4 (nbdfuse, loop), starts PostgreSQL on it, writes files with fsync and runs pgbench; beside it blocks are
# written to volume "disk" and fio writes to volume "verified". It creates FOLDER/running once all that is under way, and goes on until the
# server is gone, which it must survive.
# "load" and "check" first look at what the kill before has left: every acknowledged block, fio's checksums, the journal's and PostgreSQL's
# recovery, pgbench's books and every transaction it saw committed, every file that was synced; "check" also that e2fsck finds nothing.
# Without root, FUSE or PostgreSQL that part is left out.
set -euo pipefail
socket=$1
folder=$2
phase=$3
here=$(cd "$(dirname "$0")" && pwd)
cd "$folder"
chmod 711 "$folder" # PostgreSQL runs as its own user
step() { printf -- '-- %s\n' "$*"; }
uri() { printf 'nbd+unix:///%s?socket=%s' "$1" "$socket"; }
pg=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1 || true)
can_mount=$([ "$(id -u)" = 0 ] && [ -e /dev/fuse ] && echo yes || echo no)
can_pg=$([ -n "$pg" ] && id postgres >/dev/null 2>&1 && echo "$can_mount" || echo no)
as_pg() { setpriv --reuid postgres --regid postgres --init-groups env HOME="$folder" "$@"; }
psql() { as_pg "$pg/psql" -h "$folder/pgrun" -XAtq -v ON_ERROR_STOP=1 "$@" postgres; }

# The Python that Debian puts python3-libnbd beside, whatever else PATH has.
acknowledged() { /usr/bin/python3 "$here/acknowledged.py" "$1" "$(uri disk)" acknowledged.json "$2"; }

# Leaves no mount behind when something fails.
tidy() {
  mountpoint -q mnt && umount -l mnt
  losetup -j fuse/disk 2>/dev/null | cut -d: -f1 | xargs -r losetup -d
  mountpoint -q fuse && fusermount3 -uz fuse
  true
}
trap tidy EXIT

check_blocks() {
  [ -e acknowledged.json ] || return 0
  step "blocks: what was acknowledged before the kill"
  acknowledged check 0
}

# Every 4 KiB that fio writes say where they belong and carry a CRC-32C, and the volume is filled with such before the first kill: so whenever
# it is looked at all of it must be whole blocks, each of some write, and never a mix; acknowledged.py tells of which. A pattern, because fio
# takes random content for right only in the order it wrote it.
fio_args=(--name=verified --ioengine=nbd --uri="$(uri verified)" --iodepth=16 --size=64m --thread --verify=crc32c --verify_interval=4k
  --verify_pattern=%o --verify_state_save=0)

fio_fill() {
  fio "${fio_args[@]}" --rw=write --bs=64k --do_verify=0 --end_fsync=1 >fio.fill.log 2>&1 || { tail -20 fio.fill.log; exit 1; }
}

check_fio() {
  [ -e fio.fill.log ] || return 0
  step "fio: every block carries its checksum"
  fio "${fio_args[@]}" --rw=read --bs=64k --verify_fatal=1 >fio.check.log 2>&1 || { tail -20 fio.check.log; exit 1; }
}

attach() {
  mkdir -p fuse mnt
  nbdfuse fuse/disk "$(uri files)" &
  fuse=$!
  for _ in $(seq 100); do [ -e fuse/disk ] && break; sleep 0.1; done
  loop=$(losetup -f --show fuse/disk)
}

detach() {
  losetup -d "$loop"
  for _ in $(seq 50); do losetup -a | grep -q "$loop:" || break; sleep 0.1; done
  fusermount3 -u fuse || { sleep 1; fusermount3 -u fuse; }
  wait "$fuse" || true
}

start_pg() {
  [ "$can_pg" = yes ] || return 0
  mkdir -p pgrun
  chown postgres pgrun
  if [ ! -e mnt/pg ]; then
    mkdir mnt/pg
    chown postgres mnt/pg
    as_pg "$pg/initdb" -D mnt/pg -A trust --no-locale --data-checksums >pgrun/initdb.log
    printf '%s\n' "listen_addresses=''" "unix_socket_directories='$folder/pgrun'" 'shared_buffers=16MB' 'max_wal_size=64MB' >>mnt/pg/postgresql.conf
    sync mnt/pg/postgresql.conf # initdb has synced the rest
  fi
  as_pg "$pg/pg_ctl" -D mnt/pg -l pgrun/server.log -w start >pgrun/start.log || { tail -20 pgrun/server.log; exit 1; }
}

check_pg() {
  [ "$can_pg" = yes ] || return 0
  step "PostgreSQL: recovered, its books are right"
  local sums seen kept
  sums=$(psql -c "select count(distinct s) from (select sum(abalance) s from pgbench_accounts union all select sum(bbalance)
    from pgbench_branches union all select sum(tbalance) from pgbench_tellers union all select coalesce(sum(delta), 0) from pgbench_history) t")
  [ "$sums" = 1 ] || { echo "the sums differ"; exit 1; }
  kept=$(psql -c 'select count(*) from pgbench_history')
  seen=$(cat pgrun/tx.* 2>/dev/null | wc -l)
  echo "$seen transactions were seen committed, $kept are kept"
  [ "$kept" -ge "$seen" ]
  as_pg "$pg/pg_amcheck" -h "$folder/pgrun" --install-missing postgres
}

check_files() {
  [ -e synced ] || return 0
  step "ext4: every file that was synced"
  local name
  while read -r name; do [ "$(cat "mnt/files/$name")" = "file $name" ] || { echo "file $name is gone"; exit 1; }; done <synced
  echo "$(wc -l <synced) files"
}

write_files() {
  local i
  for i in $(seq 100000); do
    printf 'file %s-%s' "$1" "$i" | dd of="mnt/files/$1-$i" conv=fsync status=none 2>/dev/null || return 0
    echo "$1-$i" >>synced
  done
}

check_blocks
check_fio
case $phase in
  load)
    round=$(($(cat round 2>/dev/null || echo 0) + 1))
    echo "$round" >round
    [ "$round" != 1 ] || fio_fill
    if [ "$can_mount" = yes ]; then
      attach
      if [ "$round" = 1 ]; then mkfs.ext4 -q "$loop"; fi
      mount "$loop" mnt
      mkdir -p mnt/files
      check_files
      start_pg
      if [ "$can_pg" = yes ]; then
        if [ "$round" = 1 ]; then as_pg "$pg/pgbench" -h "$folder/pgrun" -i -q -s 2 postgres >pgrun/init.log 2>&1; else check_pg; fi
        as_pg "$pg/pgbench" -h "$folder/pgrun" -c 4 -T 120 -n -l --log-prefix="$folder/pgrun/tx.$round" postgres >pgrun/pgbench.log 2>&1 &
        bench=$!
      fi
      write_files "$round" &
      writer=$!
    fi
    step "work until the server is gone (round $round)"
    acknowledged write "$round" &
    blocks=$!
    fio "${fio_args[@]}" --rw=randwrite --bssplit=4k/70:16k/20:64k/10 --blockalign=4k --norandommap --randseed="$round" --io_size=1t \
      --rate_iops=2000 --do_verify=0 >fio.write.log 2>&1 &
    fio=$!
    sleep 1
    kill -0 "$blocks" "$fio"
    touch running
    wait "$blocks"
    kill -KILL "$fio" 2>/dev/null || true # it may spin on the dead connection
    wait "$fio" || true
    rm running
    if [ "$can_mount" = yes ]; then
      wait "$writer" || true
      if [ "$can_pg" = yes ]; then
        wait "$bench" || true
        as_pg "$pg/pg_ctl" -D mnt/pg -m immediate -w stop >/dev/null 2>&1 || true
      fi
      umount mnt || { sleep 1; umount mnt; }
      detach
    fi
    ;;
  check)
    if [ "$can_mount" = yes ]; then
      attach
      mount "$loop" mnt
      check_files
      start_pg
      check_pg
      if [ "$can_pg" = yes ]; then as_pg "$pg/pg_ctl" -D mnt/pg -m fast -w stop >/dev/null; fi
      umount mnt
      step "e2fsck"
      e2fsck -fn "$loop" >fsck.log 2>&1 || { cat fsck.log; exit 1; }
      detach
    fi
    ;;
esac
printf 'OK\n'
