/* Reading a case: queries, and messages as they are dissected again. */
#include "store/store_private.h"

#include <errno.h>
#include <stdlib.h>

struct store_query {
	struct store *store;
	sqlite3_stmt *st;
};

static int query_error(struct store *s, struct err *err)
{
	int code = sqlite3_errcode(s->db) & 0xff;

	if (code == SQLITE_AUTH || code == SQLITE_READONLY)
		return err_set(err, ERR_USAGE, "a case is only read here: %s", sqlite3_errmsg(s->db));
	return err_set(err, code == SQLITE_ERROR ? ERR_USAGE : ERR_SYSTEM, "%s", sqlite3_errmsg(s->db));
}

/* Nothing but white space, comments and semicolons? */
static bool is_blank(const char *sql)
{
	for (;;) {
		if (*sql == ' ' || *sql == '\t' || *sql == '\n' || *sql == '\r' || *sql == ';') {
			sql++;
		} else if (sql[0] == '-' && sql[1] == '-') {
			sql += strcspn(sql, "\n");
		} else if (sql[0] == '/' && sql[1] == '*') {
			const char *end = strstr(sql + 2, "*/");

			if (!end)
				return true;
			sql = end + 2;
		} else {
			return *sql == '\0';
		}
	}
}

struct store_query *store_query(struct store *s, const char *sql, struct err *err)
{
	struct store_query *q;
	const char *rest = "";
	sqlite3_stmt *st;

	if (sqlite3_prepare_v2(s->db, sql, -1, &st, &rest) != SQLITE_OK) {
		query_error(s, err);
		return NULL;
	}
	if (!st || !is_blank(rest)) {
		err_set(err, ERR_USAGE, st ? "one statement at a time: %.60s" : "there is no statement%.60s", st ? rest : "");
		sqlite3_finalize(st);
		return NULL;
	}
	q = xcalloc(1, sizeof(*q));
	q->store = s;
	q->st = st;
	return q;
}

static bool whole_number(const char *text, int64_t *v)
{
	char *end;

	if (*text != '-' && (*text < '0' || *text > '9'))
		return false;
	errno = 0;
	*v = strtoll(text, &end, 10);
	return end != text && *end == '\0' && errno == 0;
}

bool store_bind(struct store_query *q, const char *name, const char *text)
{
	int64_t v;
	int i;

	if (whole_number(name, &v)) {
		i = v >= 1 && v <= sqlite3_bind_parameter_count(q->st) ? (int)v : 0;
	} else {
		char full[128];

		i = 0;
		for (const char *mark = ":@$"; *mark && !i; mark++) {
			snprintf(full, sizeof(full), "%c%s", *mark, name);
			i = sqlite3_bind_parameter_index(q->st, full);
		}
	}
	if (!i)
		return false;
	if (!text)
		return sqlite3_bind_null(q->st, i) == SQLITE_OK;
	if (whole_number(text, &v))
		return sqlite3_bind_int64(q->st, i, v) == SQLITE_OK;
	return sqlite3_bind_text(q->st, i, text, -1, SQLITE_TRANSIENT) == SQLITE_OK;
}

int store_step(struct store_query *q, struct err *err)
{
	switch (sqlite3_step(q->st)) {
	case SQLITE_ROW: return 1;
	case SQLITE_DONE: return 0;
	default: return query_error(q->store, err);
	}
}

uint32_t store_columns(const struct store_query *q)
{
	return (uint32_t)sqlite3_column_count(q->st);
}

const char *store_column_name(const struct store_query *q, uint32_t column)
{
	return sqlite3_column_name(q->st, (int)column);
}

bool store_is_null(const struct store_query *q, uint32_t column)
{
	return sqlite3_column_type(q->st, (int)column) == SQLITE_NULL;
}

bool store_is_number(const struct store_query *q, uint32_t column)
{
	int type = sqlite3_column_type(q->st, (int)column);

	return type == SQLITE_INTEGER || type == SQLITE_FLOAT;
}

int64_t store_int(const struct store_query *q, uint32_t column)
{
	return sqlite3_column_int64(q->st, (int)column);
}

const char *store_text(const struct store_query *q, uint32_t column)
{
	return (const char *)sqlite3_column_text(q->st, (int)column);
}

