#!/bin/sh
# Live capture equals import of what it wrote: run.sh SMBSCOPE [CAPTURE]
# Two network namespaces, a veth pair; a client and a server of a few lines say what the TCP streams of a capture say,
# in turns, over port 445.  Needs root (or the right to make namespaces and raw sockets), ip and python3; else skipped.
set -u
here=$(cd "$(dirname "$0")" && pwd)
smbscope=$(realpath "${1:?usage: run.sh SMBSCOPE [CAPTURE]}")
capture=${2:-$here/../pcaps/smb210.pcap}
a=smbs-a-$$ b=smbs-b-$$
tmp=$(mktemp -d) || exit 2
live=
skip() { echo "live: skipped: $*"; echo "live: 0 passed, 0 failed, 1 skipped"; exit 0; }
clean()
{
	[ -z "$live" ] || kill "$live" 2>/dev/null
	ip netns del $a 2>/dev/null
	ip netns del $b 2>/dev/null
	rm -rf "$tmp"
}
trap clean EXIT
trap 'exit 2' INT TERM

command -v ip > /dev/null || skip "no ip(8) here"
command -v python3 > /dev/null || skip "no python3 here"
ip netns add $a 2>/dev/null || skip "no right to make a network namespace"
ip netns add $b && ip link add smbs-va netns $a type veth peer name smbs-vb netns $b 2>/dev/null || skip "no veth devices here"
ip -n $a addr add 10.88.0.1/24 dev smbs-va && ip -n $b addr add 10.88.0.2/24 dev smbs-vb &&
	ip -n $a link set smbs-va up && ip -n $b link set smbs-vb up && ip -n $a link set lo up || skip "the devices do not come up"

cat > "$tmp/replay.py" <<'END'
"""replay.py CAPTURE server|client ADDRESS: says one side of a pcap's TCP connections to port 445, in their turns."""
import socket, struct, sys, time

def turns(path):
    data = open(path, 'rb').read()
    end = '<' if data[:4] in (b'\xd4\xc3\xb2\xa1', b'\x4d\x3c\xb2\xa1') else '>'
    at, flows, order = 24, {}, []
    while at + 16 <= len(data):
        n = struct.unpack(end + 'I', data[at + 8:at + 12])[0]
        p = data[at + 16:at + 16 + n]
        at += 16 + n
        if p[12:14] != b'\x08\x00' or p[23] != 6:
            continue
        ip = 14 + 4 * (p[14] & 15)
        tcp = p[ip:14 + struct.unpack('>H', p[16:18])[0]]
        sport, dport, seq = struct.unpack('>HHI', tcp[:8])
        payload = tcp[4 * (tcp[12] >> 4):]
        server = sport == 445
        key = (p[26:30], p[30:34], sport, dport) if not server else (p[30:34], p[26:30], dport, sport)
        if key not in flows:
            flows[key] = {'next': {}, 'turns': []}
            order.append(key)
        f = flows[key]
        if not payload or ((server in f['next']) and (seq - f['next'][server]) & 0xffffffff >= 0x80000000):
            continue
        f['next'][server] = (seq + len(payload)) & 0xffffffff
        if f['turns'] and f['turns'][-1][0] == server:
            f['turns'][-1][1] += payload
        else:
            f['turns'].append([server, bytearray(payload)])
    return [flows[k]['turns'] for k in order if flows[k]['turns']]

def play(s, side, all_turns):
    for server, payload in all_turns:
        if server == side:
            s.sendall(payload)
        else:
            left = len(payload)
            while left:
                got = s.recv(min(left, 65536))
                if not got:
                    sys.exit('the other side closed')
                left -= len(got)

capture, role, address = sys.argv[1:]
all_flows = turns(capture)
if role == 'server':
    l = socket.socket()
    l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    l.bind((address, 445))
    l.listen()
    l.settimeout(20)
    for t in all_flows:
        s, _ = l.accept()
        s.settimeout(20)
        play(s, True, t)
        s.recv(1)
        s.close()
else:
    for t in all_flows:
        for i in range(50):
            try:
                s = socket.create_connection((address, 445), timeout=20)
                break
            except ConnectionRefusedError:
                time.sleep(0.1)
        play(s, False, t)
        s.close()
        time.sleep(0.1)
    print(len(all_flows))
END

passed=0 failed=0
good() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "live: $*"; }

ip netns exec $b "$smbscope" live -i smbs-vb -w "$tmp/w.pcapng" -o "$tmp/live.db" --no-ui > "$tmp/live.log" 2>&1 &
live=$!
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	[ -s "$tmp/w.pcapng" ] && break
	kill -0 $live 2>/dev/null || break
	sleep 0.2
done
if ! kill -0 $live 2>/dev/null; then
	grep -qiE 'permission|CAP_NET_RAW|not permitted|right' "$tmp/live.log" && skip "no raw socket: $(head -1 "$tmp/live.log")"
	bad "smbscope live ended at once: $(head -1 "$tmp/live.log")"
else
	ip netns exec $a timeout 60 python3 "$tmp/replay.py" "$capture" server 10.88.0.1 > "$tmp/server.log" 2>&1 &
	server=$!
	flows=$(ip netns exec $b timeout 60 python3 "$tmp/replay.py" "$capture" client 10.88.0.1 2> "$tmp/client.log")
	wait $server || bad "the server of the replay failed: $(tail -1 "$tmp/server.log")"
	[ "${flows:-0}" -ge 1 ] && good || bad "the client of the replay failed: $(tail -1 "$tmp/client.log")"
	sleep 1
	# `ip netns exec` becomes the program, so this is its process.
	kill -INT $live
	wait $live; status=$?
	live=
	[ $status = 0 ] && good || bad "smbscope live ended with $status on SIGINT: $(tail -1 "$tmp/live.log")"
	grep -qE ' 0 dropped' "$tmp/live.log" && good || bad "packets were dropped, or not counted: $(tail -1 "$tmp/live.log")"
fi
if [ $failed = 0 ]; then
	"$smbscope" import -q -o "$tmp/import.db" "$tmp/w.pcapng" 2> "$tmp/import.log" && good || bad "import: $(head -1 "$tmp/import.log")"
	# As many commands as in the capture that was replayed, so that neither side is empty.
	"$smbscope" import -q -o "$tmp/was.db" "$capture"
	was=$("$smbscope" query "$tmp/was.db" --format csv "SELECT count(*) AS n FROM commands" | tail -1)
	is=$("$smbscope" query "$tmp/live.db" --format csv "SELECT count(*) AS n FROM commands" | tail -1)
	[ "$was" = "$is" ] && [ "$is" -gt 0 ] && good || bad "$is commands live, $was in $capture"
	for view in $("$smbscope" query "$tmp/live.db" --format csv "SELECT name FROM sqlite_master WHERE type = 'view' ORDER BY name" | tail -n +2); do
		what='*'
		# What is about this import: the file is the same, the way it was read is not.
		[ $view = captures ] && what="capture_id, set_id, bytes, format, frames, smb_frames, truncated_frames, dropped_frames, skipped_frames, bad_checksums, evictions, first_time, last_time, complete"
		for db in live import; do
			"$smbscope" query "$tmp/$db.db" --format csv "SELECT $what FROM $view" | sort > "$tmp/$db.csv"
		done
		if cmp -s "$tmp/live.csv" "$tmp/import.csv"; then
			good
		else
			bad "view $view differs:"
			diff "$tmp/live.csv" "$tmp/import.csv" | head -6 | cut -c1-400
		fi
	done
fi
echo "live: $passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
