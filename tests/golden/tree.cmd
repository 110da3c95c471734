# one exchange alone, from the case, as a tree
"$SMBSCOPE" import -q -o c.db "$PCAPS"/smb311.pcap && "$SMBSCOPE" dissect -T tree --where "command = 'CREATE' AND command_id = (SELECT min(command_id) FROM commands WHERE command = 'CREATE')" c.db
