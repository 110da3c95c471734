# compounds: each element an exchange of its own
"$SMBSCOPE" import -q -o c.db "$PCAPS"/smb311_compound.pcap && "$SMBSCOPE" query c.db --format csv "SELECT request_frame, response_frame, command, message_id, status, path FROM commands WHERE request_frame IN (SELECT request_frame FROM commands GROUP BY request_frame HAVING count(*) > 1) ORDER BY command_id LIMIT 40"
