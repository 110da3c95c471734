# Sets and halves, read by run.sh: a capture as ring files, as directional taps, as two sensors saw it; one
# direction alone.

# check NAME EXPECTED FOUND: two files of rows are the same, and there are some ($sets/none apart).
check()
{
	if { [ -s "$2" ] || [ "$2" = "$sets/none" ]; } && cmp -s "$2" "$3"; then
		passed=$((passed + 1))
		printf '%-62s.\n' "$1"
		return
	fi
	failed=$((failed + 1))
	printf '%-62sX\n' "$1"
	diff "$2" "$3" | sed -n '/^[<>]/p' | cut -c1-240 | head -"${LINES_SHOWN:-4}"
}

# import_set CASE.db FILE...: all of them one set.
import_set()
{
	rm -f "$1" "$1-wal" "$1-shm"
	db=$1
	shift
	"$program" import -q -o "$db" "$@"
}

# set_rows CASE.db [COLUMNS]: the rows of a case that holds one set.
set_rows()
{
	dump_sql "$1" "${2-}" set | sqlite3 "$1"
}

# pieces CAPTURE KIND...: rewrites it; names the files, in the order of their names.
pieces()
{
	rm -f "$sets"/piece*
	c=$1
	shift
	"$rewrite" "$pcaps/$c" "$sets/piece" "$@" || return 1
	ls "$sets"/piece*
}

# What each side says by itself (an SMB1 answer does not tell its sub-command), of a case with many captures: requests, answers.
requests="SELECT path_of, connection_id, protocol, command, info, message_id, request_bytes, offset, length, name"
answers="SELECT path_of, connection_id, protocol, CASE WHEN protocol = 'SMB2' THEN command WHEN command LIKE 'TRANS2%' OR command = 'TRANSACTION2' THEN 'TRANSACTION2'
	WHEN command LIKE 'NT_TRANSACT%' THEN 'NT_TRANSACT' WHEN command LIKE 'TRANS%' THEN 'TRANSACTION' ELSE command END AS whose,
	message_id, response_bytes, status"
sides_sql()
{
	cat <<-SQL
	CREATE TEMP TABLE base AS SELECT capture_id, min(connection_id) AS first FROM connections GROUP BY capture_id;
	CREATE TEMP TABLE x AS SELECT replace(p.path, rtrim(p.path, replace(p.path, '/', '')), '') AS path_of,
		c.connection_id - first AS connection_id, protocol, command, info, message_id, request_bytes, response_bytes,
		offset, length, c.status, request_frame, response_frame, command_id,
		CASE WHEN command IN ('CREATE', 'NT_CREATE_ANDX', 'OPEN_ANDX', 'TREE_CONNECT', 'TREE_CONNECT_ANDX') THEN c.path END AS name
		FROM commands AS c JOIN base USING (capture_id) JOIN captures AS p USING (capture_id);
	SQL
	case $1 in
	client) echo "$requests FROM x WHERE request_frame IS NOT NULL ORDER BY 1, 2, command_id;" ;;
	# Known by their requests alone: what SMB1's raw mode sends without a header, and what that completes; that a transaction's
	# answer of 35 bytes, no words, no bytes, is the leave to go on with the request.
	server) echo "$answers FROM x WHERE response_frame IS NOT NULL AND command NOT IN ('READ_RAW', 'WRITE_RAW', 'WRITE_COMPLETE')
		AND NOT (command LIKE '%TRANS%' AND response_bytes = 35) ORDER BY 1, 2, 5, 4, 6, 7;" ;;
	esac
}

# shares_sql: the shares that tree connects named.
shares_sql="SELECT s.client, s.path, count(*) FROM shares AS s JOIN connections AS c USING (connection_id)
	WHERE s.path IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2;"

