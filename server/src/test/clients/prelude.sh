# Sourced by every client script. Each is called as
#   NAME.sh ENDPOINT ACCESS_KEY SECRET_KEY [CA_BUNDLE]
# and leaves with 0 when the client saw exactly what it should have, 77 when the client is not on this machine, 1 with
# the difference otherwise. A script makes its own bucket, works in its own folder and removes both.
set -euo pipefail

[ $# -ge 3 ] || { echo "usage: $0 ENDPOINT ACCESS_KEY SECRET_KEY [CA_BUNDLE]" >&2; exit 2; }
ENDPOINT=${1%/}
ACCESS=$2
SECRET=$3
CA=${4:-}
HOST=${ENDPOINT#*://}
SCRIPT=$(realpath "$0")
NAME=$(basename "$0" .sh)
BUCKET="$NAME-$$-$RANDOM"
WORK=$(mktemp -d "${TMPDIR:-/tmp}/firn-$NAME.XXXXXX")
STEP=start

# A shim of pyenv starts a handful of shells for each call, and costs as much as the client behind it.
if command -v pyenv >/dev/null 2>&1; then PATH=$(dirname "$(pyenv which python3)"):$PATH; fi

# Nothing of the caller's own set-up may leak in.
unset AWS_PROFILE AWS_SESSION_TOKEN AWS_SECURITY_TOKEN AWS_ENDPOINT_URL AWS_ENDPOINT_URL_S3 AWS_CA_BUNDLE
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY all_proxy
export HOME=$WORK/home AWS_CONFIG_FILE=$WORK/home/aws-config AWS_SHARED_CREDENTIALS_FILE=$WORK/home/aws-credentials
export AWS_ACCESS_KEY_ID=$ACCESS AWS_SECRET_ACCESS_KEY=$SECRET AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
export AWS_EC2_METADATA_DISABLED=true AWS_MAX_ATTEMPTS=1 AWS_PAGER=
mkdir -p "$HOME"
[ -z "$CA" ] || export AWS_CA_BUNDLE=$CA

leave() { :; } # a script puts its own clean-up here: unmount, for example
finish() {
  local code=$?
  set +e
  leave
  [ $code = 0 ] || [ $code = 77 ] || echo "$NAME: FAILED at: $STEP (exit $code)" >&2
  cd /
  rm -rf "$WORK"
  exit $code
}
trap finish EXIT
cd "$WORK"

step() { STEP=$*; echo "-- $*"; }
fail() { echo "$NAME: $*" >&2; exit 1; }
need() { command -v "$1" >/dev/null 2>&1 || { echo "$NAME: $1 is not on this machine"; exit 77; }; }

# bytes COUNT FILE: the same pseudo-random content each time for the same count and file name.
bytes() {
  mkdir -p "$(dirname "$2")"
  head -c "$1" /dev/zero | openssl enc -aes-128-ctr -nosalt -K "$(printf '%032x' "$1")" \
    -iv "$(printf '%s' "$2" | cksum | awk '{printf "%032x", $1}')" >"$2"
}
# slice FILE OFFSET COUNT OUT
slice() { head -c $(($2 + $3)) "$1" | tail -c "$3" >"$4"; }
same() { cmp "$1" "$2" || fail "$1 and $2 differ"; }
same_tree() { diff -r "$1" "$2" || fail "trees $1 and $2 differ"; }
same_text() { [ "$1" = "$2" ] || fail "expected: $1
     got: $2"; }
# refused TEXT COMMAND...: the command must fail, and say TEXT.
refused() {
  local expected=$1 out; shift
  if out=$("$@" 2>&1); then fail "must be refused with $expected: $*
$out"; fi
  case $out in *"$expected"*) ;; *) fail "must be refused with $expected: $*
$out" ;; esac
}
# A tree with what trips clients: empty files, deep folders, blanks, plus signs, percent signs, non-ASCII names.
tree() {
  bytes 0 "$1/empty"
  bytes 1 "$1/one byte"
  bytes 4096 "$1/a+b&c=d%20e"
  bytes 65537 "$1/deep/er/and/deeper/file.bin"
  bytes 1000003 "$1/überraschung/日本語 ✓.txt"
  bytes 17825792 "$1/large.bin"
  local i; for i in $(seq 1 40); do bytes $((i * 37)) "$1/many/f-$i"; done
}
# signed CURL-ARGUMENTS...: a request signed by curl (7.86 or newer)
signed() {
  request --aws-sigv4 aws:amz:us-east-1:s3 --user "$ACCESS:$SECRET" -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' "$@"
}
request() { curl -sS ${CA:+--cacert "$CA"} "$@"; }
