# PDUs beyond 64 KiB
"$SMBSCOPE" import -q -o c.db "$PCAPS"/smb2_bulk.pcap && "$SMBSCOPE" query c.db --format csv "SELECT command, status, count(*) AS n, sum(data_bytes) AS moved, sum(request_bytes) AS asked, sum(response_bytes) AS answered, sum(missing_bytes) AS missing FROM commands GROUP BY command, status ORDER BY command, status"
