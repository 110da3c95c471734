# Sourced by the rules: counting, and the root of the tree.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root" || exit 2
rule=$(basename "$0" .sh)
passed=0 failed=0 skipped=0
bad() { failed=$((failed + 1)); echo "$rule: $*"; }
good() { passed=$((passed + 1)); }
skip() { skipped=$((skipped + 1)); echo "$rule: skipped: $*"; }
finish() { echo "rules-$rule: $passed passed, $failed failed, $skipped skipped"; [ $failed = 0 ]; exit; }
