# calls through pipes: of which interface, whether answered; what both prepared questions say; a PDU with what is computed of it
"$SMBSCOPE" import -q -o a.db "$PCAPS"/rpc_srvsvc.pcap && "$SMBSCOPE" query a.db --format csv "SELECT * FROM calls"
"$SMBSCOPE" query a.db --format csv @calls
"$SMBSCOPE" query a.db --format csv @faults
"$SMBSCOPE" dissect -T fields -e frame.number -e dcerpc.pkt_type -e dcerpc.opnum -e dcerpc.request_in -e dcerpc.time -e smbscope.dcerpc.interface -Y dcerpc "$PCAPS"/rpc_srvsvc.pcap
"$SMBSCOPE" dissect -T fields -e frame.number -e dcerpc.cn_call_id -e dcerpc.request_in -Y 'dcerpc.opnum == 15' "$PCAPS"/rpc_srvsvc.pcap
"$SMBSCOPE" import -q -o b.db "$PCAPS"/rpc_calls.pcap && "$SMBSCOPE" query b.db --format csv "SELECT call_id, pipe, operation, object, arguments, returned, result, fault FROM calls"
"$SMBSCOPE" query b.db --format csv @faults
"$SMBSCOPE" dissect -T fields -e frame.number -e dcerpc.fragment -e dcerpc.reassembled.length -e nt.sid -e winreg.sd.offset -Y 'dcerpc.fragment or nt.sid' "$PCAPS"/rpc_calls.pcap
