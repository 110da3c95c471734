# wrong password, unknown user, then a good logon
"$SMBSCOPE" import -q -o c.db "$PCAPS"/failed_logon.pcap && "$SMBSCOPE" query c.db --format csv "SELECT logon_id, session_id, mechanism, account_kind, user, domain, workstation, status, success, server_netbios_name, server_netbios_domain, target_name, first_frame, last_frame FROM logons"
