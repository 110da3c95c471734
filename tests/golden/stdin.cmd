# standard input: the packets are kept beside the case, and give the same rows
"$SMBSCOPE" import -q -o a.db - < "$PCAPS"/smb300.pcap; echo "status $?"
"$SMBSCOPE" import -q -o b.db "$PCAPS"/smb300.pcap; echo "status $?"
for v in sessions logons shares files commands; do
	for d in a b; do "$SMBSCOPE" query $d.db --format csv "SELECT * FROM $v" > $d.csv; done
	cmp a.csv b.csv && echo "$v: $(wc -l < a.csv) lines, the same"
done
ls ./*.pcapng
"$SMBSCOPE" query a.db --format csv "SELECT format, frames, smb_frames, complete FROM captures"
