# SMB1: chains of AndX, several MIDs in flight
"$SMBSCOPE" import -q -o c.db "$PCAPS"/smb1_base.pcap && "$SMBSCOPE" query c.db --format csv "SELECT command, status, count(*) AS n, count(open_id) AS with_open, count(response_frame) AS answered FROM commands GROUP BY command, status ORDER BY command, status"
