#!/bin/sh
# What `make demo` shows: the browser, or without a terminal the sessions and what to try next.
smbscope=$1
case=$2
if [ -t 0 ] && [ -t 1 ]; then
	exec "$smbscope" browse "$case"
fi
"$smbscope" query --format table "$case" "SELECT s.session_id AS id, s.client, s.server, s.user, s.status,
	(SELECT group_concat(DISTINCT share_name) FROM shares h WHERE h.session_id = s.session_id) AS shares,
	s.dialect, s.commands, s.errors, s.bytes_read AS read, s.bytes_written AS written FROM sessions s ORDER BY s.session_id"
cat <<END

These are the sessions in the captures of tests/pcaps.  To go on:
  $smbscope browse $case                      the browser (needs a terminal)
  $smbscope query $case @files                every open, with its outcome
  $smbscope query --list                              the other prepared questions
  $smbscope dissect -T tree tests/pcaps/smb311.pcap   every message, field by field
END
