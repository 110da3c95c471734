/* How the cells of lists look; the answer of an SQL question as a list; the lists of views.def. */
#include <inttypes.h>
#include <limits.h>

#include "tui/list.h"

#define VIEW(id, ...) static const struct list_column columns_##id[] = {
#define COL(heading, sql, kind, least, most) { heading, sql, COLUMN_##kind, least, most },
#define END };
#include "tui/views.def"
#undef VIEW
#undef COL
#undef END

const struct list_spec list_specs[] = {
#define VIEW(id, name, key, title, from, key_column, parents, opens, alarm, empty) \
	{ name, key, title, from, key_column, parents, opens, alarm, empty, columns_##id, COUNT(columns_##id) },
#define COL(heading, sql, kind, least, most)
#define END
#include "tui/views.def"
#undef VIEW
#undef COL
#undef END
};
const uint32_t n_list_specs = COUNT(list_specs);

uint32_t list_named(const char *name, size_t len)
{
	for (uint32_t i = 0; i < n_list_specs; i++) {
		if (strlen(list_specs[i].name) == len && !memcmp(list_specs[i].name, name, len))
			return i;
	}
	return UINT32_MAX;
}

static void show_bytes(char *out, size_t size, int64_t n)
{
	const char *units = "KMGTPE";
	double v = (double)n;

	if (n < 100000 && n > -100000) {
		snprintf(out, size, "%" PRId64, n);
		return;
	}
	for (v /= 1024; v >= 9999.5 && units[1]; units++)
		v /= 1024;
	snprintf(out, size, v < 99.95 ? "%.1f%c" : "%.0f%c", v, *units);
}

static void show_us(char *out, size_t size, int64_t us)
{
	if (us < 1000)
		snprintf(out, size, "%" PRId64 " us", us);
	else if (us < 1000000)
		snprintf(out, size, "%.3f ms", (double)us / 1e3);
	else
		snprintf(out, size, "%.3f s", (double)us / 1e6);
}

/* Seconds since the row before; nothing in the first row of a list, or of a window. */
static void show_delta(const struct list *l, uint32_t row, uint32_t column, char *out, size_t size)
{
	const struct cell *now = &l->rows[row].cells[column];
	const struct cell *before = row ? &l->rows[row - 1].cells[column] : NULL;

	if (!before || !before->text)
		snprintf(out, size, "%s", row ? "" : "0.000000");
	else
		snprintf(out, size, "%.6f", ((double)now->n - (double)before->n) / 1e9);
}

const char *list_show(const struct list *l, uint32_t row, uint32_t column, char *out, size_t size)
{
	const struct cell *c = &l->rows[row].cells[column];
	size_t len = c->text ? strlen(c->text) : 0;

	*out = '\0';
	if (!c->text) {
		if (l->spec->columns[column].kind == COLUMN_STATUS)
			snprintf(out, size, "no answer");
		else if (l->answer)
			snprintf(out, size, "NULL");
		return out;
	}
	switch (l->spec->columns[column].kind) {
	case COLUMN_BYTES:
		show_bytes(out, size, c->n);
		break;
	case COLUMN_US:
		show_us(out, size, c->n);
		break;
	case COLUMN_MOMENT:
		/* 2024-02-01T13:00:00.123456789Z */
		if (len >= 19)
			snprintf(out, size, "%.10s %.8s", c->text, c->text + 11);
		break;
	case COLUMN_CLOCK:
		if (len >= 26)
			snprintf(out, size, "%.15s", c->text + 11);
		break;
	case COLUMN_DELTA:
		show_delta(l, row, column, out, size);
		break;
	case COLUMN_STATUS:
		snprintf(out, size, "%s", strncmp(c->text, "STATUS_", 7) ? c->text : c->text + 7);
		break;
	case COLUMN_YES:
		snprintf(out, size, "%s", c->n ? "yes" : "no");
		break;
	case COLUMN_TEXT:
	case COLUMN_NUM:
		snprintf(out, size, "%s", c->text);
		break;
	}
	return out;
}

/* --- the answer of a question --- */

static void answer_spec(struct list *l, struct store_query *q, uint32_t n)
{
	struct list_spec *spec = arena_alloc(&l->arena, sizeof(*spec));
	struct list_column *columns = arena_alloc(&l->arena, n * sizeof(*columns));

	for (uint32_t i = 0; i < n; i++) {
		const char *name = store_column_name(q, i);

		columns[i] = (struct list_column){ arena_text(&l->arena, "%s", name ? name : "?"), "", COLUMN_TEXT, 3, 60 };
	}
	*spec = (struct list_spec){ .name = "sql", .keys = "", .title = "Answer", .from = "", .key = "", .parents = "", .opens = "",
	                            .alarm = "0", .empty = "the answer has no row", .columns = columns, .n_columns = n };
	l->spec = spec;
}

static void answer_row(struct list *l, struct store_query *q, uint32_t n)
{
	struct cell *cells = arena_alloc(&l->arena, n * sizeof(*cells));
	struct list_column *columns = (struct list_column *)l->spec->columns;

	for (uint32_t i = 0; i < n; i++) {
		const char *text = store_text(q, i);

		if (!text)
			continue;
		cells[i].text = arena_text(&l->arena, "%.*s", LIST_CELL, text);
		if (store_is_number(q, i)) {
			cells[i].n = store_int(q, i);
			if (l->n_rows == 0)
				columns[i].kind = COLUMN_NUM;
		}
	}
	l->rows = mem_grow(l->rows, l->n_rows, &l->cap_rows, sizeof(*l->rows));
	l->rows[l->n_rows] = (struct list_row){ .key = l->n_rows, .cells = cells };
	l->n_rows++;
}

int list_ask(struct list *l, struct store *store, const char *sql, struct err *err)
{
	struct store_query *q = store_query(store, sql, err);
	uint32_t n;
	int rc;

	if (!q)
		return -1;
	*l = (struct list){ .store = store, .answer = true, .sort = -1, .at_start = true, .at_end = true, .height = 24 };
	n = min_u32(store_columns(q), LIST_COLUMNS);
	answer_spec(l, q, n);
	while ((rc = store_step(q, err)) == 1) {
		if (l->n_rows == LIST_ANSWER || l->arena.used > LIST_ANSWER_BYTES) {
			l->cut = true;
			break;
		}
		answer_row(l, q, n);
	}
	store_done(q);
	if (rc < 0)
		list_free(l);
	return rc < 0 ? -1 : 0;
}
