/* Events to rows: prepared statements and their binding, from the lines of tables.def. */
#include "store/store_private.h"

#include <stdlib.h>

#include "gen/version.h"

/* Of tables whose rows no event makes. */
struct ev_none {
	char none;
};
#define LATER 0

/* Where a message's PDU lies, for binding. */
struct place {
	bool there;
	uint64_t at;
	struct span blob;
};

#define SEEN 4096
/* Rows of one INSERT: what SQLite does once for a statement costs as much as a row of 20 columns. */
#define TOGETHER 16

/* A record taken and not yet written. */
struct waiting {
	const void *record;
	const uint8_t *tail;
	uint32_t tail_len;
};

/* An INSERT and the numbers bound to its parameters; EV_NULL: NULL, as they all are at first.  From one row to the
 * next half of them stay what they were, and a binding costs ten times a comparison. */
struct insert {
	sqlite3_stmt *st;
	int64_t *bound;
};

/* The records of a table that wait for each other: written in the order they came, since a later one replaces
 * an earlier one's row. */
struct queue {
	struct insert one, together;
	uint32_t n;
	struct waiting waiting[TOGETHER];
};

struct rows {
	sqlite3 *db;
	sqlite3_stmt *name;
	struct queue queues[TABLE__COUNT];
	int64_t first_capture, set_id;
	const char *const *keys;
	uint32_t n_keys;
	const char *version, *options, *imported_at;
	const uint8_t *tail;             /* of the record being bound */
	uint32_t tail_len;
	uint64_t count;
	uint32_t note_ids[NOTE__COUNT];  /* numbers of the notes in this case */
	uint64_t seen[SEEN];             /* keys of table name known to be there; overwritten on collision */
};

/* --- what tables.def calls --- */

#define CAPTURE(index) (w->first_capture + (index))

enum { FLAG_NO_MISSING = 256, FLAG_NO_TRANSFER = 512, SHIFT_NOTE = 10, SHIFT_REQUEST = 24, SHIFT_RESPONSE = 40 };

static const char *capture_key(const struct rows *w, uint16_t capture)
{
	return capture < w->n_keys ? w->keys[capture] : NULL;
}

static uint32_t note_of(const struct rows *w, uint32_t note)
{
	return note < NOTE__COUNT ? w->note_ids[note] : 0;
}

static uint16_t command_capture(const struct ev_command *e)
{
	return e->has_request ? e->request.capture : e->response.capture;
}

static int64_t command_end_capture(const struct rows *w, const struct ev_command *e)
{
	return e->has_request && e->has_response && e->request.capture != e->response.capture ? CAPTURE(e->response.capture) : 0;
}

/* Small numbers for the usual row: they take one or two bytes in it. */
static int64_t command_flags(const struct rows *w, const struct ev_command *e)
{
	int64_t flags = e->flags & 255;

	if (e->missing_bytes == 0)
		flags |= FLAG_NO_MISSING;
	if (e->transfer_us == 0)
		flags |= FLAG_NO_TRANSFER;
	return flags | (int64_t)note_of(w, e->undecoded) << SHIFT_NOTE | (int64_t)e->request.element << SHIFT_REQUEST |
	       (int64_t)e->response.element << SHIFT_RESPONSE;
}

static struct place place_of(const struct rows *w, bool there, const struct ev_where *where, uint32_t skip)
{
	struct place p = { .there = there, .at = where->at };

	if (where->blob_len && skip <= w->tail_len && where->blob_len <= w->tail_len - skip)
		p.blob = (struct span){ w->tail + skip, where->blob_len };
	return p;
}

static struct place uuid_of(const struct rpc_ctx *ctx)
{
	return (struct place){ .there = ctx->known, .blob = { ctx->uuid, sizeof(ctx->uuid) } };
}

/* The bytes behind the record. */
static struct place tail_of(const struct rows *w)
{
	return (struct place){ .there = w->tail_len > 0, .blob = { w->tail, w->tail_len } };
}

/* len bytes of them, behind skip. */
static struct span tail_part(const struct rows *w, uint32_t skip, uint32_t len)
{
	return skip > w->tail_len || len > w->tail_len - skip ? (struct span){ 0 } : (struct span){ w->tail + skip, len };
}

/* --- binding --- */

