# answers that come late: STATUS_PENDING first
"$SMBSCOPE" import -q -o c.db "$PCAPS"/smb2_notify_async.pcap && "$SMBSCOPE" query c.db --format csv "SELECT command, status, count(*) AS n FROM commands WHERE pending_frame IS NOT NULL GROUP BY command, status ORDER BY command, status"