sets=$work/sets
mkdir -p "$sets"
ours=$SOME_CAPTURES
[ -z "${FULL-}" ] || ours=$all
echo "sets:"
for c in $ours; do
	import_set "$sets/whole.db" "$pcaps/$c" && set_rows "$sets/whole.db" > "$sets/whole"
	import_set "$sets/case.db" $(pieces "$c" split=5) && set_rows "$sets/case.db" > "$sets/rows"
	check "$c: five ring files" "$sets/whole" "$sets/rows"
	import_set "$sets/case.db" $(pieces "$c" taps) && set_rows "$sets/case.db" > "$sets/rows"
	check "$c: two directional taps" "$sets/whole" "$sets/rows"
	# (Not where connections run beside each other: a late frame changes which of them comes first.)
	[ "$c" != smb2_notify_async.pcap ] || [ -n "${FULL-}" ] || continue
	mkdir -p "$sets/sensors"
	rm -f "$sets"/sensors/*
	"$rewrite" "$pcaps/$c" "$sets/sensors/a" vlan=7 drop-every=9
	"$rewrite" "$pcaps/$c" "$sets/sensors/b" shift=0.0001 erspan2 pcapng
	import_set "$sets/case.db" "$sets/sensors/a" "$sets/sensors/b" && set_rows "$sets/case.db" > "$sets/rows"
	check "$c: two sensors at once, one with losses" "$sets/whole" "$sets/rows"
done

echo "halves:"
whole=
for c in $all; do whole="$whole $pcaps/$c"; done
import_all "$sets/whole.db" $whole
for side in client server; do
	rm -rf "$sets/$side"
	mkdir -p "$sets/$side"
	for c in $all; do
		"$rewrite" "$pcaps/$c" "$sets/$side/$c" "$side-only"
	done
	import_all "$sets/case.db" "$sets/$side"/*
	sides_sql $side | sqlite3 "$sets/whole.db" > "$sets/whole"
	sides_sql $side | sqlite3 "$sets/case.db" > "$sets/rows"
	check "$side alone: every message of it is a row" "$sets/whole" "$sets/rows"
	if [ $side = client ]; then
		echo "$shares_sql" | sqlite3 "$sets/whole.db" > "$sets/whole"
		echo "$shares_sql" | sqlite3 "$sets/case.db" > "$sets/rows"
		check "$side alone: shares with their names" "$sets/whole" "$sets/rows"
	fi
	: > "$sets/none"
	for ref in commands.share_id=shares commands.open_id=files commands.session_id=sessions files.share_id=shares; do
		from=${ref%%.*} key=${ref#*.} to=${ref#*=}
		key=${key%%=*}
		sqlite3 "$sets/case.db" "SELECT '$from.$key', $key FROM $from WHERE $key IS NOT NULL AND $key NOT IN (SELECT $key FROM $to) LIMIT 3"
	done > "$sets/rows" 2>&1
	check "$side alone: what rows refer to is there" "$sets/none" "$sets/rows"
done

# Another sensor's capture, imported by itself: its clock is an hour off, and it cut what it captured.  The poorer
# copy counts nowhere.
c=smb311.pcap
sums="SELECT count(*), sum(messages), sum(client_bytes), sum(server_bytes) FROM connections WHERE duplicate_of IS NULL;
	SELECT count(*), sum(commands), sum(errors), sum(bytes_read), sum(bytes_written) FROM sessions;
	SELECT count(*), sum(reads), sum(writes) FROM files; SELECT count(*), count(status), sum(data_bytes) FROM commands;
	SELECT count(*) FROM shares; SELECT count(*) FROM logons; SELECT count(*), sum(bytes_seen) FROM transfers;"
rm -f "$sets"/sensors/*
"$rewrite" "$pcaps/$c" "$sets/sensors/a" shift=3600 snap=200
import_set "$sets/whole.db" "$pcaps/$c"
echo "$sums" | sqlite3 "$sets/whole.db" > "$sets/whole"
for order in "$pcaps/$c $sets/sensors/a" "$sets/sensors/a $pcaps/$c"; do
	import_all "$sets/case.db" $order
	echo "$sums" | sqlite3 "$sets/case.db" > "$sets/rows"
	check "two sensors apart, one cut and an hour off: sums of one" "$sets/whole" "$sets/rows"
	import_set "$sets/case.db" $order
	echo "$sums" | sqlite3 "$sets/case.db" > "$sets/rows"
	check "two sensors in one set, one cut and an hour off: sums of one" "$sets/whole" "$sets/rows"
done

# A small hole, in a header, within one message or in the middle of a compound: no other message is lost.
messages="SELECT count(request_frame) + count(response_frame) FROM commands"
holes()
{
	c=$1
	shift
	import_set "$sets/whole.db" "$pcaps/$c"
	least=$(($(sqlite3 "$sets/whole.db" "$messages") - 1))
	: > "$sets/rows"
	for i in "$@"; do
		"$rewrite" "$pcaps/$c" "$sets/piece" cut=40 "drop=$i"
		import_set "$sets/case.db" "$sets/piece"
		found=$(sqlite3 "$sets/case.db" "$messages")
		[ "$found" -ge "$least" ] || echo "segment $i of 40 bytes missing: $found messages, not $least" >> "$sets/rows"
	done
	check "$c: a hole of 40 bytes costs one message" "$sets/none" "$sets/rows"
}
holes smb311_compound.pcap 129 198 336 520 543 566 658 796
holes smb311_encrypted.pcap 60 83 129 428 520
