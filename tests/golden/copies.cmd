# what changes files in SMB2: copies by the server with their source, a hard link, security descriptors as SDDL
"$SMBSCOPE" import -q -o a.db "$PCAPS"/smb2_changes.pcap && "$SMBSCOPE" query a.db --format csv "SELECT change_id, command_id, open_id, path, change, new_path, old_value, new_value, status, effective, request_frame, response_frame FROM changes"
