/* Rows of a query around a cursor: moving, sorting, filtering, finding. */
#include "tui/list.h"

#include <ctype.h>

#include "tui/list_sql.h"

void list_init(struct list *l, struct store *store, const struct list_spec *spec, const char *parent, int64_t parent_id)
{
	*l = (struct list){ .store = store, .spec = spec, .sort = -1, .parent_id = parent_id, .height = 24 };
	if (parent)
		snprintf(l->parent, sizeof(l->parent), "%s", parent);
}

void list_free(struct list *l)
{
	free(l->filter);
	free(l->keys);
	free(l->rows);
	arena_free(&l->arena);
	l->filter = NULL;
	l->keys = NULL;
	l->rows = NULL;
}

const struct list_row *list_row(const struct list *l)
{
	return l->cursor < l->n_rows ? &l->rows[l->cursor] : NULL;
}

/* Rows read on either side of the cursor: a page may be turned before reading again. */
static uint32_t margin(const struct list *l)
{
	return 2 * l->height + 20;
}

static void forget(struct list *l)
{
	arena_reset(&l->arena);
	l->n_rows = l->cursor = l->top = l->first = 0;
	l->at_start = l->at_end = true;
}

static void reverse(struct list_row *rows, uint32_t n)
{
	for (uint32_t i = 0; i < n / 2; i++) {
		struct list_row swap = rows[i];

		rows[i] = rows[n - 1 - i];
		rows[n - 1 - i] = swap;
	}
}

/* With keys: the rows around index at. */
static void window_keys(struct list *l, uint32_t at)
{
	uint32_t m = margin(l), from = at > m ? at - m : 0, to = min_u32(l->n_keys, at + m + 1);

	forget(l);
	l->first = from;
	l->at_start = from == 0;
	l->at_end = to == l->n_keys;
	if (to > from)
		list_sql_rows(l, l->keys + from, to - from);
	/* A row may have gone since the keys were read: the cursor stays as near as can be. */
	l->cursor = min_u32(at - from, l->n_rows ? l->n_rows - 1 : 0);
}

/* Without keys: the rows around one (which need not exist any more). */
static void window_around(struct list *l, int64_t key)
{
	uint32_t m = margin(l), before;

	forget(l);
	before = list_sql_window(l, &key, true, m);
	reverse(l->rows, l->n_rows);
	l->at_start = before < m;
	l->cursor = before;
	key--;                     /* the row itself is the first of those after */
	l->at_end = list_sql_window(l, &key, false, m) < m;
	if (l->cursor >= l->n_rows)
		l->cursor = l->n_rows ? l->n_rows - 1 : 0;
}

static void read_keys(struct list *l)
{
	free(l->keys);
	l->keys = NULL;
	l->n_keys = 0;
	l->err.code = ERR_NONE;
	list_sql_keys(l);
	/* What was read before is not what is asked for now: it goes. */
	if (l->err.code != ERR_NONE)
		forget(l);
}

static void show_start(struct list *l)
{
	if (l->keys) {
		window_keys(l, 0);
	} else {
		forget(l);
		l->at_end = list_sql_window(l, NULL, false, 2 * margin(l)) < 2 * margin(l);
	}
}

static void show_end(struct list *l)
{
	if (l->keys) {
		window_keys(l, l->n_keys ? l->n_keys - 1 : 0);
	} else {
		forget(l);
		l->at_start = list_sql_window(l, NULL, true, 2 * margin(l)) < 2 * margin(l);
		reverse(l->rows, l->n_rows);
		l->cursor = l->n_rows ? l->n_rows - 1 : 0;
	}
	l->top = l->cursor >= l->height ? l->cursor - l->height + 1 : 0;
}

void list_home(struct list *l)
{
	if (l->answer) {
		l->cursor = l->top = 0;
		return;
	}
	if (!l->keys)
		read_keys(l);
	if (l->err.code == ERR_NONE)
		show_start(l);
}

void list_end(struct list *l)
{
	if (l->answer)
		l->cursor = l->n_rows ? l->n_rows - 1 : 0;
	else
		show_end(l);
}

/* The same row in a new window, at the same line of the screen. */
static void again(struct list *l)
{
	uint32_t line = l->cursor - l->top;

	if (l->keys)
		window_keys(l, l->first + l->cursor);
	else if (l->n_rows)
		window_around(l, l->rows[l->cursor].key);
	l->top = l->cursor > line ? l->cursor - line : 0;
}

void list_settle(struct list *l, uint32_t height)
{
	l->height = height ? height : 1;
	if (l->cursor >= l->n_rows)
		l->cursor = l->n_rows ? l->n_rows - 1 : 0;
	if (l->top > l->cursor)
		l->top = l->cursor;
	if (l->cursor - l->top >= l->height)
		l->top = l->cursor - l->height + 1;
	if (l->answer)
		goto full;
	if ((!l->at_end && l->top + l->height > l->n_rows) || (!l->at_start && l->cursor < l->height))
		again(l);
full:
	/* No empty lines below the last row while there are rows above. */
	if (l->top + l->height > l->n_rows)
		l->top = l->n_rows > l->height ? l->n_rows - l->height : 0;
	if (l->top > l->cursor)
		l->top = l->cursor;
}

