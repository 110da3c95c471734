# directory entries and metadata in answers; an entry has the number of the file that is opened at its path
"$SMBSCOPE" import -q -o a.db "$PCAPS"/smb311.pcap && "$SMBSCOPE" query a.db --format csv "SELECT listing_id, command_id, share, directory, name, file_id, size, created, modified, accessed, changed, attributes, frame, time FROM listings"
"$SMBSCOPE" query a.db --format csv "SELECT DISTINCT l.directory, l.name, f.path FROM listings l JOIN files f USING (file_id) ORDER BY 1, 2, 3"
"$SMBSCOPE" import -q -o b.db "$PCAPS"/smb1_nt1.pcap && "$SMBSCOPE" query b.db --format csv "SELECT listing_id, directory, name, file_id, size, modified, attributes, frame FROM listings"
"$SMBSCOPE" import -q -o c.db "$PCAPS"/smb1_lanman.pcap && "$SMBSCOPE" query c.db --format csv "SELECT directory, name, size, created, modified, attributes, frame FROM listings LIMIT 10"
