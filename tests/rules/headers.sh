#!/bin/sh
# Each header compiles alone, and is guarded by its name: headers.sh SMBSCOPE [CC [CPPFLAGS]]
# SMBSCOPE stands in the build folder that holds gen/, which CPPFLAGS name, too.
. "$(dirname "$0")/common.inc"

build=$(dirname "${1:?usage: headers.sh SMBSCOPE [CC [CPPFLAGS]]}")
cc=${2:-cc}
flags=${3:--I. -Isrc -Idissectors -I$build -D_GNU_SOURCE -include src/base/banned.h}
for h in $(find src dissectors -name '*.h' | sort); do
	# Ends what a file of table lines began: it is no header of declarations.
	[ "$h" = src/store/tables_end.h ] && continue
	if why=$(printf '#include "%s"\nextern int something;\n' "$h" | \
		$cc -std=gnu11 -Wall -Wextra -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes -Wundef -Werror $flags \
		-fsyntax-only -x c - 2>&1); then
		good
	else
		bad "$h does not compile alone: $(echo "$why" | grep -m1 error)"
	fi
	guard=$(sed -n 's/^#ifndef \([A-Z0-9_]*\)$/\1/p' "$h" | head -1)
	# By its path without src; of dissectors, where files carry their folder's name, folder or no folder.
	name=$(echo "$h" | sed 's,^src/,,' | tr 'a-z/.' 'A-Z__')
	short=$(echo "$h" | sed 's,^dissectors/[a-z0-9]*/,dissectors/,' | tr 'a-z/.' 'A-Z__')
	[ "$guard" = "$name" ] || [ "$guard" = "$short" ] && good || bad "$h is guarded by ${guard:-nothing}, not $name"
done
finish
