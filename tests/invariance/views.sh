# What is compared of a case; read by run.sh.  Left out, because a rewrite may change it: frames, times of
# packets and what is reckoned from them, the counts of what came again or differed, and which capture a row is
# of.  What only some rewrites change is left out for those alone (`without`).
# Numbers of rows (connection_id ...) are compared as they count within their capture: a rewrite may not change
# the order of connections, sessions, logons, shares, opens and requests.

VIEWS="connections sessions logons shares files commands hosts transfers changes listings"
NEVER="capture_id end_capture_id first_frame last_frame frame request_frame response_frame pending_frame open_frame close_frame
start_time start_time_ns end_time end_time_ns time time_ns request_time request_time_ns response_time response_time_ns
open_time open_time_ns close_time close_time_ns first_time first_time_ns last_time last_time_ns
latency_us pending_us transfer_us skew_us rtt_us
client_retransmitted server_retransmitted conflicts zero_windows"

# without KIND: columns that this kind of rewrite may change.
without()
{
	case $1 in
	midstream*) echo midstream ;;
	esac
}

# numbered COLUMN: the view that gives these numbers.
numbered()
{
	case $1 in
	connection_id) echo connections ;;
	session_id) echo sessions ;;
	logon_id) echo logons ;;
	share_id) echo shares ;;
	open_id) echo files ;;
	command_id) echo commands ;;
	transfer_id) echo transfers ;;
	change_id) echo changes ;;
	listing_id) echo listings ;;
	esac
}

# dump_sql CASE.db COLUMNS-TO-LEAVE-OUT [set]: the SQL that prints CAPTURE|VIEW|ROW for each row, in order.
# set: the case is one set, whose captures are not told apart.
dump_sql()
{
	echo "CREATE TEMP TABLE part AS SELECT capture_id, replace(path, rtrim(path, replace(path, '/', '')), '') AS capture_name FROM captures;"
	for v in connections sessions logons shares files commands transfers changes listings; do
		id=$(sqlite3 "$1" "SELECT name FROM pragma_table_info('$v') LIMIT 1")
		echo "CREATE TEMP TABLE first_$v AS SELECT capture_id, min($id) - 1 AS n FROM $v GROUP BY capture_id;"
	done
	for v in $VIEWS; do
		columns=
		first=
		for c in $(sqlite3 "$1" "SELECT name FROM pragma_table_info('$v')"); do
			[ -n "$first" ] || first=$c
			case " $(echo $NEVER $2) " in *" $c "*) continue ;; esac
			of=$(numbered "$c")
			if [ -n "$of" ] && [ -z "${3-}" ]; then
				columns="$columns, x.$c - (SELECT n FROM first_$of AS f WHERE f.capture_id = x.capture_id) AS $c"
			else
				columns="$columns, x.$c"
			fi
		done
		if [ "$v" = hosts ] || [ -n "${3-}" ]; then
			echo "SELECT 'hosts', '$v'$columns FROM $v AS x ORDER BY x.$first;"
		else
			echo "SELECT capture_name, '$v'$columns FROM $v AS x JOIN part USING (capture_id) ORDER BY capture_id, x.$first;"
		fi
	done
}
