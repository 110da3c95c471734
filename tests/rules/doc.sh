#!/bin/sh
# Commands and options: --help and the manual page agree; what is generated in manual pages is up to date: doc.sh SMBSCOPE
. "$(dirname "$0")/common.inc"

smbscope=${1:?usage: doc.sh SMBSCOPE}
man=man/smbscope.1
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
if [ ! -f $man ]; then
	bad "$man is not there"
	finish
fi
# The manual's words, without its markup; a section of a command runs from its .SS to the next.
sed 's/\\f[BIRP]//g; s/\\-/-/g' $man > "$tmp/man"
for page in smbscope.1 smbscope-fields.7; do
	sh .ci/man.sh "$smbscope" man/$page | cmp -s - man/$page && good || bad "man/$page is not what make man writes"
done
commands=$("$smbscope" --help | sed -n 's/^  \([a-z][a-z]*\)  *[A-Z].*/\1/p')
[ "$(echo "$commands" | wc -w)" -ge 5 ] && good || bad "smbscope --help lists $(echo "$commands" | wc -w) commands"
for c in $commands; do
	"$smbscope" $c --help > "$tmp/help" 2>&1 || bad "smbscope $c --help ends with $?"
	awk -v c="$c" '/^\.S[SH]/ { inside = $0 ~ "^\\.SS \"?smbscope " c "([ \"]|$)" } inside' "$tmp/man" > "$tmp/section"
	if [ ! -s "$tmp/section" ]; then
		bad "$man has no section .SS smbscope $c"
		continue
	fi
	good
	sed -nE 's/^ *(-[A-Za-z], )? *(--[a-z][a-z-]*).*/\2/p' "$tmp/help" | sort -u > "$tmp/helps"
	grep -oE -- '(^|[^a-z-])--[a-z][a-z-]*' "$tmp/section" | sed 's/^[^-]//' | sort -u > "$tmp/mans"
	for o in $(cat "$tmp/helps"); do
		[ "$o" = --help ] || grep -qx -- "$o" "$tmp/mans" && good || bad "$c $o is in --help, not in $man"
	done
	for o in $(cat "$tmp/mans"); do
		[ "$o" = --help ] || grep -qx -- "$o" "$tmp/helps" && good || bad "$c $o is in $man, not in --help"
	done
done
finish
