/* A list on the screen: those of views.def, and the answers of SQL questions. */
#include <inttypes.h>

#include "base/text.h"
#include "tui/list.h"
#include "tui/view.h"

struct view_list {
	struct view view;
	struct list list;
	uint32_t index;            /* in list_specs; UINT32_MAX: an answer */
	uint32_t scroll;           /* first column shown */
	uint16_t wanted[LIST_COLUMNS];     /* the widest cell seen: columns do not jump while scrolling */
};

static struct view_list *of(struct view *v)
{
	return (struct view_list *)v;
}

/* --- widths --- */

/* What a column gets before any gets more: a quarter of the way to the most it may have, and its heading. */
static int modest(const struct view_list *v, uint32_t c)
{
	const struct list_column *col = &v->list.spec->columns[c];
	int soft = col->least + (col->most - col->least) / 4, heading = (int)strlen(col->heading);

	if (soft < heading)
		soft = heading;

	return v->wanted[c] < soft ? v->wanted[c] : soft;
}

static void measure(struct tui *t, struct view_list *v)
{
	const struct list *l = &v->list;
	char cell[LIST_CELL];

	for (uint32_t c = 0; c < l->spec->n_columns; c++) {
		const struct list_column *col = &l->spec->columns[c];
		int widest = screen_width(&t->screen, col->heading);

		if (widest < col->least)
			widest = col->least;
		for (uint32_t r = l->top; r < l->n_rows && r < l->top + l->height; r++) {
			int width = screen_width(&t->screen, list_show(l, r, c, cell, sizeof(cell)));

			if (width > widest)
				widest = width;
		}
		if (widest > col->most && col->most >= col->least)
			widest = col->most;
		if (widest > v->wanted[c])
			v->wanted[c] = (uint16_t)widest;
	}
}

/* Gives the columns from the first shown on their widths; returns the index after the last that fits.
 * Room left goes to those that want more, the neediest first. */
static uint32_t fit(const struct view_list *v, int room, uint16_t widths[LIST_COLUMNS])
{
	uint32_t c, end;

	for (c = v->scroll; c < v->list.spec->n_columns; c++) {
		int width = modest(v, c);

		if (c > v->scroll && width > room)
			break;
		widths[c] = (uint16_t)(width > room ? room : width);
		room -= width + 1;
	}
	end = c;
	while (room > 0) {
		int need = 0;
		uint32_t neediest = 0;

		for (c = v->scroll; c < end; c++) {
			if (v->wanted[c] - widths[c] > need) {
				need = v->wanted[c] - widths[c];
				neediest = c;
			}
		}
		if (!need)
			break;
		widths[neediest]++;
		room--;
	}
	return end;
}

/* --- drawing --- */

static bool right_aligned(enum column_kind kind)
{
	return kind == COLUMN_NUM || kind == COLUMN_BYTES || kind == COLUMN_US || kind == COLUMN_DELTA;
}

static void put_cell(struct tui *t, int y, int x, int width, enum column_kind kind, enum look look, const char *text)
{
	int used = right_aligned(kind) ? screen_width(&t->screen, text) : width;

	if (used < width) {
		screen_put(&t->screen, y, x, width - used, look, "");
		x += width - used;
		width = used;
	}
	screen_put(&t->screen, y, x, width, look, text);
}

static void draw_headings(struct tui *t, const struct view_list *v, const uint16_t *widths, uint32_t end)
{
	const struct list *l = &v->list;
	int x = 0;

	for (uint32_t c = v->scroll; c < end; c++) {
		char heading[100];

		snprintf(heading, sizeof(heading), "%s%s", l->spec->columns[c].heading,
		         (int)c != l->sort ? "" : t->screen.utf8 ? l->descending ? "▼" : "▲" : l->descending ? "v" : "^");
		put_cell(t, 1, x, widths[c], l->spec->columns[c].kind, LOOK_HEADING, heading);
		x += widths[c] + 1;
	}
	if (end < l->spec->n_columns)
		screen_put(&t->screen, 1, t->screen.columns - 1, 1, LOOK_KEY, "]");
	if (v->scroll)
		screen_put(&t->screen, 1, 0, 1, LOOK_KEY, "[");
}

static enum look cell_look(const struct list *l, uint32_t row, uint32_t column)
{
	bool here = row == l->cursor;

	if (l->spec->columns[column].kind == COLUMN_STATUS && !l->rows[row].cells[column].text)
		return here ? LOOK_CURSOR : LOOK_WARN;
	if (l->spec->columns[column].kind == COLUMN_STATUS && l->rows[row].alarm)
		return here ? LOOK_CURSOR_ALARM : LOOK_ALARM;
	return here ? LOOK_CURSOR : LOOK_TEXT;
}

