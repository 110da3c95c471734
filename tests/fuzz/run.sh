#!/bin/sh
# Runs each fuzz target over its corpus: run.sh REPLAY-PROGRAM...   (replay_ENTRY reads corpus/ENTRY)
set -u
here=$(cd "$(dirname "$0")" && pwd)
passed=0 failed=0
out=$(mktemp) || exit 2
trap 'rm -f "$out"' EXIT
for program; do
	entry=$(basename "$program")
	entry=${entry#replay_}
	corpus=$here/corpus/$entry
	n=$(ls "$corpus" 2> /dev/null | wc -l)
	if [ "$n" = 0 ]; then
		echo "FAILED $entry: no corpus"
		failed=$((failed + 1))
		continue
	fi
	# All in one program first: one file at a time only to name those that fail.
	if "$program" "$corpus" > "$out" 2>&1 && [ "$(tail -n 1 "$out")" = "replayed $n" ]; then
		passed=$((passed + n))
	else
		bad=0
		for f in "$corpus"/*; do
			"$program" "$f" > "$out" 2>&1 && continue
			bad=$((bad + 1))
			echo "FAILED $entry: $f"
			grep -v "^$corpus" "$out" | head -n 20
		done
		# What fails only among others is a failure, too.
		[ $bad -gt 0 ] || { bad=1; echo "FAILED $entry: all of $corpus in one run"; tail -n 20 "$out"; }
		passed=$((passed + n - bad)) failed=$((failed + bad))
	fi
	printf '  %-28s %s\n' "$entry" "$n"
done
echo "fuzz: $passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
