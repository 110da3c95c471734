/* The case: opening it, what is in it, taking a set out of it again. */
#include "store/store_private.h"

#include <errno.h>
#include <stdlib.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- small helpers --- */

int db_error(sqlite3 *db, struct err *err, const char *doing)
{
	const char *path = sqlite3_db_filename(db, "main");

	return err_set(err, ERR_SYSTEM, "%s %s: %s", doing, path ? path : "the database", sqlite3_errmsg(db));
}

int sql_run(sqlite3 *db, struct err *err, const char *sql)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : db_error(db, err, "cannot write");
}

int64_t sql_int(sqlite3 *db, int64_t dflt, const char *format, ...)
{
	sqlite3_stmt *st;
	char sql[1024];
	va_list ap;

	va_start(ap, format);
	vsnprintf(sql, sizeof(sql), format, ap);
	va_end(ap);
	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK)
		return dflt;
	if (sqlite3_step(st) == SQLITE_ROW && sqlite3_column_type(st, 0) != SQLITE_NULL)
		dflt = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return dflt;
}

/* --- opening --- */

/* A path that SQLite takes for nothing but a path (":memory:", "file:..."). */
static char *plain_path(const char *path)
{
	size_t n = strlen(path) + 3;
	char *out = xmalloc(n);

	snprintf(out, n, "%s%s", *path == '/' ? "" : "./", path);
	return out;
}

/* Is there a file, and may it be one of ours?  1: a case or any other file; 0: nothing, or an empty file. */
static int look(const char *path, enum store_mode mode, struct err *err)
{
	struct stat st;

	if (stat(path, &st) != 0) {
		if (errno == ENOENT && mode != STORE_READ)
			return 0;
		return err_set(err, ERR_INPUT, "cannot open %s: %s", path, strerror(errno));
	}
	if (S_ISDIR(st.st_mode))
		return err_set(err, ERR_INPUT, "%s is a directory, not a case", path);
	if (st.st_size == 0 && mode == STORE_READ)
		return err_set(err, ERR_INPUT, "%s is empty, not a case of smbscope", path);
	return st.st_size > 0;
}

static sqlite3 *connect(const char *path, bool write, struct err *err)
{
	char *plain = plain_path(path);
	sqlite3 *db = NULL;
	int flags = (write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_NOMUTEX;
	int rc;

	errno = 0;
	rc = sqlite3_open_v2(plain, &db, flags, NULL);
	free(plain);
	if (rc == SQLITE_OK) {
		sqlite3_extended_result_codes(db, 1);
		sqlite3_busy_timeout(db, 5000);
		return db;
	}
	if (sqlite3_system_errno(db))
		err_set(err, ERR_INPUT, "cannot %s %s: %s", write ? "write" : "open", path, strerror(sqlite3_system_errno(db)));
	else
		err_set(err, ERR_INPUT, "cannot %s %s: %s", write ? "write" : "open", path, sqlite3_errmsg(db));
	sqlite3_close(db);
	return NULL;
}

/* Is the file a case, and of a version that this program knows? */
static int check(sqlite3 *db, const char *path, struct err *err)
{
	int64_t application = sql_int(db, -1, "PRAGMA application_id");
	int64_t version = sql_int(db, -1, "PRAGMA user_version");

	if (application == -1 && sqlite3_errcode(db) == SQLITE_NOTADB)
		return err_set(err, ERR_INPUT, "%s is not a case of smbscope: not a database", path);
	if (application == -1)
		return err_set(err, ERR_INPUT, "cannot open %s: %s", path, sqlite3_errmsg(db));
	if (application != STORE_APPLICATION)
		return err_set(err, ERR_INPUT, "%s is not a case of smbscope: a database of another program", path);
	if (version > STORE_VERSION)
		return err_set(err, ERR_INPUT, "%s was made by a newer smbscope (version %lld of the database; this one knows %d)", path,
		               (long long)version, STORE_VERSION);
	return 0;
}

/* A case that others may be reading has a write-ahead log, which never makes them wait.  A fresh one has a rollback
 * journal: its pages are then written once and not twice, a sixth of an import's time; who queries it while it is made
 * waits for the end of a transaction, and the import for the end of a query. */
static int begin_writing(sqlite3 *db, bool fresh, struct err *err)
{
	/* The page size counts until the first page is written. */
	if (sql_run(db, err, fresh ? "PRAGMA page_size = 8192; PRAGMA journal_mode = TRUNCATE" : "PRAGMA journal_mode = WAL"))
		return -1;
	sqlite3_busy_timeout(db, fresh ? 60000 : 5000);
	return sql_run(db, err, "PRAGMA synchronous = OFF; PRAGMA cache_size = -16384; PRAGMA wal_autocheckpoint = 4096; "
	               "PRAGMA temp_store = FILE");
}

/* A file of the case, or one of those SQLite keeps beside it, goes. */
static void remove_file(const char *path, const char *suffix)
{
	size_t n = strlen(path) + strlen(suffix) + 1;
	char *name = xmalloc(n);

	snprintf(name, n, "%s%s", path, suffix);
	unlink(name);
	free(name);
}

static sqlite3 *open_write(const char *path, enum store_mode mode, struct err *err)
{
	int there = look(path, mode, err);
	sqlite3 *db;

	if (there < 0 || !(db = connect(path, true, err)))
		return NULL;
	if (there && check(db, path, err))
		goto failed;
	if (there && mode == STORE_CREATE) {
		sqlite3_close(db);
		remove_file(path, "");
		remove_file(path, "-wal");
		remove_file(path, "-shm");
		there = 0;
		if (!(db = connect(path, true, err)))
			return NULL;
	}
	if (begin_writing(db, !there, err))
		goto failed;
	if (!schema_current(db) && schema_apply(db, err))
		goto failed;
	return db;
failed:
	sqlite3_close(db);
	return NULL;
}

/* What a statement of a reader may do. */
static int only_reading(void *arg UNUSED, int action, const char *a, const char *b, const char *database UNUSED,
                        const char *trigger UNUSED)
{
	static const char *const pragmas[] = { "table_info", "table_xinfo", "table_list", "index_list", "index_info", "index_xinfo",
		"database_list", "function_list", "collation_list", "compile_options", "application_id", "user_version", "page_size",
		"page_count", "encoding", "integrity_check", "quick_check", "schema_version", "data_version" };

	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_READ:
	case SQLITE_RECURSIVE:
		return SQLITE_OK;
	case SQLITE_FUNCTION:
		return b && sqlite3_stricmp(b, "load_extension") == 0 ? SQLITE_DENY : SQLITE_OK;
	case SQLITE_UPDATE:
		/* Asked when a table-valued function (json_each, pragma_table_info) declares its columns; a real
		 * update there is refused by SQLite itself. */
		return a && strncmp(a, "sqlite_", 7) == 0 && strstr(a, "master") ? SQLITE_OK : SQLITE_DENY;
	case SQLITE_PRAGMA:
		for (unsigned i = 0; i < COUNT(pragmas); i++)
			if (a && sqlite3_stricmp(a, pragmas[i]) == 0)
				return SQLITE_OK;
		return SQLITE_DENY;
	default:
		return SQLITE_DENY;
	}
}

