# MS-FSCC: information classes, FSCTL buffers, reparse data, change records, quotas; what is behind the headers, without the lines of bits
"$SMBSCOPE" dissect -T tree "$PCAPS"/smb2_fscc.pcap | awk '/^Frame/ { f = $1 " " $2; sub(",", ":", f) } /^[^ ]/ { deep = 0; next } /^    [^ ]/ { deep = !/: /; if (deep && f) { print f; f = "" } } deep && !/ = /'
# nothing of it is undecoded but the class that there is not
"$SMBSCOPE" dissect -Y 'smbscope.undecoded || smbscope.note || smbscope.smb2.info_data || smbscope.smb2.fsctl_data' "$PCAPS"/smb2_fscc.pcap
"$SMBSCOPE" import -q -o a.db "$PCAPS"/smb2_fscc.pcap && "$SMBSCOPE" query a.db --format csv "SELECT command, info, count(*) AS n, min(undecoded) AS undecoded FROM commands WHERE info IS NOT NULL GROUP BY 1, 2"
