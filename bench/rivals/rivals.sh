#!/bin/sh
# Firn beside its rivals, in turn, on this machine: s3proxy (filesystem-nio2), nginx (static files: the limit for GET) and the static
# hello-world of Firn's own HTTP stack. Prints Markdown; keep it with
#   bench/rivals/rivals.sh > bench/results/rivals.md
# Needs: a built reactor (mvn package), curl, nginx, and Maven once, for s3proxy's jars. Options by environment:
#   DURATION=20s   per operation and side      ROUNDS=5      WORK=bench/target/rivals   (on the disk to measure)
#   ONLY="put-4k get-4k ..."  some of the rows      OBJECTS=10000   of 4 KiB that are gone round
# All servers get 512 MiB of heap. Every process started here is ended here, by its id.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=${WORK:-$root/bench/target/rivals}
duration=${DURATION:-20s}
rounds=${ROUNDS:-5}
only=${ONLY:-"put-4k get-4k get-64m put-64m list hello"}
objects=${OBJECTS:-10000}
firn_port=19000 s3proxy_port=19001 nginx_port=19002 hello_port=
export AWS_ACCESS_KEY_ID=bench AWS_SECRET_ACCESS_KEY=bench-secret-key
export FIRN_ROOT_ACCESS_KEY=$AWS_ACCESS_KEY_ID FIRN_ROOT_SECRET_KEY=$AWS_SECRET_ACCESS_KEY

pids=
finish() {
  for pid in $pids; do kill "$pid" 2>/dev/null || true; done
}
trap finish EXIT
trap 'exit 2' INT TERM

await() { # URL, log
  tries=0
  until curl -s -o /dev/null "$1"; do
    tries=$((tries + 1))
    if [ $tries -gt 120 ]; then echo "nothing listens at $1:" >&2; tail -5 "$2" >&2; exit 2; fi
    sleep 0.5
  done
}

rm -rf "$work"
mkdir -p "$work/s3proxy" "$work/nginx/www/firn-bench" "$work/firn"

# Firn
"$root/firn" --version >&2
"$root/firn" serve --data "$work/firn" --port $firn_port > "$work/firn.log" 2>&1 &
firn_pid=$!
pids="$pids $firn_pid"
await "http://127.0.0.1:$firn_port/_firn/health" "$work/firn.log"
java=$(readlink "/proc/$firn_pid/exe") # the others run on the JDK that Firn found

# s3proxy
[ -d "$here/target/lib" ] || mvn -q -f "$here/pom.xml" dependency:copy-dependencies >&2
cat > "$work/s3proxy.conf" <<END
s3proxy.endpoint=http://127.0.0.1:$s3proxy_port
s3proxy.authorization=aws-v2-or-v4
s3proxy.identity=$AWS_ACCESS_KEY_ID
s3proxy.credential=$AWS_SECRET_ACCESS_KEY
jclouds.provider=filesystem-nio2
jclouds.identity=unused
jclouds.credential=unused
jclouds.filesystem.basedir=$work/s3proxy
END
"$java" -Xmx512m -Dlogback.configurationFile="$here/logback.xml" -cp "$here/target/lib/*" \
  org.gaul.s3proxy.Main --properties "$work/s3proxy.conf" > "$work/s3proxy.log" 2>&1 &
s3proxy_pid=$!
pids="$pids $s3proxy_pid"

# nginx
sed -e "s|@DIR@|$work/nginx|g" -e "s|@PORT@|$nginx_port|" "$here/nginx.conf" > "$work/nginx.conf"
nginx -e "$work/nginx/error.log" -c "$work/nginx.conf" > "$work/nginx.log" 2>&1 &
pids="$pids $!"

# The static hello-world of the same stack
"$java" -Xmx512m --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -cp "$root/bench/target/bench.jar" \
  io.firn.bench.http.ContenderProcess netty-virtual > "$work/hello.log" 2>&1 &
hello_pid=$!
pids="$pids $hello_pid"

await "http://127.0.0.1:$s3proxy_port/" "$work/s3proxy.log"
await "http://127.0.0.1:$nginx_port/" "$work/nginx.log"
until grep -q '^ready' "$work/hello.log"; do
  kill -0 $hello_pid 2>/dev/null || { cat "$work/hello.log" >&2; exit 2; }
  sleep 0.2
done
hello_port=$(sed -n 's/^ready \([0-9]*\).*/\1/p' "$work/hello.log")

versus() { # title, rival's port, rival's pid, arguments of firn bench s3
  title=$1 port=$2 pid=$3
  shift 3
  printf '\n## %s\n\n`firn bench s3 --endpoint http://127.0.0.1:%s --vs http://127.0.0.1:%s %s`\n\n' \
    "$title" $firn_port "$port" "$*"
  # Failed requests are in the table.
  "$java" -jar "$root/bench/target/bench.jar" s3 --endpoint http://127.0.0.1:$firn_port --pid $firn_pid \
    --vs "http://127.0.0.1:$port" --vs-pid "$pid" --duration "$duration" --rounds "$rounds" "$@" || true
}

printf '# Firn beside its rivals\n\n'
"$java" -jar "$root/bench/target/bench.jar" environment
printf -- '- command: `bench/rivals/rivals.sh`; %s per operation and side in %s rounds in turn\n' "$duration" "$rounds"
printf -- '- the first row of each table is Firn; s3proxy and nginx acknowledge a PUT before it is durable, Firn after\n'

for row in $only; do
  case $row in
    put-4k) versus 'PUT 4 KiB, beside s3proxy' $s3proxy_port $s3proxy_pid --op put --size 4KiB --concurrency 64 --objects "$objects" ;;
    get-4k)
      versus 'GET 4 KiB, beside s3proxy' $s3proxy_port $s3proxy_pid --op get --size 4KiB --concurrency 64 --objects "$objects"
      versus 'GET 4 KiB, beside nginx' $nginx_port 0 --op get --size 4KiB --concurrency 64 --objects "$objects"
      ;;
    get-64m)
      versus 'GET 64 MiB, beside nginx' $nginx_port 0 --op get --size 64MiB --concurrency 4 --objects 8
      versus 'GET 64 MiB, beside s3proxy' $s3proxy_port $s3proxy_pid --op get --size 64MiB --concurrency 4 --objects 8
      ;;
    put-64m) versus 'PUT 64 MiB, beside s3proxy' $s3proxy_port $s3proxy_pid --op put --size 64MiB --concurrency 4 --objects 8 ;;
    list) versus 'LIST, beside s3proxy' $s3proxy_port $s3proxy_pid --op list --size 4KiB --concurrency 4 --objects "$objects" ;;
    hello) versus "GET 4 KiB, beside the static hello-world of the same HTTP stack" "$hello_port" $hello_pid \
      --op get --size 4KiB --concurrency 64 --objects "$objects" ;;
    *) echo "no row $row" >&2; exit 2 ;;
  esac
done