/* The schema of a case that an older smbscope made is brought up to date, and indexes that an import
 * which was cut short did not make are made, if it can be written. */
static int bring_up_to_date(const char *path, struct err *err)
{
	struct err why = { 0 };
	sqlite3 *db = open_write(path, STORE_WRITE, &why);
	int rc = -1;

	if (db) {
		/* An import that is writing will make them itself. */
		sqlite3_busy_timeout(db, 0);
		rc = schema_indexes(db, &why);
		sqlite3_exec(db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
		sqlite3_close(db);
	}
	if (rc)
		return err_set(err, ERR_INPUT, "%s was made by another version of smbscope and cannot be brought up to date: %s", path,
		               why.text);
	return 0;
}

static sqlite3 *open_read(const char *path, struct err *err)
{
	sqlite3 *db = NULL;

	for (int i = 0; i < 2; i++) {
		if (look(path, STORE_READ, err) < 0 || !(db = connect(path, false, err)))
			return NULL;
		if (check(db, path, err))
			break;
		if (schema_current(db)) {
			/* Missing indexes make a query slow, not wrong: the attempt may fail. */
			if (i == 0 && !schema_indexes_there(db)) {
				struct err ignored;

				sqlite3_close(db);
				(void)!bring_up_to_date(path, &ignored);
				continue;
			}
			if (sql_run(db, err, "PRAGMA query_only = 1; PRAGMA cache_size = -32768; PRAGMA trusted_schema = 0"))
				break;
			sqlite3_set_authorizer(db, only_reading, NULL);
			return db;
		}
		sqlite3_close(db);
		db = NULL;
		if (i == 1 || bring_up_to_date(path, err))
			return NULL;
	}
	sqlite3_close(db);
	return NULL;
}

struct store *store_open(const char *path, enum store_mode mode, struct err *err)
{
	sqlite3 *db = mode == STORE_READ ? open_read(path, err) : open_write(path, mode, err);
	struct store *s;

	if (!db)
		return NULL;
	s = xcalloc(1, sizeof(*s));
	s->db = db;
	s->path = xstrdup(path);
	s->mode = mode;
	return s;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	writer_free(s->writer);
	/* One file at the end; left as it is while somebody else reads it. */
	if (s->mode != STORE_READ) {
		sqlite3_busy_timeout(s->db, 0);
		sqlite3_exec(s->db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
	}
	sqlite3_close_v2(s->db);
	found_free(s->found);
	free(s->path);
	free(s->captures_dir);
	free(s);
}

/* --- what is in it --- */

int64_t store_last_capture(sqlite3 *db)
{
	return sql_int(db, 0, "SELECT max(coalesce((SELECT max(capture_id) FROM capture), 0), "
	               "coalesce((SELECT max(last) FROM run_range WHERE ids = 'capture'), 0))");
}

void store_ids(struct store *s, struct store_ids *ids)
{
#define LAST(x) ids->x = (uint32_t)sql_int(s->db, 0, "SELECT max(%s_id) FROM %s", #x, #x)
	LAST(text);
	LAST(context);
	LAST(connection);
	LAST(gap);
	LAST(session);
	LAST(logon);
	LAST(share);
	LAST(open);
	LAST(command);
	LAST(message);
	LAST(transfer);
	LAST(change);
	LAST(listing);
	LAST(rpc_context);
	LAST(call);
#undef LAST
	ids->capture = (uint32_t)store_last_capture(s->db);
	ids->set = (uint32_t)sql_int(s->db, 0, "SELECT max(set_id) FROM capture_set");
	ids->unit = (uint32_t)sql_int(s->db, 0, "SELECT max(unit_part_id) >> 31 FROM unit_part");
	ids->interface = (uint32_t)sql_int(s->db, 0, "SELECT count(*) FROM interface");
}

int64_t store_has_capture(struct store *s, const char *key, struct err *err)
{
	sqlite3_stmt *st;
	int64_t id = -1;
	int rc;

	if (sqlite3_prepare_v2(s->db, "SELECT min(capture_id) FROM capture WHERE content_key = ?", -1, &st, NULL) != SQLITE_OK)
		return db_error(s->db, err, "cannot read");
	sqlite3_bind_text(st, 1, key, -1, SQLITE_STATIC);
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		id = sqlite3_column_int64(st, 0);
	else
		db_error(s->db, err, "cannot read");
	sqlite3_finalize(st);
	return id;
}

/* --- taking a set out --- */

/* The ids of a run go from first to last; a run that was cut short has no last, but nothing came after it
 * before the next run began. */
static int forget_run(sqlite3 *db, int64_t run, struct err *err)
{
	for (unsigned i = 0; i < TABLE__COUNT; i++) {
		const struct table *t = &tables[i];
		int64_t first, last;
		struct sql s = { 0 };
		int rc;

		if (t->range == RANGE_none)
			continue;
		first = sql_int(db, -1, "SELECT first FROM run_range WHERE run_id = %lld AND ids = '%s'", (long long)run,
		                range_names[t->range]);
		last = sql_int(db, INT64_MAX >> t->shift, "SELECT coalesce(last, (SELECT min(first) - 1 FROM run_range AS n "
		               "WHERE n.ids = r.ids AND n.run_id > r.run_id)) FROM run_range AS r WHERE run_id = %lld AND ids = '%s'",
		               (long long)run, range_names[t->range]);
		if (first < 0)
			continue;
		sql_add(&s, "DELETE FROM %s WHERE %s BETWEEN %lld AND %lld", t->name, table_key(t), (long long)(first << t->shift),
		        (long long)((last << t->shift) | ((1ll << t->shift) - 1)));
		rc = sql_run(db, err, s.text);
		free(s.text);
		if (rc)
			return rc;
	}
	return 0;
}

static int forget_set(sqlite3 *db, int64_t set, struct err *err)
{
	char sql[256];

	for (int64_t run = 0;;) {
		run = sql_int(db, 0, "SELECT min(run_id) FROM run WHERE set_id = %lld AND run_id > %lld", (long long)set, (long long)run);
		if (!run)
			break;
		if (forget_run(db, run, err))
			return -1;
	}
	snprintf(sql, sizeof(sql), "DELETE FROM run_range WHERE run_id IN (SELECT run_id FROM run WHERE set_id = %lld); "
	         "DELETE FROM run WHERE set_id = %lld; DELETE FROM capture_set WHERE set_id = %lld", (long long)set, (long long)set,
	         (long long)set);
	return sql_run(db, err, sql);
}

int store_forget(struct store *s, int64_t capture_id, struct err *err)
{
	int64_t set;
	int rc;

	if (s->mode == STORE_READ || s->writer)
		return err_set(err, ERR_SYSTEM, "%s is not open for writing", s->path);
	set = sql_int(s->db, 0, "SELECT set_id FROM capture WHERE capture_id = %lld", (long long)capture_id);
	if (!set)
		return err_set(err, ERR_USAGE, "%s holds no capture number %lld", s->path, (long long)capture_id);
	if (sql_run(s->db, err, "BEGIN IMMEDIATE"))
		return -1;
	rc = forget_set(s->db, set, err) || sql_run(s->db, err, "COMMIT") ? -1 : 0;
	if (rc)
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	return rc;
}
