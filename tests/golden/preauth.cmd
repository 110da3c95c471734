# the preauthentication hash after each of its messages (its first bytes): a multi-protocol start, a bound channel, a refused logon; the same from the case
for c in smb1_to_smb311 smb3_multichannel failed_logon; do "$SMBSCOPE" dissect -Y smb2.preauth_hash -T fields -e frame.number -e smb2.cmd -e smb2.nt_status -e smb2.preauth_hash "$PCAPS/$c.pcap" | cut -c1-60; done
"$SMBSCOPE" import -q -o a.db "$PCAPS"/smb3_multichannel.pcap && "$SMBSCOPE" dissect a.db --where "command = 'SESSION_SETUP'" -T fields -e smb2.preauth_hash | cut -c1-40
