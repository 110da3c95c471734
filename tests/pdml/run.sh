#!/bin/sh
# PDML against tshark's, in frames that together show every field with every command: run.sh SMBSCOPE
# tshark.tsv holds tshark's facts: name, position, size, show, value, unmaskedvalue.  Each must be in our PDML of the frame.
# known.tsv: name, columns that differ (or "absent"), reason; a line that explains nothing any more is a failure.
# UPDATE=1 asks tshark anew.
set -u
here=$(cd "$(dirname "$0")" && pwd)
smbscope=$(realpath "${1:?usage: run.sh SMBSCOPE}")
pcaps=$here/../pcaps
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
export LC_ALL=C.UTF-8 TZ=UTC

if [ -n "${UPDATE:-}" ]; then
	command -v tshark > /dev/null || { echo "pdml: UPDATE needs tshark" >&2; exit 2; }
	mkdir "$tmp/theirs"
	for c in "$pcaps"/*.pcap "$pcaps"/*.pcapng "$pcaps"/*.gz; do
		tshark -n -o tcp.reassemble_out_of_order:TRUE -Y nbss -T pdml -r "$c" 2> /dev/null | \
			awk -f "$here/facts.awk" > "$tmp/theirs/${c##*/}"
	done
	awk -f "$here/choose.awk" "$tmp"/theirs/* > "$here/tshark.tsv"
fi
for c in $(sed -n 's/^= \(.*\) .*/\1/p' "$here/tshark.tsv" | sort -u); do
	frames=$(awk -v c="$c" '$1 == "=" && $2 == c { printf "%s%s", sep, $3; sep = ", " }' "$here/tshark.tsv")
	"$smbscope" dissect -T pdml -Y "frame.number in {$frames}" "$pcaps/$c" 2>> "$tmp/messages" < /dev/null | \
		awk -f "$here/facts.awk" | sed "s/^/$c /"
done > "$tmp/ours"
if grep -E 'Sanitizer|runtime error' "$tmp/messages" | head -5 | grep .; then
	echo "pdml: 0 passed, 1 failed, 0 skipped"
	exit 1
fi
awk -F'\t' -v explain="${EXPLAIN:-}" '
	# Columns of the fact $1.. that no field of ours of that name agrees with, in the one that agrees most.
	function differing(  i, k, f, bad, best, count, most)
	{
		best = "absent"
		for (i = 1; i <= number[frame, $1]; i++) {
			split(ours[frame, $1, i], f, "\t")
			bad = ""
			count = 0
			for (k = 2; k <= 6; k++)
				if (f[k + 1] == $k "") count++
				else bad = bad "," title[k]
			if (best == "absent" || count > most) { most = count; best = bad; nearest = ours[frame, $1, i] }
		}
		sub(/^,/, "", best)
		return best
	}
	BEGIN { split("name pos size show value unmasked", title, " ") }
	FILENAME ~ /known/ { if (!/^#/) known[$1, $2] = 1; next }
	FILENAME ~ /ours$/ {
		at = substr($0, 1, index($0, "\t") - 1)
		there[at, substr($0, index($0, "\t") + 1)]
		number[at, $2]++
		ours[at, $2, number[at, $2]] = $0
		next
	}
	/^= / { frame = substr($0, 3); next }
	(frame, $0) in there { passed++; next }
	{
		what = differing()
		if (($1, what) in known) { used[$1, what]; passed++; next }
		failed++
		if (failed <= 30 || explain) print "pdml: " frame " " $1 " (" what "): " $0 (what == "absent" ? "" : "\n\tours: " nearest)
	}
	END {
		for (k in known)
			if (!(k in used)) { split(k, part, SUBSEP); print "pdml: known.tsv: no " part[1] " differs in " part[2] " any more"; failed++ }
		printf "pdml: %d passed, %d failed, 0 skipped\n", passed, failed
		exit failed > 0
	}' "$here/known.tsv" "$tmp/ours" "$here/tshark.tsv"
