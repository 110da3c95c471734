# PDML, tshark's or ours, as lines "frame name pos size show value unmaskedvalue", tabs between: awk -f facts.awk
# Of what has bytes in the message, and of SMB and what it carries; DCE/RPC's parts have their own tests.
function get(name) {
	# Attributes stand behind a blank; a quote in their text is an entity.
	if (!match($0, " " name "=\"[^\"]*\""))
		return ""
	return substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4)
}
/^ *<field name="num" / { frame = get("show"); next }
/^ *<(field|proto) / {
	name = get("name"); size = get("size")
	if (name !~ /^(nbss|smb2?|ntlmssp|gss-api|spnego|nt|kerberos)(\.|$)/ || size + 0 == 0 || name == "nbss.reassembled_in")
		next
	show = /^ *<proto/ ? "" : get("show"); value = get("value")
	gsub(/&apos;/, "'", show)
	# What tshark repeats of an open below smb.fid has the message's magic for its bytes.
	if ((value == "ff534d42" && name != "smb.server_component") || get("unmaskedvalue") == "ff534d42")
		next
	print frame "\t" name "\t" get("pos") "\t" size "\t" substr(show, 1, 100) "\t" substr(value, 1, 64) "\t" get("unmaskedvalue")
}