struct span store_blob(const struct store_query *q, uint32_t column)
{
	const void *p = sqlite3_column_blob(q->st, (int)column);

	return (struct span){ p, (uint32_t)sqlite3_column_bytes(q->st, (int)column) };
}

void store_reset(struct store_query *q)
{
	sqlite3_reset(q->st);
}

void store_done(struct store_query *q)
{
	if (!q)
		return;
	sqlite3_finalize(q->st);
	free(q);
}

void store_interrupt(struct store *s)
{
	sqlite3_interrupt(s->db);
}

/* --- messages --- */

/* The slices of a place.  Indexes of captures in it count within the run that stored it: base is its number 0. */
static int slices_of(sqlite3_stmt *st, int column, int64_t capture_id, int64_t base, struct arena *arena, struct slice **out,
                     uint32_t *n)
{
	struct span blob;
	int got;

	if (sqlite3_column_type(st, column) == SQLITE_INTEGER) {
		*out = arena_alloc(arena, sizeof(**out));
		**out = (struct slice){ .at = (uint64_t)sqlite3_column_int64(st, column), .capture = (uint16_t)capture_id };
		*n = 1;
		return 0;
	}
	blob = (struct span){ sqlite3_column_blob(st, column), (uint32_t)sqlite3_column_bytes(st, column) };
	if (!blob.p)
		return 0;
	*out = arena_alloc(arena, (blob.len / 3 + 1) * sizeof(**out));
	got = where_decode(blob, *out, blob.len / 3 + 1);
	if (got < 0)
		return -1;
	*n = (uint32_t)got;
	for (uint32_t i = 0; i < *n; i++)
		if ((*out)[i].capture != SLICE_HOLE)
			(*out)[i].capture = (uint16_t)((*out)[i].capture + base);
	return 0;
}

/* Columns of both statements, so that one function reads them.  The request of a message is that of the
 * command it belongs to. */
enum {
	Q_BASE, Q_NETBIOS, Q_CAPTURE, Q_PLACE, Q_ELEMENT, Q_DIRECTION, Q_FRAME, Q_TIME, Q_REQUEST_CAPTURE, Q_REQUEST,
	Q_REQUEST_ELEMENT, Q_REQUEST_FRAME, Q_REQUEST_TIME, Q_COMMAND, Q_CONTEXT
};

#define START "SELECT capture.first_capture, t_transport.text IS 'netbios' OR (t_transport.text IS NULL AND connection.server_port IS 139), "
#define REQUEST "command.capture_id, command.request_at, command.flags >> 24 & 65535, command.request_frame, command.request_time_ns, command.command_id"
#define JOINS(table) " LEFT JOIN connection ON connection.connection_id = " table ".connection_id" \
	" LEFT JOIN text AS t_transport ON t_transport.text_id = connection.transport" \
	" LEFT JOIN capture ON capture.capture_id = " table ".capture_id" \
	" LEFT JOIN context ON context.context_id = " table ".context_id WHERE " table "." table "_id = ?"

static const char request_form[] = START "command.capture_id, command.request_at, command.flags >> 24 & 65535, 0, "
	"command.request_frame, command.request_time_ns, NULL, NULL, NULL, NULL, NULL, NULL"
#define CTX(member, type, meaning) ", context." #member
#include "dissectors/ctx.def"
	" FROM command" JOINS("command");
static const char response_form[] = START "coalesce(command_more.end_capture_id, command.capture_id), command.response_at, "
	"command.flags >> 40 & 65535, 1, command.response_frame, command.response_time_ns, " REQUEST
#include "dissectors/ctx.def"
	" FROM command LEFT JOIN command_more ON command_more.command_id = command.command_id" JOINS("command");
static const char message_form[] = START "message.capture_id, message.place, message.element, message.direction, message.frame, "
	"message.time_ns, " REQUEST
#include "dissectors/ctx.def"
#undef CTX
	" FROM message LEFT JOIN command ON command.command_id = message.command_id" JOINS("message");

