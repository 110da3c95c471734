# wrong usage: one line that helps, exit 2; a file that is not there or no capture: exit 3
run() { "$SMBSCOPE" "$@"; echo "status $?"; }
run impotr x
run import
run import --no-such-option x
run import -o
run import --from yesterday x
run import --port 70000 x
run dissect
run dissect -T html x
run dissect -T fields x
run dissect -T fields -e no.such.field "$PCAPS"/smb210.pcap
run live
run query
run import -o c.db not-there.pcap
echo "no capture at all, only text" > text.txt
run import -o c.db text.txt
