#!/bin/sh
# A directory tree copied to a share and back tells the same in SMB1 as in SMB2, ids, frames and times aside:
# same.sh SMBSCOPE [CAPTURES].  smb1_copy.pcap and smb2_copy.pcap are recorded by the same commands (tests/pcaps/record.sh).
# The client writes the share in capitals in SMB1, so shares are compared in them.
set -u
here=$(cd "$(dirname "$0")" && pwd)
smbscope=$(realpath "${1:?usage: same.sh SMBSCOPE [CAPTURES]}")
pcaps=$(realpath "${2:-$here/../pcaps}")
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0

for v in 1 2; do
	"$smbscope" import -q -o "$tmp/$v.db" "$pcaps/smb${v}_copy.pcap" || exit 2
done

# Usage: same VIEW ROWS-AT-LEAST SELECT
same()
{
	for v in 1 2; do
		"$smbscope" query "$tmp/$v.db" --format csv "$3" > "$tmp/$v.csv" || exit 2
	done
	rows=$(($(wc -l < "$tmp/1.csv") - 1))
	if [ "$rows" -ge "$2" ] && diff "$tmp/1.csv" "$tmp/2.csv" > "$tmp/diff"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "smb1-same: $1 differ, or are fewer than $2 (< SMB1, > SMB2)"
		head -20 "$tmp/diff"
	fi
}

same changes 11 "SELECT upper(share), path, change, new_path, old_value, new_value, status, effective, user FROM changes ORDER BY change_id"
same transfers 6 "SELECT upper(share), path, direction, version, size, bytes_seen, missing, unmoved, complete, sha256, mime_type, user
	FROM transfers ORDER BY transfer_id"
same listings 20 "SELECT upper(share), directory, name, size, attributes, user FROM listings ORDER BY listing_id"
same files 8 "SELECT DISTINCT upper(share), path, kind, size FROM files ORDER BY 1, 2, 3, 4"
same 'bytes of sessions' 1 "SELECT sum(bytes_read), sum(bytes_written) FROM sessions"
echo "smb1-same: $passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