static int read_message(sqlite3_stmt *st, struct arena *arena, struct stored_message *m)
{
	int64_t base = sqlite3_column_int64(st, Q_BASE);
	int i = Q_CONTEXT;

	m->netbios = sqlite3_column_int(st, Q_NETBIOS) != 0;
	m->element = (uint16_t)sqlite3_column_int(st, Q_ELEMENT);
	m->direction = (uint8_t)sqlite3_column_int(st, Q_DIRECTION);
	m->frame = (uint32_t)sqlite3_column_int64(st, Q_FRAME);
	m->time_ns = sqlite3_column_int64(st, Q_TIME);
	m->request_element = (uint16_t)sqlite3_column_int(st, Q_REQUEST_ELEMENT);
	m->request_frame = (uint32_t)sqlite3_column_int64(st, Q_REQUEST_FRAME);
	m->request_time_ns = sqlite3_column_int64(st, Q_REQUEST_TIME);
	m->command = sqlite3_column_int64(st, Q_COMMAND);
#define CTX(member, type, meaning) m->ctx.member = (type)sqlite3_column_int64(st, i++);
#include "dissectors/ctx.def"
#undef CTX
	if (slices_of(st, Q_PLACE, sqlite3_column_int64(st, Q_CAPTURE), base, arena, &m->slices, &m->n_slices) ||
	    slices_of(st, Q_REQUEST, sqlite3_column_int64(st, Q_REQUEST_CAPTURE), base, arena, &m->request_slices,
	              &m->n_request_slices))
		return -1;
	m->has_request = m->n_request_slices > 0;
	return m->n_slices > 0;
}

int store_message(struct store *s, int64_t id, bool response, struct arena *arena, struct stored_message *m, struct err *err)
{
	const char *form = id < 0 ? message_form : response ? response_form : request_form;
	sqlite3_stmt *st;
	int rc;

	memset(m, 0, sizeof(*m));
	if (sqlite3_prepare_v2(s->db, form, -1, &st, NULL) != SQLITE_OK)
		return db_error(s->db, err, "cannot read");
	sqlite3_bind_int64(st, 1, id < 0 ? -id : id);
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW) {
		rc = read_message(st, arena, m);
		if (rc < 0)
			err_set(err, ERR_INPUT, "%s: the place of message %lld cannot be read", s->path, (long long)id);
	} else {
		rc = rc == SQLITE_DONE ? 0 : db_error(s->db, err, "cannot read");
	}
	sqlite3_finalize(st);
	return rc;
}

#define NAMES "CASE WHEN logon.named THEN coalesce(t_user.text, '') END, CASE WHEN logon.named THEN coalesce(t_domain.text, '') END, " \
	"CASE WHEN logon.named THEN coalesce(t_workstation.text, '') END, "
#define NAMES_JOIN "LEFT JOIN text AS t_user ON t_user.text_id = logon.user " \
	"LEFT JOIN text AS t_domain ON t_domain.text_id = logon.domain " \
	"LEFT JOIN text AS t_workstation ON t_workstation.text_id = logon.workstation "

/* What is known when a command is asked: of its session, the last logon that had ended well before; of its tree, if it was
 * answered before.  The answer that ends a logon knows that one, SMB1's to TREE_CONNECT and TREE_CONNECT_ANDX the tree.
 * ?1 the command, ?2 whether its answer is wanted.  5: SMB2 CREATE, whose request tells the path itself. */
static const char known_form[] = "SELECT " NAMES "t_tree.text, t_path.text, "
	"CASE WHEN logon.end_command IS NOT command.command_id THEN logon.last_frame "
	"WHEN logon.named AND command.status = 0 THEN command.request_frame END, share.known_frame, "
	"CASE t_type.text WHEN 'DISK' THEN 1 WHEN 'PIPE' THEN 2 WHEN 'PRINT' THEN 3 WHEN 'COMM' THEN 4 END, "
	"(open.known_command < command.command_id OR (?2 AND open.opened_by = command.command_id "
	"AND (open.known_command OR command.command & 255 = 162))) "
	"AND (command.command >> 16 = 2 OR open.access IS NOT NULL), CASE WHEN open.known_command THEN open.known_frame END, command.request_frame, "
	"CASE WHEN open.rooted THEN char(92) ELSE '' END || t_path.text, open.flags, open.access, open.attributes, "
	"open.share_access, open.disposition, open.options, preauth.hashes, preauth.known FROM command "
	"LEFT JOIN preauth ON preauth.command_id = command.command_id "
	"LEFT JOIN logon ON logon.logon_id = (SELECT max(l.logon_id) FROM logon AS l WHERE l.session_id = command.session_id "
	"AND (l.known_command < command.command_id OR (?2 AND l.end_command = command.command_id))) "
	"LEFT JOIN share ON share.share_id = command.share_id AND (share.known_command < command.command_id "
	"OR (?2 AND command.command IN (1 << 16 | 112, 1 << 16 | 117))) "
	"LEFT JOIN open ON open.open_id = command.open_id AND (?2 OR command.command <> (2 << 16 | 5)) "
	NAMES_JOIN
	"LEFT JOIN text AS t_tree ON t_tree.text_id = share.path "
	"LEFT JOIN text AS t_type ON t_type.text_id = share.share_type "
	"LEFT JOIN text AS t_path ON t_path.text_id = open.path "
	"WHERE command.command_id = ";