/* name_use sees to it that the name of a number is in table name. */
static int name_use(struct rows *w, enum name_space space, uint32_t value)
{
	uint64_t key = (uint64_t)space << 32 | value;
	uint64_t *slot = &w->seen[(key * 0x9e3779b97f4a7c15u) >> 52];
	char buf[32];
	int rc;

	if (*slot == key)
		return 0;
	sqlite3_bind_int64(w->name, 1, (int64_t)key);
	sqlite3_bind_text(w->name, 2, space_name(space, value, buf), -1, SQLITE_TRANSIENT);
	rc = sqlite3_step(w->name);
	sqlite3_reset(w->name);
	if (rc != SQLITE_DONE)
		return -1;
	*slot = key;
	return 0;
}

ALWAYS_INLINE void bind_known(struct insert *in, int i, int64_t v)
{
	if (in->bound[i] == v)
		return;
	in->bound[i] = v;
	if (v == EV_NULL)
		sqlite3_bind_null(in->st, i);
	else
		sqlite3_bind_int64(in->st, i, v);
}

ALWAYS_INLINE void bind_nonzero(struct insert *in, int i, int64_t v)
{
	bind_known(in, i, v ? v : EV_NULL);
}

static void bind_part(sqlite3_stmt *st, int i, struct span text)
{
	if (text.len)
		sqlite3_bind_text(st, i, (const char *)text.p, (int)text.len, SQLITE_STATIC);
	else
		sqlite3_bind_null(st, i);
}

static void bind_place(sqlite3_stmt *st, int i, struct place p)
{
	if (!p.there)
		sqlite3_bind_null(st, i);
	else if (p.blob.len)
		sqlite3_bind_blob(st, i, p.blob.p, (int)p.blob.len, SQLITE_STATIC);
	else
		sqlite3_bind_int64(st, i, (int64_t)p.at);
}

/* A number without a name in the table would be lost to the view, so the name comes first. */
ALWAYS_INLINE int bind_named(struct rows *w, struct insert *in, int i, enum name_space space, int64_t v)
{
	bind_known(in, i, v == EV_NULL ? v : v & UINT32_MAX);
	return v == EV_NULL ? 0 : name_use(w, space, (uint32_t)v);
}

#define BIND_ID(v)          sqlite3_bind_int64(in->st, ++i, (int64_t)(v));
#define BIND_INT(v)         bind_known(in, ++i, (int64_t)(v));
#define BIND_INT0(v)        bind_nonzero(in, ++i, (int64_t)(v));
#define BIND_REF(v)         bind_nonzero(in, ++i, (int64_t)(v));
#define BIND_FILE_ID(v)     bind_nonzero(in, ++i, (int64_t)((v) & INT64_MAX));
#define BIND_TEXT(v)        bind_nonzero(in, ++i, (int64_t)(v));
#define BIND_TIME(v)        bind_nonzero(in, ++i, (int64_t)(v));
#define BIND_WHEN(v)        bind_nonzero(in, ++i, (int64_t)(v));
#define BIND_HEX(v)         sqlite3_bind_int64(in->st, ++i, (int64_t)(v));
#define BIND_HEX0(v)        bind_nonzero(in, ++i, (int64_t)(v));
#define BIND_STR(v)         sqlite3_bind_text(in->st, ++i, (v), -1, SQLITE_STATIC);
#define BIND_TAIL_TEXT(v)   sqlite3_bind_text(in->st, ++i, (const char *)w->tail, (int)min_u32((v), w->tail_len), SQLITE_STATIC);
#define BIND_TAIL_PART(v)   bind_part(in->st, ++i, (v));
#define BIND_PLACE(v)       bind_place(in->st, ++i, (v));
#define BIND_STATUS(v)      rc |= bind_named(w, in, ++i, SPACE_STATUS, (int64_t)(v));
#define BIND_COMMAND(v)     rc |= bind_named(w, in, ++i, SPACE_COMMAND, (int64_t)(v));
#define BIND_DISPOSITION(v) rc |= bind_named(w, in, ++i, SPACE_DISPOSITION, (int64_t)(v));
#define BIND_DOS_ERROR(v)   rc |= bind_named(w, in, ++i, SPACE_DOS_ERROR, (int64_t)(v));

