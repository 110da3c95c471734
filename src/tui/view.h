/* What the files of the browser share: the screen, keys, the stack of views, and what a view is. */
#ifndef TUI_VIEW_H
#define TUI_VIEW_H

#include "base/err.h"
#include "base/mem.h"
#include "show/detail.h"
#include "store/store.h"
#include "tui/tui.h"

/* --- the screen (screen.c); the only file that draws --- */

enum look {
	LOOK_TEXT, LOOK_TITLE, LOOK_HEADING, LOOK_CURSOR, LOOK_CURSOR_ALARM, LOOK_CURSOR_AWAY, LOOK_ALARM, LOOK_WARN,
	LOOK_DIM, LOOK_KEY, LOOK_MARK, LOOK_PROTO, LOOK_GOOD, LOOK__COUNT
};

#define SCREEN_MIN_COLUMNS 80
#define SCREEN_MIN_LINES   24

struct screen {
	void *terminal;            /* SCREEN *, NULL before screen_open */
	FILE *nowhere;             /* where a played screen goes */
	int columns, lines;
	bool utf8;
	uint64_t looks[LOOK__COUNT];
};

/* screen_open takes the terminal; with columns > 0 a screen of that size that nobody sees. */
int screen_open(struct screen *, int columns, int lines, struct err *) MUST_CHECK;
void screen_close(struct screen *);
/* screen_size asks how big it is now; screen_resize makes a screen nobody sees another size. */
void screen_size(struct screen *);
void screen_resize(struct screen *, int columns, int lines);
void screen_clear(struct screen *);
void screen_redraw(struct screen *);
/* screen_show brings it out; the terminal's cursor stands at y, x, or is hidden where y < 0. */
void screen_show(struct screen *, int y, int x);
/* screen_put writes text at y, x: escaped for terminals, cut to width columns, padded to it.  Everything
 * that is ever drawn goes through here.  screen_put_from leaves out the first skip columns. */
void screen_put(struct screen *, int y, int x, int width, enum look, const char *text);
void screen_put_from(struct screen *, int y, int x, int width, int skip, enum look, const char *text);
/* screen_width is the number of columns text takes. */
int screen_width(const struct screen *, const char *text);
/* screen_key waits up to ms for a key; K_IDLE if none came. */
int screen_key(struct screen *, int ms);

/* --- keys (keys.c) --- */

/* A key: the character's code point, or one of these. */
enum {
	K_IDLE = 0x200000, K_RESIZE, K_UP, K_DOWN, K_LEFT, K_RIGHT, K_PGUP, K_PGDN, K_HOME, K_END, K_DELETE,
	K_BACKSPACE, K_SHIFT_LEFT, K_SHIFT_RIGHT, K_SHIFT_TAB, K_F1, K_F5 = K_F1 + 4, K_F12 = K_F1 + 11, K_EOF,
	K_ENTER = '\n', K_TAB = '\t', K_ESC = 27,
};

enum request {
	REQ_NONE,
#define GROUP(title)
#define REQ(id, name, keys, help) REQ_##id,
#include "tui/requests.def"
#undef GROUP
#undef REQ
	REQ__LISTS                 /* REQ__LISTS + i: list i of views.def */
};

/* keys_request is what a key asks for, REQ_NONE nothing. */
enum request keys_request(int key);
/* keys_named is the request of that name (as the ':' line takes it), REQ_NONE if none. */
enum request keys_named(const char *name, size_t len);
/* keys_of are a request's keys as the help shows them; the first only, where first. */
void keys_of(enum request, bool first, char *out, size_t size);
/* A line of the help: a heading, or keys (what to type) and their meaning.  Static text. */
struct help_line {
	const char *heading, *keys, *meaning;
};
/* keys_help gives line i of the whole help; false beyond the last. */
bool keys_help(uint32_t i, struct help_line *);
/* keys_play reads the next key of a file of keys; K_EOF at its end.  A word is a key's name (Enter, Down, PgDn,
 * Ctrl-L), one character, "text to type", or Resize:120x40 (K_RESIZE, with its size); a line that begins
 * with ':' is typed whole, with Enter; # begins a comment. */
struct keys_play {
	FILE *file;
	char typed[1024];          /* rest of what is being typed */
	uint32_t at, len;
	bool line_start;           /* the file stands there */
	int columns, lines;        /* of the last Resize */
};
int keys_play(struct keys_play *);

/* --- views --- */

struct tui;
struct view;

