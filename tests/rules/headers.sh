#!/bin/sh
# Each header compiles alone: headers.sh BUILD-DIR [CC [FLAGS...]]   (BUILD-DIR holds gen/)
. "$(dirname "$0")/common.sh"

build=${1:?usage: headers.sh BUILD-DIR [CC [FLAGS...]]}; shift
case $build in /*) ;; *) build=$root/$build ;; esac
[ $# -gt 0 ] || set -- "${CC:-cc}" -std=gnu11 -Wall -Wextra -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes -Wundef
for h in $(find src dissectors -name '*.h' | sort); do
	# Ends what a file of table lines began: it is no header of declarations.
	[ "$h" = src/store/tables_end.h ] && continue
	if why=$(printf '#include "%s"\nextern int something;\n' "$h" | \
		"$@" -Werror -I. -Isrc -Idissectors -I"$build" -D_GNU_SOURCE -include src/base/banned.h -fsyntax-only -x c - 2>&1); then
		good
	else
		bad "$h does not compile alone: $(echo "$why" | grep -m1 error)"
	fi
	guard=$(sed -n 's/^#ifndef \([A-Z0-9_]*\)$/\1/p' "$h" | head -1)
	name=$(echo "$h" | sed 's,^src/,,' | tr 'a-z/.' 'A-Z__')
	[ "$guard" = "$name" ] && good || bad "$h is guarded by ${guard:-nothing}, not $name"
done
finish
