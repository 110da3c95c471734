/* The browser's core: the stack of views, title bar and hints, keys, searching, what comes due. */
#include "tui/tui.h"

#include <signal.h>
#include <stdarg.h>
#include <unistd.h>

#include "tui/list.h"
#include "tui/view.h"

/* Signal handlers have no argument: the store whose query SIGINT stops, and that the user shall leave. */
static struct store *interrupted;
static volatile sig_atomic_t leave;

static void on_interrupt(int sig UNUSED)
{
	store_interrupt(interrupted);
}

static void on_leave(int sig UNUSED)
{
	leave = 1;
}

void tui_say(struct tui *t, bool bad, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(t->message, sizeof(t->message), format, ap);
	va_end(ap);
	t->message_bad = bad;
	memcpy(t->said, t->message, sizeof(t->said));
}

bool tui_contains(const char *text, const char *find)
{
	return strcasestr(text, find) != NULL;
}

/* --- the stack --- */

bool tui_push(struct tui *t, struct view *v)
{
	if (!v)
		return false;
	if (t->n_views == TUI_VIEWS) {
		v->ops->close(v);
		tui_say(t, true, "too many views are open: q closes this one");
		return false;
	}
	t->views[t->n_views++] = v;
	return true;
}

void tui_pop(struct tui *t)
{
	struct view *v = t->views[--t->n_views];

	v->ops->close(v);
}

struct view *tui_below(struct tui *t, const struct view *v)
{
	for (uint32_t i = t->n_views; i-- > 1;) {
		if (t->views[i] == v)
			return t->views[i - 1];
	}
	return NULL;
}

/* A list of the whole case: the one that is open already, or a new one. */
static void show_list(struct tui *t, uint32_t i)
{
	for (uint32_t n = t->n_views; n-- > 0;) {
		if (view_list_shows(t->views[n], i, true)) {
			while (t->n_views > n + 1)
				tui_pop(t);
			return;
		}
	}
	tui_push(t, view_list_open(t, i, NULL, 0, NULL));
}

/* --- drawing --- */

static void draw_title(struct tui *t, struct view *v)
{
	const char *path = t->options->case_path ? t->options->case_path : "";
	const char *slash = strrchr(path, '/');
	struct screen *s = &t->screen;
	char left[600], right[400] = "";
	int width;

	v->ops->position(v, right, sizeof(right));
	snprintf(left, sizeof(left), " %s%s | %s", slash ? slash + 1 : path, t->options->live ? " (live)" : "", v->title);
	width = screen_width(s, right);
	if (width > s->columns * 2 / 3)
		width = s->columns * 2 / 3;
	screen_put(s, 0, 0, s->columns - width - 2, LOOK_TITLE, left);
	screen_put(s, 0, s->columns - width - 2, 1, LOOK_TITLE, "");
	screen_put(s, 0, s->columns - width - 1, width, LOOK_TITLE, right);
	screen_put(s, 0, s->columns - 1, 1, LOOK_TITLE, "");
}

/* The most used keys of the view, as many as fit. */
static void draw_hints(struct tui *t, const struct view *v)
{
	struct screen *s = &t->screen;
	int x = 1, y = s->lines - 1;

	for (const char *p = v->ops->hints; *p;) {
		int len = (int)strcspn(p, " ");
		char keys[40], text[60];
		int width;

		keys_of(keys_named(p, (size_t)len), true, keys, sizeof(keys));
		snprintf(text, sizeof(text), " %.*s", len, p);
		width = screen_width(s, keys) + screen_width(s, text);
		if (x + width >= s->columns)
			break;
		screen_put(s, y, x, screen_width(s, keys), LOOK_KEY, keys);
		screen_put(s, y, x + screen_width(s, keys), screen_width(s, text), LOOK_TEXT, text);
		x += width + 2;
		p += len;
		p += strspn(p, " ");
	}
}

static bool too_small(const struct tui *t)
{
	return t->screen.columns < SCREEN_MIN_COLUMNS || t->screen.lines < SCREEN_MIN_LINES;
}

void tui_draw(struct tui *t)
{
	struct view *v = t->views[t->n_views - 1];
	struct screen *s = &t->screen;

	screen_clear(s);
	if (too_small(t)) {
		char text[100];

		snprintf(text, sizeof(text), "smbscope needs %dx%d, this is %dx%d", SCREEN_MIN_COLUMNS, SCREEN_MIN_LINES, s->columns,
		         s->lines);
		screen_put(s, 0, 0, s->columns, LOOK_TEXT, text);
		screen_show(s, -1, 0);
		return;
	}
	if (v->stale) {
		v->stale = false;
		if (v->ops->refresh)
			v->ops->refresh(t, v);
	}
	v->ops->draw(t, v);
	draw_title(t, v);          /* after: drawing may have read rows */
	if (*t->message)
		screen_put(s, s->lines - 1, 0, s->columns, t->message_bad ? LOOK_ALARM : LOOK_TEXT, t->message);
	else
		draw_hints(t, v);
	screen_show(s, -1, 0);
}