struct view_ops {
	const char *hints;         /* names of the requests the hint line shows, by spaces */
	void (*draw)(struct tui *, struct view *);
	/* request does what it asks; false: not for this view. */
	bool (*request)(struct tui *, struct view *, enum request);
	/* find goes to the next match of t->find (back: the one before); false: none. */
	bool (*find)(struct tui *, struct view *, bool back);
	void (*refresh)(struct tui *, struct view *);   /* the case has changed; may be NULL */
	void (*position)(struct view *, char *out, size_t size);
	void (*save)(struct tui *, struct view *, FILE *);
	void (*close)(struct view *);
};

struct view {
	const struct view_ops *ops;
	char title[200];           /* shown in the title bar, UTF-8, escaped when drawn */
	bool stale;                /* refresh before it is drawn next */
	/* followed by the view's own members: each view's struct begins with a struct view */
};

#define TUI_VIEWS 24
#define FIND_SIZE 256

enum prompt { PROMPT_COMMAND, PROMPT_FIND, PROMPT_FILTER, PROMPT_SQL, PROMPT__COUNT };
#define PROMPT_HISTORY 20
#define PROMPT_SIZE 2000

struct history {
	char *texts[PROMPT_HISTORY];
	uint32_t n;
};

struct tui {
	struct store *store;
	const struct tui_options *options;
	struct screen screen;
	struct detail_captures *captures;
	struct view *views[TUI_VIEWS];
	uint32_t n_views;
	struct keys_play play;
	struct history history[PROMPT__COUNT];
	char find[FIND_SIZE];      /* what is searched, "" nothing */
	char message[512];
	char said[512];            /* the last message, for save-view */
	bool message_bad, quit;
	int64_t data_version;
};

/* tui_say puts a line where the hints are, until the next key; bad: as an error. */
void tui_say(struct tui *, bool bad, const char *format, ...) PRINTF(3, 4);
/* tui_busy says it at once: what follows may take long. */
void tui_busy(struct tui *, const char *what);
/* tui_push shows a view on top; it belongs to the stack then.  False (view closed): too many. */
bool tui_push(struct tui *, struct view *);
void tui_pop(struct tui *);
struct view *tui_below(struct tui *, const struct view *);   /* the view under it, NULL none */
void tui_draw(struct tui *);
/* tui_key waits for a key: from the terminal, or of the keys played.  Does what comes due meanwhile. */
int tui_key(struct tui *);
void tui_request(struct tui *, enum request);
/* tui_contains tells whether text contains the search, whatever the case. */
bool tui_contains(const char *text, const char *find);

/* prompt_read lets the user type a line; text holds what is offered at first.  hint, where given, says
 * what the text is taken for, while it is typed.  False: given up. */
typedef const char *prompt_hint_fn(void *arg, const char *text);
bool prompt_read(struct tui *, enum prompt, const char *label, char text[PROMPT_SIZE], prompt_hint_fn *, void *arg);
/* colon_run does a line of the ':' prompt; colon_complete completes its first word in place. */
void colon_run(struct tui *, const char *line);
void colon_complete(char line[PROMPT_SIZE]);
/* colon_help gives line i of the help on them; false beyond the last. */
bool colon_help(uint32_t i, struct help_line *);

/* A cursor over n lines held in memory, height of which are seen. */
struct pager {
	uint32_t n, cursor, top, height;
};
void pager_settle(struct pager *);
bool pager_request(struct pager *, enum request);

/* Opening views.  NULL (with a message said) where that cannot be. */
struct view *view_help_open(struct tui *);
struct view *view_sql_open(struct tui *, const char *sql);
/* view_list_open opens list i of views.def, narrowed to column = id where column is not NULL;
 * what: what it is narrowed to, for the title. */
struct view *view_list_open(struct tui *, uint32_t i, const char *column, int64_t id, const char *what);
struct view *view_detail_open(struct tui *, int64_t command_id);
/* view_list_command is the command the cursor of a list is on (negative: as detail_load takes it); false: the view is no list of such. */
bool view_list_command(struct tui *, struct view *, int64_t *command_id);
/* view_list_step moves a list's cursor by rows; false: there is no further row. */
bool view_list_step(struct view *, int rows);
/* view_list_goto moves to a key; false: not in the list. */
bool view_list_goto(struct view *, int64_t key);
/* view_list_filter filters a list, saying what is wrong with the filter; false: the view is no list. */
bool view_list_filter(struct tui *, struct view *, const char *text);
bool view_is_detail(const struct view *);
bool view_is_list(const struct view *);
/* view_list_shows tells whether view is list i, whole or narrowed. */
bool view_list_shows(const struct view *, uint32_t i, bool whole);

#endif
