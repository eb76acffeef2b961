#!/bin/sh
# Every bar that Firn sets itself, each with the command of its row, on this machine and nothing else running. Prints Markdown:
#   bench/bars.sh > bench/results/bars.md
# Needs: what bench/rivals/rivals.sh needs, fio, openssl. About twenty minutes, most of them for five million objects. By environment:
#   SECONDS_EACH=6   of each measurement      ROUNDS=5      WORK=bench/target/bars   (on the disk to measure; up to 10 GB)
#   ONLY="library puts large list crash idle start rivals"      MANY=5000000   objects of the large listing
# Every process started here is ended here, by its id.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/.." && pwd)
work=${WORK:-$root/bench/target/bars}
each=${SECONDS_EACH:-6}
rounds=${ROUNDS:-5}
only=${ONLY:-"library puts large list crash idle start rivals"}
many=${MANY:-5000000}
port=19010
endpoint=http://127.0.0.1:$port
export AWS_ACCESS_KEY_ID=bench AWS_SECRET_ACCESS_KEY=bench-secret-key
export FIRN_ROOT_ACCESS_KEY=$AWS_ACCESS_KEY_ID FIRN_ROOT_SECRET_KEY=$AWS_SECRET_ACCESS_KEY

server=
finish() { [ -z "$server" ] || kill "$server" 2>/dev/null || true; }
trap finish EXIT
trap 'exit 2' INT TERM

now() { date +%s%N; }

serve() { # data folder; sets server and ready_millis
  begun=$(now)
  "$root/firn" serve --data "$1" --port $port > "$work/server.log" 2>&1 &
  server=$!
  until curl -s -o /dev/null -f $endpoint/_firn/health; do
    kill -0 $server || { tail -5 "$work/server.log" >&2; exit 2; }
    sleep 0.02
  done
  ready_millis=$((($(now) - begun) / 1000000))
}

stop() { kill "$server"; wait "$server" 2>/dev/null || true; server=; }

s3() { "$root/firn" bench s3 --endpoint $endpoint "$@" 2>/dev/null; }

# The rate in a table that firn bench s3 printed: column 3 requests/s, 4 MiB/s, 5 keys/s.
column() { awk -F'|' -v c="$1" '/^\| http/ { split($c, a, " "); gsub(",", "", a[1]); print a[1] }'; }

median() { sort -n | awk '{ v[NR] = $1 } END { m = int((NR + 1) / 2); printf "%.2f (%.2f to %.2f)", v[m], v[1], v[NR] }'; }

# A table of rounds: what, unit, then "ours theirs" a line on standard input.
ratio() {
  tee "$work/rounds" | awk '{ print $1 / $2 }' | median > "$work/ratio"
  printf '| %s | %s | %s | %s |\n' "$1" "$(awk '{ print $1 }' "$work/rounds" | median)" \
    "$(awk '{ print $2 }' "$work/rounds" | median)" "$(cat "$work/ratio")"
}

fio_rate() { # iops or bw_bytes, then fio's arguments
  field=$1; shift
  fio --name=disk --directory="$work" --ioengine=psync --unlink=1 --output-format=json "$@" |
    awk -F'[:,]' -v f="\"$field\"" '/"write" :/ { w = 1 } w && index($1, f) { print $2 + 0; exit }'
}

mkdir -p "$work"
printf '# The bars\n\n'
"$root/firn" bench environment
printf -- '- command: `bench/bars.sh`, %s s each, %s rounds in turn; load average at the start: %s\n' \
  "$each" "$rounds" "$(cut -d' ' -f1 /proc/loadavg)"
printf -- '- Firn with 512 MiB of heap, one zone; median (lowest to highest)\n'

