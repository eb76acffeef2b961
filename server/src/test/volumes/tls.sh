#!/usr/bin/env bash
# NBD over TLS through real clients: tls.sh PORT FOLDER required|selective
# FOLDER/tls holds the client's certificates as GnuTLS clients want them: ca-cert.pem and, for "selective" with client certificates,
# client-cert.pem and client-key.pem. Without PORT, "tls.sh make FOLDER" makes an authority, a server's and a client's certificate.
set -euo pipefail
step() { printf -- '-- %s\n' "$*"; }

if [ "$1" = make ]; then
  mkdir -p "$2/tls" "$2/stranger"
  cd "$2"
  key() { openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2>/dev/null; }
  issue() { # key certificate subject extensions
    openssl req -new -key "$1" -subj "/CN=$3" |
      openssl x509 -req -CA tls/ca-cert.pem -CAkey ca-key.pem -CAcreateserial -days 2 -extfile <(printf '%b' "$4") -out "$2" 2>/dev/null
  }
  for name in ca-key.pem server-key.pem tls/client-key.pem stranger/client-key.pem; do key "$name"; done
  openssl req -x509 -new -key ca-key.pem -subj /CN=authority -days 2 -out tls/ca-cert.pem
  issue server-key.pem server-cert.pem localhost 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n'
  issue tls/client-key.pem tls/client-cert.pem client 'extendedKeyUsage=clientAuth\n'
  openssl req -x509 -new -key stranger/client-key.pem -subj /CN=stranger -days 2 -out stranger/client-cert.pem
  cp tls/ca-cert.pem stranger/
  exit
fi

port=$1
folder=$2
mode=$3
cd "$folder"
plain="nbd://localhost:$port/disk"
secure="nbds://localhost:$port/disk?tls-certificates=$folder/tls"
refused() {
  if "$@" >refused.log 2>&1; then
    printf 'not refused: %s\n' "$*"
    cat refused.log
    exit 1
  fi
}

step nbdinfo
nbdinfo "$secure" | tee info.log | grep -q TLS || { cat info.log; exit 1; }
nbdinfo --list "nbds://localhost:$port/?tls-certificates=$folder/tls" | grep -q 'export="disk"'
step "nbdcopy both ways"
head -c 8M /dev/urandom >source.img
truncate -s 64M source.img
nbdcopy --flush source.img "$secure"
nbdcopy "$secure" back.img
cmp source.img back.img
step "qemu-img compare"
qemu-img compare --object "tls-creds-x509,id=tls,endpoint=client,dir=$folder/tls" --image-opts \
  "driver=nbd,host=localhost,port=$port,export=disk,tls-creds=tls" driver=raw,file.driver=file,file.filename=source.img
step "who is refused"
case $mode in
  required) refused nbdinfo "$plain" ;;
  selective)
    nbdinfo "$plain" >/dev/null
    refused nbdinfo "nbds://localhost:$port/disk?tls-certificates=$folder/stranger"
    ;;
esac
# Nothing that was refused hurt the others.
nbdcopy "$secure" back.img
cmp source.img back.img
printf 'OK\n'
