# -T fields, with a header and several values of a field
"$SMBSCOPE" dissect -T fields -e frame.number -e ip.src -e tcp.stream -e smb2.cmd -e smb2.flags.response -e smb2.nt_status -e smb2.msg_id -e smb2.filename -E header=y -E separator=, "$PCAPS"/smb311_compound.pcap | head -40
