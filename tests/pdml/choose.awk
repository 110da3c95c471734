# Of the facts of captures, files of facts.awk named after them, those of frames that show something new: a field's name
# with a command and direction.  A fact that an earlier frame of its capture gave is left out.
#	awk -f choose.awk FILE... > tshark.tsv: "= CAPTURE FRAME", then the frame's facts
function frame_end(  i, k, any)
{
	if (fresh)
		for (i = 1; i <= n; i++)
			if (!((capture, fact[i]) in told)) {
				told[capture, fact[i]]
				if (!any++)
					print "= " capture " " frame
				print fact[i]
			}
	if (fresh)
		for (k in keys)
			have[k]
	n = fresh = 0
	command = ""
	split("", keys)
}
BEGIN { FS = "\t" }
FNR == 1 || $1 != frame {
	frame_end()
	capture = FILENAME
	sub(/.*\//, "", capture)
	frame = $1
}
{
	if ($2 == "smb2.cmd" || $2 == "smb.cmd")
		command = command "," $5
	else if ($2 ~ /flags\.response$/)
		command = command "/" $5
	if (!(($2, command) in have))
		fresh = 1
	keys[$2, command]
	fact[++n] = substr($0, length($1) + 2)
}
END { frame_end() }
