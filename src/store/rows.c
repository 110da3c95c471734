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
/* Commands of one INSERT: what SQLite does once for a statement costs as much as a third of a row. */
#define TOGETHER 16

struct rows {
	sqlite3 *db;
	sqlite3_stmt *insert[TABLE__COUNT], *name;
	int64_t first_capture, set_id;
	const char *const *keys;
	uint32_t n_keys;
	const char *version, *options, *imported_at;
	const uint8_t *tail;             /* of the event being written */
	uint32_t tail_len;
	/* Commands taken and not yet written, borrowed until rows_flush. */
	struct waiting {
		const struct ev_command *e;
		const uint8_t *tail;
		uint32_t tail_len;
	} waiting[TOGETHER];
	uint32_t n_waiting;
	sqlite3_stmt *together;
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

ALWAYS_INLINE void bind_known(sqlite3_stmt *st, int i, int64_t v)
{
	if (v == EV_NULL)
		sqlite3_bind_null(st, i);
	else
		sqlite3_bind_int64(st, i, v);
}

ALWAYS_INLINE void bind_nonzero(sqlite3_stmt *st, int i, int64_t v)
{
	if (v == 0 || v == EV_NULL)
		sqlite3_bind_null(st, i);
	else
		sqlite3_bind_int64(st, i, v);
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
ALWAYS_INLINE int bind_named(struct rows *w, sqlite3_stmt *st, int i, enum name_space space, int64_t v)
{
	if (v == EV_NULL) {
		sqlite3_bind_null(st, i);
		return 0;
	}
	sqlite3_bind_int64(st, i, v & UINT32_MAX);
	return name_use(w, space, (uint32_t)v);
}

#define BIND_ID(v)          sqlite3_bind_int64(st, ++i, (int64_t)(v));
#define BIND_INT(v)         bind_known(st, ++i, (int64_t)(v));
#define BIND_INT0(v)        bind_nonzero(st, ++i, (int64_t)(v));
#define BIND_REF(v)         bind_nonzero(st, ++i, (int64_t)(v));
#define BIND_FILE_ID(v)     bind_nonzero(st, ++i, (int64_t)((v) & INT64_MAX));
#define BIND_TEXT(v)        bind_nonzero(st, ++i, (int64_t)(v));
#define BIND_TIME(v)        bind_nonzero(st, ++i, (int64_t)(v));
#define BIND_WHEN(v)        bind_nonzero(st, ++i, (int64_t)(v));
#define BIND_HEX(v)         sqlite3_bind_int64(st, ++i, (int64_t)(v));
#define BIND_HEX0(v)        bind_nonzero(st, ++i, (int64_t)(v));
#define BIND_STR(v)         sqlite3_bind_text(st, ++i, (v), -1, SQLITE_STATIC);
#define BIND_TAIL_TEXT(v)   sqlite3_bind_text(st, ++i, (const char *)w->tail, (int)min_u32((v), w->tail_len), SQLITE_STATIC);
#define BIND_PLACE(v)       bind_place(st, ++i, (v));
#define BIND_STATUS(v)      rc |= bind_named(w, st, ++i, SPACE_STATUS, (int64_t)(v));
#define BIND_COMMAND(v)     rc |= bind_named(w, st, ++i, SPACE_COMMAND, (int64_t)(v));
#define BIND_DISPOSITION(v) rc |= bind_named(w, st, ++i, SPACE_DISPOSITION, (int64_t)(v));
#define BIND_DOS_ERROR(v)   rc |= bind_named(w, st, ++i, SPACE_DOS_ERROR, (int64_t)(v));

#define TABLE(table, event, view, range, shift, meaning) \
	static UNUSED int bind_##table(struct rows *w UNUSED, sqlite3_stmt *st, const struct event *e UNUSED, int *at) \
	{ \
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

static int step(struct rows *w, sqlite3_stmt *st, uint32_t n)
{
	int rc = sqlite3_step(st);

	sqlite3_reset(st);
	w->count += n;
	return rc == SQLITE_DONE ? 0 : -1;
}

#define PUTS(table, event) \
	static int put_##table(struct rows *w, const struct event *e) \
	{ \
		int at = 0; \
		return bind_##table(w, w->insert[TABLE_##table], e, &at) || step(w, w->insert[TABLE_##table], 1) ? -1 : 0; \
	}
PUTS(text, ev_text)
PUTS(context, ev_context)
PUTS(connection, ev_connection)
PUTS(gap, ev_gap)
PUTS(transfer, ev_transfer)
PUTS(change, ev_change)
PUTS(listing, ev_listing)
PUTS(session, ev_session)
PUTS(logon, ev_logon)
PUTS(host, ev_host)
PUTS(share, ev_share)
PUTS(open, ev_open)
PUTS(command, ev_command)
PUTS(command_more, ev_command)
PUTS(message, ev_message)
PUTS(capture, ev_capture)
PUTS(interface, ev_interface)
PUTS(unit_part, ev_unit_part)
PUTS(preauth, ev_preauth)

/* The rare facts: most commands have none, and no row for them.  A command stated again replaces its row
 * here too; what the request alone told is told again with the answer. */
static bool has_more(const struct rows *w, const struct ev_command *e)
{
	return e->pending_frame || (e->file && !e->open) || e->pending_us != EV_NULL || e->dos_error != EV_NULL ||
	       (e->missing_bytes != EV_NULL && e->missing_bytes != 0) || (e->transfer_us != EV_NULL && e->transfer_us != 0) ||
	       command_end_capture(w, e);
}

int rows_flush(struct rows *w)
{
	uint32_t n = w->n_waiting;
	int at = 0, rc = 0;

	w->n_waiting = 0;
	for (uint32_t i = 0; i < n && !rc; i++) {
		w->tail = w->waiting[i].tail;
		w->tail_len = w->waiting[i].tail_len;
		rc = n == TOGETHER ? bind_command(w, w->together, w->waiting[i].e, &at) : put_command(w, w->waiting[i].e);
	}
	return rc || (n == TOGETHER && step(w, w->together, n)) ? -1 : 0;
}

static int take_command(struct rows *w, const struct ev_command *e)
{
	if (has_more(w, e) && put_command_more(w, e))
		return -1;
	w->waiting[w->n_waiting++] = (struct waiting){ e, w->tail, w->tail_len };
	return w->n_waiting == TOGETHER ? rows_flush(w) : 0;
}

int rows_put(struct rows *w, enum event_type type, const void *record, const uint8_t *tail, uint32_t tail_len)
{
	w->tail = tail;
	w->tail_len = tail_len;
	switch (type) {
	case EV_TEXT: return put_text(w, record);
	case EV_CONTEXT: return put_context(w, record);
	case EV_CONNECTION: return put_connection(w, record);
	case EV_GAP: return put_gap(w, record);
	case EV_TRANSFER: return put_transfer(w, record);
	case EV_CHANGE: return put_change(w, record);
	case EV_LISTING: return put_listing(w, record);
	case EV_SESSION: return put_session(w, record);
	case EV_LOGON: return put_logon(w, record);
	case EV_HOST: return put_host(w, record);
	case EV_SHARE: return put_share(w, record);
	case EV_OPEN: return put_open(w, record);
	case EV_COMMAND: return take_command(w, record);
	case EV_MESSAGE: return put_message(w, record);
	case EV_CAPTURE: return put_capture(w, record);
	case EV_INTERFACE: return put_interface(w, record);
	case EV_UNIT_PART: return put_unit_part(w, record);
	case EV_PREAUTH: return put_preauth(w, record);
	case EV__COUNT: break;
	}
	return 0;
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

static int prepare_together(struct rows *w)
{
	struct sql s = { 0 };
	char *row;
	int rc;

	schema_insert(&tables[TABLE_command], &s);
	row = xstrdup(strrchr(s.text, '('));
	for (unsigned i = 1; i < TOGETHER; i++)
		sql_add(&s, ",%s", row);
	rc = sqlite3_prepare_v3(w->db, s.text, -1, SQLITE_PREPARE_PERSISTENT, &w->together, NULL);
	free(s.text);
	free(row);
	return rc == SQLITE_OK ? 0 : -1;
}

static int prepare_inserts(struct rows *w)
{
	for (unsigned i = 0; i < TABLE__COUNT; i++) {
		struct sql s = { 0 };
		int rc;

		schema_insert(&tables[i], &s);
		rc = sqlite3_prepare_v3(w->db, s.text, -1, SQLITE_PREPARE_PERSISTENT, &w->insert[i], NULL);
		free(s.text);
		if (rc != SQLITE_OK)
			return -1;
	}
	return prepare_together(w) ? -1 : sqlite3_prepare_v3(w->db, "INSERT OR IGNORE INTO name (name_id, name) VALUES (?, ?)", -1, SQLITE_PREPARE_PERSISTENT,
	                          &w->name, NULL) == SQLITE_OK ? 0 : -1;
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

void rows_free(struct rows *w)
{
	if (!w)
		return;
	for (unsigned i = 0; i < TABLE__COUNT; i++)
		sqlite3_finalize(w->insert[i]);
	sqlite3_finalize(w->name);
	sqlite3_finalize(w->together);
	free(w);
}
