#!/bin/sh
# Who may include what (style.md 3(a), DESIGN.md part 5)
. "$(dirname "$0")/common.inc"

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
	src/session) echo "base/|stream/|session/|gen/|ctx\.def|$dissectors" ;;
	src/store)   echo "base/|store/|session/event\.h|gen/|$dissectors|ctx\.def|tables\.def|tables_end\.h" ;;
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
only() # HEADER FOLDER
{
	wrong=$(grep -lE "^[ 	]*#[ 	]*include[ 	]*<$1>" -r src dissectors | grep -v "^$2/" | tr '\n' ' ')
	[ -z "$wrong" ] && good || bad "only $2 includes <$1>, not $wrong"
}
only 'pcap(/.*)?\.h' src/capture
only 'sqlite3\.h' src/store
only '(ncursesw/)?n?curses\.h' src/tui
# Dissectors do not know who listens: they call d_get and its relatives, never a listener.
for f in $(find dissectors -name '*.[ch]' ! -path dissectors/dissect.c ! -path dissectors/dissect.h | sort); do
	wrong=$(grep -nE 'sink->|struct sink *\*? *[a-z]+ *[,)]|->(value|push|pop|note)\(' "$f" | head -3)
	[ -z "$wrong" ] && good || bad "$f calls a listener: $wrong"
	case $f in
	# These look ahead, and put the listener aside for it: a header is read before it is known whether its
	# element is wanted; a blob before it is known whose it is; parameters before the data they describe.
	dissectors/smb1/smb1.c|dissectors/smb2/smb2.c|dissectors/auth/spnego.c|dissectors/smb1/smb1_trans.c) continue ;;
	# These ask whether there is one, to save making a text nobody would read.
	dissectors/auth/der.c|dissectors/rpc/*.c|dissectors/smb1/smb1_file.c|dissectors/smb1/smb1_time.c)
		wrong=$(grep -nE '\bsink\b' "$f" | grep -vE 'if \(.*->sink\)' | head -3) ;;
	*)	wrong=$(grep -nE '\bsink\b' "$f" | head -3) ;;
	esac
	[ -z "$wrong" ] && good || bad "$f knows of listeners: $wrong"
done
# No state in dissectors: what is static there is constant.  The interface compiler is a program of its own.
for f in $(find dissectors -name '*.c' ! -path 'dissectors/rpc/idl/*' | sort); do
	wrong=$(grep -nE '^[ 	]*static [^(]*(;|=)' "$f" | grep -vE 'const' | head -3)
	[ -z "$wrong" ] && good || bad "$f has state: $wrong"
done
finish
