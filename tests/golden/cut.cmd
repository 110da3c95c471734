# a capture that ends in a packet: what there is stands, exit 3
head -c 30000 "$PCAPS"/smb210.pcap > cut.pcap; "$SMBSCOPE" import -q -o c.db cut.pcap; echo status $?; "$SMBSCOPE" query c.db --format csv "SELECT frames, smb_frames, truncated_frames, complete, note FROM captures"; "$SMBSCOPE" query c.db --format csv "SELECT count(*) AS n FROM commands"
