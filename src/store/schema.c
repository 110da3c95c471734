/* The schema: tables, views and indexes made from tables.def, and their documentation. */
#include "store/store_private.h"

#include <inttypes.h>
#include <stdarg.h>

#include "names.h"

const char *const range_names[RANGE__COUNT] = {
	"none", "capture", "text", "context", "connection", "gap", "session", "logon", "share", "open", "command",
	"message", "unit", "transfer", "change", "listing", "rpc_context", "call"
};

#define TABLE(table, event, view, range, shift, meaning) static const struct column columns_##table[] = {
#define TABLE_END };
#define COL(k, n, value, text)            { .role = ROLE_COL, .kind = KIND_##k, .name = #n, .meaning = text },
#define HIDDEN(k, n, value, text)         { .role = ROLE_HIDDEN, .kind = KIND_##k, .name = #n, .meaning = text },
#define VIA(k, n, t, c, text)             { .role = ROLE_VIA, .kind = KIND_##k, .name = #n, .via = #t, .source = #c, .meaning = text },
#define CALC(n, sql, text)                { .role = ROLE_CALC, .name = #n, .source = sql, .meaning = text },
#define CALC_TIME(n, sql, text)           { .role = ROLE_CALC_TIME, .kind = KIND_TIME, .name = #n, .source = sql, .meaning = text },
#define JOIN(sql)                         { .role = ROLE_JOIN, .source = sql },
#define TAIL(sql)                         { .role = ROLE_TAIL, .source = sql },
#define INDEX(name, unique, table, early, columns)
#include "store/tables.def"
#include "store/tables_end.def"

