#!/bin/sh
# Who may include what (style.md 3(a), DESIGN.md part 5): layers.sh
. "$(dirname "$0")/common.sh"

# What a folder may include besides itself, as an extended regular expression of the paths in #include "...".
# Headers of dissectors are named with and without dissectors/ in front.
allowed()
{
	dissectors='dissectors/|dissect\.h|fields\.h|names\.h|smb\.h|(auth|dtyp|fscc|nbss|rpc|smb1|smb2)/'
	case $1 in
	dissectors)  echo "base/|gen/|$dissectors|[a-z0-9_]*\.(def|h)$" ;;
	src/base)    echo "base/" ;;
	src/capture) echo "base/|capture/" ;;
	src/stream)  echo "base/|stream/" ;;
	src/session) echo "base/|stream/|session/|gen/|$dissectors" ;;
	src/store)   echo "base/|store/|session/event\.h|gen/|$dissectors|tables\.def|tables_end\.h" ;;
	src/show)    echo "base/|show/|store/|session/|capture/|stream/|gen/|$dissectors" ;;
	src/tui)     echo "base/|tui/|show/|store/|session/|capture/|stream/|gen/|$dissectors|[a-z]*\.def" ;;
	src/cli)     echo "base/|cli/|tui/|show/|store/|session/|capture/|stream/|gen/|$dissectors|[a-z]*\.def" ;;
	esac
}

for dir in dissectors src/base src/capture src/stream src/session src/store src/show src/tui src/cli; do
	for f in $(find "$dir" -name '*.[ch]' | sort); do
		wrong=$(sed -n 's/^[ \t]*#[ \t]*include[ \t]*"\([^"]*\)".*/\1/p' "$f" | grep -Ev "^($(allowed $dir))" | tr '\n' ' ')
		[ -z "$wrong" ] && good || bad "$f may not include $wrong"
	done
done
# A dissector names only its own folder, dtyp and fscc and the two it hands tokens and packets to, through their header.
only() # HEADER FOLDER
{
	wrong=$(grep -lE "^[ 	]*#[ 	]*include[ 	]*<$1>" -r src dissectors | grep -v "^$2/" | tr '\n' ' ')
	[ -z "$wrong" ] && good || bad "only $2 includes <$1>, not $wrong"
}
only 'pcap(/.*)?\.h' src/capture
only 'sqlite3\.h' src/store
only '(ncursesw/)?n?curses\.h' src/tui
# Dissectors do not know who listens: they call d_get and its relatives.  Headers are read twice where it
# must be known first whether an element is wanted: smb1.c and smb2.c put the listener aside for that.
for f in $(find dissectors -name '*.[ch]' ! -path dissectors/dissect.c ! -path dissectors/dissect.h \
	! -path dissectors/smb1/smb1.c ! -path dissectors/smb2/smb2.c | sort); do
	wrong=$(grep -nE '(\.|->)sink\b|struct sink\b' "$f" | head -3)
	[ -z "$wrong" ] && good || bad "$f knows of listeners: $wrong"
done
# No state in dissectors: what is static there is constant.
for f in $(find dissectors -name '*.c' | sort); do
	wrong=$(grep -nE '^[ 	]*static [^(]*(;|=)' "$f" | grep -vE 'const' | head -3)
	[ -z "$wrong" ] && good || bad "$f has state: $wrong"
done
finish