static void draw_row(struct tui *t, const struct view_list *v, uint32_t row, int y, const uint16_t *widths, uint32_t end)
{
	const struct list *l = &v->list;
	char cell[LIST_CELL];
	int x = 0;

	if (row == l->cursor)
		screen_put(&t->screen, y, 0, t->screen.columns, LOOK_CURSOR, "");
	for (uint32_t c = v->scroll; c < end; c++) {
		put_cell(t, y, x, widths[c], l->spec->columns[c].kind, cell_look(l, row, c), list_show(l, row, c, cell, sizeof(cell)));
		x += widths[c] + 1;
	}
}

/* What stands where no rows are: why, and what to do. */
static void empty_text(const struct list *l, char *out, size_t size)
{
	if (l->err.code != ERR_NONE)
		snprintf(out, size, "could not be read: %s; F5 tries again", l->err.text);
	else if (l->filter)
		snprintf(out, size, "no row %s  %s  -- f, Ctrl-U and Enter show all rows again", l->filter_sql ? "satisfies" : "contains",
		         l->filter);
	else if (*l->parent)
		snprintf(out, size, "nothing here: %s; q goes back", l->spec->empty);
	else
		snprintf(out, size, "%s", l->spec->empty);
}

static void draw(struct tui *t, struct view *view)
{
	struct view_list *v = of(view);
	struct list *l = &v->list;
	uint16_t widths[LIST_COLUMNS] = { 0 };
	char text[600];
	uint32_t end;

	list_settle(l, (uint32_t)t->screen.lines - 3);
	measure(t, v);
	end = fit(v, t->screen.columns, widths);
	draw_headings(t, v, widths, end);
	for (uint32_t i = 0; i < l->height && l->top + i < l->n_rows; i++)
		draw_row(t, v, l->top + i, (int)i + 2, widths, end);
	if (!l->n_rows || l->err.code != ERR_NONE) {
		empty_text(l, text, sizeof(text));
		screen_put(&t->screen, 3, 2, t->screen.columns - 2, l->err.code ? LOOK_ALARM : LOOK_TEXT, text);
	}
}

static void position(struct view *view, char *out, size_t size)
{
	const struct list *l = &of(view)->list;
	const struct list_row *row = list_row(l);
	char rows[120], filter[160] = "";

	if (l->answer && l->cut)
		snprintf(rows, sizeof(rows), "row %u of the first %u", l->cursor + 1, l->n_rows);
	else if (l->answer || l->keys)
		snprintf(rows, sizeof(rows), "row %u of %u", row ? l->first + l->cursor + 1 : 0, l->answer ? l->n_rows : l->n_keys);
	else if (row)
		snprintf(rows, sizeof(rows), "%s %" PRId64 ", more than %d rows", l->spec->key, row->key, LIST_COUNTED);
	else
		snprintf(rows, sizeof(rows), "no row");
	if (l->filter)
		snprintf(filter, sizeof(filter), "%s %.120s | ", l->filter_sql ? "where" : "with", l->filter);
	snprintf(out, size, "%s%s", filter, rows);
}

static void save(struct tui *t UNUSED, struct view *view, FILE *f)
{
	const struct list *l = &of(view)->list;
	char cell[LIST_CELL], safe[4 * LIST_CELL];

	fputs("columns:", f);
	for (uint32_t c = 0; c < l->spec->n_columns; c++)
		fprintf(f, "%s%s%s", c ? " | " : " ", l->spec->columns[c].heading, (int)c == l->sort ? l->descending ? " (v)" : " (^)" : "");
	fputc('\n', f);
	for (uint32_t r = l->top; r < l->n_rows && r < l->top + l->height; r++) {
		fputc(r == l->cursor ? '>' : ' ', f);
		for (uint32_t c = 0; c < l->spec->n_columns; c++) {
			list_show(l, r, c, cell, sizeof(cell));
			text_escape(safe, sizeof(safe), cell, strlen(cell), TEXT_TERMINAL);
			fprintf(f, "%s%s", c ? " | " : " ", safe);
		}
		fputs(l->rows[r].alarm ? " !\n" : "\n", f);
	}
	if (!l->n_rows || l->err.code != ERR_NONE) {
		empty_text(l, cell, sizeof(cell));
		fprintf(f, "empty: %s\n", cell);
	}
}

/* --- opening rows --- */

