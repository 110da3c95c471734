# directory entries before and after Apple's READDIRATTR was agreed on; the same from the case
"$SMBSCOPE" dissect -Y "smb2.cmd == 14 && smb2.flags.response == 1 && smb2.nt_status == 0" -T fields -e frame.number -e smb2.filename -e smb2.ea_size -e smb2.short_name_len -e smbscope.smb2.aapl.resource_fork_size -e smbscope.smb2.aapl.unix_mode -e smb.access.read "$PCAPS"/smb2_apple.pcap
"$SMBSCOPE" import -q -o a.db "$PCAPS"/smb2_apple.pcap && "$SMBSCOPE" dissect a.db --where "command = 'QUERY_DIRECTORY'" -T fields -e smb2.filename -e smbscope.smb2.aapl.unix_mode
