#!/bin/sh
# Runs the unit test programs named; prints what fails, and the sums of cmocka's counts.
passed=0 failed=0 skipped=0
out=$(mktemp)
trap 'rm -f "$out"' EXIT
for t; do
	"$t" >"$out" 2>&1 || { echo "FAILED $t"; cat "$out"; [ "$(grep -c '^\[  FAILED' "$out")" -gt 0 ] || failed=$((failed + 1)); }
	p=$(grep -c '^\[       OK' "$out")
	f=$(grep -c '^\[  FAILED  \] [a-z]' "$out")
	s=$(grep -c '^\[  SKIPPED \] [a-z]' "$out")
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	printf '  %-28s %s\n' "$(basename "$t")" "$p"
done
echo "unit: $passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
