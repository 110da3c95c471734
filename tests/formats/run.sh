#!/bin/sh
# What `dissect` prints for other programs: run.sh SMBSCOPE
# -T fields with -E's settings: tshark's lines, the first 80 of each command in fields.txt; fields.expected holds them.
# -T json, ndjson and pdml: of every capture valid, as python3 reads them (skipped without), an object a message.
# UPDATE=1 asks tshark anew.
set -u
here=$(cd "$(dirname "$0")" && pwd)
smbscope=$(realpath "${1:?usage: run.sh SMBSCOPE}")
pcaps=$here/../pcaps
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
export LC_ALL=C.UTF-8 TZ=UTC
passed=0 failed=0 skipped=0

# The lines of all commands, each set headed by its command: lines PROGRAM [ARGUMENT...]
lines()
{
	while read -r capture settings; do
		echo "= $capture $settings"
		set -f
		# shellcheck disable=SC2086: the settings are words
		"$@" $settings "$pcaps/$capture" 2>> "$tmp/messages" < /dev/null | head -80
		set +f
	done < "$here/fields.txt"
}
tshark_fields()
{
	for last; do :; done
	set -f
	tshark -n -o tcp.reassemble_out_of_order:TRUE -Y nbss -T fields $(echo "$*" | sed "s,[^ ]*$,,") -r "$last"
	set +f
}

if [ -n "${UPDATE:-}" ]; then
	command -v tshark > /dev/null || { echo "formats: UPDATE needs tshark" >&2; exit 2; }
	lines tshark_fields > "$here/fields.expected"
fi
lines "$smbscope" dissect -T fields > "$tmp/fields"
awk '
	NR == FNR { if (/^= /) command = $0; else wanted[command] = wanted[command] $0 "\n"; next }
	/^= / { command = $0; order[++n] = $0; next }
	{ got[command] = got[command] $0 "\n" }
	END { for (i = 1; i <= n; i++) {
		if (got[order[i]] == wanted[order[i]] "") { passed++; continue }
		failed++
		a = split(wanted[order[i]], x, "\n"); b = split(got[order[i]], y, "\n")
		for (k = 1; k < a && x[k] == y[k]; k++);
		print "formats: " order[i] "\n\tline " k ": " y[k] "\n\twanted:  " x[k] }
	print passed + 0, failed + 0 > "/dev/stderr" }' "$here/fields.expected" "$tmp/fields" 2> "$tmp/count"
read -r passed failed < "$tmp/count"

valid() # WHAT CAPTURE: reads standard input
{
	python3 -c '
import json, sys, xml.parsers.expat
what, data = sys.argv[1], sys.stdin.buffer.read()
if what == "pdml":
    xml.parsers.expat.ParserCreate().Parse(data, True)
    sys.exit()
text = data.decode("utf-8", "strict")
objects = json.loads(text) if what == "json" else [json.loads(line) for line in text.splitlines()]
# No key twice, every message with its frame.
json.loads(text if what == "json" else "[]", object_pairs_hook=lambda pairs: dict(pairs) if len(dict(pairs)) == len(pairs) else sys.exit("a key twice"))
assert all("frame.number" in o["frame"] and "frame.time_epoch" in o["frame"] for o in objects), "no frame"
print(len(objects))' "$1"
}
if command -v python3 > /dev/null; then
	for c in "$pcaps"/*.pcap "$pcaps"/*.pcapng "$pcaps"/*.gz; do
		for form in json ndjson pdml; do
			if "$smbscope" dissect -T $form "$c" 2>> "$tmp/messages" | valid $form > "$tmp/n.$form" 2> "$tmp/why"; then
				passed=$((passed + 1))
			else
				failed=$((failed + 1))
				echo "formats: -T $form of ${c##*/}: $(tail -1 "$tmp/why")"
			fi
		done
		cmp -s "$tmp/n.json" "$tmp/n.ndjson" || { failed=$((failed + 1)); echo "formats: ${c##*/}: json and ndjson differ in number"; }
	done
else
	skipped=1
	echo "formats: skipped: no python3 to read JSON and PDML with"
fi
if grep -E 'Sanitizer|runtime error' "$tmp/messages" | head -5 | grep .; then
	failed=$((failed + 1))
fi
echo "formats: $passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
