# anonymous, and mapped to guest
"$SMBSCOPE" import -q -o c.db "$PCAPS"/guest_null.pcap && "$SMBSCOPE" query c.db --format csv "SELECT logon_id, mechanism, account_kind, user, status, success, first_frame FROM logons" && "$SMBSCOPE" query c.db --format csv "SELECT session_id, user, account_kind, status FROM sessions"
