#!/bin/sh
# Nothing half done: todo.sh
. "$(dirname "$0")/common.inc"

for f in $(find src dissectors man -type f | sort); do
	wrong=$(grep -nE '\b(TODO|FIXME|XXX|HACK)\b|[Nn]ot implemented|[Nn]ot yet implemented' "$f" | head -3)
	[ -z "$wrong" ] && good || bad "$f: $wrong"
	case $f in
	*.[ch]|*.def)
		head -1 "$f" | grep -q '^/\*' && good || bad "$f: its first line does not say what it is" ;;
	esac
done
finish
