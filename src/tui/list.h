/* Rows of a query around a cursor, in bounded memory and without OFFSET, so that the ten millionth row is
 * as near as the first.  Up to LIST_COUNTED rows: all keys are held, in order, and rows are fetched by
 * key; that serves sorting, rare matches and columns without an index.  More: a window of rows, read
 * from the key of its edge on.  Third kind: the whole answer of one SQL question. */
#ifndef TUI_LIST_H
#define TUI_LIST_H

#include "base/err.h"
#include "base/mem.h"
#include "store/store.h"

enum column_kind {
	COLUMN_TEXT, COLUMN_NUM,
	COLUMN_BYTES,              /* 1.2M */
	COLUMN_US,                 /* microseconds, shown with a unit */
	COLUMN_MOMENT,             /* a time: date and seconds */
	COLUMN_CLOCK,              /* a time: of day, with microseconds */
	COLUMN_DELTA,              /* nanoseconds since 1970: shown as seconds since the row before */
	COLUMN_STATUS,             /* NTSTATUS; NULL: no answer */
	COLUMN_YES,
};

struct list_column {
	const char *heading, *sql;
	enum column_kind kind;
	uint16_t least, most;      /* columns of the screen */
};

struct list_spec {
	const char *name, *keys, *title, *from, *key, *parents, *opens, *alarm, *empty;
	const struct list_column *columns;
	uint32_t n_columns;
};
extern const struct list_spec list_specs[];
extern const uint32_t n_list_specs;
/* list_named is the index of a list, UINT32_MAX if there is none of that name. */
uint32_t list_named(const char *name, size_t len);

/* At most this many keys are held, and rows taken from an SQL question. */
#define LIST_COUNTED  100000
#define LIST_ANSWER   10000
#define LIST_ANSWER_BYTES (32u << 20)
#define LIST_CELL     1024         /* bytes of a cell kept */
#define LIST_COLUMNS  64

struct cell {
	const char *text;          /* NULL: NULL */
	int64_t n;                 /* of numbers */
};

struct list_row {
	int64_t key;
	bool alarm;
	struct cell *cells;
};

struct list {
	struct store *store;
	const struct list_spec *spec;      /* of an answer: its own, in the arena */
	bool answer;               /* every row is in rows */
	bool cut;                  /* an answer: there were more rows */
	char parent[40];           /* column it is narrowed by, "" none */
	int64_t parent_id;
	char *filter;              /* as typed, NULL none */
	bool filter_sql;           /* it is an SQL expression */
	int sort;                  /* column sorted by, -1: the list's own order */
	bool descending;
	int64_t *keys;             /* all keys in order; NULL: there are more than LIST_COUNTED */
	uint32_t n_keys;

	struct arena arena;        /* of the rows */
	struct list_row *rows;
	uint32_t n_rows, cap_rows;
	bool at_start, at_end;     /* the window reaches the list's ends */
	uint32_t first;            /* with keys: index of rows[0] */
	uint32_t cursor, top;      /* in rows */
	uint32_t height;           /* rows shown */
	struct err err;            /* the last reading failed: why */
};

/* list_init makes the list ready; list_home reads it.  store and spec are borrowed; parent NULL: all rows. */
void list_init(struct list *, struct store *, const struct list_spec *, const char *parent, int64_t parent_id);
/* list_parent tells whether rows of spec can be narrowed by that column. */
bool list_parent(const struct list_spec *, const char *column);
/* list_ask makes it the answer of an SQL question.  -1 with err: the question is wrong. */
int list_ask(struct list *, struct store *, const char *sql, struct err *) MUST_CHECK;
void list_free(struct list *);

/* Moving.  The window is read anew where the cursor leaves it. */
void list_home(struct list *);
void list_end(struct list *);
void list_move(struct list *, int64_t rows);
/* list_goto puts the cursor on a key, or the next one; false: neither is there. */
bool list_goto(struct list *, int64_t key);
/* list_settle fits cursor and window to a screen of height rows. */
void list_settle(struct list *, uint32_t height);
/* list_refresh reads the same place again; stays at the end if it was there. */
void list_refresh(struct list *);

/* list_filter shows only what the text says; "" everything.  -1 with err: it is no expression. */
int list_filter(struct list *, const char *text, struct err *) MUST_CHECK;
/* list_is_sql tells whether a filter is taken for SQL, and (err) what is wrong with it: 1, 0 text, -1. */
int list_is_sql(struct list *, const char *text, struct err *);
/* list_find goes to the next row (back: before) with the text in a column, round the end; false: none. */
bool list_find(struct list *, const char *text, bool back);
/* list_next_where: as list_find, for an SQL condition, without going round. */
bool list_next_where(struct list *, const char *sql, bool back);
/* list_sort sorts by a column, -1 by key; -1 with err: too many rows. */
int list_sort(struct list *, int column, bool descending, struct err *) MUST_CHECK;

/* list_show writes a cell as it is shown; returns out. */
const char *list_show(const struct list *, uint32_t row, uint32_t column, char *out, size_t size);
const struct list_row *list_row(const struct list *);   /* under the cursor, NULL none */

#endif
