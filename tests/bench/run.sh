#!/bin/sh
# Speed and memory: run.sh BUILD-DIR [OUTDIR] [MEGABYTES]   (BUILD-DIR holds smbscope and bench/)
# Makes two captures from tests/pcaps (kept in OUTDIR), times a bare libpcap loop, import, dissect -T fields and, where
# installed, tshark -T fields with the same 13 fields on them, in one run, and what each stage costs a message.
# tshark reads a tenth of each capture; its time, less that of starting, is scaled by bytes.  Then the memory that the import
# of ten times as much takes: 2 GB of many connections, 1.5 GB of one transfer (made and removed, 4 GB of disk).
# Exits 1 if something failed, small messages import less than 20 times faster than tshark prints them, or memory is over
# its limits.
set -u
here=$(cd "$(dirname "$0")" && pwd)
pcaps=$here/../pcaps
build=$(realpath "${1:?usage: run.sh BUILD-DIR [OUTDIR] [MEGABYTES]}")
smbscope=$build/smbscope
programs=$build/bench
out=${2:-$build/bench/out}
mb=${3:-200}
mkdir -p "$out" && out=$(cd "$out" && pwd) || exit 2
results=$out/results.txt
: > "$results"

fields="frame.number frame.time_epoch ip.src ip.dst tcp.stream smb2.cmd smb2.flags.response smb2.nt_status smb2.msg_id
smb2.sesid smb2.tid smb2.filename smb2.fid"
e=
for f in $fields; do e="$e -e $f"; done

# Captures of the second list move no large files; between them they have both protocols and most commands.
make_capture() # NAME MEGABYTES CAPTURE...
{
	name=$1; size=$2; shift 2
	sum=$(cat "$programs/mkbench" "$@" | cksum | tr -d ' ')-$size
	[ -f "$out/$name.pcap" ] && [ "$(cat "$out/$name.sum" 2>/dev/null)" = "$sum" ] && return
	"$programs/mkbench" "$out/$name.pcap" "$size" "$@" || exit 2
	echo "$sum" > "$out/$name.sum"
}
cd "$pcaps" || exit 2
small="smb311.pcap smb210.pcap smb300.pcap smb202.pcap smb2_lease_oplock.pcap smb2_create_contexts.pcap smb2_notify_async.pcap smb1_nt1.pcap"
slice=$((mb / 10))
[ $slice -gt 0 ] || slice=1
make_capture small "$mb" $small
make_capture bulk "$mb" smb2_bulk.pcap
make_capture small-slice $slice $small
make_capture bulk-slice $slice smb2_bulk.pcap

timed() # NAME COMMAND...
{
	name=$1; shift
	"$programs/timed" "$results" "$name" "$@" > "$out/last.out" 2> "$out/last.err" || { echo "bench: $name failed:"; head -3 "$out/last.err"; }
}
cd "$out" || exit 2
have_tshark=
command -v tshark > /dev/null && have_tshark=1
head -c 24 small.pcap > empty.pcap
for c in small bulk; do
	cat $c.pcap > /dev/null                      # into memory: every program then finds it there
	# Three times in turn, the best of each counts: what else the machine does only ever adds.
	for try in 1 2 3; do
		timed $c:loop "$programs/pcaploop" $c.pcap
		rm -f bench.db*
		timed $c:import "$smbscope" import -q -o bench.db $c.pcap
		timed $c:fields "$smbscope" dissect -T fields $e $c.pcap
		[ "$have_tshark" ] || continue
		timed start:tshark tshark -n -r empty.pcap -T fields $e
		timed $c:tshark tshark -n -r $c-slice.pcap -T fields $e
	done
	wc -c < bench.db > $c.db-bytes
	"$programs/costs" $c.pcap bench.db > $c.costs || echo "$c:costs 0 0 0 1" >> "$results"
done
rm -f bench.db* last.out

# Memory must not grow with the capture.
large() # NAME COMMAND...: that makes large.pcap
{
	what=$1; shift
	"$@" > /dev/null 2>&1 || { echo "bench: cannot make the capture for $what"; return; }
	timed large:$what "$smbscope" import -q -o large.db large.pcap
	wc -c < large.pcap > large.$what
	"$smbscope" query --format csv large.db 'SELECT count(*) FROM connections' | tail -1 >> large.$what
	rm -f large.pcap large.db*
}
large connections "$programs/mkbench" large.pcap $((mb * 10)) "$pcaps/smb3_multichannel.pcap"
large transfer "$programs/mkbulk" large.pcap $((mb * 15 / 2))

