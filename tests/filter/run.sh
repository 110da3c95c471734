#!/bin/sh
# Display filters select the frames that tshark selects: run.sh SMBSCOPE PCAPS
# cases.txt: a filter a line; behind "= " one of our own, which tshark 4.0 refuses or reads otherwise.
# expected.tsv: for each filter and capture how many frames and a checksum of their numbers: tshark's (ours behind =).
# UPDATE=1 writes it anew.  With tshark, DIFF=1 asks it again and shows which frames differ.
set -u
here=$(cd "$(dirname "$0")" && pwd)
smbscope=$(realpath "${1:?usage: run.sh SMBSCOPE PCAPS}")
pcaps=$(realpath "${2:-$here/../pcaps}")
captures="smb311_compound.pcap smb311.pcap smb210.pcap smb1_nt1.pcap smb2_notify_async.pcap smb2_streams.pcap
smb2_impacket.pcap ipv6_smb311.pcap failed_logon.pcap smb2_create_contexts.pcap"
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
export LC_ALL=C.UTF-8 TZ=UTC CASES="$here/cases.txt"
total=$(wc -l < "$CASES")

# The frames a filter selects, one line a filter.
ours() # CAPTURE
{
	n=0
	while IFS= read -r line; do
		n=$((n + 1))
		frames=$("$smbscope" dissect -Y "${line#= }" -T fields -e frame.number "$pcaps/$1" 2>> "$tmp/messages" < /dev/null)
		# 1: nothing matched, which is an answer.
		[ $? -le 1 ] && printf '%s\t%s\n' $n "$(echo "$frames" | paste -sd, -)" || printf '%s\trefused\n' $n
	done < "$CASES"
}
theirs() # CAPTURE
{
	tshark -n -q -o tcp.reassemble_out_of_order:TRUE -X "lua_script:$here/tap.lua" -r "$pcaps/$1" 2>> "$tmp/messages" | grep -P '^\d+\t'
}
# "number TAB frames" to "count:checksum"
sums()
{
	awk -F'\t' '{
		if ($2 == "refused" || $2 == "-") { print $2; next }
		n = $2 == "" ? 0 : split($2, frame, ","); sum = 0
		for (i = 1; i <= n; i++) sum = (sum * 31 + frame[i]) % 1000003
		print n ":" sum }'
}

cut -c1- "$CASES" > "$tmp/table"
# Two captures at a time: it is thousands of short runs.
for c in $captures; do
	ours "$c" > "$tmp/$c.ours" &
	[ -z "${busy:-}" ] || wait "$busy"
	busy=$!
done
wait
for c in $captures; do
	sums < "$tmp/$c.ours" > "$tmp/$c.sums"
	paste "$tmp/table" "$tmp/$c.sums" > "$tmp/next" && mv "$tmp/next" "$tmp/table"
done
if [ -n "${UPDATE:-}${DIFF:-}" ]; then
	command -v tshark > /dev/null || { echo "filter: UPDATE and DIFF need tshark" >&2; exit 2; }
	cp "$CASES" "$tmp/expected"
	for c in $captures; do
		theirs "$c" > "$tmp/$c.theirs"
		[ "$(wc -l < "$tmp/$c.theirs")" = "$total" ] || { echo "filter: tshark failed on $c" >&2; cat "$tmp/messages" >&2; exit 2; }
		# What is our own language has our own frames.
		paste "$CASES" "$tmp/$c.theirs" "$tmp/$c.ours" | awk -F'\t' '{ print NR "\t" (/^= / ? $5 : $3) }' > "$tmp/$c.wanted"
		sums < "$tmp/$c.wanted" > "$tmp/sums"
		paste "$tmp/expected" "$tmp/sums" > "$tmp/next" && mv "$tmp/next" "$tmp/expected"
		if [ -n "${DIFF:-}" ]; then
			paste "$CASES" "$tmp/$c.wanted" "$tmp/$c.ours" | awk -F'\t' -v c="$c" '$3 != $5 {
				delete a; delete b; n = split($3, x, ","); for (i = 1; i <= n; i++) a[x[i]]
				n = split($5, y, ","); more = less = ""
				for (i = 1; i <= n; i++) { b[y[i]]; if (!(y[i] in a)) more = more " " y[i] }
				for (f in a) if (!(f in b)) less = less " " f
				print c ": " $1 "\n\tours alone:" substr(more, 1, 100) "\n\ttshark alone:" substr(less, 1, 100) }'
		fi
	done
	[ -z "${UPDATE:-}" ] || cp "$tmp/expected" "$here/expected.tsv"
fi
if grep -E 'Sanitizer|runtime error' "$tmp/messages" > "$tmp/faults"; then
	head -5 "$tmp/faults"
	echo "filter: 0 passed, $total failed, 0 skipped"
	exit 1
fi
awk -F'\t' -v names="$captures" '
	BEGIN { split(names, capture, /[ \n]+/) }
	NR == FNR { wanted[$1] = $0; next }
	!($1 in wanted) { print "filter: no expectation for " $1 " (UPDATE=1)"; failed++; next }
	{ n = split(wanted[$1], w, "\t"); bad = ""; some = 0
	  for (i = 2; i <= NF; i++) {
		if ($i != w[i]) bad = bad sprintf("\n\t%s: %s, wanted %s", capture[i - 1], $i, w[i])
		if ($i !~ /^0:/) some = 1
	  }
	  if (bad == "") passed++; else { failed++; print "filter: " $1 bad } }
	END { printf "filter: %d passed, %d failed, 0 skipped\n", passed, failed; exit failed > 0 }' "$here/expected.tsv" "$tmp/table"