void tui_busy(struct tui *t, const char *what)
{
	if (t->play.file || too_small(t))
		return;
	screen_put(&t->screen, t->screen.lines - 1, 0, t->screen.columns, LOOK_DIM, what);
	screen_show(&t->screen, -1, 0);
}

/* --- what comes due --- */

static int64_t data_version(struct tui *t)
{
	struct store_query *q = store_query(t->store, "PRAGMA data_version", NULL);
	int64_t version = q && store_step(q, NULL) == 1 ? store_int(q, 0) : 0;

	store_done(q);
	return version;
}

static void poll_store(struct tui *t)
{
	int64_t version = data_version(t);

	if (version == t->data_version)
		return;
	t->data_version = version;
	for (uint32_t i = 0; i < t->n_views; i++)
		t->views[i]->stale = true;
}

int tui_key(struct tui *t)
{
	int key;

	if (t->play.file) {
		key = keys_play(&t->play);
		if (key == K_RESIZE)
			screen_resize(&t->screen, t->play.columns, t->play.lines);
		return key;
	}
	key = screen_key(&t->screen, 1000);
	if (leave) {
		t->quit = true;
		return K_EOF;
	}
	if (key == K_IDLE) {
		/* The terminal is gone (its reads fail at once): there is nobody to show anything to. */
		if (!isatty(STDIN_FILENO)) {
			t->quit = true;
			return K_EOF;
		}
		poll_store(t);
	}
	return key;
}

/* --- requests --- */

static void find(struct tui *t, bool back)
{
	struct view *v = t->views[t->n_views - 1];

	tui_busy(t, "searching; Ctrl-C stops");
	if (!v->ops->find(t, v, back) && !*t->message)
		tui_say(t, true, "not found: %s", t->find);
}

static void ask_find(struct tui *t)
{
	char text[PROMPT_SIZE] = "";

	if (!prompt_read(t, PROMPT_FIND, "/", text, NULL, NULL))
		return;
	snprintf(t->find, sizeof(t->find), "%.*s", FIND_SIZE - 1, text);
	if (*t->find)
		find(t, false);
}

static void ask_command(struct tui *t, enum prompt kind)
{
	char text[PROMPT_SIZE] = "";

	if (kind == PROMPT_SQL) {
		if (prompt_read(t, PROMPT_SQL, "SQL: ", text, NULL, NULL) && *text)
			tui_push(t, view_sql_open(t, text));
	} else if (prompt_read(t, PROMPT_COMMAND, ":", text, NULL, NULL)) {
		colon_run(t, text);
	}
}

static void back(struct tui *t, bool close)
{
	if (t->n_views > 1)
		tui_pop(t);
	else if (close)
		t->quit = true;
	else
		tui_say(t, false, "this is the first view: q leaves");
}

void tui_request(struct tui *t, enum request request)
{
	struct view *v = t->views[t->n_views - 1];

	if (request >= REQ__LISTS) {
		show_list(t, request - REQ__LISTS);
		return;
	}
	if (request == REQ_FIND_NEXT && *t->find) {
		find(t, false);
		return;
	}
	if (v->ops->request(t, v, request))
		return;
	switch (request) {
	case REQ_LEFT:
	case REQ_BACK:
	case REQ_CLOSE:
		back(t, request == REQ_CLOSE);
		break;
	case REQ_QUIT:
		t->quit = true;
		break;
	case REQ_FIND:
		ask_find(t);
		break;
	case REQ_FIND_NEXT:
	case REQ_FIND_PREV:
		if (*t->find)
			find(t, request == REQ_FIND_PREV);
		else
			tui_say(t, false, "nothing was searched yet: / searches");
		break;
	case REQ_COMMAND:
		ask_command(t, PROMPT_COMMAND);
		break;
	case REQ_SQL:
		ask_command(t, PROMPT_SQL);
		break;
	case REQ_HELP:
		tui_push(t, view_help_open(t));
		break;
	case REQ_REFRESH:
		v->stale = true;
		break;
	case REQ_REDRAW:
		screen_redraw(&t->screen);
		break;
	default:
		tui_say(t, false, "that does nothing here; ? shows the keys");
	}
}

