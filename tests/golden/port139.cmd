# NetBIOS sessions: names called and calling
"$SMBSCOPE" import -q -o c.db "$PCAPS"/nbss139_nt1.pcap "$PCAPS"/nbss139_smb311.pcap && "$SMBSCOPE" query c.db --format csv "SELECT connection_id, client, server, server_port, transport, called_name, calling_name, dialect, ended, messages, undecoded FROM connections"
