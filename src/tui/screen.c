/* The terminal: ncursesw.  Text from the wire reaches it through screen_put alone, escaped. */
#include <curses.h>

#include <langinfo.h>
#include <wchar.h>

#include "base/text.h"
#include "tui/view.h"

#define LINE_MAX_COLUMNS 1024
#define LINE_TEXT        2048       /* bytes of a text looked at */

static void looks(struct screen *s)
{
	static const struct {
		short foreground, background;
		attr_t plain, colored;     /* attributes without and with colours */
	} table[LOOK__COUNT] = {
		[LOOK_TEXT]         = { -1, -1, A_NORMAL, A_NORMAL },
		[LOOK_TITLE]        = { COLOR_WHITE, COLOR_BLUE, A_REVERSE, A_BOLD },
		[LOOK_HEADING]      = { COLOR_CYAN, -1, A_BOLD, A_BOLD },
		[LOOK_CURSOR]       = { -1, -1, A_REVERSE, A_REVERSE },
		[LOOK_CURSOR_ALARM] = { COLOR_RED, -1, A_REVERSE | A_BOLD, A_REVERSE },
		[LOOK_CURSOR_AWAY]  = { -1, -1, A_UNDERLINE, A_UNDERLINE },
		[LOOK_ALARM]        = { COLOR_RED, -1, A_BOLD, A_NORMAL },
		[LOOK_WARN]         = { COLOR_YELLOW, -1, A_NORMAL, A_NORMAL },
		[LOOK_DIM]          = { COLOR_CYAN, -1, A_NORMAL, A_NORMAL },
		[LOOK_KEY]          = { COLOR_YELLOW, -1, A_BOLD, A_BOLD },
		[LOOK_MARK]         = { COLOR_BLACK, COLOR_YELLOW, A_REVERSE, A_NORMAL },
		[LOOK_PROTO]        = { -1, -1, A_BOLD, A_BOLD },
		[LOOK_GOOD]         = { COLOR_GREEN, -1, A_NORMAL, A_NORMAL },
	};
	const char *no_color = getenv("NO_COLOR");
	bool color = !(no_color && *no_color) && has_colors() && start_color() == OK && use_default_colors() == OK;

	for (short i = 0; i < LOOK__COUNT; i++) {
		s->looks[i] = table[i].plain;
		if (color && init_pair((short)(i + 1), table[i].foreground, table[i].background) == OK)
			s->looks[i] = COLOR_PAIR(i + 1) | table[i].colored;
	}
}

int screen_open(struct screen *s, int columns, int lines, struct err *err)
{
	if (columns) {
		s->nowhere = fopen("/dev/null", "r+");
		if (!s->nowhere)
			return err_set(err, ERR_SYSTEM, "/dev/null: cannot be opened");
	}
	s->terminal = columns ? newterm("xterm", s->nowhere, s->nowhere) : newterm(NULL, stdout, stdin);
	if (!s->terminal) {
		if (s->nowhere)
			fclose(s->nowhere);
		return err_set(err, ERR_SYSTEM, "the terminal (TERM=%s) cannot show a browser; try TERM=xterm",
		               getenv("TERM") ? getenv("TERM") : "");
	}
	set_term(s->terminal);
	if (!tigetstr("cup")) {
		screen_close(s);
		return err_set(err, ERR_SYSTEM, "the terminal (TERM=%s) cannot place its cursor; try TERM=xterm", getenv("TERM") ? getenv("TERM") : "");
	}
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	meta(stdscr, TRUE);
	set_escdelay(25);
	leaveok(stdscr, FALSE);
	s->utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	looks(s);
	if (columns)
		resizeterm(lines, columns);
	screen_size(s);
	return 0;
}

void screen_close(struct screen *s)
{
	if (!s->terminal)
		return;
	endwin();
	delscreen(s->terminal);
	if (s->nowhere)
		fclose(s->nowhere);
	s->terminal = NULL;
}

void screen_size(struct screen *s)
{
	getmaxyx(stdscr, s->lines, s->columns);
}

void screen_resize(struct screen *s, int columns, int lines)
{
	if (columns > 0 && lines > 0 && columns <= LINE_MAX_COLUMNS && lines <= LINE_MAX_COLUMNS)
		resizeterm(lines, columns);
	screen_size(s);
}

void screen_clear(struct screen *s UNUSED)
{
	attrset(A_NORMAL);
	erase();
}

void screen_redraw(struct screen *s UNUSED)
{
	clearok(stdscr, TRUE);
}

void screen_show(struct screen *s, int y, int x)
{
	(void)curs_set(y >= 0);
	if (y >= 0)
		move(y, x < s->columns ? x : s->columns - 1);
	refresh();
}

