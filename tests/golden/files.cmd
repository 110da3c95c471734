# opens: names, kinds, what happened to them
"$SMBSCOPE" import -q -o c.db "$PCAPS"/smb210.pcap && "$SMBSCOPE" query c.db --format csv "SELECT open_id, user, share_name, path, name, extension, stream, kind, action, status, disposition, bytes_read, bytes_written, reads, writes, open_frame, close_frame FROM files"
