#!/bin/sh
# Invariance: the same conversations in another form give the same rows.
#   tests/invariance/run.sh SMBSCOPE REWRITE PCAPS [KIND...]
# Each capture of the folder PCAPS is rewritten in each kind (one argument of KINDS, its parts joined by +) and
# imported; the views (views.sh says which columns) are compared with those of the capture as it is.  By default
# all kinds are tried on a few captures and a few kinds on all; FULL=1 tries everything, KEEP=DIR keeps the rows.
# Then sets: ring files, directional taps, and the halves of a conversation.
set -u
here=$(cd "$(dirname "$0")" && pwd)
usage="usage: run.sh SMBSCOPE REWRITE PCAPS [KIND...]"
absolute() { echo "$(cd "$(dirname "$1")" && pwd)/$(basename "$1")"; }
program=$(absolute "${1:?$usage}")
rewrite=$(absolute "${2:?$usage}")
pcaps=$(absolute "${3:?$usage}")
shift 3
LC_ALL=C
export LC_ALL
if [ -n "${KEEP-}" ]; then
	mkdir -p "$KEEP"
	work=$(cd "$KEEP" && pwd)
else
	work=$(mktemp -d) || exit 1
	trap 'rm -rf "$work"' EXIT
fi
. "$here/views.sh"

KINDS="reorder=4 mix=4 mix=12:5 cut=300+mix=10 cut=200+reorder=16 cut=1460+reorder=3:7 duplicate retransmit=3 retransmit=2:other overlap=equal overlap=other
overlap=other:1000 cut=1 cut=7 cut=536 glue glue+cut=1448 wrap cut=100+wrap=1000+reorder=6 keepalive badrst midstream syndata
fragment=256 fragment=64:reverse fragment=512:double options offload pad vlan qinq mpls mplspw pppoe ppp sll sll2 raw null
loop 80211 radiotap nflog erspan1 erspan2 erspan3 gre gretap etherip vxlan geneve gtpu ipip 6in4 4in6 6in6
vxlan+fragment=1400 vlan+gretap+geneve+qinq fragment=600+gre+fragment=200:reverse mirror shift=-86400 pcapng pcapng+swapped
sections interfaces nano swapped gzip zstd pcapng+zstd"
SOME_KINDS="mix=4 mix=4 mix=12:5 cut=300+mix=10 cut=100+wrap=1000+reorder=6 overlap=other glue keepalive fragment=256 interfaces"
SOME_CAPTURES="smb311.pcap smb1_nt1.pcap ipv6_smb311.pcap nbss139_nt1.pcap smb2_notify_async.pcap"
[ $# -eq 0 ] || KINDS=$*

passed=0
failed=0
skipped=0

# rows CASE.db DIR COLUMNS: the rows of each capture as DIR/NAME; those of all together as DIR/hosts.
rows()
{
	rm -rf "$2"
	mkdir -p "$2"
	dump_sql "$1" "$3" | sqlite3 "$1" | awk -F '|' -v dir="$2" '
		$2 ~ /^(connections|sessions|logons|shares|files|commands|hosts|transfers|changes|listings)$/ { name = $1 }
		{ print > (dir "/" name) }'
}

# import_all CASE.db FILE...: each a set of its own.
import_all()
{
	db=$1
	shift
	rm -f "$db" "$db-wal" "$db-shm"
	"$program" import -q -o "$db" --set each "$@"
}

# try_kind PASS KIND CAPTURE...: one line of the table.
try_kind()
{
	pass=$1
	kind=$2
	shift 2
	dir=$work/$pass/$(echo "$kind" | tr '+=:' '___')
	rm -rf "$dir"
	mkdir -p "$dir"
	files=
	line=
	for c in "$@"; do
		"$rewrite" "$pcaps/$c" "$dir/$c" $(echo "$kind" | tr '+' ' ') 2> "$dir/message"
		case $? in
		0) files="$files $dir/$c" ;;
		1) rm -f "$dir/$c" ;;
		*) cat "$dir/message"; rm -f "$dir/$c" "$dir/message"; echo "FAILED $kind: $c could not be rewritten"; failed=$((failed + 1)) ;;
		esac
	done
	[ -z "$files" ] || import_all "$dir/case.db" $files || { echo "FAILED $kind: no import"; failed=$((failed + 1)); }
	columns=$(without "$kind")
	base=$work/$pass/base$columns
	[ -d "$base" ] || rows "$work/$pass/base.db" "$base" "$columns"
	[ -z "$files" ] || rows "$dir/case.db" "$dir/rows" "$columns"
	for c in "$@"; do
		if [ ! -f "$dir/$c" ]; then
			line="$line -"
			skipped=$((skipped + 1))
		elif cmp -s "$base/$c" "$dir/rows/$c"; then
			line="$line ."
			passed=$((passed + 1))
		else
			line="$line X"
			failed=$((failed + 1))
			wrong="$wrong $pass/$(basename "$dir")/$c"
			diff "$base/$c" "$dir/rows/$c" 2>&1 | sed -n '/^[<>]/p' | cut -c1-400 | head -8 > "$dir/$c.diff"
		fi
	done
	case "$line" in
	*-*) ;;
	*)	# All captures are in: the hosts of all of them are, too.
		if ! cmp -s "$base/hosts" "$dir/rows/hosts"; then
			line="$line (hosts differ)"
			failed=$((failed + 1))
			diff "$base/hosts" "$dir/rows/hosts" | head -8
		fi ;;
	esac
	printf '%-38s%s\n' "$kind" "$line"
	[ -n "${KEEP-}" ] || rm -f $files "$dir"/case.db*
}

# try_pass NAME KINDS CAPTURE...: the table of kinds and captures.
try_pass()
{
	pass=$1
	list=$2
	shift 2
	mkdir -p "$work/$pass"
	echo "captures: $*"
	files=
	for c in "$@"; do files="$files $pcaps/$c"; done
	import_all "$work/$pass/base.db" $files || { echo "FAILED: no import of the captures as they are"; failed=$((failed + 1)); return; }
	for k in $list; do
		try_kind "$pass" "$k" "$@"
	done
}

wrong=
all=$(cd "$pcaps" && ls | grep -E '\.pcap|\.pcapng')
if [ -n "${FULL-}" ]; then
	try_pass full "$KINDS" $all
elif [ $# -gt 0 ]; then
	try_pass asked "$KINDS" $all
else
	try_pass kinds "$KINDS" $SOME_CAPTURES
	try_pass captures "$SOME_KINDS" $all
fi
for w in $wrong; do
	echo "--- $w: rows of the capture as it is (<), and rewritten (>)"
	cat "$work/$w.diff"
done
if [ $# -eq 0 ]; then
	. "$here/sets.sh"
fi
echo "invariance: $passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