static const char of_command[] = "?1";
/* A message is of an exchange, or, encrypted, of a session alone. */
static const char of_message[] = "(SELECT command_id FROM message WHERE message_id = ?1) UNION ALL "
	"SELECT " NAMES "NULL, NULL, logon.last_frame, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM message "
	"JOIN logon ON logon.logon_id = message.logon_id "
	NAMES_JOIN "WHERE message.message_id = ?1";

static const char *kept(sqlite3_stmt *st, int column, struct arena *arena)
{
	const char *s = (const char *)sqlite3_column_text(st, column);

	return s ? arena_text(arena, "%s", s) : NULL;
}

/* The hash after the request or the answer, of the two; NULL: not known. */
static const uint8_t *preauth_of(sqlite3_stmt *st, int column, bool response, struct arena *arena)
{
	const uint8_t *hashes = sqlite3_column_blob(st, column);

	if (!hashes || sqlite3_column_bytes(st, column) != 128 || !(sqlite3_column_int64(st, column + 1) >> response & 1))
		return NULL;
	return memcpy(arena_alloc(arena, 64), hashes + 64 * response, 64);
}

static struct known_open known_open(sqlite3_stmt *st, int at, struct arena *arena)
{
	struct known_open o = { .known = sqlite3_column_int(st, at) };

	if (!o.known)
		return o;
	o.opened_in = (uint32_t)sqlite3_column_int64(st, at + 1);
	o.asked_in = (uint32_t)sqlite3_column_int64(st, at + 2);
	o.file = kept(st, at + 3, arena);
	o.flags = (uint32_t)sqlite3_column_int64(st, at + 4);
	o.access = (uint32_t)sqlite3_column_int64(st, at + 5);
	o.attributes = (uint32_t)sqlite3_column_int64(st, at + 6);
	o.share = (uint32_t)sqlite3_column_int64(st, at + 7);
	o.disposition = (uint32_t)sqlite3_column_int64(st, at + 8);
	o.options = (uint32_t)sqlite3_column_int64(st, at + 9);
	return o;
}

int store_known(struct store *s, int64_t id, bool response, struct arena *arena, struct known_names *k, struct err *err)
{
	char form[sizeof(known_form) + sizeof(of_message)];
	sqlite3_stmt *st;
	int rc;

	*k = (struct known_names){ 0 };
	snprintf(form, sizeof(form), "%s%s", known_form, id < 0 ? of_message : of_command);
	if (sqlite3_prepare_v2(s->db, form, -1, &st, NULL) != SQLITE_OK)
		return db_error(s->db, err, "cannot read");
	sqlite3_bind_int64(st, 1, id < 0 ? -id : id);
	sqlite3_bind_int(st, 2, response || id < 0);
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		*k = (struct known_names){
			.user = kept(st, 0, arena), .domain = kept(st, 1, arena), .workstation = kept(st, 2, arena),
			.tree = kept(st, 3, arena), .path = kept(st, 4, arena),
			.auth_frame = (uint32_t)sqlite3_column_int64(st, 5), .tcon_frame = (uint32_t)sqlite3_column_int64(st, 6),
			.share_type = (uint8_t)sqlite3_column_int(st, 7), .open = known_open(st, 8, arena),
			.preauth = preauth_of(st, 18, response, arena),
		};
	rc = rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : db_error(s->db, err, "cannot read");
	sqlite3_finalize(st);
	return rc;
}
