# SMB1 transactions in several messages, in any order: rows as if each had come in one; the parts, and what was made of them.
"$SMBSCOPE" import -q -o case.db "$PCAPS/smb1_split.pcap" || exit
"$SMBSCOPE" query case.db "SELECT command, info, path, status, request_frame, response_frame, latency_us, transfer_us, undecoded
	FROM commands WHERE command LIKE 'T%' OR command LIKE 'NT_T%'"
"$SMBSCOPE" query case.db "SELECT directory, count(*), min(name), max(name), frame FROM listings GROUP BY frame"
"$SMBSCOPE" query case.db "SELECT change, path, new_value, request_frame, response_frame FROM changes"
"$SMBSCOPE" dissect -T fields -e frame.number -e smb.tpc -e smb.tdc -e smb.pd -e smb.data_disp -e smb.file -e lanman.share.name \
	-Y 'smbscope.smb.transaction || dcerpc || smbscope.smb.trans_data' "$PCAPS/smb1_split.pcap"
