# the same as PDML
"$SMBSCOPE" import -q -o c.db "$PCAPS"/smb210.pcap && "$SMBSCOPE" dissect -T pdml --where "command_id = (SELECT min(command_id) FROM commands WHERE command = 'TREE_CONNECT')" c.db
