/* What the store's files share: the schema as data, the handle, the writer. */
#ifndef STORE_STORE_PRIVATE_H
#define STORE_STORE_PRIVATE_H

#include <pthread.h>
#include <sqlite3.h>

#include "dissectors/dissect.h"
#include "store/store.h"

/* "smbs": what PRAGMA application_id of a case holds. */
#define STORE_APPLICATION 0x736d6273
/* PRAGMA user_version.  To be raised by a change that adding tables, columns, views and indexes cannot make;
 * those are made on opening (schema_apply). */
#define STORE_VERSION 1
/* capture ids travel in 16 bits (struct slice). */
#define STORE_CAPTURES 65000

enum column_kind {
	KIND_ID, KIND_INT, KIND_INT0, KIND_REF, KIND_FILE_ID, KIND_TEXT, KIND_STR, KIND_TAIL_TEXT, KIND_TAIL_PART, KIND_TIME, KIND_WHEN,
	KIND_HEX, KIND_HEX0, KIND_PLACE, KIND_STATUS, KIND_COMMAND, KIND_DISPOSITION, KIND_DOS_ERROR
};

/* What a line of tables.def is. */
enum column_role { ROLE_COL, ROLE_HIDDEN, ROLE_VIA, ROLE_CALC, ROLE_CALC_TIME, ROLE_JOIN, ROLE_TAIL };

struct column {
	enum column_role role;
	enum column_kind kind;
	const char *name;          /* of the view's column, or the table's where it is hidden */
	const char *via, *source;  /* VIA: table and column; CALC, JOIN, TAIL: the SQL in source */
	const char *meaning;
};

enum range {
	RANGE_none, RANGE_capture, RANGE_text, RANGE_context, RANGE_connection, RANGE_gap, RANGE_session, RANGE_logon,
	RANGE_share, RANGE_open, RANGE_command, RANGE_message, RANGE_unit, RANGE_transfer, RANGE_change,
	RANGE_listing, RANGE_rpc_context, RANGE_call, RANGE__COUNT
};
extern const char *const range_names[RANGE__COUNT];

enum table_id {
#define TABLE(table, event, view, range, shift, meaning) TABLE_##table,
#define TABLE_END
#define COL(kind, name, value, meaning)
#define HIDDEN(kind, name, value, meaning)
#define VIA(kind, name, table, column, meaning)
#define CALC(name, sql, meaning)
#define CALC_TIME(name, sql, meaning)
#define JOIN(sql)
#define TAIL(sql)
#define INDEX(name, unique, table, early, columns)
#include "store/tables.def"
#include "store/tables_end.def"
	TABLE__COUNT
};

struct table {
	const char *name, *view, *meaning;   /* view: "" for none */
	enum range range;
	unsigned shift;
	const struct column *columns;
	uint32_t n_columns;
};
extern const struct table tables[TABLE__COUNT];

/* A growing text, for SQL. */
struct sql {
	char *text;
	uint32_t len, cap;
};
void sql_add(struct sql *, const char *format, ...) PRINTF(2, 3);

/* table_column_name writes the name that a column has in its table (times end in _ns). */
const char *table_column_name(const struct column *, char out[64]);
/* table_stored tells whether the line is a column of the table. */
bool table_stored(const struct column *);
const char *table_key(const struct table *);
/* schema_insert makes the INSERT of so many rows, a ? for each stored column of each. */
void schema_insert(const struct table *, uint32_t rows, struct sql *);
/* schema_apply makes what is missing of tables, columns, views and early indexes. */
int schema_apply(sqlite3 *, struct err *) MUST_CHECK;
/* schema_indexes makes the indexes that are missing; those meant for the end, too. */
int schema_indexes(sqlite3 *, struct err *) MUST_CHECK;
/* schema_indexes_there tells whether none is missing. */
bool schema_indexes_there(sqlite3 *);
/* schema_current tells whether the case was made by this very schema. */
bool schema_current(sqlite3 *);

/* Numbers shown by name: key of table name is space << 32 | number. */
enum name_space { SPACE_STATUS = 1, SPACE_COMMAND, SPACE_DISPOSITION, SPACE_DOS_ERROR };
/* space_name returns the name of a number, the number itself (in out) where it has none. */
const char *space_name(enum name_space, uint32_t value, char out[32]);

struct found;                    /* where a capture was found, read.c */
struct writer;
struct rows;
struct store {
	sqlite3 *db;
	char *path, *captures_dir;
	enum store_mode mode;
	struct writer *writer;   /* NULL when no run is under way; while it is, db is the writer thread's */
	struct found *found;
	int64_t rows_ns, index_ns, rows;
};

/* sql_run executes statements without rows; db_error describes the failure of the last call. */
int sql_run(sqlite3 *, struct err *, const char *sql) MUST_CHECK;
int db_error(sqlite3 *, struct err *, const char *doing);
/* duplicates_mark sets connection.duplicate_of for what several sets saw of the same conversations. */
int duplicates_mark(sqlite3 *, struct err *) MUST_CHECK;
/* sql_int gives the first column of the first row; dflt where there is none or it is NULL. */
int64_t sql_int(sqlite3 *, int64_t dflt, const char *format, ...) PRINTF(3, 4);
/* store_last_capture gives the last capture id that a run took. */
int64_t store_last_capture(sqlite3 *);
void writer_free(struct writer *);

/* --- rows.c: events to rows --- */
struct rows_run {
	int64_t first_capture, set_id;
	const char *const *keys;         /* borrowed while the rows live */
	uint32_t n_keys;
	const char *options;
};
struct rows *rows_new(sqlite3 *, const struct rows_run *, struct err *);
/* rows_put writes the row of an event.  record is aligned to 8 bytes; it and tail stay until rows_flush, which
 * writes what waits and has to be called before a commit.  0, or -1: the database failed. */
int rows_put(struct rows *, enum event_type, const void *record, const uint8_t *tail, uint32_t tail_len);
int rows_flush(struct rows *);
uint64_t rows_count(const struct rows *);
void rows_free(struct rows *);

void found_free(struct found *);

#endif
