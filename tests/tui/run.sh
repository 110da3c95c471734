#!/bin/sh
# The browser's tests: tests/tui/run.sh SMBSCOPE [--update] [CASE...]
#
# A case is CASE.keys, played without a terminal, and CASE.view, what its ":save-view N" lines (N from 1)
# wrote.  In the keys, "# capture: FILE..." names the captures of tests/pcaps it works on, "# size: WxH" the
# screen, "# gone" makes the captures unreadable after their import.  At the end random keys are pressed, in
# screens of random sizes (SEEDS runs; the seed of one that fails is printed).
set -u
here=$(cd "$(dirname "$0")" && pwd)
pcaps=$here/../pcaps
program=${1:?usage: run.sh SMBSCOPE [--update] [CASE...]}
program=$(cd "$(dirname "$program")" && pwd)/$(basename "$program")
shift
update=
if [ "${1-}" = --update ]; then update=1; shift; fi
cases=$*
[ -n "$cases" ] || cases=$(cd "$here" && ls ./*.keys | sed 's,^\./,,; s,\.keys$,,')
seeds=${SEEDS:-12}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
LC_ALL=C.UTF-8
NO_COLOR=
export LC_ALL NO_COLOR
passed=0
failed=0

# case_db FILE...: imports the captures into $work/dir/case.db, from names that do not depend on the checkout.
case_db()
{
	rm -rf "$work/dir"
	mkdir "$work/dir"
	for f in "$@"; do
		cp "$pcaps/$f" "$work/dir/" || return 1
		(cd "$work/dir" && "$program" import -q -o case.db "$f") || return 1
	done
}

play()
{
	(cd "$work/dir" && timeout 120 "$program" browse case.db --play "$1" --size "$2")
}

# directive NAME FILE: what follows "# NAME:".
directive()
{
	sed -n "s/^# $1: *//p" "$2"
}

run_case()
{
	keys=$here/$1.keys
	size=$(directive size "$keys")
	case_db $(directive capture "$keys") || { echo "FAILED $1: no import"; return 1; }
	if grep -q '^# gone' "$keys"; then rm "$work"/dir/*.pcap*; fi
	play "$keys" "${size:-80x24}" || { echo "FAILED $1: the browser ended with $?"; return 1; }
	: > "$work/view"
	n=1
	while [ -f "$work/dir/$n" ]; do
		echo "== $n" >> "$work/view"
		sed "s,$work/dir,DIR,g" "$work/dir/$n" >> "$work/view"
		n=$((n + 1))
	done
	[ "$((n - 1))" -eq "$(grep -c '^:save-view' "$keys")" ] || { echo "FAILED $1: $((n - 1)) views were saved"; return 1; }
	if [ -n "$update" ]; then
		cp "$work/view" "$here/$1.view"
	elif ! diff -u "$here/$1.view" "$work/view"; then
		echo "FAILED $1"
		return 1
	fi
}

# random_keys SEED: five hundred keys; none that leaves at once, and texts that are long, wide or broken SQL.
random_keys()
{
	awk -v seed="$1" 'BEGIN {
		srand(seed)
		n = split("Up Down Left Right PgUp PgDn Home End Enter Enter Enter Tab Space [ ] < > z t T r J K n N p + - c o " \
		          "1 2 3 4 5 6 7 8 9 0 g G Ctrl-U Ctrl-D Ctrl-L F5 Esc ? Shift-Tab Delete Backspace F12 x", keys, " ")
		m = split("/|\"a\" Enter;/|\"smb2\" Enter;/|Enter;f|\"alice\" Enter;f|Ctrl-U Enter;f|Ctrl-U \"is_error\" Enter;" \
		          "f|Ctrl-U \"status = (\" Enter;f|Ctrl-U \"path like 0\" Left Left Delete Enter;:|\"goto 20\" Enter;" \
		          ":|\"sql SELECT * FROM commands\" Enter;:|\"sql SELECT 1, NULL, x\" Enter;:|\"s\" Tab Up Down Esc;" \
		          "S|\"SELECT command_id, path FROM commands\" Enter;:|\"日本 😀 grüße\" Home Left End Enter;:|Backspace;" \
		          ":|\"save-view \" Enter;/|\"%_\\\\\" Enter;f|Ctrl-U \"command_id > 3\" Enter", texts, ";")
		for (i = 0; i < 500; i++) {
			what = rand()
			if (what < 0.04)
				printf "Resize:%dx%d\n", 1 + rand() * 260, 1 + rand() * 70
			else if (what < 0.12) {
				split(texts[1 + int(rand() * m)], text, "|")
				printf " %s %s\n", text[1], text[2]
			} else
				printf "%s\n", keys[1 + int(rand() * n)]
		}
	}'
}

run_random()
{
	random_keys "$1" > "$work/random.keys"
	play "$work/random.keys" 80x24 && return
	echo "FAILED random keys, seed $1: the browser ended with $?"
	return 1
}

count()
{
	if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}

for c in $cases; do
	count run_case "$c"
done
if [ -z "$update" ] && [ $# -eq 0 ]; then
	case_db smb311.pcap smb1_nt1.pcap || exit 1
	seed=1
	while [ "$seed" -le "$seeds" ]; do
		count run_random "$seed"
		seed=$((seed + 1))
	done
fi
echo "tui: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
