/* The database of a case: writing events, reading rows.  SQLite; only this folder knows it.
 * Tables and views are declared once, in tables.def (DESIGN.md part 4). */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdio.h>

#include "base/err.h"
#include "base/mem.h"
#include "session/event.h"

struct store;

enum store_mode { STORE_READ, STORE_WRITE, STORE_CREATE };

/* Where numbering goes on: the ids already used in the case, 0 in a new one. */
struct store_ids {
	uint32_t capture, set, text, context, connection, gap, session, logon, share, open, command, message, unit, transfer, change, listing,
	         rpc_context, call, interface;
};

/* store_open opens a case; STORE_WRITE makes it if it is not there, STORE_CREATE also replaces it.  A file
 * that is no case, or of another version, is refused with a clear text (older ones are migrated).  NULL with err. */
struct store *store_open(const char *path, enum store_mode, struct err *) MUST_CHECK;
void store_ids(struct store *, struct store_ids *);

/* store_has_capture tells whether a capture of this content is in the case: by size and the hash of its
 * first and last MiB (key: as store_capture_key made it), then proven by SHA-256 where given.  Its
 * capture_id, 0 if not, -1 with err. */
int64_t store_has_capture(struct store *, const char *key, struct err *) MUST_CHECK;
/* store_capture_key makes that key from a file on disk: "size-hex64".  out has room for 96. */
int store_capture_key(const char *path, char out[96], struct err *) MUST_CHECK;
/* store_forget removes a capture's whole set from the case: the ranges of its ids (--again). */
int store_forget(struct store *, int64_t capture_id, struct err *) MUST_CHECK;

/* An import or live run: events of one set.  live: commits every 500 ms instead of by count of events.
 * key[i] is capture i's key.  options and tool version go to captures.  Starts the writer thread. */
struct store_run {
	const char *const *keys;
	uint32_t n_captures;
	const char *set_name;      /* NULL: a new set */
	const char *options;       /* as the user gave them, for captures.options */
	bool live;
};
int store_begin(struct store *, const struct store_run *, struct err *) MUST_CHECK;
/* store_sink takes the events; called from one thread; waits when the writer is too far behind. */
struct event_sink *store_sink(struct store *);
/* store_sync returns when everything put so far is committed; the first error of the writer, if any. */
int store_sync(struct store *, struct err *) MUST_CHECK;
/* store_end: the rest, the indexes, imported_at; the writer thread ends. */
int store_end(struct store *, struct err *) MUST_CHECK;
/* Nanoseconds the writer spent in rows and in indexes since store_begin, and rows written: for make bench. */
void store_costs(const struct store *, int64_t *rows_ns, int64_t *index_ns, int64_t *rows);
void store_close(struct store *);

/* --- reading --- */

/* A statement being read.  Read-only connections refuse everything that writes. */
struct store_query;
struct store_query *store_query(struct store *, const char *sql, struct err *) MUST_CHECK;
/* store_bind sets the parameter :name (without the colon) or, by number from 1, "1"; text NULL binds NULL;
 * text that is a whole number is bound as a number.  False: no such parameter. */
bool store_bind(struct store_query *, const char *name, const char *text);
/* store_step: 1 a row, 0 the end, -1 with err. */
int store_step(struct store_query *, struct err *) MUST_CHECK;
uint32_t store_columns(const struct store_query *);
const char *store_column_name(const struct store_query *, uint32_t column);
bool store_is_null(const struct store_query *, uint32_t column);
bool store_is_number(const struct store_query *, uint32_t column);
int64_t store_int(const struct store_query *, uint32_t column);
const char *store_text(const struct store_query *, uint32_t column);   /* NULL for NULL; until the next step */
struct span store_blob(const struct store_query *, uint32_t column);
void store_reset(struct store_query *);        /* from the first row again; parameters stay */
void store_done(struct store_query *);
/* store_interrupt makes a running query of any thread end with an error. */
void store_interrupt(struct store *);

/* A message as the store keeps it: all that is needed to dissect it again, alone. */
struct stored_message {
	/* Of its PDU, in the arena; SLICE_HOLE ones are missing; capture: capture_id.  A single one of len 0: the
	 * length stands in the PDU's own 4-byte header at that place. */
	struct slice *slices;
	uint32_t n_slices;
	uint16_t element;
	struct smb_ctx ctx;
	bool netbios, has_request; /* port 139; request_* is set */
	int64_t command;           /* whose request that is, 0 none */
	struct slice *request_slices;
	uint32_t n_request_slices;
	uint16_t request_element;
	uint8_t direction;
	uint32_t frame, request_frame;
	int64_t time_ns, request_time_ns;
};
/* store_message reads one side of a row of `commands` (id > 0) or of table message (id < 0: -message_id). 1, 0 no such, -1. */
int store_message(struct store *, int64_t id, bool response, struct arena *, struct stored_message *, struct err *) MUST_CHECK;

/* store_known reads what is known of whom and what that message is about, from messages before it, into the arena:
 * nothing for messages that belong to no row of `commands`.  0, -1. */
int store_known(struct store *, int64_t id, bool response, struct arena *, struct known_names *, struct err *) MUST_CHECK;

/* A unit, as its parts: len bytes at off of the PDU of a command's request or answer, or of a message (command negative). */
struct stored_part {
	int64_t command;
	uint32_t off, len;
	bool response, more;       /* more: UNIT_STUB_MORE */
};
struct stored_unit {
	struct stored_unit *next;
	struct stored_part *parts;
	uint32_t n_parts;
	uint8_t kind;              /* enum unit_kind, of the last part */
	struct rpc_ctx rpc;        /* UNIT_DCERPC: what its call needs from before */
	uint32_t request_frame;    /* UNIT_DCERPC of an answer: where its request began, 0: not known; and when */
	int64_t request_time_ns;
};
/* store_units reads the units that a message completes, in order, into the arena; *units is NULL where it completes none.
 * The message is the request (response: answer) of a command, or, command negative, of table message.  0, -1. */
int store_units(struct store *, int64_t command, bool response, struct arena *, struct stored_unit **units,
                struct err *) MUST_CHECK;
/* store_asked reads the units that a command's request, which took several messages, is part of: its parameters and data. */
int store_asked(struct store *, int64_t command, struct arena *, struct stored_unit **units, struct err *) MUST_CHECK;
/* store_capture_path gives the path a capture has now (as found by --captures), its size and SHA-256; 1, 0, -1. */
int store_capture_path(struct store *, int64_t capture_id, struct arena *, const char **path, struct err *) MUST_CHECK;
/* store_captures_dir makes captures that moved be looked for in dir, too. */
void store_captures_dir(struct store *, const char *dir);

/* store_schema prints tables and views with their columns and meanings, from tables.def. */
void store_schema(FILE *, bool manual);

#endif