/* A column of the row, by the name the store's views give it; 0: it has none, or no value. */
static int64_t row_id(struct tui *t, const struct view_list *v, const char *column)
{
	const struct list *l = &v->list;
	const struct list_row *row = list_row(l);
	struct store_query *q;
	int64_t id = 0;
	char sql[500];

	if (!row)
		return 0;
	for (uint32_t c = 0; l->answer && c < l->spec->n_columns; c++) {
		if (!strcmp(l->spec->columns[c].heading, column))
			return row->cells[c].n;
	}
	if (l->answer)
		return 0;
	if (!strcmp(l->spec->key, column))
		return row->key;
	snprintf(sql, sizeof(sql), "SELECT %s FROM %s WHERE %s = %" PRId64, column, l->spec->from, l->spec->key, row->key);
	q = store_query(t->store, sql, NULL);
	if (q && store_step(q, NULL) == 1)
		id = store_int(q, 0);
	store_done(q);
	return id;
}

bool view_list_command(struct tui *t, struct view *view, int64_t *command_id)
{
	struct view_list *v = of(view);

	if (!view_is_list(view) || !list_row(&v->list))
		return false;
	if (!strcmp(v->list.spec->opens, "other"))
		*command_id = -list_row(&v->list)->key;
	else if (v->list.answer || !strcmp(v->list.spec->opens, "message"))
		*command_id = row_id(t, v, "command_id");
	else
		return false;
	return *command_id != 0;
}

/* The list of that index, narrowed to this row by the closest column that both know. */
static void open_list(struct tui *t, struct view_list *v, uint32_t index)
{
	static const char *const columns[] = { "open_id", "share_id", "session_id", "connection_id", "capture_id" };
	const struct list_spec *spec = &list_specs[index], *own = v->list.spec;

	/* The row's own key comes first. */
	for (int i = -1; i < (int)COUNT(columns); i++) {
		const char *column = i < 0 ? own->key : columns[i];
		char what[160], name[100];
		int64_t id;

		if (!list_parent(spec, column) || (id = row_id(t, v, column)) == 0)
			continue;
		/* The second column names the thing: a user, a path. */
		list_show(&v->list, v->list.cursor, own->n_columns > 1, name, sizeof(name));
		snprintf(what, sizeof(what), "%.*s %" PRId64 "%s%s", (int)strcspn(column, "_"), column, id, i < 0 && *name ? ", " : "",
		         i < 0 ? name : "");
		tui_busy(t, "reading; Ctrl-C stops");
		tui_push(t, view_list_open(t, index, column, id, what));
		return;
	}
	tui_say(t, false, "this row has no %s", spec->name);
}

static void open_row(struct tui *t, struct view_list *v)
{
	const char *opens = v->list.spec->opens;
	int64_t command;

	if (!list_row(&v->list))
		return;
	if (view_list_command(t, &v->view, &command))
		tui_push(t, view_detail_open(t, command));
	else if (v->list.answer)
		open_list(t, v, list_named("commands", 8));
	else if (*opens)
		open_list(t, v, list_named(opens, strlen(opens)));
	else
		tui_say(t, false, "there is nothing behind this row");
}

/* --- requests --- */

static const char *filter_hint(void *arg, const char *text)
{
	switch (*text ? list_is_sql(arg, text, NULL) : 0) {
	case 1:
		return "SQL";
	case 0:
		return *text ? "text" : "text or SQL";
	}
	return "not SQL yet";
}

bool view_list_filter(struct tui *t, struct view *view, const char *text)
{
	struct err err = { 0 };

	if (!view_is_list(view) || of(view)->list.answer)
		return false;
	tui_busy(t, "filtering; Ctrl-C stops");
	if (list_filter(&of(view)->list, text, &err) < 0)
		tui_say(t, true, "%s", err.text);
	return true;
}

static void ask_filter(struct tui *t, struct view_list *v)
{
	char text[PROMPT_SIZE] = "";

	if (v->list.answer) {
		tui_say(t, false, "an answer is not filtered: say WHERE in the question");
		return;
	}
	if (v->list.filter)
		snprintf(text, sizeof(text), "%s", v->list.filter);
	if (prompt_read(t, PROMPT_FILTER, "filter", text, filter_hint, &v->list))
		(void)view_list_filter(t, &v->view, text);
}

static void sort(struct tui *t, struct view_list *v, int column, bool descending)
{
	struct err err = { 0 };
	int last = (int)v->list.spec->n_columns - 1;

	column = column < -1 ? -1 : column > last ? last : column;
	tui_busy(t, "sorting; Ctrl-C stops");
	if (list_sort(&v->list, column, descending && column >= 0, &err) < 0) {
		tui_say(t, false, "%s", err.text);
		return;
	}
	/* What it is sorted by is to be seen. */
	if (column >= 0 && v->scroll > (uint32_t)column)
		v->scroll = (uint32_t)column;
	tui_say(t, false, "sorted by %s; z turns round", column < 0 ? "nothing: the list's own order" : v->list.spec->columns[column].heading);
}

