/* The SQL of lists.  Numbers stand in the text; what the user typed as text is bound. */
#include "tui/list_sql.h"

#include <inttypes.h>

/* A question being put together; ends in the arena it is made for. */
struct words {
	char *text;
	size_t len;
	FILE *f;
};

static void words_begin(struct words *w)
{
	w->f = open_memstream(&w->text, &w->len);
	if (!w->f)
		abort();
}

static void literal_or_null(FILE *f, int64_t v)
{
	if (v == INT64_MIN)
		fputs("NULL", f);
	else
		fprintf(f, "%" PRId64, v);
}

bool list_parent(const struct list_spec *spec, const char *column)
{
	size_t len = strlen(column);

	for (const char *p = spec->parents; *p;) {
		size_t n = strcspn(p, " ");

		if (n == len && !memcmp(p, column, len))
			return true;
		p += n;
		p += strspn(p, " ");
	}
	return false;
}

const char *list_sql_any_column(const struct list_spec *spec, const char *text, struct arena *a)
{
	/* Numbers are looked at for digits only: on millions of rows each column costs seconds. */
	bool digits = text[strspn(text, "0123456789.:- T")] == '\0';
	const char *s = "0";

	for (uint32_t i = 0; i < spec->n_columns; i++) {
		enum column_kind kind = spec->columns[i].kind;

		if (digits || kind == COLUMN_TEXT || kind == COLUMN_STATUS)
			s = arena_text(a, "%s OR (%s) LIKE :text ESCAPE '\\'", s, spec->columns[i].sql);
	}
	return s;
}

static void add_where(struct words *w, const struct list *l, const char *condition)
{
	struct arena scratch = { 0 };

	fprintf(w->f, " FROM %s WHERE 1", l->spec->from);
	if (*l->parent)
		fprintf(w->f, " AND %s = %" PRId64, l->parent, l->parent_id);
	if (l->filter && l->filter_sql) {
		fprintf(w->f, " AND (%s\n)", l->filter);
	} else if (l->filter) {
		/* The same condition as a search's, under another parameter's name. */
		const char *any = list_sql_any_column(l->spec, l->filter, &scratch);

		fputs(" AND (", w->f);
		for (const char *p = any; *p; p++) {
			if (!strncmp(p, ":text ", 6)) {
				fputs(":filter ", w->f);
				p += 5;
			} else {
				fputc(*p, w->f);
			}
		}
		fputc(')', w->f);
	}
	if (condition)
		fprintf(w->f, " AND (%s)", condition);
	arena_free(&scratch);
}

static void bind_like(struct store_query *q, const char *name, const char *text)
{
	char pattern[2 * 2000 + 3];
	size_t n = 0;

	pattern[n++] = '%';
	for (; *text && n < sizeof(pattern) - 4; text++) {
		if (strchr("%_\\", *text))
			pattern[n++] = '\\';
		pattern[n++] = *text;
	}
	pattern[n++] = '%';
	pattern[n] = '\0';
	(void)store_bind(q, name, pattern);
}

/* Takes the words' memory. */
static struct store_query *ask(struct list *l, struct words *w, const char *text)
{
	struct store_query *q;

	fclose(w->f);
	q = store_query(l->store, w->text, &l->err);
	free(w->text);
	if (q && l->filter && !l->filter_sql)
		bind_like(q, "filter", l->filter);
	if (q && text)
		bind_like(q, "text", text);
	return q;
}

static bool step(struct list *l, struct store_query *q)
{
	return store_step(q, &l->err) == 1;
}

/* --- keys --- */

static void add_order(struct words *w, const struct list *l)
{
	if (l->sort >= 0)
		fprintf(w->f, " ORDER BY (%s)%s, %s", l->spec->columns[l->sort].sql, l->descending ? " DESC" : "", l->spec->key);
	else
		fprintf(w->f, " ORDER BY %s", l->spec->key);
}

void list_sql_keys(struct list *l)
{
	struct words w;
	struct store_query *q;
	uint32_t cap = 0;

	words_begin(&w);
	fprintf(w.f, "SELECT %s", l->spec->key);
	add_where(&w, l, NULL);
	add_order(&w, l);
	fprintf(w.f, " LIMIT %d", LIST_COUNTED + 1);
	q = ask(l, &w, NULL);
	if (!q)
		return;
	l->keys = mem_grow(NULL, 0, &cap, sizeof(*l->keys));
	while (step(l, q)) {
		l->keys = mem_grow(l->keys, l->n_keys, &cap, sizeof(*l->keys));
		l->keys[l->n_keys++] = store_int(q, 0);
	}
	store_done(q);
	if (l->n_keys > LIST_COUNTED && l->err.code == ERR_NONE) {
		free(l->keys);
		l->keys = NULL;
		l->n_keys = 0;
	}
}

/* --- rows --- */

static void add_columns(struct words *w, const struct list *l)
{
	fprintf(w->f, "SELECT %s, %s", l->spec->key, l->spec->alarm);
	for (uint32_t i = 0; i < l->spec->n_columns; i++)
		fprintf(w->f, ", %s", l->spec->columns[i].sql);
}

/* Cut at LIST_CELL, not inside a character. */
static const char *keep_text(struct arena *a, const char *s)
{
	size_t n = strnlen(s, LIST_CELL);

	if (n == LIST_CELL) {
		n--;
		while (n && ((uint8_t)s[n] & 0xc0) == 0x80)
			n--;
	}
	return arena_text(a, "%.*s", (int)n, s);
}

