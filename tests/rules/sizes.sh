#!/bin/sh
# Files stay near 600 lines, and below 900: sizes.sh   (tables of names are data)
. "$(dirname "$0")/common.inc"

for f in $(find src dissectors tests -name '*.[ch]' -o -name '*.def' ! -name '*_names.def' ! -name doserr_map.def | sort); do
	n=$(wc -l < "$f")
	if [ "$n" -gt 900 ]; then
		bad "$f has $n lines"
	else
		good
		[ "$n" -le 600 ] || echo "sizes: $f has $n lines"
	fi
done
finish
