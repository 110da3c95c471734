# exchanges: the first of SMB 3.1.1
"$SMBSCOPE" import -q -o c.db "$PCAPS"/smb311.pcap && "$SMBSCOPE" query c.db --format csv "SELECT command_id, session_id, share_id, open_id, protocol, command, info, message_id, request_frame, response_frame, pending_frame, status, is_error, request_bytes, response_bytes, offset, length, data_bytes, undecoded, encrypted, signature FROM commands LIMIT 60"
