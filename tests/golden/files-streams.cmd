# alternate data streams
"$SMBSCOPE" import -q -o c.db "$PCAPS"/smb2_streams.pcap && "$SMBSCOPE" query c.db --format csv "SELECT path, name, extension, stream, action, status FROM files LIMIT 25"
