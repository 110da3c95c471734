# a line for each message
"$SMBSCOPE" dissect "$PCAPS"/failed_logon.pcap | head -40