echo "bench: $(uname -sm), $(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), load $(cut -d' ' -f1 /proc/loadavg), $("$smbscope" --version)"
for c in small bulk; do
	wc -c < $c.pcap > bytes; wc -c < $c-slice.pcap > slice-bytes
	awk -v c=$c -v bytes="$(cat bytes)" -v sbytes="$(cat slice-bytes)" -v db="$(cat $c.db-bytes)" '
	function line(what, t, cpu, kib, b) {
		printf "  %-22s %8.2f s %8.2f s cpu %9.1f MB/s %8.1f MiB peak", what, t, cpu, b / t / 1e6, kib / 1024
		if (loop) printf " %7.1f x loop", t / loop
		if (import) printf " %7.2f x import", t / import
		print ""
	}
	FILENAME == "results.txt" && $1 ~ "^" c ":" {
		sub(/.*:/, "", $1)
		if (!($1 in t) || $2 < t[$1]) { t[$1] = $2 > 0.001 ? $2 : 0.001; cpu[$1] = $3 }
		if ($4 > kib[$1]) kib[$1] = $4
	}
	FILENAME == "results.txt" && $1 == "start:tshark" && (!start || $2 < start) { start = $2; start_cpu = $3 }
	FILENAME != "results.txt" { cost[$1] = $2 }
	END {
		printf "\n%s: %.1f MB, %d messages, database %.1f MB\n", c, bytes / 1e6, cost["messages"], db / 1e6
		scale = bytes / sbytes
		loop = t["loop"]; import = t["import"]
		line("libpcap loop", t["loop"], cpu["loop"], kib["loop"], bytes)
		line("import", t["import"], cpu["import"], kib["import"], bytes)
		line("dissect -T fields", t["fields"], cpu["fields"], kib["fields"], bytes)
		if ("tshark" in t) {
			ts = start + (t["tshark"] - start) * scale
			tc = start_cpu + (cpu["tshark"] - start_cpu) * scale
			line("tshark -T fields *", ts, tc, kib["tshark"], bytes)
			printf "  * measured on %.1f MB (%.2f s, of that %.2f s to start), scaled by bytes; its memory is of those\n", sbytes / 1e6, t["tshark"], start
			printf "  tshark / import %.1f (cpu %.1f), tshark / dissect %.1f (cpu %.1f)\n", ts / t["import"], tc / cpu["import"], ts / t["fields"], tc / cpu["fields"]
			if (c == "small") printf "%.1f\n", ts / t["import"] > "ratio"
		} else
			print "  tshark is not installed"
		printf "  ns a message: stream %d, decode %d, track %d, event %d; decode and track %d of 700\n", cost["stream"], cost["decode"], cost["track"], cost["event"], cost["decode"] + cost["track"] + cost["event"]
		printf "  ns a row: row %d of 1500, index %d (%d rows, %d events); all %d ns a message\n", cost["row"], cost["index"], cost["rows"], cost["events"], cost["all"]
	}' results.txt $c.costs
done

echo
memory() # NAME LIMIT-MIB
{
	{ read -r bytes; read -r connections; } < large.$1
	kib=$(awk -v n="large:$1" '$1 == n { print $4 }' results.txt)
	printf '%s: %d MB, %d connections, peak %.1f MiB of %d\n' "$1" $((bytes / 1000000)) "$connections" "$(echo "$kib" | awk '{ print $1 / 1024 }')" $2
	[ "$kib" -lt $(($2 * 1024)) ]
}
passed=0 failed=0 skipped=0
for limit in "connections 256" "transfer 64"; do
	if memory $limit; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "memory over its limit"; fi
done
rm -f large.connections large.transfer
while read -r name seconds cpu kib status; do
	if [ "$status" = 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "bench: $name ended with $status"; fi
done < results.txt
if [ -f ratio ]; then
	if awk '{ exit !($1 >= 20) }' ratio; then
		passed=$((passed + 1)); echo "target met: small messages import $(cat ratio) times faster than tshark prints 13 fields (20 wanted)"
	else
		failed=$((failed + 1)); echo "target missed: small messages import $(cat ratio) times faster than tshark prints 13 fields (20 wanted)"
	fi
else
	skipped=1
fi
rm -f ratio bytes slice-bytes empty.pcap
echo "bench: $passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