#define TABLE(table, event, view, range, shift, meaning) \
	static int bind_##table(struct rows *w UNUSED, struct insert *in, const void *record, int *at) \
	{ \
		const struct event *e UNUSED = record; \
		int i = *at, rc = 0;
#define TABLE_END \
		*at = i; \
		return rc; \
	}
#define COL(kind, name, value, meaning)     BIND_##kind(value)
#define HIDDEN(kind, name, value, meaning)  BIND_##kind(value)
#define VIA(kind, name, table, column, meaning)
#define CALC(name, sql, meaning)
#define CALC_TIME(name, sql, meaning)
#define JOIN(sql)
#define TAIL(sql)
#define INDEX(name, unique, table, early, columns)
#include "store/tables.def"
#include "store/tables_end.def"

static int (*const binders[TABLE__COUNT])(struct rows *, struct insert *, const void *record, int *at) = {
#define TABLE(table, event, view, range, shift, meaning) [TABLE_##table] = bind_##table,
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
};

/* The table of an event's rows. */
static const uint8_t table_of[EV__COUNT] = {
	[EV_TEXT] = TABLE_text, [EV_CONTEXT] = TABLE_context, [EV_CONNECTION] = TABLE_connection, [EV_GAP] = TABLE_gap,
	[EV_SESSION] = TABLE_session, [EV_LOGON] = TABLE_logon, [EV_HOST] = TABLE_host, [EV_SHARE] = TABLE_share,
	[EV_OPEN] = TABLE_open, [EV_COMMAND] = TABLE_command, [EV_MESSAGE] = TABLE_message, [EV_TRANSFER] = TABLE_transfer,
	[EV_CHANGE] = TABLE_change, [EV_LISTING] = TABLE_listing, [EV_CAPTURE] = TABLE_capture,
	[EV_INTERFACE] = TABLE_interface, [EV_UNIT_PART] = TABLE_unit_part, [EV_PREAUTH] = TABLE_preauth,
	[EV_RPC_CONTEXT] = TABLE_rpc_context, [EV_CALL] = TABLE_call,
};

static int bind_waiting(struct rows *w, struct insert *in, enum table_id table, const struct waiting *x, int *at)
{
	w->tail = x->tail;
	w->tail_len = x->tail_len;
	return binders[table](w, in, x->record, at);
}

static int step(struct rows *w, struct insert *in, uint32_t n)
{
	int rc = sqlite3_step(in->st);

	sqlite3_reset(in->st);
	w->count += n;
	return rc == SQLITE_DONE ? 0 : -1;
}

static int write_together(struct rows *w, enum table_id table)
{
	struct queue *q = &w->queues[table];
	int at = 0;

	for (uint32_t i = 0; i < TOGETHER; i++)
		if (bind_waiting(w, &q->together, table, &q->waiting[i], &at))
			return -1;
	return step(w, &q->together, TOGETHER);
}

static int write_each(struct rows *w, enum table_id table)
{
	struct queue *q = &w->queues[table];

	for (uint32_t i = 0; i < q->n; i++) {
		int at = 0;

		if (bind_waiting(w, &q->one, table, &q->waiting[i], &at) || step(w, &q->one, 1))
			return -1;
	}
	return 0;
}

int rows_flush(struct rows *w)
{
	int rc = 0;

	for (enum table_id table = 0; table < TABLE__COUNT; table++) {
		if (w->queues[table].n && !rc)
			rc = write_each(w, table);
		w->queues[table].n = 0;
	}
	return rc;
}

static int enqueue(struct rows *w, enum table_id table, const struct waiting *x)
{
	struct queue *q = &w->queues[table];

	q->waiting[q->n++] = *x;
	if (q->n < TOGETHER)
		return 0;
	q->n = 0;
	return write_together(w, table);
}

/* The rare facts: most commands have none, and no row for them.  A command stated again replaces its row
 * here too; what the request alone told is told again with the answer. */
static bool has_more(const struct rows *w, const struct ev_command *e)
{
	return e->pending_frame || (e->file && !e->open) || e->pending_us != EV_NULL || e->dos_error != EV_NULL ||
	       (e->missing_bytes != EV_NULL && e->missing_bytes != 0) || (e->transfer_us != EV_NULL && e->transfer_us != 0) ||
	       command_end_capture(w, e);
}