for bar in $only; do
  case $bar in
    library)
      printf '\n## The library: puts at least 8 times write + fdatasync and half of unsynced puts; listing at least 225,000 keys/s\n\n'
      "$root/firn" bench library --data "$work/library" --seconds "$each" --rounds "$rounds" --keys "100000,$many" 2>/dev/null |
        sed -n '/^- command/p; /^|/p'
      ;;
    puts)
      printf '\n## Puts of 4 KiB over signed HTTP, 64 connections: at least 2 times one thread that writes and syncs\n\n'
      rm -rf "$work/puts"
      serve "$work/puts"
      s3 --op put --size 4KiB --concurrency 64 --warmup 20s --duration 1s > /dev/null
      printf '| what | Firn (1/s) | fio 4 KiB write + fdatasync (1/s) | times |\n|---|---|---|---|\n'
      for round in $(seq "$rounds"); do
        theirs=$(fio_rate iops --rw=write --bs=4k --fdatasync=1 --size=64m --time_based --runtime="$each")
        ours=$(s3 --op put --size 4KiB --concurrency 64 --warmup 1s --duration "${each}s" | column 3)
        echo "$ours $theirs"
      done | ratio 'PUT 4 KiB, durable'
      stop
      ;;
    large)
      printf '\n## PUT of 64 MiB, 4 connections: at least 80 %% of the slower of one core of MD5 and the disk\n\n'
      rm -rf "$work/large"
      serve "$work/large"
      s3 --op put --size 64MiB --concurrency 4 --objects 8 --warmup 10s --duration 1s > /dev/null
      md5=$(openssl speed -seconds 2 -bytes 1048576 -evp md5 2>/dev/null | awk 'tolower($1) == "md5" { printf "%.0f", $2 * 1000 / 1048576 }')
      printf 'MD5 on one core (openssl): %s MiB/s\n\n' "$md5"
      printf '| what | Firn (MiB/s) | the slower of MD5 and fio 1 MiB writes + fsync at the end (MiB/s) | times |\n|---|---|---|---|\n'
      for round in $(seq "$rounds"); do
        disk=$(fio_rate bw_bytes --rw=write --bs=1m --size=1g --end_fsync=1 | awk '{ printf "%.0f", $1 / 1048576 }')
        ours=$(s3 --op put --size 64MiB --concurrency 4 --objects 8 --warmup 1s --duration "${each}s" | column 4)
        echo "$ours $disk $md5" | awk '{ print $1, ($2 < $3 ? $2 : $3) }'
      done | ratio 'PUT 64 MiB, durable'
      stop
      rm -rf "$work/large"
      ;;
    list)
      printf '\n## Listing over HTTP, pages of 1,000, 4 connections: at least 100,000 keys/s, whatever the number of keys\n\n'
      printf '| keys in the bucket | keys/s |\n|---|---|\n'
      for keys in 100000 "$many"; do
        "$root/firn" bench library --data "$work/library" --no-puts --rounds 1 --seconds 1 --keys "$keys" > /dev/null 2>&1
        serve "$work/library/keys-$keys"
        s3 --op list --size 16B --objects "$keys" --concurrency 4 --warmup 10s --duration 1s > /dev/null
        printf '| %s | %s |\n' "$keys" "$(for round in $(seq "$rounds"); do
          s3 --op list --size 16B --objects "$keys" --concurrency 4 --warmup 1s --duration "${each}s" | column 5
        done | median)"
        stop
      done
      ;;
    crash)
      printf '\n## kill -9 with a million objects: ready in under 2 s\n\n'
      "$root/firn" bench library --data "$work/library" --no-puts --rounds 1 --seconds 1 --keys 1000000 > /dev/null 2>&1
      serve "$work/library/keys-1000000"
      printf '| start | ready after (ms) |\n|---|---|\n| after a clean stop | %s |\n' "$ready_millis"
      for round in $(seq "$rounds"); do
        s3 --op put --size 4KiB --concurrency 64 --warmup 0s --duration 4s > /dev/null &
        load=$!
        sleep 3
        kill -9 "$server"
        wait "$server" 2>/dev/null || true
        wait "$load" 2>/dev/null || true
        serve "$work/library/keys-1000000"
        echo "$ready_millis"
      done > "$work/starts"
      printf '| after kill -9 under puts | %s |\n' "$(median < "$work/starts")"
      stop
      ;;
    idle)
      printf '\n## An idle server: under 200 MiB resident\n\n'
      serve "$work/idle"
      sleep 5
      printf 'VmRSS after 5 s, no requests: %s MiB\n' "$(awk '/^VmRSS/ { printf "%.0f", $2 / 1024 }' /proc/$server/status)"
      stop
      ;;
    start)
      printf '\n## ./firn --version: under 0.5 s\n\n'
      "$root/firn" --version > /dev/null
      printf 'milliseconds: %s\n' "$(for round in $(seq "$rounds"); do
        begun=$(now)
        "$root/firn" --version > /dev/null
        echo $((($(now) - begun) / 1000000))
      done | median)"
      ;;
    rivals)
      DURATION=$((each * rounds))s ROUNDS=$rounds ONLY='hello get-64m' WORK="$work/rivals" "$here/rivals/rivals.sh" |
        sed 's/^# .*//; /^- date/,/^- the first row/d'
      ;;
    *) echo "no bar $bar" >&2; exit 2 ;;
  esac
done
