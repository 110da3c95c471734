# what stood there before a security change, where an answer had told it: in SMB2, and the same in SMB1
"$SMBSCOPE" import -q -o a.db "$PCAPS"/smb2_security.pcap && "$SMBSCOPE" query a.db --format csv "SELECT share, change, old_value, new_value, status FROM changes ORDER BY change_id"
