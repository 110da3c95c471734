#!/bin/sh
# Writes a manual page to standard output, with its generated parts as SMBSCOPE prints them: man.sh SMBSCOPE PAGE
smbscope=$1
awk -v smbscope="$smbscope" '
	/^\.\\" generated: / { print; system(smbscope " help --manual " $3); skip = 1; next }
	/^\.\\" end/ { skip = 0 }
	!skip { print }' "$2"
