#!/bin/bash
# Records the captures of this folder: real smbd and real clients in two network namespaces ([MS-CIFS], [MS-SMB], [MS-SMB2]).
#
# Usage (as root):  tests/pcaps/record.sh [NAME...]     all captures, or those named (smb311 or smb311.pcap)
#                   tests/pcaps/record.sh --list        the cases, one a line
#                   OUT=DIR tests/pcaps/record.sh ...   into DIR instead of this folder
#
# Needs Debian's samba, samba-vfs-modules, smbclient, samba-testsuite, python3-impacket, tcpdump, wireshark-common, tshark, iproute2.
# Nothing leaves the machine: the two namespaces are joined by one veth pair and have no other link. All state lives in
# one temporary folder; smbd sees its own passwd and group files (bind mounts inside its own mount namespace), so the
# machine's users are not touched. Everything goes away on every exit.
#
# A new run gives the same conversations, not the same bytes: times, ids, challenges and ports differ.
# dialect gives two words on purpose; names and addresses of ours hold no blanks
# shellcheck disable=SC2046,SC2086
set -euo pipefail
umask 022
export LC_ALL=C.UTF-8

here=$(cd "$(dirname "$0")" && pwd)
OUT=${OUT:-$here}

# ---- The cases --------------------------------------------------------------------------------------------------
# file | how it is captured (see start_capture) | server settings (see server_settings) | what it shows
# The commands of a case are in the function case_FILE (the file's name up to its first dot).
cases() {
	cat <<-'END'
	smb1_nt1.pcap|eth|-|SMB1 NT LM 0.12, extended security, NTLMv2 in SPNEGO; a signed connection, then an unsigned one; names beyond ASCII
	smb1_noext.pcap|eth|-|SMB1 without extended security: NTLMv2 response, then NTLMv1 response, in the password fields of SESSION_SETUP_ANDX (WordCount 13)
	smb1_lanman.pcap|eth|-|dialects LANMAN2.1 and LANMAN1.0: NEGOTIATE answer of WordCount 13, SESSION_SETUP_ANDX of WordCount 10 with one 24-byte response, OEM strings, SEARCH, FIND_CLOSE, QUERY_INFORMATION2
	smb1_negotiate.pcap|eth|-|hand-made clients: NEGOTIATE answers of WordCount 1 (core, none in common), 13, 17 without and with extended security, and SMB1 to SMB2 (2.??? and 2.002)
	smb1_base.pcap|eth|torture|smbtorture base.* and raw.*: OPEN_ANDX, NT_CREATE_ANDX, READ, WRITE, CLOSE, chains of AndX, several MIDs in flight
	smb1_impacket.pcap|eth|-|SMB1 as impacket speaks it (another client's encoding), put, list, get, delete
	smb1_copy.pcap|eth|-|SMB1: a directory tree copied to the share and back, listed, a rename, deletions; smb2_copy is the same
	smb2_copy.pcap|eth|-|SMB 3.1.1: what smb1_copy does in SMB1
	smb202.pcap|eth|-|SMB 2.0.2: a signed connection, then an unsigned one
	smb210.pcap|eth|-|SMB 2.1: a signed connection, then an unsigned one
	smb300.pcap|eth|-|SMB 3.0: signed (AES-128-CMAC), then unsigned; FSCTL_VALIDATE_NEGOTIATE_INFO
	smb311.pcap|eth|-|SMB 3.1.1: signed (AES-128-GMAC), then unsigned; negotiate contexts
	smb1_to_smb311.pcap|eth|-|multi-protocol NEGOTIATE: the client starts in SMB1 and ends in SMB 3.1.1
	smb2_impacket.pcap|eth|-|SMB 3.0 as impacket speaks it, put, list, get, delete
	smb311_compound.pcap|eth|torture|smbtorture smb2.compound: related and unrelated compounds, padding, an oplock break within one, invalid ones
	smb2_lease_oplock.pcap|eth|torture|smbtorture smb2.lease and smb2.oplock: lease v1 and v2 contexts, breaks and acknowledgements
	smb2_durable.pcap|eth|torture|smbtorture smb2.durable-open and durable-v2-open: DHnQ, DHnC, DH2Q, DH2C, RqLs contexts; reconnects
	smb2_create_contexts.pcap|eth|torture|smbtorture smb2.create and smb2.fileid: SecD, AlSi, MxAc, QFid, TWrp, DHnQ contexts, up to four in one CREATE
	smb2_notify_async.pcap|eth|torture|CHANGE_NOTIFY and LOCK that stay pending: STATUS_PENDING with AsyncId, CANCEL, STATUS_CANCELLED, late answers
	smb2_streams.pcap|eth|torture|smbtorture smb2.streams: alternate data streams, their names, deletion, attributes
	smb2_changes.pcap|eth|torture|what changes files: server-side copies (FSCTL_SRV_COPYCHUNK), a hard link, a security descriptor, attributes, times, sizes
	smb2_apple.pcap|eth|apple|the create context AAPL, which changes what directory entries carry (READDIRATTR), before and after
	smb3_multichannel.pcap|eth|torture|smbtorture smb2.session.bind1: a session bound to a second connection
	smb311_encrypted.pcap|eth|-|SMB 3.1.1 encrypted (TRANSFORM_HEADER, AES-128-GCM), then SMB 3.0 encrypted (AES-128-CCM)
	smb2_bulk.pcap|eth|-|a file of 400000 bytes written and read back: PDUs over 64 KiB in many segments, multi-credit
	nbss139_smb311.pcap|eth|-|port 139, NetBIOS session request, then SMB 3.1.1
	nbss139_nt1.pcap|eth|-|port 139: NetBIOS session request to FS1, then SMB1; a second connection to the name *SMBSERVER
	ipv6_smb311.pcap|eth|-|SMB 3.1.1 over IPv6
	ipv6_nt1.pcap|eth|-|SMB1 over IPv6
	failed_logon.pcap|eth|-|wrong password, unknown user, then a good logon; in SMB 3.1.1, then in SMB1
	guest_null.pcap|eth|guest|anonymous sessions and sessions mapped to guest, in SMB 3.1.1 and in SMB1
	rpc_srvsvc.pcap|eth|-|DCE/RPC over the pipe srvsvc: NetShareEnumAll, NetShareGetInfo, NetSrvGetInfo; over SMB 3.1.1
	rpc_calls.pcap|eth|-|DCE/RPC: srvsvc with requests in fragments, a second presentation context (alter_context) and one refused, lsarpc, samr, winreg, svcctl, faults; over SMB 2.1
	sll2_smb311.pcap|any-sll2|-|captured on "any": LINUX_SLL2
	sll_smb311.pcap|any-sll|-|captured on "any" with -y LINUX_SLL
	vlan_smb210.pcap|vlan|-|802.1Q tag, VLAN 77, captured on the parent interface; ARP too
	nano_smb311.pcap|nano|-|pcap with nanoseconds
	pcapng_smb311.pcapng|pcapng|-|pcapng written by dumpcap, nanoseconds, interface statistics at its end
	gzip_smb300.pcap.gz|gzip|-|a gzipped pcap
	offload_smb311.pcap|offload|-|offloads left on: frames beyond the MTU and TCP checksums not yet computed, as captured on the sending host
	END
}

server4=10.77.0.1 client4=10.77.0.2 server6=fd77::1 client6=fd77::2
vlan_server4=10.77.0.129 vlan_client4=10.77.0.130
user=alice password='Passw0rd!'
account="LAB/$user%$password"

# ---- What the cases do ------------------------------------------------------------------------------------------
# The work most cases do: every kind of change to a file once. The address is where smbclient connects; $alt is the
# second file's name. Usage: work //SERVER/SHARE ADDRESS OPTION...
alt='d1\grüße 日本 😀.txt'
work() {
	local unc=$1 address=$2
	shift 2
	client "$unc" -I "$address" -U "$account" "$@" -c "mkdir d1; put hello.txt d1\\hello.txt; put f6k.bin \"$alt\"; ls d1\\*;
		get d1\\hello.txt got.txt; get \"$alt\" got.bin; rename d1\\hello.txt d1\\hi.txt; allinfo d1\\hi.txt;
		del d1\\hi.txt; del \"$alt\"; rmdir d1"
	moved put "$unc" 'd1\hello.txt' "$files/hello.txt"
	moved put "$unc" "$alt" "$files/f6k.bin"
	moved get "$unc" 'd1\hello.txt' "$files/got.txt"
	moved get "$unc" "$alt" "$files/got.bin"
}

# Usage: dialect MIN [MAX]: the options that hold smbclient to these
dialect() { echo "--option=clientminprotocol=$1 --option=clientmaxprotocol=${2:-$1}"; }
signed=(--client-protection=sign)
unsigned=(--client-protection=off --option=clientsigning=off)

signed_then_unsigned() {
	work //$server4/data $server4 $(dialect $1) "${signed[@]}"
	work //$server4/data $server4 $(dialect $1) "${unsigned[@]}"
}

# A tree there and back. tests/smb1/same.sh wants the same rows of both.
copy_tree() {
	rm -rf "$files/docs" "$files/back"
	mkdir -p "$files/docs/sub" "$files/back"
	cp "$files/hello.txt" "$files/docs/readme.txt"
	cp "$files/hello.txt" "$files/docs/notes.txt"
	cp "$files/f6k.bin" "$files/docs/sub/data.bin"
	: >"$files/docs/sub/empty.txt"
	client //$server4/data -U "$account" $(dialect $1) "${unsigned[@]}" -c 'recurse ON; prompt OFF; mput docs; ls docs\*;
		rename docs\notes.txt docs\old.txt; lcd back; mget docs; recurse OFF; del docs\old.txt; del docs\sub\data.bin;
		del docs\sub\empty.txt; rmdir docs\sub'
	moved put //$server4/data 'docs\readme.txt' "$files/docs/readme.txt"
	moved put //$server4/data 'docs\notes.txt' "$files/docs/notes.txt"
	moved put //$server4/data 'docs\sub\data.bin' "$files/docs/sub/data.bin"
	moved get //$server4/data 'docs\readme.txt' "$files/back/docs/readme.txt"
	moved get //$server4/data 'docs\old.txt' "$files/back/docs/old.txt"
	moved get //$server4/data 'docs\sub\data.bin' "$files/back/docs/sub/data.bin"
}
case_smb1_copy() { copy_tree NT1; }
case_smb2_copy() { copy_tree SMB3_11; }

case_smb1_nt1() { signed_then_unsigned NT1; }
case_smb202() { signed_then_unsigned SMB2_02; }
case_smb210() { signed_then_unsigned SMB2_10; }
case_smb300() { signed_then_unsigned SMB3_00; }
case_smb311() { signed_then_unsigned SMB3_11; }
case_smb1_to_smb311() { work //$server4/data $server4 $(dialect NT1 SMB3_11); }

case_smb1_noext() {
	work //$server4/data $server4 $(dialect NT1) --option='client use spnego=no'
	work //$server4/data $server4 $(dialect NT1) --option='client use spnego=no' --option='client ntlmv2 auth=no' "${unsigned[@]}"
}

case_smb1_lanman() {
	local alt='d1\second.bin' old=(--option='client use spnego=no' --option='client ntlmv2 auth=no' --option='client lanman auth=yes')
	work //$server4/data $server4 $(dialect LANMAN1 LANMAN2) "${old[@]}"
	work //$server4/data $server4 $(dialect LANMAN1) "${old[@]}"
}

case_smb1_negotiate() { in_client /usr/bin/python3 "$tmp/negotiate.py" $server4; }
case_smb1_impacket() { impacket 'NT LM 0.12'; }
case_smb2_impacket() { impacket 0x0300; }

impacket() {
	in_client /usr/bin/python3 "$tmp/impacket_work.py" $server4 $user "$password" "$1" "$files/f6k.bin" "$files/got.bin"
	moved put //FS1/data 'imp\f6k.bin' "$files/f6k.bin"
	moved get //FS1/data 'imp\f6k.bin' "$files/got.bin"
}

case_smb1_base() {
	torture NT1 base.tcon base.vuid base.open raw.open.chained-openx raw.open.chained-ntcreatex raw.mux raw.seek
}
case_smb311_compound() {
	torture SMB3_11 smb2.compound.{related1,related2,related3,unrelated1,invalid1,invalid2,interim1,compound-padding,create-write-close} \
		smb2.compound_find.compound_find_related smb2.compound_async.flush_close
}
case_smb2_lease_oplock() {
	torture SMB2_10 smb2.lease.{break,upgrade} smb2.oplock.{exclusive1,batch1,batch7}
	torture SMB3_11 smb2.lease.{v2_request,v2_epoch1,v2_request_parent} smb2.lease.v2_rename
}
case_smb2_durable() {
	torture SMB2_10 smb2.durable-open.{reopen1,reopen2,lock-oplock}
	torture SMB3_11 smb2.durable-v2-open.{create-blob,reopen1,reopen1a-lease,reopen2}
}
case_smb2_create_contexts() {
	torture SMB3_11 smb2.create.{leading-slash,impersonation,nulldacl} smb2.fileid.fileid
	must_fail torture SMB3_11 smb2.create.blob # stops where it wants a share with snapshots, after the contexts we want
}
case_smb2_notify_async() {
	torture SMB3_11 smb2.notify.{tdis,close,logoff,double,basedir} smb2.lock.{async,cancel,cancel-logoff}
}
case_smb2_streams() { torture SMB3_11 smb2.streams.{dir,names3,delete,zero-byte}; }
case_smb2_changes() {
	client //$server4/data -U "$account" $(dialect SMB3_11) -c 'put hello.txt a.txt; scopy a.txt b.txt; hardlink a.txt c.txt; setmode c.txt +h; put f6k.bin b.txt'
	in_client smbcacls -s "$tmp/client.conf" -U "$account" $(dialect SMB3_11) //$server4/data b.txt -a 'ACL:S-1-1-0:ALLOWED/0x3/READ'
	in_client smbcacls -s "$tmp/client.conf" -U "$account" $(dialect SMB3_11) //$server4/data b.txt -G S-1-5-32-545
	torture SMB3_11 smb2.ioctl.copy_chunk_simple
}
case_smb2_apple() { in_client /usr/bin/python3 "$tmp/apple.py" $server4 $user "$password"; }
case_smb3_multichannel() { torture SMB3_11 --option=libsmb:client_guid=6112f7d3-9528-4a2a-8861-0ca129aae6c4 smb2.session.bind1; }

case_smb311_encrypted() {
	work //$server4/data $server4 $(dialect SMB3_11) --client-protection=encrypt
	work //$server4/data $server4 $(dialect SMB3_00) --client-protection=encrypt
}

case_smb2_bulk() {
	client //$server4/data -U "$account" $(dialect SMB3_00) -c 'put bulk.bin bulk.bin; get bulk.bin got.bin; del bulk.bin'
	moved put //$server4/data bulk.bin "$files/bulk.bin"
	moved get //$server4/data bulk.bin "$files/got.bin"
}

case_nbss139_smb311() { work //FS1/data $server4 -p 139 -n WS1 $(dialect SMB3_11); }
case_nbss139_nt1() {
	work //FS1/data $server4 -p 139 -n WS1 $(dialect NT1)
	client '//*SMBSERVER/data' -I $server4 -p 139 -n WS1 -U "$account" $(dialect NT1) -c 'ls'
}
case_ipv6_smb311() { work //FS1/data $server6 $(dialect SMB3_11); }
case_ipv6_nt1() { work //FS1/data $server6 $(dialect NT1); }

case_failed_logon() {
	local d
	for d in SMB3_11 NT1; do
		must_fail client //$server4/data -U "LAB/$user%wrong" $(dialect $d) -c 'ls'
		must_fail client //$server4/data -U "LAB/mallory%$password" $(dialect $d) -c 'ls'
		client //$server4/data -U "$account" $(dialect $d) -c 'ls'
	done
}

case_guest_null() {
	local d
	for d in SMB3_11 NT1; do
		client //$server4/pub -U % $(dialect $d) -c 'ls'
		client //$server4/pub -U LAB/visitor%anything $(dialect $d) -c 'ls'
		must_fail client //$server4/data -U % $(dialect $d) -c 'ls'
	done
}

case_rpc_srvsvc() {
	in_client rpcclient -s "$tmp/client.conf" -U "$account" $(dialect SMB3_11) $server4 -c 'netshareenumall; netsharegetinfo data 502; srvinfo'
}

case_rpc_calls() { in_client /usr/bin/python3 "$tmp/rpc_calls.py" $server4 $user "$password"; }

case_sll2_smb311() { work //$server4/data $server4 $(dialect SMB3_11); }
case_sll_smb311() { work //$server4/data $server4 $(dialect SMB3_11); }
case_nano_smb311() { work //$server4/data $server4 $(dialect SMB3_11); }
case_pcapng_smb311() { work //$server4/data $server4 $(dialect SMB3_11); }
case_gzip_smb300() { work //$server4/data $server4 $(dialect SMB3_00); }
case_offload_smb311() { work //$server4/data $server4 $(dialect SMB3_11); }
case_vlan_smb210() { work //$vlan_server4/data $vlan_server4 $(dialect SMB2_10); }

# ---- The clients ------------------------------------------------------------------------------------------------
# A command that fails is noted in $tmp/failures, so that no case has to look at each of its commands.
in_client() {
	echo "+ $*" >>"$tmp/$name.log"
	(cd "$files" && timeout 120 ip netns exec $ns_client "$@") >>"$tmp/$name.log" 2>&1 || {
		{ echo "$*" | tr '\n' ' '; echo; grep -A1 -E '^(failure|error): ' "$tmp/$name.log" || true; } >>"$tmp/failures"
		return 1
	}
}
in_server() { ip netns exec $ns_server "$@"; }
client() { in_client smbclient -s "$tmp/client.conf" --use-kerberos=off "$@"; }
must_fail() {
	cp "$tmp/failures" "$tmp/failures.before"
	if "$@"; then echo "worked, but must not: $*" >>"$tmp/failures.before"; fi
	mv "$tmp/failures.before" "$tmp/failures"
}

# Usage: torture DIALECT TEST...
torture() {
	local d=$1
	shift
	in_client smbtorture //$server4/data -s "$tmp/client.conf" -U "$account" $(dialect $d) --use-kerberos=off \
		--option=torture:progress=no "$@"
}

# A row of files.tsv. Usage: moved put|get //SERVER/SHARE PATH LOCAL-COPY
moved() {
	local unc=${2//\//\\}
	if [ ! -f "$4" ]; then echo "did not arrive: $3" >>"$tmp/failures"; return; fi
	printf '%s\t%s\t%s\\%s\t%s\t%s\n' "$file" "$1" "$unc" "$3" "$(stat -c %s "$4")" "$(sha256sum <"$4" | cut -d' ' -f1)" >>"$tmp/files.new"
}

# ---- The server -------------------------------------------------------------------------------------------------
server_settings() {
	case $1 in
	torture) echo 'kernel oplocks = no
		posix locking = no
		kernel share modes = no
		durable handles = yes
		server multi channel support = yes
		ea support = yes' ;;
	apple) echo 'fruit:aapl = yes
		ea support = yes' ;;
	guest) echo 'map to guest = bad user
		guest account = nobody' ;;
	-) ;;
	esac
}

write_server_conf() {
	cat >"$tmp/smb.conf" <<-END
	[global]
		netbios name = FS1
		workgroup = LAB
		server role = standalone server
		server string = smbscope test server
		smb ports = 445 139
		server min protocol = CORE
		ntlm auth = ntlmv1-permitted
		lanman auth = yes
		raw NTLMv2 auth = yes
		passdb backend = tdbsam
		private dir = $tmp/private
		lock directory = $tmp/lock
		state directory = $tmp/state
		cache directory = $tmp/cache
		pid directory = $tmp/pid
		ncalrpc dir = $tmp/ncalrpc
		log file = $tmp/smbd.log
		load printers = no
		disable spoolss = yes
		dns proxy = no
		unix extensions = no
		multicast dns register = no
		$(server_settings "$1")
	[data]
		path = $tmp/share
		read only = no
		vfs objects = $([ "$1" = apple ] && echo fruit || echo acl_xattr) streams_xattr
	[pub]
		path = $tmp/pub
		read only = yes
		guest ok = yes
	END
	printf '[global]\n\tworkgroup = LAB\n\tnetbios name = WS1\n\tclient min protocol = CORE\n\tclient ipc min protocol = NT1\n\tprivate dir = %s\n\tlock directory = %s\n\tcache directory = %s\n\tstate directory = %s\n' \
		"$tmp/cl" "$tmp/cl" "$tmp/cl" "$tmp/cl" >"$tmp/client.conf"
}

# smbd in a mount namespace (ip netns exec makes one) in which alice is a user of the machine. A process namespace would
# be neater still, but in one smbd takes living locks for stale ones.
start_server() {
	write_server_conf "$1"
	rm -rf "$tmp"/{private,lock,state,cache,pid,ncalrpc,share,pub,cl}
	mkdir -p "$tmp"/{private,lock,state,cache,pid,ncalrpc,share,pub,cl}
	chown 7701:7701 "$tmp/share"
	echo 'for everybody' >"$tmp/pub/notice.txt"
	touch -d '2024-01-02 03:04:05 UTC' "$tmp/pub/notice.txt"
	# shellcheck disable=SC2016 # the inner shell expands them
	in_server bash -c '
		mount --bind "$0/passwd" /etc/passwd && mount --bind "$0/group" /etc/group || exit 1
		printf "%s\n%s\n" "$2" "$2" | smbpasswd -c "$0/smb.conf" -s -a "$1" || exit 1
		exec smbd -s "$0/smb.conf" --foreground --no-process-group' "$tmp" "$user" "$password" >"$tmp/smbd.out" 2>&1 &
	server_pid=$!
	for _ in $(seq 100); do
		if [ -n "$(in_server ss -Hltn 'sport = :445')" ]; then return; fi
		sleep 0.1
	done
	echo "smbd does not listen:" >&2
	cat "$tmp/smbd.out" >&2
	return 1
}

# Its children have process groups of their own, but nothing else runs in the server's namespace.
stop_server() {
	local pid
	for pid in $(ip netns pids $ns_server); do kill -KILL "$pid" 2>/dev/null || true; done
	if [ -n "$server_pid" ]; then wait "$server_pid" 2>/dev/null || true; fi
	server_pid=
}

# ---- The capture ------------------------------------------------------------------------------------------------
start_capture() {
	local dump=(tcpdump -s 0 -U --immediate-mode -B 16384 -Z root -n) to=$tmp/out/$file
	case $1 in
	eth) dump+=(-i c0 -w "$to" tcp) ;;
	any-sll2) dump+=(-i any -y LINUX_SLL2 -w "$to" tcp) ;;
	any-sll) dump+=(-i any -y LINUX_SLL -w "$to" tcp) ;;
	vlan) dump+=(-i c0 -w "$to") ;;
	nano) dump+=(-i c0 --nano -w "$to" tcp) ;;
	pcapng) dump=(dumpcap -q -n -s 0 -B 16 -i c0 -f tcp -w "$to") ;;
	gzip) dump+=(-i c0 -w "${to%.gz}" tcp) ;;
	offload) dump+=(-i c0 -w "$to" tcp) ;;
	esac
	in_client_bg "${dump[@]}"
	capture_pid=$!
	for _ in $(seq 100); do
		# dumpcap names its file once the device is open
		if grep -Eq '^(tcpdump: )?(listening on|File: )' "$tmp/capture.err"; then return; fi
		sleep 0.1
	done
	echo "the capture does not start:" >&2
	cat "$tmp/capture.err" >&2
	return 1
}
in_client_bg() { : >"$tmp/capture.err"; ip netns exec $ns_client "$@" 2>"$tmp/capture.err" & }

# SIGINT after the last packets came: tcpdump then reads what is left and says what the kernel dropped
stop_capture() {
	sleep 0.6
	kill -INT "$capture_pid"
	wait "$capture_pid" || true
	capture_pid=
	if [ "$1" = gzip ]; then gzip -n9 "$tmp/out/${file%.gz}"; fi
	if grep -E 'dropped' "$tmp/capture.err" | grep -Evq '^0 packets dropped|dropped on .*: [0-9]+/0'; then
		cat "$tmp/capture.err" >&2
		return 1
	fi
}

# Nothing lost, each connection with its handshake, SMB in it
check_capture() {
	local path=$tmp/out/$file streams opened lost smb
	streams=$(tshark -r "$path" -T fields -e tcp.stream 2>/dev/null | sed '/^$/d' | sort -u | wc -l)
	opened=$(tshark -r "$path" -Y 'tcp.flags.syn == 1 && tcp.flags.ack == 0' -T fields -e tcp.stream 2>/dev/null | sort -u | wc -l)
	lost=$(tshark -r "$path" -Y 'tcp.analysis.lost_segment || tcp.analysis.ack_lost_segment' 2>/dev/null | wc -l)
	smb=$(tshark -r "$path" -Y 'smb || smb2' 2>/dev/null | wc -l)
	printf '%-28s %6d bytes %5d frames %4d SMB frames %3d connections\n' "$file" "$(stat -c %s "$path")" "$(frames "$path")" "$smb" "$streams"
	if [ "$streams" -eq 0 ] || [ "$opened" -ne "$streams" ] || [ "$lost" -ne 0 ] || [ "$smb" -eq 0 ]; then
		echo "$file: $opened of $streams connections with handshake, $lost lost segments" >&2
		return 1
	fi
}
frames() { capinfos -M -c -T -r "$1" 2>/dev/null | cut -f2; }

# ---- The network ------------------------------------------------------------------------------------------------
ns_client=smbscope-c-$$ ns_server=smbscope-s-$$
start_network() {
	ip netns add $ns_client
	ip netns add $ns_server
	ip -n $ns_client link add c0 address 02:77:00:00:00:02 type veth peer name s0 address 02:77:00:00:00:01 netns $ns_server
	ip -n $ns_client link set lo up
	ip -n $ns_server link set lo up
	ip -n $ns_client link set c0 up
	ip -n $ns_server link set s0 up
	ip -n $ns_client addr add $client4/25 dev c0
	ip -n $ns_server addr add $server4/25 dev s0
	ip -n $ns_client addr add $client6/64 dev c0 nodad
	ip -n $ns_server addr add $server6/64 dev s0 nodad
}

# Offloads off gives frames as they would be on the wire: at most the MTU, with true checksums
offloads() {
	ip netns exec $ns_client /usr/bin/python3 "$tmp/offloads.py" c0 "$1"
	in_server /usr/bin/python3 "$tmp/offloads.py" s0 "$1"
}

# The VLAN's interfaces are TAP devices and a relay that adds and removes the tag: the kernel's own (8021q) is a module
# that many machines lack.
start_vlan() {
	ip netns exec $ns_client /usr/bin/python3 "$tmp/vlan.py" c0 77 & vlan_pids+=($!)
	ip netns exec $ns_server /usr/bin/python3 "$tmp/vlan.py" s0 77 & vlan_pids+=($!)
	for _ in $(seq 50); do
		if ip -n $ns_client link show dev c0-77 && ip -n $ns_server link show dev s0-77; then break; fi
		sleep 0.1
	done >/dev/null 2>&1
	ip -n $ns_client link set c0-77 address 02:77:00:00:77:02 up
	ip -n $ns_server link set s0-77 address 02:77:00:00:77:01 up
	ip -n $ns_client addr add $vlan_client4/25 dev c0-77
	ip -n $ns_server addr add $vlan_server4/25 dev s0-77
}
stop_vlan() {
	local pid
	for pid in "${vlan_pids[@]}"; do kill "$pid" 2>/dev/null || true; wait "$pid" 2>/dev/null || true; done
	vlan_pids=()
}

# ---- Small programs ---------------------------------------------------------------------------------------------
write_programs() {
	cat >"$tmp/offloads.py" <<-'END'
	# Usage: offloads.py INTERFACE 0|1: checksum, scatter-gather, segmentation and receive offloads (SIOCETHTOOL)
	import fcntl, socket, struct, sys, ctypes
	for cmd in (0x15, 0x17, 0x19, 0x1f, 0x24, 0x2c) if sys.argv[2] == "0" else (0x15, 0x17, 0x19, 0x1f, 0x24):
	    value = ctypes.create_string_buffer(struct.pack("II", cmd, int(sys.argv[2])))
	    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
	        try:
	            fcntl.ioctl(s, 0x8946, struct.pack("16sP16x", sys.argv[1].encode(), ctypes.addressof(value)))
	        except OSError as e:
	            if cmd in (0x17, 0x1f):
	                raise
	END
	cat >"$tmp/vlan.py" <<-'END'
	# Usage: vlan.py INTERFACE ID: a TAP device INTERFACE-ID whose frames travel on INTERFACE with an 802.1Q tag
	import fcntl, os, select, socket, struct, sys
	parent, vid = sys.argv[1], int(sys.argv[2])
	tap = os.open("/dev/net/tun", os.O_RDWR)
	fcntl.ioctl(tap, 0x400454ca, struct.pack("16sH22x", f"{parent}-{vid}".encode(), 0x1002))
	wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
	wire.bind((parent, 3))
	wire.setsockopt(263, 8, 1)  # SOL_PACKET, PACKET_AUXDATA: the kernel hands the tag over beside the frame
	while True:
	    for fd in select.select([tap, wire], [], [])[0]:
	        if fd is wire:
	            frame, extra, _, address = wire.recvmsg(65536, 256)
	            aux = [d for level, kind, d in extra if level == 263 and kind == 8]
	            status, tci = struct.unpack_from("I", aux[0])[0], struct.unpack_from("H", aux[0], 16)[0]
	            if address[2] != 4 and status & 0x10 and tci & 0xfff == vid:  # not one we sent, with a tag, ours
	                try:
	                    os.write(tap, frame)
	                except OSError:
	                    pass
	        else:
	            frame = os.read(tap, 65536)
	            wire.send(frame[:12] + struct.pack(">HH", 0x8100, vid) + frame[12:])
	END
	cat >"$tmp/negotiate.py" <<-'END'
	# Usage: negotiate.py SERVER: one connection for each list of dialects ([MS-CIFS] 2.2.4.52)
	import socket, struct, sys
	LISTS = (  # flags2, dialects
	    (0x0000, ["PC NETWORK PROGRAM 1.0"]),
	    (0x0000, ["NO SUCH DIALECT 1.0"]),
	    (0x0000, ["PC NETWORK PROGRAM 1.0", "MICROSOFT NETWORKS 1.03", "MICROSOFT NETWORKS 3.0", "LANMAN1.0"]),
	    (0x0001, ["PC NETWORK PROGRAM 1.0", "LANMAN1.0", "LM1.2X002"]),
	    (0x0001, ["PC NETWORK PROGRAM 1.0", "LANMAN1.0", "Windows for Workgroups 3.1a", "LM1.2X002", "LANMAN2.1"]),
	    (0xc001, ["LANMAN1.0", "LM1.2X002", "LANMAN2.1", "NT LM 0.12"]),
	    (0xc801, ["NT LM 0.12"]),
	    (0xc801, ["NT LM 0.12", "SMB 2.002"]),
	    (0xc801, ["NT LM 0.12", "SMB 2.002", "SMB 2.???"]),
	)
	def receive(s, n):
	    got = b""
	    while len(got) < n:
	        part = s.recv(n - len(got))
	        if not part:
	            return got
	        got += part
	    return got
	for flags2, dialects in LISTS:
	    body = b"".join(b"\x02" + d.encode() + b"\0" for d in dialects)
	    header = struct.pack("<4sBIBHH8sHHHHH", b"\xffSMB", 0x72, 0, 0x18, flags2, 0, b"", 0, 0, 4711, 0, 1)
	    message = header + struct.pack("<BH", 0, len(body)) + body
	    with socket.create_connection((sys.argv[1], 445), 10) as s:
	        s.sendall(struct.pack(">I", len(message)) + message)
	        answer = receive(s, struct.unpack(">I", receive(s, 4) or b"\0\0\0\0")[0])
	        print(dialects, "->", answer[:4], "words", answer[32] if answer[:1] == b"\xff" else "-", flush=True)
	END
	cat >"$tmp/apple.py" <<-'END'
	# Usage: apple.py SERVER USER PASSWORD: lists a folder before and after asking for READDIRATTR (kAAPL_SERVER_QUERY)
	import struct, sys
	from impacket import smb3structs as s3
	from impacket.smbconnection import SMBConnection
	server, user, password = sys.argv[1:]
	c = SMBConnection("FS1", server, myName="WS1", sess_port=445, preferredDialect=0x0210)
	c.login(user, password, "LAB")
	c.createDirectory("data", "mac")
	for name in ("one.txt", "two.txt"):
	    c.putFile("data", "mac\\" + name, lambda n, left=[b"0123456789"]: left.pop() if left else b"")
	s, tree = c.getSMBServer(), c.connectTree("data")
	class Context:
	    def getData(self):
	        data = struct.pack("<IIQQ", 1, 0, 7, 7)  # server query: capabilities of server and volume, model
	        return struct.pack("<IHHHHI4s4x", 0, 16, 4, 0, 24, len(data), b"AAPL") + data
	def open_folder(**more):
	    return s.create(tree, "mac", s3.FILE_LIST_DIRECTORY | s3.FILE_READ_ATTRIBUTES, 7, s3.FILE_DIRECTORY_FILE, s3.FILE_OPEN, 0, **more)
	for more in ({}, {"createContexts": [Context()]}, {}):
	    folder = open_folder(**more)
	    print(len(s.queryDirectory(tree, folder, "*", informationClass=s3.FILEID_BOTH_DIRECTORY_INFORMATION, maxBufferSize=65535)))
	    s.close(tree, folder)
	c.logoff()
	c.close()
	END
	cat >"$tmp/rpc_calls.py" <<-'END'
	# Usage: rpc_calls.py SERVER USER PASSWORD: calls of five interfaces; with fragments of 40 bytes a request takes several
	import sys
	from impacket.dcerpc.v5 import transport, srvs, lsat, lsad, samr, rrp, scmr, wkst
	from impacket.dcerpc.v5.dtypes import NULL, MAXIMUM_ALLOWED
	from impacket.dcerpc.v5.rpcrt import DCERPCException
	from impacket.uuid import uuidtup_to_bin
	server, user, password = sys.argv[1:]
	def pipe(name, interface, fragment=0):
	    t = transport.SMBTransport(server, 445, name, username=user, password=password)
	    t.preferred_dialect(0x0210)        # in 3.0 impacket would encrypt
	    dce = t.get_dce_rpc()
	    dce.connect()
	    if fragment:
	        dce.set_max_fragment_size(fragment)
	    dce.bind(interface)
	    return dce
	def try_(what, *args, **more):
	    try:
	        return what(*args, **more)
	    except (DCERPCException, Exception) as e:
	        print('not:', what.__name__, e)
	dce = pipe(r'\srvsvc', srvs.MSRPC_UUID_SRVS, 40)
	for level in (0, 1, 2, 502, 503):
	    try_(srvs.hNetrShareEnum, dce, level)
	try_(srvs.hNetrShareGetInfo, dce, 'data\0', 502)
	try_(srvs.hNetrSessionEnum, dce, NULL, NULL, 10)
	try_(srvs.hNetrServerGetInfo, dce, 102)
	try_(srvs.hNetrRemoteTOD, dce)
	try_(lambda: dce.alter_ctx(uuidtup_to_bin(('6bffd098-a112-3610-9833-46c3f87e345a', '1.0'))))
	try_(lambda: dce.alter_ctx(uuidtup_to_bin(('12345678-1234-1234-1234-1234567890ab', '7.0'))))
	dce.disconnect()
	dce = pipe(r'\lsarpc', lsat.MSRPC_UUID_LSAT)
	policy = lsad.hLsarOpenPolicy2(dce, MAXIMUM_ALLOWED)['PolicyHandle']
	try_(lsad.hLsarQueryInformationPolicy2, dce, policy, lsad.POLICY_INFORMATION_CLASS.PolicyAccountDomainInformation)
	try_(lsat.hLsarLookupNames3, dce, policy, ('nobody', user, 'Everyone'))
	try_(lsat.hLsarLookupSids, dce, policy, ('S-1-1-0', 'S-1-5-32-544', 'S-1-5-18'))
	try_(lsad.hLsarEnumeratePrivileges, dce, policy)
	lsad.hLsarClose(dce, policy)
	dce.disconnect()
	dce = pipe(r'\samr', samr.MSRPC_UUID_SAMR)
	root = samr.hSamrConnect5(dce)['ServerHandle']
	for d in try_(samr.hSamrEnumerateDomainsInSamServer, dce, root)['Buffer']['Buffer']:
	    sid = samr.hSamrLookupDomainInSamServer(dce, root, d['Name'])['DomainId']
	    domain = samr.hSamrOpenDomain(dce, root, domainId=sid)['DomainHandle']
	    for u in (try_(samr.hSamrEnumerateUsersInDomain, dce, domain) or {'Buffer': {'Buffer': []}})['Buffer']['Buffer']:
	        one = samr.hSamrOpenUser(dce, domain, userId=u['RelativeId'])['UserHandle']
	        try_(samr.hSamrQueryInformationUser2, dce, one, samr.USER_INFORMATION_CLASS.UserAllInformation)
	        samr.hSamrCloseHandle(dce, one)
	    samr.hSamrCloseHandle(dce, domain)
	samr.hSamrCloseHandle(dce, root)
	dce.disconnect()
	dce = pipe(r'\winreg', rrp.MSRPC_UUID_RRP)
	machine = rrp.hOpenLocalMachine(dce)['phKey']
	key = try_(rrp.hBaseRegOpenKey, dce, machine, 'SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion')
	if key:
	    try_(rrp.hBaseRegQueryInfoKey, dce, key['phkResult'])
	    try_(rrp.hBaseRegEnumValue, dce, key['phkResult'], 0)
	    try_(rrp.hBaseRegGetKeySecurity, dce, key['phkResult'], 4)
	    rrp.hBaseRegCloseKey(dce, key['phkResult'])
	dce.disconnect()
	dce = pipe(r'\svcctl', scmr.MSRPC_UUID_SCMR)
	manager = try_(scmr.hROpenSCManagerW, dce)
	manager = manager['lpScHandle'] if manager else b'\0' * 20
	try_(scmr.hREnumServicesStatusW, dce, manager)
	service = try_(scmr.hROpenServiceW, dce, manager, 'Spooler\0')
	if service:
	    try_(scmr.hRQueryServiceConfigW, dce, service['lpServiceHandle'])
	    scmr.hRCloseServiceHandle(dce, service['lpServiceHandle'])
	try_(scmr.hROpenServiceW, dce, manager, 'no such service\0')
	try_(scmr.hRCloseServiceHandle, dce, manager)
	dce.disconnect()
	END
	cat >"$tmp/impacket_work.py" <<-'END'
	# Usage: impacket_work.py SERVER USER PASSWORD DIALECT PUT-FILE GET-FILE
	import sys
	from impacket.smbconnection import SMBConnection
	server, user, password, dialect, source, target = sys.argv[1:]
	c = SMBConnection("FS1", server, myName="WS1", sess_port=445,
	                  preferredDialect=dialect if " " in dialect else int(dialect, 16))
	c.login(user, password, "LAB")
	c.createDirectory("data", "imp")
	with open(source, "rb") as f:
	    c.putFile("data", "imp\\f6k.bin", f.read)
	print([e.get_longname() for e in c.listPath("data", "imp\\*")])
	with open(target, "wb") as f:
	    c.getFile("data", "imp\\f6k.bin", f.write)
	c.deleteFile("data", "imp\\f6k.bin")
	c.deleteDirectory("data", "imp")
	c.logoff()
	c.close()
	END
}

# The contents that are moved. The binaries are SHA-256("smbscope NAME 0"), SHA-256("smbscope NAME 1"), ... cut to size.
write_files() {
	mkdir -p "$files"
	printf 'Hello from smbscope.\r\nThis file was moved by a test.\r\n' >"$files/hello.txt"
	/usr/bin/python3 - "$files" <<-'END'
	import hashlib, sys
	for name, size in (("f6k.bin", 6000), ("bulk.bin", 400000)):
	    blocks = (hashlib.sha256(b"smbscope %s %d" % (name.encode(), i)).digest() for i in range(size // 32 + 1))
	    with open(f"{sys.argv[1]}/{name}", "wb") as f:
	        f.write(b"".join(blocks)[:size])
	END
}

# ---- One case, and all ------------------------------------------------------------------------------------------
# Usage: record FILE CAPTURE SERVER
record() {
	file=$1 name=${1%%.*}
	: >"$tmp/files.new"
	: >"$tmp/failures"
	rm -f "$files"/got.*
	offloads $([ "$2" = offload ] && echo 1 || echo 0)
	start_server "$3" || return 1
	if [ "$2" = vlan ]; then start_vlan; fi
	start_capture "$2" || return 1
	"case_$name" || true
	stop_capture "$2" || echo "packets were dropped" >>"$tmp/failures"
	if [ "$2" = vlan ]; then stop_vlan; fi
	stop_server
	if [ -s "$tmp/failures" ]; then
		{ echo "$file: failed:"; cut -c1-300 "$tmp/failures"; echo "the last lines of its log:"; tail -20 "$tmp/$name.log"
			echo "and of smbd's:"; cat "$tmp/smbd.log" "$tmp/smbd.out" | tail -8; } >&2
		return 1
	fi
	check_capture || return 1
	chmod 644 "$tmp/out/$file"
	mv "$tmp/out/$file" "$OUT/$file"
	touch "$OUT/files.tsv"
	{
		printf 'pcap\tdirection\tshare_path\tsize\tsha256\n'
		{ awk -F'\t' -v f="$file" 'NR > 1 && $1 != f' "$OUT/files.tsv"; cat "$tmp/files.new"; } | sort -s -t "$(printf '\t')" -k1,1
	} >"$tmp/files.all"
	cp "$tmp/files.all" "$OUT/files.tsv"
}

# The table of README.md, between its two marks, from the captures that are there
write_table() {
	local total=0 f how what
	[ -f "$OUT/README.md" ] || return 0
	{
		sed '/<!-- table -->/q' "$OUT/README.md"
		echo '| file | case of record.sh | what it shows | frames | bytes |'
		echo '|---|---|---|---:|---:|'
		while IFS='|' read -r f how _ what; do
			[ -f "$OUT/$f" ] || continue
			echo "| $f | \`case_${f%%.*}\` | $what | $(frames "$OUT/$f") | $(stat -c %s "$OUT/$f") |"
			total=$((total + $(stat -c %s "$OUT/$f")))
		done < <(cases)
		echo
		echo "All together: $total bytes."
		sed -n '/<!-- end of table -->/,$p' "$OUT/README.md"
	} >"$tmp/README.md"
	cp "$tmp/README.md" "$OUT/README.md"
}

tmp='' server_pid='' capture_pid='' vlan_pids=()
cleanup() {
	local ns pid
	trap - EXIT
	set +e
	for ns in $ns_client $ns_server; do
		for pid in $(ip netns pids $ns 2>/dev/null); do kill -KILL "$pid" 2>/dev/null; done
		ip netns del $ns 2>/dev/null
	done
	wait 2>/dev/null
	if [ -n "$tmp" ]; then rm -rf "$tmp"; fi
}

main() {
	local failed=0 f how server wanted="" n
	if [ "${1:-}" = --list ]; then cases; exit 0; fi
	for n in "$@"; do
		f=$(cases | awk -F'|' -v n="$n" '{ b = $1; sub(/[.].*/, "", b) } $1 == n || b == n { print $1 }')
		if [ -z "$f" ]; then echo "record.sh: no case is called $n (see --list)" >&2; exit 2; fi
		wanted+=" $f "
	done
	if [ "$(id -u)" -ne 0 ]; then echo "record.sh: needs root (network namespaces)" >&2; exit 2; fi
	for n in smbd smbclient smbtorture rpcclient tcpdump dumpcap tshark capinfos ip ss; do
		if ! command -v $n >/dev/null; then echo "record.sh: $n is not installed" >&2; exit 2; fi
	done
	trap cleanup EXIT
	trap 'exit 130' INT TERM HUP
	tmp=$(mktemp -d /tmp/smbscope-record.XXXXXX)
	chmod 755 "$tmp"
	files=$tmp/files
	mkdir -p "$tmp/out" "$OUT"
	{ grep -v "^$user:" /etc/passwd; echo "$user:x:7701:7701::/nonexistent:/usr/sbin/nologin"; } >"$tmp/passwd"
	{ grep -v "^$user:" /etc/group; echo "$user:x:7701:"; } >"$tmp/group"
	write_programs
	write_files
	start_network
	while IFS='|' read -r f how server _ <&3; do
		if [ $# -gt 0 ] && [[ $wanted != *" $f "* ]]; then continue; fi
		if ! record "$f" "$how" "$server"; then
			failed=$((failed + 1))
			if [ -n "${KEEP_LOG:-}" ]; then cp "$tmp/${f%%.*}.log" "$KEEP_LOG" || true; fi
			[ -z "$capture_pid" ] || { kill "$capture_pid" 2>/dev/null || true; capture_pid=; }
			stop_vlan
			stop_server
		fi
	done 3< <(cases)
	write_table
	if [ "$failed" -ne 0 ]; then echo "record.sh: $failed captures failed" >&2; exit 1; fi
}

main "$@"
