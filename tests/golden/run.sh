#!/bin/sh
# Golden tests: run.sh SMBSCOPE [CASE...]; UPDATE=1 writes what comes out as what is wanted.
# CASE.cmd is a command line for sh; $SMBSCOPE is the program, $PCAPS the captures, $TMP a folder of the case's own;
# CASE.out is what it prints, both streams, and the exit status.  Lines of CASE.cmd that begin with # say what it shows.
set -u
here=$(cd "$(dirname "$0")" && pwd)
SMBSCOPE=$(realpath "${1:?usage: run.sh SMBSCOPE [CASE...]}"); shift
PCAPS=$(cd "$here/../pcaps" && pwd)
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
export SMBSCOPE PCAPS
export LC_ALL=C.UTF-8 TZ=UTC HOME="$work/home" XDG_CACHE_HOME="$work/cache"
mkdir -p "$work/home" "$work/cache"

[ $# -gt 0 ] || set -- $(cd "$here" && ls ./*.cmd | sed 's,^\./,,; s,\.cmd$,,')
passed=0 failed=0
for c; do
	TMP=$work/$c
	export TMP
	mkdir -p "$TMP"
	if [ ! -f "$here/$c.cmd" ]; then
		echo "golden: no case $c"; failed=$((failed + 1))
		continue
	fi
	(cd "$TMP" && sh "$here/$c.cmd" < /dev/null; echo "exit $?") > "$work/out" 2>&1
	# Paths of this machine and the version are none of the test's.
	sed -e 's,creator="smbscope/[^"]*",creator="smbscope",' -e "s,$TMP,TMP,g" -e "s,$PCAPS,PCAPS,g" -e "s,$SMBSCOPE,smbscope,g" "$work/out" > "$work/$c.out"
	if [ -n "${UPDATE:-}" ]; then
		cmp -s "$work/$c.out" "$here/$c.out" || { cp "$work/$c.out" "$here/$c.out"; echo "golden: $c written"; }
		passed=$((passed + 1))
	elif diff -u "$here/$c.out" "$work/$c.out" > "$work/diff" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "golden: $c differs (UPDATE=1 tests/golden/run.sh SMBSCOPE $c makes it anew)"
		head -30 "$work/diff"
	fi
done
echo "golden: $passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