/* One character as the terminal can show it: its width; *code may change. */
static int shown(const struct screen *s, uint32_t *code)
{
	int w;

	if (*code < 0x80)
		return *code < 0x20 || *code == 0x7f ? (*code = '?', 1) : 1;
	if (*code == UINT32_MAX)
		*code = 0xfffd;
	w = s->utf8 ? wcwidth((wchar_t)*code) : -1;
	if (w < 0)
		*code = '?';
	return w < 0 ? 1 : w;
}

/* Lays text out in at most width columns after leaving out skip of them; *used: columns taken; true if
 * there was more.  line has room for LINE_MAX_COLUMNS * 2 + 1. */
static bool lay_out(const struct screen *s, const char *text, int skip, int width, wchar_t *line, int *used)
{
	char safe[4 * LINE_TEXT];
	size_t len, at = 0;
	int n = 0, fits = 0, fits_used = 0, combining = 0;

	text_escape(safe, sizeof(safe), text, strnlen(text, LINE_TEXT), TEXT_TERMINAL);
	len = strlen(safe);
	*used = 0;
	while (at < len) {
		uint32_t code = text_utf8_next(safe, len, &at);
		int w = shown(s, &code);

		if (skip > 0) {
			skip -= w;
			continue;
		}
		/* A terminal cell holds a few combining characters; text can hold thousands. */
		combining = w ? 0 : combining + 1;
		if (w == 0 && (n == 0 || combining > 3))
			continue;
		if (*used + w > width) {
			/* The last column says that there is more. */
			*used = fits_used + (width > 0);
			n = fits;
			if (width > 0)
				line[n++] = s->utf8 ? L'\u2026' : L'~';
			line[n] = 0;
			return true;
		}
		line[n++] = (wchar_t)code;
		*used += w;
		if (*used <= width - 1) {
			fits = n;
			fits_used = *used;
		}
		if (n >= LINE_MAX_COLUMNS * 2 - 2)
			break;
	}
	line[n] = 0;
	return false;
}

int screen_width(const struct screen *s, const char *text)
{
	wchar_t line[LINE_MAX_COLUMNS * 2 + 1];
	int used;

	(void)lay_out(s, text, 0, LINE_MAX_COLUMNS, line, &used);
	return used;
}

void screen_put_from(struct screen *s, int y, int x, int width, int skip, enum look look, const char *text)
{
	wchar_t line[LINE_MAX_COLUMNS * 2 + 1];
	int used;

	if (y < 0 || y >= s->lines || x < 0 || x >= s->columns)
		return;
	if (width > s->columns - x)
		width = s->columns - x;
	if (width > LINE_MAX_COLUMNS)
		width = LINE_MAX_COLUMNS;
	if (width <= 0)
		return;
	(void)lay_out(s, text, skip, width, line, &used);
	attrset((attr_t)s->looks[look]);
	mvaddwstr(y, x, line);
	for (; used < width; used++)
		mvaddch(y, x + used, ' ');
	attrset(A_NORMAL);
}

void screen_put(struct screen *s, int y, int x, int width, enum look look, const char *text)
{
	screen_put_from(s, y, x, width, 0, look, text);
}

static int function_key(wint_t code)
{
	static const struct {
		int code, key;
	} table[] = {
		{ KEY_UP, K_UP }, { KEY_DOWN, K_DOWN }, { KEY_LEFT, K_LEFT }, { KEY_RIGHT, K_RIGHT }, { KEY_PPAGE, K_PGUP },
		{ KEY_NPAGE, K_PGDN }, { KEY_HOME, K_HOME }, { KEY_END, K_END }, { KEY_DC, K_DELETE }, { KEY_BACKSPACE, K_BACKSPACE },
		{ KEY_SLEFT, K_SHIFT_LEFT }, { KEY_SRIGHT, K_SHIFT_RIGHT }, { KEY_BTAB, K_SHIFT_TAB }, { KEY_ENTER, K_ENTER },
		{ KEY_A1, K_HOME }, { KEY_A3, K_PGUP }, { KEY_C1, K_END }, { KEY_C3, K_PGDN }, { KEY_RESIZE, K_RESIZE },
		{ KEY_FIND, K_HOME }, { KEY_SELECT, K_END },
	};

	for (size_t i = 0; i < COUNT(table); i++) {
		if ((wint_t)table[i].code == code)
			return table[i].key;
	}
	if (code > KEY_F0 && code <= KEY_F0 + 12)
		return K_F1 + (int)(code - KEY_F0) - 1;
	return K_IDLE;
}

int screen_key(struct screen *s, int ms)
{
	wint_t code;
	int rc, key;

	timeout(ms);
	rc = get_wch(&code);
	if (rc == ERR)
		return K_IDLE;
	key = rc == KEY_CODE_YES ? function_key(code) : (int)code;
	if (key == K_RESIZE)
		screen_size(s);
	if (key == '\r')
		key = K_ENTER;
	if (key == 127 || key == 8)
		key = K_BACKSPACE;
	return key;
}
