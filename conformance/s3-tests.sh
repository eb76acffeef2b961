#!/usr/bin/env bash
# Runs the public suite ceph/s3-tests against Firn and reports by family.
#
#   conformance/s3-tests.sh --suite DIR [--endpoint URL [--ca PEM]] [--python PYTHON] [--workers N] [--only EXPRESSION]
#                           [--expected FILE] [--report FILE] [--update FILE] [--all]
#
# --suite     a clone of the suite, kept outside this repository; none of its code is in here
# --endpoint  a running server, with FIRN_ROOT_ACCESS_KEY and FIRN_ROOT_SECRET_KEY in the environment; without it a server is
#             started for the run on a free port with an empty folder, one S3 day lasting ten seconds, and stopped afterwards
# --python    a python that has the suite's needs; without it a virtual environment is made once under ~/.cache/firn
# --only      a pytest -k expression
# --expected  the functions that must pass: one that does not ends the run with 1
# --report    where the Markdown report goes (default: printed)
# --update    writes the passed functions of the covered families there: a new expected file
# --all       runs the families of later issues too; without it only the covered ones
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
firn=${FIRN_COMMAND:-$here/../firn} # may hold arguments
suite= endpoint= ca= python= workers=3 only= expected= report= update= all=
while [ $# -gt 0 ]; do
  case $1 in
    --suite) suite=$2 ;; --endpoint) endpoint=${2%/} ;; --ca) ca=$2 ;; --python) python=$2 ;; --workers) workers=$2 ;; --only) only=$2 ;;
    --expected) expected=$(realpath "$2") ;; --report) report=$(realpath -m "$2") ;; --update) update=$(realpath -m "$2") ;;
    --all) all=1; shift; continue ;;
    *) sed -n '2,17p' "$0" | cut -c3-; exit 2 ;;
  esac
  shift 2
done
suite=$(realpath "${suite:-${S3_TESTS_DIR:-.}}")
[ -f "$suite/s3tests/functional/test_s3.py" ] || { echo "no s3tests/functional/test_s3.py in $suite: clone ceph/s3-tests and pass --suite DIR" >&2; exit 2; }

work=$(mktemp -d "${TMPDIR:-/tmp}/firn-s3-tests.XXXXXX")
server=
finish() {
  local code=$?
  if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi
  rm -rf "$work"
  exit $code
}
trap finish EXIT

if [ -z "$python" ]; then
  python=${XDG_CACHE_HOME:-$HOME/.cache}/firn/s3-tests-venv/bin/python
  if ! "$python" -c 'import boto3, pytest, xdist, isodate, requests, pytz, httplib2, lxml, yaml' 2>/dev/null; then
    echo "== making ${python%/bin/python}"
    python3 -m venv "${python%/bin/python}"
    "$python" -m pip install -q --retries 1 --timeout 15 pytest pytest-xdist pytest-timeout boto3 isodate requests pytz httplib2 lxml PyYAML 2>"$work/pip.log" \
      || { cat "$work/pip.log"; exit 1; }
  fi
fi
# The suite uses munch only as a dictionary with attributes.
mkdir "$work/shim"
cat >"$work/shim/munch.py" <<'PY'
class Munch(dict):
    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    __setattr__ = dict.__setitem__
    __delattr__ = dict.__delitem__
PY

export FIRN_ROOT_ACCESS_KEY=${FIRN_ROOT_ACCESS_KEY:-FIRNCONFORMANCEROOT} FIRN_ROOT_SECRET_KEY=${FIRN_ROOT_SECRET_KEY:-firnConformanceRootSecretKey0123456789ab}
if [ -z "$endpoint" ]; then
  port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  endpoint=http://127.0.0.1:$port
  $firn serve --data "$work/data" --port "$port" --day 10s >"$work/serve.log" 2>&1 &
  server=$!
  for i in $(seq 300); do
    "$python" -c "import urllib.request; urllib.request.urlopen('$endpoint/_firn/health', timeout=2)" 2>/dev/null && break
    if [ "$i" = 300 ] || ! kill -0 $server 2>/dev/null; then cat "$work/serve.log"; echo "the server did not become ready" >&2; exit 1; fi
    sleep 0.1
  done
