#!/usr/bin/env bash
# Two volumes of the same content on a server with --snapshot-deduplication: the second snapshot stores next to nothing, and restores byte for
# byte after the first is gone. Takes two more things than the other scripts: in FIRN the firn command, in NBD_SOCKET where the server
# exports volumes. Without them it is skipped.
. "$(dirname "$0")/prelude.sh" "$@"
need jq; need curl; need nbdcopy
[ -n "${FIRN:-}" ] && [ -n "${NBD_SOCKET:-}" ] || { echo "$NAME: FIRN and NBD_SOCKET are not set"; exit 77; }
export FIRN_ROOT_ACCESS_KEY=$ACCESS FIRN_ROOT_SECRET_KEY=$SECRET
firn() { $FIRN "$@" --endpoint "$ENDPOINT"; } # several words: not quoted
uri() { printf 'nbd+unix:///%s?socket=%s' "$1" "$NBD_SOCKET"; }
take() { firn snapshot create "$1" --wait --json | grep -o 'snap-[0-9a-f]*' | head -1; }
stored() { firn snapshot show "$1" --json | jq .storedBytes; }
linked() { request "$ENDPOINT/_firn/metrics" | awk '$1 == "firn_snapshot_linked_bytes_total" {printf "%d", $2}'; }
at_least() { [ "$2" -ge "$3" ] || fail "$1: $2, and not $3 or more"; }
at_most() { [ "$2" -le "$3" ] || fail "$1: $2, and not $3 or less"; }

CONTENT=$((24 << 20))
step two volumes of the same content
bytes $CONTENT content
truncate -s 64M content
for each in one two; do
  firn volume create "$BUCKET-$each" --size 64MiB >/dev/null
  nbdcopy --flush content "$(uri "$BUCKET-$each")"
done

step the second snapshot links to the first
before=$(linked)
first=$(take "$BUCKET-one")
same_text "$before" "$(linked)"
at_least "stored for the first" "$(stored "$first")" $CONTENT
second=$(take "$BUCKET-two")
at_most "stored for the second" "$(stored "$second")" $((CONTENT / 100))
at_least "linked" $(($(linked) - before)) $CONTENT

step the second outlives all that it links to
firn snapshot rm "$first" >/dev/null
for each in one two; do firn volume rm "$BUCKET-$each" >/dev/null; done
refused "$first" firn snapshot show "$first"
sleep 2 # for what nobody needs to be deleted, were it not needed
firn snapshot verify "$second" --full >/dev/null
firn snapshot restore "$second" "$BUCKET-back" >/dev/null
nbdcopy "$(uri "$BUCKET-back")" found
same content found

step nothing in common
bytes $((CONTENT + 1)) other
truncate -s 64M other
nbdcopy --flush other "$(uri "$BUCKET-back")"
third=$(take "$BUCKET-back")
at_least "stored for the third" "$(stored "$third")" $CONTENT
for each in "$second" "$third"; do firn snapshot rm "$each" >/dev/null; done
firn volume rm "$BUCKET-back" >/dev/null
echo "$NAME: all well"
