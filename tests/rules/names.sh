#!/bin/sh
# Display fields carry Wireshark's names, with its class of type; those it lacks are smbscope.*: names.sh BINARY
. "$(dirname "$0")/common.inc"

tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
# The lines that the interface compiler made are lines like the others.
defs=$(find dissectors "$(dirname "$1")/gen/rpc" -name '*_fields.def' | sort)
# kind, id, type, abbrev, label of every line; FLAG and BITS have the type of theirs
cat $defs | sed 's,/\*.*\*/,,' | \
	sed -nE 's/^(PROTO) *\( *([a-z0-9_]+) *, *"([^"]*)" *, *"([^"]*)".*/\1\t\2\tPROTO\t\3\t\4/p
	s/^(FIELD|OWN) *\( *([A-Za-z0-9_]+) *, *([A-Z0-9]+) *,[^"]*"([^"]*)" *, *"([^"]*)".*/\1\t\2\t\3\t\4\t\5/p
	s/^(FLAG|BITS) *\( *([A-Za-z0-9_]+) *,[^"]*"([^"]*)" *, *"([^"]*)".*/\1\t\2\t\1\t\3\t\4/p' > "$tmp/ours"
lines=$(cat $defs | grep -cE '^(PROTO|FIELD|OWN|FLAG|BITS) *\(')
[ "$lines" = "$(wc -l < "$tmp/ours")" ] && good || bad "only $(wc -l < "$tmp/ours") of $lines field lines are of a known form"

# Own ones, labels, and the same name with types of one class.  names.known: ids of another class, with the reason.
awk -F'\t' '
	function class(t) {
		if (t ~ /^(U8|U16|U24|U32|U64|U16BE|U24BE|U32BE|U64BE|I16|I32|I64|UINT|BITS|FRAME|DOSDATE|DOSTIME)$/) return "number"
		if (t ~ /^(FLAG|BOOL8)$/) return "boolean"
		if (t ~ /^(UTF16|OEM|STR|TEXT|SID|SUBAUTH|NBNAME|SMBSTR|GUIDSTR)$/) return "text"
		if (t ~ /^(FILETIME|UTIME|STAMP|GTIME)$/) return "time"
		return t == "GUIDBE" ? "GUID" : t
	}
	FILENAME ~ /known/ { sub(/ .*/, ""); known[$0] = 1; next }
	{ rows++; own = $4 ~ /^smbscope\./ }
	$1 == "OWN" && !own && $4 !~ /^smbscope$/ { print $2 ": OWN, but named " $4 }
	$1 == "FIELD" && own { print $2 ": named " $4 ", but not OWN" }
	$5 == "" { print $2 ": no label" }
	$4 !~ /^[a-z0-9][A-Za-z0-9_.-]*$/ { print $2 ": odd name " $4 }
	{ ids[$2]++; if (ids[$2] == 2) print $2 ": two lines" }
	$3 == "NONE" || ($2 in known) { next }
	($4 in seen) && seen[$4] != class($3) { print $4 ": " seen[$4] " in one line and " class($3) " in " $2 }
	!($4 in seen) { seen[$4] = class($3) }
	END { print rows > "/dev/stderr" }' tests/rules/names.known "$tmp/ours" > "$tmp/wrong" 2> "$tmp/count"
passed=$((passed + $(cat "$tmp/count") - $(wc -l < "$tmp/wrong")))
while read -r line; do bad "$line"; done < "$tmp/wrong"

if ! command -v tshark > /dev/null; then
	skip "no tshark here to hold the names against"
	finish
fi
tshark -G fields 2>/dev/null | awk -F'\t' '$1 == "F" { print $3 "\t" $4 } $1 == "P" { print $3 "\tFT_PROTOCOL" }' > "$tmp/theirs"
# A type's class is what filters and scripts feel: a number, text, a time, bytes, an address.
awk -F'\t' '
	function theirs(t) {
		if (t ~ /^FT_STRING|^FT_UINT_STRING|^FT_OID/) return "text"
		if (t ~ /^FT_(U?INT|CHAR|FRAMENUM)/) return "number"
		if (t ~ /^FT_BOOLEAN/) return "boolean"
		if (t ~ /^FT_ABSOLUTE_TIME/) return "time"
		if (t ~ /^FT_RELATIVE_TIME/) return "duration"
		if (t ~ /^FT_(BYTES|UINT_BYTES|NONE|PROTOCOL)/) return "bytes"
		return t
	}
	function ours(t) {
		if (t ~ /^(U8|U16|U24|U32|U64|U16BE|U24BE|U32BE|U64BE|I16|I32|I64|UINT|BITS|FRAME|DOSDATE|DOSTIME)$/) return "number"
		if (t ~ /^(FLAG|BOOL8)$/) return "boolean"
		if (t ~ /^(UTF16|OEM|STR|TEXT|SID|SUBAUTH|NBNAME|SMBSTR|GUIDSTR)$/) return "text"
		if (t ~ /^(FILETIME|UTIME|STAMP|GTIME)$/) return "time"
		if (t ~ /^(REL|MSTIME)$/) return "duration"
		if (t ~ /^GUID/) return "FT_GUID"
		if (t ~ /^(BYTES|PROTO)$/) return "bytes"
		return t == "OID" ? "text" : t == "IPV4" ? "FT_IPv4" : t == "IPV6" ? "FT_IPv6" : "FT_" t
	}
	FILENAME ~ /known/ { sub(/ .*/, ""); known[$0] = 1; next }
	FILENAME ~ /theirs/ { has[$1] = has[$1] " " theirs($2); next }
	$4 ~ /^smbscope/ { if ($4 in has) print $4 ": Wireshark has it, too"; next }
	!($4 in has) { print $2 ": Wireshark has no " $4; next }
	$3 == "NONE" || ($2 in known) { next }       # a group: Wireshark has an item of some type above its parts
	index(has[$4] " ", " " ours($3) " ") == 0 { print $2 ": " $4 " is" has[$4] " in Wireshark, " ours($3) " here" }' \
	tests/rules/names.known "$tmp/theirs" "$tmp/ours" > "$tmp/wrong"
passed=$((passed + $(wc -l < "$tmp/ours") - $(wc -l < "$tmp/wrong")))
while read -r line; do bad "$line"; done < "$tmp/wrong"

# Numbers are shown in Wireshark's base, or scripts would have to be changed.
cat $defs | \
	sed -nE 's/^FIELD *\( *([A-Za-z0-9_]+) *, *(U8|U16|U24|U32|U64|U16BE|U24BE|U32BE|U64BE|I16|I32|I64|UINT) *, *([A-Z0-9]+) *,[^"]*"([^"]*)".*/\1\t\4\t\3/p
	s/^BITS *\( *([A-Za-z0-9_]+) *,[^,]*,[^,]*, *([A-Z0-9]+) *,[^"]*"([^"]*)".*/\1\t\3\t\2/p' > "$tmp/numbers"
tshark -G fields 2>/dev/null | awk -F'\t' '$1 == "F" && $4 ~ /^FT_U?INT/ { sub(/^BASE_/, "", $6); sub(/[|(_].*/, "", $6); print $3 "\t" $6 }' > "$tmp/bases"
awk -F'\t' '
	function base(b) { return b ~ /^HEX/ ? "HEX" : b == "OCT" ? "OCT" : "DEC" }
	FILENAME ~ /known/ { sub(/ .*/, ""); known[$0] = 1; next }
	FILENAME ~ /bases/ { has[$1] = has[$1] " " base($2); next }
	!($1 in known) && ($2 in has) && index(has[$2], base($3)) == 0 { print $1 ": " $2 " is shown in" has[$2] " by Wireshark, in " base($3) " here" }' \
	tests/rules/names.known "$tmp/bases" "$tmp/numbers" > "$tmp/wrong"
passed=$((passed + $(wc -l < "$tmp/numbers") - $(wc -l < "$tmp/wrong")))
while read -r line; do bad "$line"; done < "$tmp/wrong"
finish