const struct table tables[TABLE__COUNT] = {
#define TABLE(table, event, view, range, shift, meaning) \
	{ #table, #view, meaning, RANGE_##range, shift, columns_##table, COUNT(columns_##table) },
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

static const struct index_line {
	const char *name, *unique, *table, *columns;
	bool early;
} indexes[] = {
#define TABLE(table, event, view, range, shift, meaning)
#define TABLE_END
#define COL(kind, name, value, meaning)
#define HIDDEN(kind, name, value, meaning)
#define VIA(kind, name, table, column, meaning)
#define CALC(name, sql, meaning)
#define CALC_TIME(name, sql, meaning)
#define JOIN(sql)
#define TAIL(sql)
#define INDEX(name, unique, table, early, columns) { #name, #unique, #table, columns, early },
#include "store/tables.def"
#include "store/tables_end.def"
};

void sql_add(struct sql *s, const char *format, ...)
{
	va_list ap, again;
	int n;

	va_start(ap, format);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	if (s->len + (uint32_t)n + 1 > s->cap) {
		s->cap = (s->len + (uint32_t)n + 1) * 2;
		s->text = xrealloc(s->text, s->cap);
	}
	vsnprintf(s->text + s->len, (size_t)n + 1, format, again);
	va_end(again);
	s->len += (uint32_t)n;
}

bool table_stored(const struct column *c)
{
	return c->role == ROLE_COL || c->role == ROLE_HIDDEN;
}

const char *table_column_name(const struct column *c, char out[64])
{
	snprintf(out, 64, "%s%s", c->name, c->kind == KIND_TIME || c->kind == KIND_WHEN ? "_ns" : "");
	return out;
}

const char *table_key(const struct table *t)
{
	return t->columns[0].name;
}

static const char *sql_type(enum column_kind kind)
{
	switch (kind) {
	case KIND_ID: return " INTEGER PRIMARY KEY";
	case KIND_STR:
	case KIND_TAIL_TEXT:
	case KIND_TAIL_PART: return " TEXT";
	case KIND_PLACE: return "";
	default: return " INTEGER";
	}
}

static void table_sql(const struct table *t, struct sql *s)
{
	const char *comma = "";
	char name[64];

	sql_add(s, "CREATE TABLE IF NOT EXISTS %s (", t->name);
	for (uint32_t i = 0; i < t->n_columns; i++) {
		const struct column *c = &t->columns[i];

		if (!table_stored(c))
			continue;
		sql_add(s, "%s%s%s", comma, table_column_name(c, name), sql_type(c->kind));
		comma = ", ";
	}
	sql_add(s, ");\n");
}

void schema_insert(const struct table *t, uint32_t rows, struct sql *s)
{
	const char *comma = "";
	char name[64];
	unsigned n = 0;

	sql_add(s, "INSERT OR REPLACE INTO %s (", t->name);
	for (uint32_t i = 0; i < t->n_columns; i++) {
		if (!table_stored(&t->columns[i]))
			continue;
		sql_add(s, "%s%s", comma, table_column_name(&t->columns[i], name));
		comma = ", ";
		n++;
	}
	sql_add(s, ") VALUES ");
	for (uint32_t r = 0; r < rows; r++)
		for (unsigned i = 0; i < n; i++)
			sql_add(s, "%s?%s", i ? "," : r ? ",(" : "(", i + 1 == n ? ")" : "");
}

/* Nanoseconds as text, with SQLite's own functions; its division truncates, so the remainder is made
 * positive for times before 1970.  NULL stays NULL: || gives it on. */
static void time_sql(struct sql *s, const char *ns)
{
	sql_add(s, "strftime('%%Y-%%m-%%dT%%H:%%M:%%S', (%s - (%s %% 1000000000 + 1000000000) %% 1000000000) / 1000000000, "
	        "'unixepoch') || printf('.%%09dZ', (%s %% 1000000000 + 1000000000) %% 1000000000)", ns, ns, ns);
}

static unsigned kind_space(enum column_kind kind)
{
	switch (kind) {
	case KIND_STATUS: return SPACE_STATUS;
	case KIND_COMMAND: return SPACE_COMMAND;
	case KIND_DISPOSITION: return SPACE_DISPOSITION;
	case KIND_DOS_ERROR: return SPACE_DOS_ERROR;
	default: return 0;
	}
}

/* How the view shows a column of a table, and what it has to join for that. */
static void shown_sql(const struct column *c, const char *from, const char *column, struct sql *select, struct sql *joins)
{
	char ns[160];

	switch (c->kind) {
	case KIND_TEXT:
		sql_add(joins, "LEFT JOIN text AS t_%s ON t_%s.text_id = %s.%s\n", c->name, c->name, from, column);
		sql_add(select, "t_%s.text AS %s", c->name, c->name);
		return;
	case KIND_STATUS:
	case KIND_COMMAND:
	case KIND_DISPOSITION:
	case KIND_DOS_ERROR:
		sql_add(joins, "LEFT JOIN name AS n_%s ON n_%s.name_id = %s.%s + %" PRIu64 "\n", c->name, c->name, from, column,
		        (uint64_t)kind_space(c->kind) << 32);
		sql_add(select, "n_%s.name AS %s", c->name, c->name);
		return;
	case KIND_TIME:
	case KIND_WHEN:
		snprintf(ns, sizeof(ns), "%s.%s_ns", from, column);
		time_sql(select, ns);
		sql_add(select, " AS %s", c->name);
		if (c->kind == KIND_TIME)
			sql_add(select, ", %s AS %s_ns", ns, c->name);
		return;
	case KIND_HEX:
	case KIND_HEX0:
		sql_add(select, "CASE WHEN %s.%s IS NOT NULL THEN printf('0x%%016x', %s.%s) END AS %s", from, column, from,
		        column, c->name);
		return;
	default:
		sql_add(select, "%s.%s AS %s", from, column, c->name);
	}
}

static void via_sql(const struct table *t, const struct column *c, struct sql *select, struct sql *joins)
{
	char already[128];
	const struct table *other = tables;

	while (strcmp(other->name, c->via) != 0)
		other++;
	snprintf(already, sizeof(already), "LEFT JOIN %s ON", c->via);
	if (!joins->text || !strstr(joins->text, already))
		sql_add(joins, "%s %s.%s = %s.%s\n", already, c->via, table_key(other), t->name, table_key(other));
	shown_sql(c, c->via, c->source, select, joins);
}

static void view_sql(const struct table *t, struct sql *s)
{
	struct sql select = { 0 }, joins = { 0 };
	const char *tail = NULL, *comma = "";
	bool of_connection = false;

	sql_add(&select, "%s", "");
	sql_add(&joins, "%s", "");
	for (uint32_t i = 0; i < t->n_columns; i++) {
		const struct column *c = &t->columns[i];

		of_connection |= table_stored(c) && i > 0 && strcmp(c->name, "connection_id") == 0;
		if (c->role == ROLE_JOIN)
			sql_add(&joins, "%s\n", c->source);
		if (c->role == ROLE_TAIL)
			tail = c->source;
		if (c->role == ROLE_HIDDEN || c->role == ROLE_JOIN || c->role == ROLE_TAIL)
			continue;
		sql_add(&select, "%s", comma);
		if (c->role == ROLE_COL) {
			shown_sql(c, t->name, c->name, &select, &joins);
		} else if (c->role == ROLE_VIA) {
			via_sql(t, c, &select, &joins);
		} else if (c->role == ROLE_CALC_TIME) {
			time_sql(&select, c->source);
			sql_add(&select, " AS %s, %s AS %s_ns", c->name, c->source, c->name);
		} else {
			sql_add(&select, "%s AS %s", c->source, c->name);
		}
		comma = ",\n ";
	}
	sql_add(s, "CREATE VIEW %s AS SELECT %s\nFROM %s\n%s", t->view, select.text, t->name, joins.text);
	/* The poorer copy of a conversation seen twice.  The list is made once for a query and nearly always
	 * empty: 60 ns a row on 1 M rows, where joining connection took 200. */
	if (of_connection)
		sql_add(s, "WHERE (%s.connection_id IS NULL OR %s.connection_id NOT IN "
		        "(SELECT connection_id FROM connection WHERE duplicate_of IS NOT NULL))\n", t->name, t->name);
	sql_add(s, "%s;\n", tail ? tail : "");
	free(select.text);
	free(joins.text);
}

static void index_sql(const struct index_line *x, struct sql *s)
{
	sql_add(s, "CREATE %s INDEX IF NOT EXISTS %s ON %s %s;\n", x->unique, x->name, x->table, x->columns);
}

/* The whole schema as text, whose hash says whether a case has it. */
static void whole_sql(struct sql *s)
{
	for (unsigned i = 0; i < TABLE__COUNT; i++)
		table_sql(&tables[i], s);
	for (unsigned i = 0; i < TABLE__COUNT; i++)
		if (*tables[i].view)
			view_sql(&tables[i], s);
	for (unsigned i = 0; i < COUNT(indexes); i++)
		if (indexes[i].early)
			index_sql(&indexes[i], s);
}

static uint64_t schema_hash(void)
{
	struct sql s = { 0 };
	uint64_t h = 0xcbf29ce484222325;

	whole_sql(&s);
	for (uint32_t i = 0; i < s.len; i++)
		h = (h ^ (uint8_t)s.text[i]) * 0x100000001b3;
	free(s.text);
	return h & INT64_MAX;
}

bool schema_current(sqlite3 *db)
{
	return sql_int(db, -1, "SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'schema'") == (int64_t)schema_hash();
}

static bool has_column(sqlite3 *db, const struct table *t, const char *column)
{
	return sql_int(db, 0, "SELECT count(*) FROM pragma_table_info('%s') WHERE name = '%s'", t->name, column) > 0;
}

/* Columns that a later smbscope added. */
static int add_columns(sqlite3 *db, const struct table *t, struct err *err)
{
	char name[64];

	for (uint32_t i = 1; i < t->n_columns; i++) {
		const struct column *c = &t->columns[i];
		struct sql s = { 0 };
		int rc;

		if (!table_stored(c) || has_column(db, t, table_column_name(c, name)))
			continue;
		sql_add(&s, "ALTER TABLE %s ADD COLUMN %s%s", t->name, name, sql_type(c->kind));
		rc = sql_run(db, err, s.text);
		free(s.text);
		if (rc)
			return rc;
	}
	return 0;
}

/* Only our own: a case may hold views that its user made. */
static void drop_views(struct sql *s)
{
	for (unsigned i = 0; i < TABLE__COUNT; i++)
		if (*tables[i].view)
			sql_add(s, "DROP VIEW IF EXISTS %s;\n", tables[i].view);
}

int schema_apply(sqlite3 *db, struct err *err)
{
	struct sql s = { 0 };
	int rc;

	if (sql_run(db, err, "BEGIN IMMEDIATE"))
		return -1;
	drop_views(&s);
	for (unsigned i = 0; i < TABLE__COUNT; i++)
		table_sql(&tables[i], &s);
	rc = sql_run(db, err, s.text);
	free(s.text);
	for (unsigned i = 0; i < TABLE__COUNT && !rc; i++)
		rc = add_columns(db, &tables[i], err);
	s = (struct sql){ 0 };
	whole_sql(&s);
	sql_add(&s, "INSERT OR REPLACE INTO meta (name, value) VALUES ('schema', '%" PRIu64 "');\n", schema_hash());
	sql_add(&s, "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT;", STORE_APPLICATION, STORE_VERSION);
	if (!rc)
		rc = sql_run(db, err, s.text);
	free(s.text);
	if (rc)
		sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return rc;
}

int schema_indexes(sqlite3 *db, struct err *err)
{
	struct sql s = { 0 };
	int rc;

	for (unsigned i = 0; i < COUNT(indexes); i++)
		index_sql(&indexes[i], &s);
	rc = sql_run(db, err, s.text);
	free(s.text);
	return rc;
}

bool schema_indexes_there(sqlite3 *db)
{
	struct sql s = { 0 };
	int64_t n;

	for (unsigned i = 0; i < COUNT(indexes); i++)
		sql_add(&s, "%s'%s'", i ? ", " : "", indexes[i].name);
	n = sql_int(db, 0, "SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND name IN (%s)", s.text);
	free(s.text);
	return n == COUNT(indexes);
}

const char *space_name(enum name_space space, uint32_t value, char out[32])
{
	const char *name = NULL;

	switch (space) {
	case SPACE_STATUS:
		name = name_ntstatus(value);
		snprintf(out, 32, "0x%08x", value);
		break;
	case SPACE_COMMAND:
		name = smb_command_name(value >> 16, value & 0xffff);
		snprintf(out, 32, "0x%02x", value & 0xffff);
		break;
	case SPACE_DISPOSITION:
		name = name_create_disposition(value);
		snprintf(out, 32, "%u", value);
		break;
	case SPACE_DOS_ERROR:
		if (name_dos_class(value >> 16))
			snprintf(out, 32, "%s/%u", name_dos_class(value >> 16), value & 0xffff);
		else
			snprintf(out, 32, "0x%02x/%u", value >> 16, value & 0xffff);
		break;
	}
	return name ? name : out;
}