static void take_row(struct list *l, struct store_query *q)
{
	struct list_row *row;

	l->rows = mem_grow(l->rows, l->n_rows, &l->cap_rows, sizeof(*l->rows));
	row = &l->rows[l->n_rows++];
	row->key = store_int(q, 0);
	row->alarm = store_int(q, 1) != 0;
	row->cells = arena_alloc(&l->arena, l->spec->n_columns * sizeof(*row->cells));
	for (uint32_t i = 0; i < l->spec->n_columns; i++) {
		const char *text = store_text(q, i + 2);

		if (!text)
			continue;
		row->cells[i].n = store_int(q, i + 2);
		row->cells[i].text = keep_text(&l->arena, text);
	}
}

static void add_keys(struct words *w, const struct list *l, const int64_t *keys, uint32_t n)
{
	fprintf(w->f, " AND %s IN (", l->spec->key);
	for (uint32_t i = 0; i < n; i++)
		fprintf(w->f, "%s%" PRId64, i ? "," : "", keys[i]);
	fputc(')', w->f);
}

void list_sql_rows(struct list *l, const int64_t *keys, uint32_t n)
{
	struct words w;
	struct store_query *q;
	uint32_t done = 0;

	words_begin(&w);
	add_columns(&w, l);
	fprintf(w.f, " FROM %s WHERE 1", l->spec->from);
	add_keys(&w, l, keys, n);
	q = ask(l, &w, NULL);
	if (!q)
		return;
	while (step(l, q))
		take_row(l, q);
	store_done(q);
	/* They come in the order of keys as numbers. */
	for (uint32_t i = 0; i < n; i++) {
		for (uint32_t r = done; r < l->n_rows; r++) {
			if (l->rows[r].key == keys[i]) {
				struct list_row swap = l->rows[r];

				l->rows[r] = l->rows[done];
				l->rows[done++] = swap;
				break;
			}
		}
	}
}

/* --- places --- */

static void add_beyond(struct words *w, const struct list *l, const int64_t *from, bool back)
{
	if (from)
		fprintf(w->f, " AND %s %s %" PRId64, l->spec->key, back ? "<" : ">", *from);
	fprintf(w->f, " ORDER BY %s%s", l->spec->key, back ? " DESC" : "");
}

uint32_t list_sql_window(struct list *l, const int64_t *from, bool back, uint32_t n)
{
	uint32_t before = l->n_rows;
	struct words w;
	struct store_query *q;

	words_begin(&w);
	add_columns(&w, l);
	add_where(&w, l, NULL);
	add_beyond(&w, l, from, back);
	fprintf(w.f, " LIMIT %u", n);
	q = ask(l, &w, NULL);
	while (q && step(l, q))
		take_row(l, q);
	store_done(q);
	return l->n_rows - before;
}

static bool take_key(struct list *l, struct words *w, const char *text, int64_t *key)
{
	struct store_query *q = ask(l, w, text);
	bool found = q && step(l, q);

	if (found)
		*key = store_int(q, 0);
	store_done(q);
	return found;
}

bool list_sql_there(struct list *l, int64_t key)
{
	struct words w;

	words_begin(&w);
	fprintf(w.f, "SELECT %s", l->spec->key);
	add_where(&w, l, NULL);
	fprintf(w.f, " AND %s = ", l->spec->key);
	literal_or_null(w.f, key);
	return take_key(l, &w, NULL, &key);
}

bool list_sql_next(struct list *l, const int64_t *from, const char *condition, const char *text, bool back, int64_t *key)
{
	struct words w;

	words_begin(&w);
	fprintf(w.f, "SELECT %s", l->spec->key);
	add_where(&w, l, condition);
	add_beyond(&w, l, from, back);
	fputs(" LIMIT 1", w.f);
	return take_key(l, &w, text, key);
}

uint32_t list_sql_match(struct list *l, const int64_t *keys, uint32_t n, const char *condition, const char *text, bool back)
{
	struct words w;
	struct store_query *q;
	uint32_t found = n;

	words_begin(&w);
	fprintf(w.f, "SELECT %s FROM %s WHERE 1", l->spec->key, l->spec->from);
	add_keys(&w, l, keys, n);
	fprintf(w.f, " AND (%s)", condition);
	q = ask(l, &w, text);
	while (q && step(l, q)) {
		int64_t key = store_int(q, 0);

		for (uint32_t i = 0; i < n; i++) {
			if (keys[i] == key && (found == n || (back ? i > found : i < found)))
				found = i;
		}
	}
	store_done(q);
	return found;
}

/* --- filters --- */

int list_is_sql(struct list *l, const char *text, struct err *err)
{
	bool looks = strpbrk(text, "=<>()") || strcasestr(text, " like ") || strcasestr(text, " is ") || strcasestr(text, " in ") ||
	             strcasestr(text, " between ") || strcasestr(text, " glob ");
	struct err why = { 0 };
	struct store_query *q;
	struct words w;

	if (!looks)
		return 0;
	words_begin(&w);
	fprintf(w.f, "SELECT 1 FROM %s WHERE (%s\n) LIMIT 1", l->spec->from, text);
	fclose(w.f);
	q = store_query(l->store, w.text, &why);
	free(w.text);
	if (!q) {
		if (err)
			*err = why;
		return -1;
	}
	store_done(q);
	return 1;
}