fi
hostport=${endpoint#*://}
secure=$([[ $endpoint == https://* ]] && echo True || echo False)

# The users that the fixtures need; on a server that has them already they stay as they are.
user() { # NAME ID ACCESS SECRET EMAIL DISPLAY
  $firn user add "$1" --endpoint "$endpoint" --id "$2" --access-key "$3" --secret-key "$4" --email "$5" --display-name "$6" >"$work/user.log" 2>&1 \
    || grep -qi 'exist\|taken\|already' "$work/user.log" || { cat "$work/user.log"; echo "could not add user $1" >&2; exit 1; }
}
main_id=0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0
alt_id=56789abcdef0123456789abcdef0123456789abcdef0123456789abcdef01234
tenant_id=9876543210abcdef0123456789abcdef0123456789abcdef0123456789abcdef
user s3tests-main "$main_id" S3TESTSMAINACCESSKEY s3testsMainSecretKey0123456789abcdefghij main@s3tests.example "Main Tester"
user s3tests-alt "$alt_id" S3TESTSALTACCESSKEY0 s3testsAltSecretKey0123456789abcdefghijk alt@s3tests.example "Alt Tester"
user s3tests-tenant "$tenant_id" S3TESTSTENANTACCESS0 s3testsTenantSecretKey0123456789abcdefgh tenant@s3tests.example "Tenant Tester"

sed -e "s|@HOST@|${hostport%:*}|; s|@PORT@|${hostport##*:}|; s|@SECURE@|$secure|; s|@VERIFY@|$([ -n "$ca" ] && echo True || echo False)|" \
  -e "s|@MAIN@|$main_id|; s|@ALT@|$alt_id|; s|@TENANT@|$tenant_id|" "$here/s3-tests.conf.template" >"$work/s3-tests.conf"

selection=$("$python" "$here/report.py" select --suite "$suite" --families "$here/families.txt" ${all:+--all})
cd "$suite"
set +e
printf '%s\n' "$selection" | sed 's|^|s3tests/functional/test_s3.py::|' >"$work/tests.txt"
[ -z "$ca" ] || export AWS_CA_BUNDLE=$ca REQUESTS_CA_BUNDLE=$ca
run() { # JUNIT-FILE PYTEST-ARGUMENTS...
  local junit=$1; shift
  env -u AWS_PROFILE S3TEST_CONF="$work/s3-tests.conf" PYTHONPATH="$work/shim" PYTHONDONTWRITEBYTECODE=1 AWS_MAX_ATTEMPTS=1 AWS_EC2_METADATA_DISABLED=true \
    "$python" -m pytest -q -p no:cacheprovider --tb=short --timeout 300 --junitxml "$junit" "$@" >>"$work/pytest.log" 2>&1
}
run "$work/junit.xml" -n "$workers" --dist worksteal ${only:+-k "$only"} "@$work/tests.txt"
pytest=$?
# Some tests look at everything that their user has, and fail beside another worker: what failed is tried once more alone.
"$python" "$here/report.py" failed --junit "$work/junit.xml" | sed 's|^|s3tests/functional/test_s3.py::|' >"$work/again.txt"
[ ! -s "$work/again.txt" ] || run "$work/again.xml" -n 0 "@$work/again.txt"
set -e
[ -f "$work/junit.xml" ] || { tail -40 "$work/pytest.log"; exit 1; }
[ -z "${S3_TESTS_LOG:-}" ] || { cp "$work/pytest.log" "$S3_TESTS_LOG"; cp "$work/junit.xml" "$S3_TESTS_LOG.xml"; }
[ "$pytest" -le 1 ] || { tail -40 "$work/pytest.log"; exit 1; }
cd "$here"
"$python" report.py report --suite "$suite" --families families.txt --junit "$work/junit.xml" --again "$work/again.xml" --exceptions exceptions.txt \
  ${only:+--partial} ${expected:+--expected "$expected"} ${report:+--report "$report"} ${update:+--update "$update"}
