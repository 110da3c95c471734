# a capture without SMB is no error
head -c 24 "$PCAPS"/smb210.pcap > empty.pcap
"$SMBSCOPE" import -q -o c.db empty.pcap; echo "status $?"
"$SMBSCOPE" query c.db --format csv "SELECT frames, smb_frames, complete, note FROM captures"
"$SMBSCOPE" query c.db --format csv "SELECT count(*) AS n FROM commands"