int rows_put(struct rows *w, enum event_type type, const void *record, const uint8_t *tail, uint32_t tail_len)
{
	const struct waiting x = { record, tail, tail_len };

	if (type >= EV__COUNT)
		return 0;
	if (type == EV_COMMAND && has_more(w, record) && enqueue(w, TABLE_command_more, &x))
		return -1;
	return enqueue(w, table_of[type], &x);
}

/* The notes of this program, by name: their numbers may differ from one version to the next. */
static int note_numbers(struct rows *w)
{
	sqlite3_stmt *put, *get;
	int rc = 0;

	if (sqlite3_prepare_v2(w->db, "INSERT INTO note (name, text) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET text = excluded.text",
	                       -1, &put, NULL) != SQLITE_OK)
		return -1;
	if (sqlite3_prepare_v2(w->db, "SELECT note_id FROM note WHERE name = ?", -1, &get, NULL) != SQLITE_OK)
		rc = -1;
	for (unsigned i = NOTE_none + 1; i < NOTE__COUNT && !rc; i++) {
		sqlite3_bind_text(put, 1, notes[i].name, -1, SQLITE_STATIC);
		sqlite3_bind_text(put, 2, notes[i].text, -1, SQLITE_STATIC);
		sqlite3_bind_text(get, 1, notes[i].name, -1, SQLITE_STATIC);
		if (sqlite3_step(put) != SQLITE_DONE || sqlite3_step(get) != SQLITE_ROW)
			rc = -1;
		else
			w->note_ids[i] = (uint32_t)sqlite3_column_int64(get, 0);
		sqlite3_reset(put);
		sqlite3_reset(get);
	}
	sqlite3_finalize(put);
	sqlite3_finalize(get);
	return rc;
}

static int prepare(struct rows *w, enum table_id table, uint32_t n, struct insert *in)
{
	struct sql s = { 0 };
	int rc;

	schema_insert(&tables[table], n, &s);
	rc = sqlite3_prepare_v3(w->db, s.text, -1, SQLITE_PREPARE_PERSISTENT, &in->st, NULL);
	free(s.text);
	if (rc != SQLITE_OK)
		return -1;
	n = (uint32_t)sqlite3_bind_parameter_count(in->st);
	in->bound = xmalloc((n + 1) * sizeof(*in->bound));
	for (uint32_t i = 0; i <= n; i++)
		in->bound[i] = EV_NULL;
	return 0;
}

static int prepare_queue(struct rows *w, enum table_id table)
{
	return prepare(w, table, 1, &w->queues[table].one) || prepare(w, table, TOGETHER, &w->queues[table].together) ? -1 : 0;
}

static int prepare_inserts(struct rows *w)
{
	for (unsigned i = 0; i < COUNT(table_of); i++)
		if (prepare_queue(w, table_of[i]))
			return -1;
	return prepare_queue(w, TABLE_command_more) ||
	       sqlite3_prepare_v3(w->db, "INSERT OR IGNORE INTO name (name_id, name) VALUES (?, ?)", -1, SQLITE_PREPARE_PERSISTENT,
	                          &w->name, NULL) != SQLITE_OK ? -1 : 0;
}

struct rows *rows_new(sqlite3 *db, const struct rows_run *run, struct err *err)
{
	struct rows *w = xcalloc(1, sizeof(*w));

	w->db = db;
	w->first_capture = run->first_capture;
	w->set_id = run->set_id;
	w->keys = run->keys;
	w->n_keys = run->n_keys;
	w->options = run->options;
	w->version = SMBSCOPE_VERSION;
	if (prepare_inserts(w) || note_numbers(w)) {
		db_error(db, err, "cannot write");
		rows_free(w);
		return NULL;
	}
	return w;
}

uint64_t rows_count(const struct rows *w)
{
	return w->count;
}

static void insert_free(struct insert *in)
{
	sqlite3_finalize(in->st);
	free(in->bound);
}

void rows_free(struct rows *w)
{
	if (!w)
		return;
	for (unsigned i = 0; i < TABLE__COUNT; i++) {
		insert_free(&w->queues[i].one);
		insert_free(&w->queues[i].together);
	}
	sqlite3_finalize(w->name);
	free(w);
}
