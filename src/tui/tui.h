/* The browser: sessions, their commands, one message's tree beside its bytes.  ncursesw.
 * It knows only the store and, for a message's bytes, show/detail.h. */
#ifndef TUI_TUI_H
#define TUI_TUI_H

#include "base/err.h"
#include "store/store.h"

struct tui_options {
	const char *case_path;     /* for the title */
	const char *keys_path;     /* play these keys without a terminal, then leave (tests); NULL: keyboard */
	uint16_t columns, lines;   /* the screen's size while playing keys; 0: 80x24 */
	bool live;                 /* rows are still being written: lists follow their end */
	const char *note;          /* shown at the start, e.g. what could not be read; NULL none */
};

/* tui_run shows the case until the user leaves.  The locale must be set (setlocale) before.  SIGINT
 * stops a long query, SIGTERM and SIGHUP leave; the handlers of before are back on return.
 * 0, or -1 with err: no terminal, keys or store that cannot be read. */
int tui_run(struct store *, const struct tui_options *, struct err *) MUST_CHECK;

/* tui_keys prints every request with its keys and meaning, and the commands of the ':' line, from
 * requests.def and views.def: plain text, or (manual) as a section's body in man(7). */
void tui_keys(FILE *, bool manual);

#endif
