/* The SQL of lists: between list.c, which knows no SQL, and the store. */
#ifndef TUI_LIST_SQL_H
#define TUI_LIST_SQL_H

#include "tui/list.h"

/* Failures go to l->err; rows are appended to l->rows. */

/* list_sql_keys reads all keys in the list's order; leaves l->keys NULL when there are too many. */
void list_sql_keys(struct list *);
/* list_sql_rows appends the rows of the keys, in that order; those that are gone are left out. */
void list_sql_rows(struct list *, const int64_t *keys, uint32_t n);
/* list_sql_window appends up to n rows after (back: before, nearest first) a key; NULL: the start
 * (back: the end).  Returns their number. */
uint32_t list_sql_window(struct list *, const int64_t *from, bool back, uint32_t n);
/* list_sql_there tells whether the list has a row of this key. */
bool list_sql_there(struct list *, int64_t key);
/* list_sql_match: the index of the first (back: last) of the keys for which condition holds, n if none. */
uint32_t list_sql_match(struct list *, const int64_t *keys, uint32_t n, const char *condition, const char *text, bool back);
/* list_sql_next: the first key after (back: before) from, or the start, where condition holds. */
bool list_sql_next(struct list *, const int64_t *from, const char *condition, const char *text, bool back, int64_t *key);
/* list_sql_any_column is the condition that :text stands in some column shown (of numbers, where text is one). */
const char *list_sql_any_column(const struct list_spec *, const char *text, struct arena *);

#endif
