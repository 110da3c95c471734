# SMB1 as JSON, a message a line
"$SMBSCOPE" dissect -T json -l "$PCAPS"/smb1_negotiate.pcap | head -4