void list_move(struct list *l, int64_t rows)
{
	int64_t line = (int64_t)l->cursor - l->top, to = (int64_t)l->cursor + rows;

	if (!l->n_rows)
		return;
	if (!l->answer && ((to < 0 && !l->at_start) || (to >= (int64_t)l->n_rows && !l->at_end))) {
		again(l);
		to = (int64_t)l->cursor + rows;
	}
	if (to < 0)
		to = 0;
	if (to >= (int64_t)l->n_rows)
		to = (int64_t)l->n_rows - 1;
	l->cursor = (uint32_t)to;
	if (rows > 1 || rows < -1)         /* a page: the cursor keeps its line */
		l->top = to > line ? (uint32_t)(to - line) : 0;
}

bool list_goto(struct list *l, int64_t key)
{
	if (l->answer)
		return false;
	if (!l->keys) {
		if (!list_sql_there(l, key))
			return false;
		window_around(l, key);
		return true;
	}
	for (uint32_t i = 0; i < l->n_keys; i++) {
		if (l->keys[i] == key) {
			window_keys(l, i);
			return true;
		}
	}
	return false;
}

void list_refresh(struct list *l)
{
	bool follow = l->at_end && l->n_rows && l->cursor == l->n_rows - 1 && l->sort < 0;
	const struct list_row *row = list_row(l);
	int64_t key = row ? row->key : 0;
	uint32_t line = l->cursor - l->top, was = l->first + l->cursor;
	bool had = row != NULL;

	if (l->answer)
		return;
	read_keys(l);
	if (l->err.code != ERR_NONE)
		return;
	if (follow) {
		show_end(l);
	} else if (!had) {
		show_start(l);
	} else {
		if (!list_goto(l, key) && l->keys)
			window_keys(l, min_u32(was, l->n_keys ? l->n_keys - 1 : 0));
		l->top = l->cursor > line ? l->cursor - line : 0;
	}
}

int list_filter(struct list *l, const char *text, struct err *err)
{
	const struct list_row *row = list_row(l);
	int64_t key = row ? row->key : 0;
	int sql = *text ? list_is_sql(l, text, err) : 0;

	if (sql < 0)
		return -1;
	free(l->filter);
	l->filter = *text ? xstrdup(text) : NULL;
	l->filter_sql = sql == 1;
	read_keys(l);
	if (l->err.code == ERR_NONE && !(row && list_goto(l, key)))
		show_start(l);
	return 0;
}

int list_sort(struct list *l, int column, bool descending, struct err *err)
{
	const struct list_row *row = list_row(l);
	int64_t key = row ? row->key : 0;

	if (l->answer)
		return err_set(err, ERR_USAGE, "an answer keeps its order: say ORDER BY in the question");
	if (!l->keys)
		return err_set(err, ERR_USAGE, "more than %d rows are not sorted: f filters them first", LIST_COUNTED);
	l->sort = column;
	l->descending = descending;
	read_keys(l);
	if (l->err.code == ERR_NONE && !(row && list_goto(l, key)))
		show_start(l);
	return 0;
}

static bool row_contains(const struct list *l, uint32_t row, const char *text)
{
	char cell[LIST_CELL];

	for (uint32_t c = 0; c < l->spec->n_columns; c++) {
		if (l->rows[row].cells[c].text && strcasestr(l->rows[row].cells[c].text, text))
			return true;
		if (strcasestr(list_show(l, row, c, cell, sizeof(cell)), text))
			return true;
	}
	return false;
}

static bool find_in_answer(struct list *l, const char *text, bool back)
{
	for (uint32_t i = 1; i <= l->n_rows; i++) {
		uint32_t at = (l->cursor + (back ? l->n_rows - i : i)) % l->n_rows;

		if (row_contains(l, at, text)) {
			l->cursor = at;
			return true;
		}
	}
	return false;
}

/* With keys: a stretch of them at a time, so that a near match is found at once. */
#define STRETCH 500
static bool find_in_keys(struct list *l, const char *condition, const char *text, bool back, bool round)
{
	uint32_t n = l->n_keys, at = l->first + l->cursor, left = round ? n : back ? at : n - 1 - at;

	while (left) {
		uint32_t stretch = min_u32(left, STRETCH), from, found;

		if (back) {
			if (at == 0)
				at = n;
			stretch = min_u32(stretch, at);
			from = at - stretch;
		} else {
			from = at + 1 == n ? 0 : at + 1;
			stretch = min_u32(stretch, n - from);
		}
		found = list_sql_match(l, l->keys + from, stretch, condition, text, back);
		if (l->err.code != ERR_NONE)
			return false;
		if (found < stretch) {
			window_keys(l, from + found);
			return true;
		}
		at = back ? from : from + stretch - 1;
		left -= stretch;
	}
	return false;
}

static bool find_where(struct list *l, const char *condition, const char *text, bool back, bool round)
{
	int64_t key;

	if (!l->n_rows)
		return false;
	if (l->keys)
		return find_in_keys(l, condition, text, back, round);
	if (!list_sql_next(l, &l->rows[l->cursor].key, condition, text, back, &key) &&
	    (!round || l->err.code != ERR_NONE || !list_sql_next(l, NULL, condition, text, back, &key)))
		return false;
	window_around(l, key);
	return true;
}

bool list_find(struct list *l, const char *text, bool back)
{
	struct arena scratch = { 0 };
	bool found;

	if (l->answer)
		return find_in_answer(l, text, back);
	found = find_where(l, list_sql_any_column(l->spec, text, &scratch), text, back, true);
	arena_free(&scratch);
	return found;
}

bool list_next_where(struct list *l, const char *sql, bool back)
{
	return !l->answer && find_where(l, sql, NULL, back, false);
}
