# what hardly any traffic shows (MS-SMB2): every negotiate context, error contexts, a remoted identity, RDMA channels and
# transforms, quota, instances and POSIX contexts, a notification
"$SMBSCOPE" dissect -T tree -Y "smb2 && !smb2.header.comp_transform.original_size && frame.number != 6 && frame.number != 7" "$PCAPS"/smb2_seldom.pcap | sed -n '/^Frame/s/,.*//p;/^SMB2/,/^    Signature/b;/^ /p' | grep -vE 'Not set$|Specific access, bit|^    (Message Type|Length|Session Id|Tree Id|Process Id|Response to|Time from|Authenticated|Share Type|Connected in)'
# compression, chained and alone
"$SMBSCOPE" dissect -T tree -Y smb2.header.comp_transform.original_size "$PCAPS"/smb2_seldom.pcap | sed -n '/^SMB2/,/^$/p'
