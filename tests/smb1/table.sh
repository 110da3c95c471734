#!/bin/sh
# Every SMB1 command, subcommand, information level in each use, and RAP function, with the capture of tests/pcaps that has its
# request and the one that has its answer: table.sh SMBSCOPE [CAPTURES].  An empty cell is a failure, and so is a table other
# than table.md (UPDATE=1 writes it).  The lists are those of dissectors/smb1/*_names.def.
set -u
here=$(cd "$(dirname "$0")" && pwd)
smbscope=$(realpath "${1:?usage: table.sh SMBSCOPE [CAPTURES]}")
pcaps=$(realpath "${2:-$here/../pcaps}")
names=$here/../../dissectors/smb1
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
export LC_ALL=C

# The names of one list: value, name.
list()
{
	sed -n "/^NAMES($1)/,/^NAMES_END/s/^N(\(0x[0-9A-Fa-f]*\|[0-9]*\), \"\(.*\)\")/\1 \2/p" "$names"/*_names.def
}

captures=$(cd "$pcaps" && ls | grep -E 'smb1|nt1' | grep pcap)
for c in $captures; do
	# cmd and direction of each message: two columns, each value of a chain on its own
	"$smbscope" dissect -T fields -e smb.cmd -e smb.flags.response -Y smb.cmd "$pcaps/$c" 2> /dev/null |
		awk -F'\t' -v c="$c" '{ n = split($1, cmd, ","); split($2, way, ","); for (i = 1; i <= n; i++) print tolower(cmd[i]), way[1] + 0, c }'
done | sort -u > "$tmp/commands"
(cd "$pcaps" && "$smbscope" import -q --set each -o "$tmp/case.db" $captures) || exit 2
"$smbscope" query "$tmp/case.db" --format csv "SELECT command || ' ' || coalesce(info, '-'), request_frame IS NOT NULL, response_frame IS NOT NULL,
	replace(captures.path, rtrim(captures.path, replace(captures.path, '/', '')), '') AS name FROM commands JOIN captures USING (capture_id)
	WHERE protocol = 'SMB1' GROUP BY 1, 2, 3, 4 ORDER BY name" | tail -n +2 | tr , ' ' > "$tmp/rows"

# A row: the first capture with a request, the first with an answer.  What the specification does not have is a dash.
row()
{
	printf '| %s | %s | %s |\n' "$1" "${2:-}" "${3:-}"
}
command_row()
{
	request=$(awk -v v="$1" '$1 == v && $2 == 0 { print $3; exit }' "$tmp/commands")
	response=$(awk -v v="$1" '$1 == v && $2 == 1 { print $3; exit }' "$tmp/commands")
	case $2 in
	READ_RAW) response=$(awk '$1 == "READ_RAW" && $4 { print $5; exit }' "$tmp/rows") ;;   # which has no header
	WRITE_COMPLETE) request=- ;;
	NT_CANCEL | *TRANSACT*_SECONDARY) response=- ;;
	esac
	row "$2" "$request" "$response"
}
sub_row()
{
	request=$(awk -v c="$1" -v i="$2" '$1 == c && (i == "" || $2 == i) && $3 { print $5; exit }' "$tmp/rows")
	response=$(awk -v c="$1" -v i="$2" '$1 == c && (i == "" || $2 == i) && $4 { print $5; exit }' "$tmp/rows")
	row "$1${2:+ $2}" "$request" "$response"
}
levels()
{
	list "$1" | while read -r value name; do
		for command in $2; do sub_row "$command" "$name"; done
	done
}
{
	echo '# SMB1: where each command, subcommand, level and RAP function is seen'
	echo
	echo 'Made by `UPDATE=1 tests/smb1/table.sh SMBSCOPE`.'
	echo
	echo '| | request | answer |'
	echo '|---|---|---|'
	list smb1_command | while read -r value name; do
		[ "$name" = NO_ANDX_COMMAND ] || command_row "$(echo "$value" | tr A-F a-f)" "$name"
	done
	for l in smb1_pipe_function smb1_trans2 smb1_nt_function; do
		list $l | while read -r value name; do sub_row "$name" ''; done
	done
	sub_row TRANS_MAILSLOT_WRITE ''
	levels smb1_find_level 'TRANS2_FIND_FIRST2 TRANS2_FIND_NEXT2'
	levels smb1_query_level 'TRANS2_QUERY_PATH_INFORMATION TRANS2_QUERY_FILE_INFORMATION'
	levels smb1_set_level 'TRANS2_SET_PATH_INFORMATION TRANS2_SET_FILE_INFORMATION'
	levels smb1_qfs_level TRANS2_QUERY_FS_INFORMATION
	levels smb1_sfs_level TRANS2_SET_FS_INFORMATION
	levels rap_function TRANSACTION
} > "$tmp/table.md"

total=$(grep -c '^| [A-Z]' "$tmp/table.md")
empty=$(grep -c '|  |' "$tmp/table.md")
grep '|  |' "$tmp/table.md" | sed 's/^/smb1-table: nothing shows /'
failed=$empty
if [ -n "${UPDATE:-}" ]; then
	cp "$tmp/table.md" "$here/table.md"
elif ! diff -u "$here/table.md" "$tmp/table.md" > "$tmp/diff"; then
	echo "smb1-table: another table (UPDATE=1 tests/smb1/table.sh SMBSCOPE makes it anew)"
	head -20 "$tmp/diff"
	failed=$((failed + 1))
fi
[ "$total" -gt 200 ] || { echo "smb1-table: only $total rows"; failed=$((failed + 1)); }
echo "smb1-table: $((total - empty)) passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
