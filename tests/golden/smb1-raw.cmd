# SMB1 raw mode: content without a header is read and written like any other
"$SMBSCOPE" import -q -o case.db "$PCAPS/smb1_raw.pcap" || exit
"$SMBSCOPE" query case.db "SELECT command, path, offset, length, data_bytes, missing_bytes, status, dos_error, request_frame, response_frame, latency_us, undecoded
	FROM commands WHERE command LIKE '%_RAW'"
"$SMBSCOPE" query case.db "SELECT path, direction, size, bytes_seen, unmoved, complete, sha256, first_frame, last_frame FROM transfers"
"$SMBSCOPE" query case.db "SELECT path, size, bytes_read, bytes_written, reads, writes FROM files"
"$SMBSCOPE" dissect -T fields -e frame.number -e smb.cmd -e nbss.length -e smb.file_data -E occurrence=f -Y 'smb.file_data' "$PCAPS/smb1_raw.pcap" | cut -c1-60
