# SMB1: users by extended security and without
"$SMBSCOPE" import -q -o c.db --set each "$PCAPS"/smb1_nt1.pcap "$PCAPS"/smb1_noext.pcap "$PCAPS"/smb1_lanman.pcap && "$SMBSCOPE" query c.db --format csv "SELECT session_id, capture_id, wire_session_id, user, domain, mechanism, status, dialect, signed, shares, commands, errors, bytes_read, bytes_written FROM sessions"
