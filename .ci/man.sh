#!/bin/sh
# Writes man/smbscope.1 to standard output, with its generated parts as SMBSCOPE prints them.
smbscope=$1
awk -v smbscope="$smbscope" '
	/^\.\\" generated: / { print; system(smbscope " help --manual " $3); skip = 1; next }
	/^\.\\" end/ { skip = 0 }
	!skip { print }' man/smbscope.1
