# the same capture twice is refused; --again replaces it, and gives the same rows
"$SMBSCOPE" import -q -o c.db "$PCAPS"/smb210.pcap; echo "status $?"
"$SMBSCOPE" query c.db --format csv "SELECT count(*) AS n, sum(bytes_read) AS r FROM files"
"$SMBSCOPE" import -q -o c.db "$PCAPS"/smb210.pcap; echo "status $?"
"$SMBSCOPE" import -q -o c.db "$PCAPS"/smb311.pcap; echo "status $?"
"$SMBSCOPE" import -q -o c.db --again "$PCAPS"/smb210.pcap; echo "status $?"
"$SMBSCOPE" query c.db --format csv "SELECT capture_id, set_id, frames, smb_frames FROM captures"
"$SMBSCOPE" query c.db --format csv "SELECT capture_id, count(*) AS n, sum(bytes_read) AS r FROM files GROUP BY capture_id"