static bool move(struct view_list *v, enum request request)
{
	struct list *l = &v->list;
	int64_t page = l->height > 2 ? l->height - 1 : 2, half = l->height > 4 ? l->height / 2 : 2;

	switch (request) {
	case REQ_UP:
		list_move(l, -1);
		return true;
	case REQ_DOWN:
		list_move(l, 1);
		return true;
	case REQ_PAGE_UP:
		list_move(l, -page);
		return true;
	case REQ_PAGE_DOWN:
		list_move(l, page);
		return true;
	case REQ_HALF_UP:
		list_move(l, -half);
		return true;
	case REQ_HALF_DOWN:
		list_move(l, half);
		return true;
	case REQ_HOME:
		list_home(l);
		return true;
	case REQ_END:
		list_end(l);
		return true;
	case REQ_SCROLL_LEFT:
		v->scroll -= v->scroll > 0;
		return true;
	case REQ_SCROLL_RIGHT:
		v->scroll += v->scroll + 1 < l->spec->n_columns;
		return true;
	default:
		return false;
	}
}

static bool request(struct tui *t, struct view *view, enum request request)
{
	struct view_list *v = of(view);

	if (move(v, request))
		return true;
	switch (request) {
	case REQ_OPEN:
	case REQ_RIGHT:
		open_row(t, v);
		return true;
	case REQ_ROW_COMMANDS:
		open_list(t, v, list_named("commands", 8));
		return true;
	case REQ_ROW_FILES:
		open_list(t, v, list_named("files", 5));
		return true;
	case REQ_FILTER:
		ask_filter(t, v);
		return true;
	case REQ_SORT_LEFT:
		sort(t, v, v->list.sort - 1, v->list.descending);
		return true;
	case REQ_SORT_RIGHT:
		sort(t, v, v->list.sort + 1, v->list.descending);
		return true;
	case REQ_SORT_SWAP:
		sort(t, v, v->list.sort, !v->list.descending);
		return true;
	case REQ_NEXT_TEXT:
	case REQ_PREV_TEXT:
		if (strcmp(v->list.spec->key, "command_id"))
			return false;
		if (!list_next_where(&v->list, "path <> '' AND command NOT LIKE 'TREE_CONNECT%'", request == REQ_PREV_TEXT))
			tui_say(t, false, "no further command with a path");
		return true;
	default:
		return false;
	}
}

static bool find(struct tui *t, struct view *view, bool back)
{
	struct list *l = &of(view)->list;
	bool found;

	l->err.code = ERR_NONE;
	found = list_find(l, t->find, back);
	if (l->err.code != ERR_NONE) {
		tui_say(t, true, "%s", l->err.text);
		l->err.code = ERR_NONE;
	}
	return found;
}

static void refresh(struct tui *t UNUSED, struct view *view)
{
	list_refresh(&of(view)->list);
}

static void close_list(struct view *view)
{
	list_free(&of(view)->list);
	free(view);
}

static const struct view_ops list_ops = {
	.hints = "open close help find filter next-text command row-files sort-right",
	.draw = draw, .request = request, .find = find, .refresh = refresh, .position = position, .save = save, .close = close_list,
};

/* --- opening --- */

bool view_is_list(const struct view *view)
{
	return view->ops == &list_ops;
}

bool view_list_shows(const struct view *view, uint32_t i, bool whole)
{
	const struct view_list *v = (const struct view_list *)view;

	return view_is_list(view) && v->index == i && !(whole && *v->list.parent);
}

bool view_list_step(struct view *view, int rows)
{
	struct list *l = &of(view)->list;
	const struct list_row *row = list_row(l);
	int64_t key = row ? row->key : 0;

	list_move(l, rows);
	row = list_row(l);
	return row && row->key != key;
}

bool view_list_goto(struct view *view, int64_t key)
{
	return view_is_list(view) && list_goto(&of(view)->list, key);
}

struct view *view_list_open(struct tui *t, uint32_t i, const char *column, int64_t id, const char *what)
{
	struct view_list *v = xcalloc(1, sizeof(*v));

	v->view.ops = &list_ops;
	v->index = i;
	list_init(&v->list, t->store, &list_specs[i], column, id);
	snprintf(v->view.title, sizeof(v->view.title), "%s%s%s", list_specs[i].title, what ? " of " : "", what ? what : "");
	list_home(&v->list);
	return &v->view;
}

struct view *view_sql_open(struct tui *t, const char *sql)
{
	struct view_list *v = xcalloc(1, sizeof(*v));
	struct err err = { 0 };

	v->view.ops = &list_ops;
	v->index = UINT32_MAX;
	snprintf(v->view.title, sizeof(v->view.title), "%s", sql);
	tui_busy(t, "asking; Ctrl-C stops");
	if (list_ask(&v->list, t->store, sql, &err) < 0) {
		tui_say(t, true, "%s", err.text);
		free(v);
		return NULL;
	}
	return &v->view;
}
