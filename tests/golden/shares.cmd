# tree connects of both protocols
"$SMBSCOPE" import -q -o c.db --set each "$PCAPS"/smb210.pcap "$PCAPS"/smb1_nt1.pcap "$PCAPS"/guest_null.pcap && "$SMBSCOPE" query c.db --format csv "SELECT share_id, session_id, capture_id, user, path, share_name, share_type, native_fs, status, frame FROM shares"