/* --- lines in memory --- */

void pager_settle(struct pager *p)
{
	if (p->height == 0)
		p->height = 1;
	if (p->cursor >= p->n)
		p->cursor = p->n ? p->n - 1 : 0;
	if (p->top > p->cursor)
		p->top = p->cursor;
	if (p->cursor - p->top >= p->height)
		p->top = p->cursor - p->height + 1;
	if (p->top + p->height > p->n)
		p->top = p->n > p->height ? p->n - p->height : 0;
}

static void pager_move(struct pager *p, int64_t lines, bool page)
{
	int64_t to = (int64_t)p->cursor + lines, top = (int64_t)p->top + lines;

	to = to < 0 ? 0 : to >= (int64_t)p->n ? (int64_t)p->n - 1 : to;
	p->cursor = to < 0 ? 0 : (uint32_t)to;
	if (page)
		p->top = top < 0 ? 0 : top > p->cursor ? p->cursor : (uint32_t)top;
	pager_settle(p);
}

bool pager_request(struct pager *p, enum request request)
{
	int64_t page = p->height > 1 ? p->height - 1 : 1, half = p->height > 1 ? p->height / 2 : 1;

	switch (request) {
	case REQ_UP:
		pager_move(p, -1, false);
		return true;
	case REQ_DOWN:
		pager_move(p, 1, false);
		return true;
	case REQ_PAGE_UP:
		pager_move(p, -page, true);
		return true;
	case REQ_PAGE_DOWN:
		pager_move(p, page, true);
		return true;
	case REQ_HALF_UP:
		pager_move(p, -half, true);
		return true;
	case REQ_HALF_DOWN:
		pager_move(p, half, true);
		return true;
	case REQ_HOME:
		p->cursor = p->top = 0;
		return true;
	case REQ_END:
		p->cursor = p->n ? p->n - 1 : 0;
		pager_settle(p);
		return true;
	default:
		return false;
	}
}

/* --- running --- */

static void loop(struct tui *t)
{
	while (!t->quit) {
		int key;
		enum request request;

		tui_draw(t);
		key = tui_key(t);
		if (key == K_EOF)
			break;
		if (key == K_IDLE || key == K_RESIZE)
			continue;
		*t->message = '\0';
		/* What is done blind, on a screen too small to see it, is not done. */
		request = keys_request(key);
		if (too_small(t) && request != REQ_CLOSE && request != REQ_QUIT && !t->play.file)
			continue;
		if (request != REQ_NONE)
			tui_request(t, request);
		else
			tui_say(t, false, "this key does nothing; ? shows the keys");
	}
}

static int start(struct tui *t, struct err *err)
{
	const struct tui_options *o = t->options;
	bool played = o->keys_path != NULL;

	if (played) {
		t->play.file = fopen(o->keys_path, "r");
		if (!t->play.file)
			return err_set(err, ERR_INPUT, "%s: cannot be read", o->keys_path);
		t->play.line_start = true;
	} else if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		return err_set(err, ERR_USAGE, "the browser needs a terminal; smbscope query and dissect do not");
	}
	return screen_open(&t->screen, played ? o->columns ? o->columns : 80 : 0, o->lines ? o->lines : 24, err);
}

static void finish(struct tui *t)
{
	while (t->n_views)
		tui_pop(t);
	screen_close(&t->screen);
	if (t->play.file)
		fclose(t->play.file);
	detail_captures_free(t->captures);
	for (int kind = 0; kind < PROMPT__COUNT; kind++) {
		for (uint32_t i = 0; i < t->history[kind].n; i++)
			free(t->history[kind].texts[i]);
	}
}

int tui_run(struct store *store, const struct tui_options *options, struct err *err)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction before[COUNT(signals)];
	struct tui *t = xcalloc(1, sizeof(*t));
	int rc;

	t->store = store;
	t->options = options;
	rc = start(t, err);
	if (rc == 0) {
		interrupted = store;
		leave = 0;
		for (size_t i = 0; i < COUNT(signals); i++) {
			struct sigaction now = { .sa_handler = signals[i] == SIGINT ? on_interrupt : on_leave };

			sigaction(signals[i], &now, &before[i]);
		}
		t->captures = detail_captures_new(store);
		t->data_version = data_version(t);
		if (options->note)
			tui_say(t, true, "%s", options->note);
		show_list(t, 0);
		loop(t);
		for (size_t i = 0; i < COUNT(signals); i++)
			sigaction(signals[i], &before[i], NULL);
		interrupted = NULL;
	}
	finish(t);
	free(t);
	return rc;
}
