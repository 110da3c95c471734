#!/bin/sh
# The properties of style.md 3(e) over every capture of tests/pcaps: run.sh BUILD-DIR [CAPTURES]
# UPDATE=1 makes coverage.golden anew.
set -u
here=$(cd "$(dirname "$0")" && pwd)
programs=$(realpath "${1:?usage: run.sh BUILD-DIR [CAPTURES]}")/props
captures=${2:-$here/../pcaps}
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT

"$programs/cut" "$captures" "$here/coverage.golden" > "$tmp/cut" 2>&1 &
cut=$!
"$programs/same" "$captures" > "$tmp/same" 2>&1
same_status=$?
wait $cut
cut_status=$?
cat "$tmp/cut" "$tmp/same"
status=0
[ $cut_status = 0 ] && [ $same_status = 0 ] || status=1
[ $cut_status -le 1 ] || echo "props: cut ended with $cut_status"
[ $same_status -le 1 ] || echo "props: same ended with $same_status"
# A program that died printed no sum: that is a failure, too.
awk -v died=$(( (cut_status > 1) + (same_status > 1) )) '/^props-[a-z]*: [0-9]+ passed, / { p += $2; f += $4 }
	END { printf "props: %d passed, %d failed, 0 skipped\n", p, f + died }' "$tmp/cut" "$tmp/same"
exit $status
