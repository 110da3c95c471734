/* Writing events: a bounded queue of batches by value, and the thread that makes rows of them.
 *
 * How it works.  put copies records into the batch being filled and takes no lock; a full batch is handed
 * over under one.  The writer thread alone uses the database until store_end has joined it.  Transactions
 * end after a count of events (live: after 500 ms), so the same captures give the same file.  The first
 * error is kept; what comes after it is taken and dropped, so that put never waits for ever. */
#include "store/store_private.h"

#include <errno.h>
#include <stdlib.h>

/* A batch is handed over when it is this full; eight of them are some 2 MiB in flight. */
#define BATCH_BYTES   (256u << 10)
#define BATCH_ROOM    (320u << 10)
#define BATCHES       8u
/* Events of a transaction: beyond 50,000 the cost of a commit is not to be seen any more. */
#define COMMIT_EVENTS 100000u
#define LIVE_NS       500000000

struct batch {
	uint8_t *bytes;
	uint32_t len, cap;
};

/* Before each record; the record and its tail are padded to 8. */
struct event_head {
	uint32_t type, len, tail_len, zero;
};

struct writer {
	struct event_sink sink;        /* first: put casts it back */
	struct store *store;
	struct rows *rows;
	pthread_t thread;
	bool live, started;
	int64_t run_id;
	char **keys;                   /* copies of the run's */
	uint32_t n_keys;
	char *options;
	pthread_mutex_t lock;
	pthread_cond_t for_writer, for_putter;
	/* Under the lock: batches[first] to first + full - 1 wait or are being written; the next one is being filled. */
	struct batch batches[BATCHES];
	uint32_t first, full;
	struct batch *filling;         /* the putting thread's own; live, under the lock too */
	uint64_t syncs_wanted, syncs_done;
	bool stop;
	struct err err;                /* the first; code ERR_NONE: none */
	/* The writer thread's own. */
	uint64_t uncommitted;
	bool failed;
};

static int64_t clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* --- the putting side --- */

static void next_batch(struct writer *w)
{
	w->full++;
	w->filling = &w->batches[(w->first + w->full) % BATCHES];
}

static void hand_over(struct writer *w)
{
	/* The batch after this one must be free to be filled. */
	while (w->full + 1 == BATCHES)
		pthread_cond_wait(&w->for_putter, &w->lock);
	next_batch(w);
	pthread_cond_signal(&w->for_writer);
}

static uint32_t padded(uint32_t n)
{
	return (n + 7) & ~7u;
}

static void append(struct batch *b, enum event_type type, const void *record, uint32_t len, const void *tail, uint32_t tail_len)
{
	struct event_head head = { .type = type, .len = len, .tail_len = tail_len };
	uint32_t need = (uint32_t)sizeof(head) + padded(len) + padded(tail_len);

	if (b->cap - b->len < need) {
		b->cap = b->len + need > BATCH_ROOM ? b->len + need : BATCH_ROOM;
		b->bytes = xrealloc(b->bytes, b->cap);
	}
	memcpy(b->bytes + b->len, &head, sizeof(head));
	memcpy(b->bytes + b->len + sizeof(head), record, len);
	if (tail_len)
		memcpy(b->bytes + b->len + sizeof(head) + padded(len), tail, tail_len);
	b->len += need;
}

static void put(struct event_sink *sink, enum event_type type, const void *record, uint32_t len, const void *tail,
                uint32_t tail_len)
{
	struct writer *w = (struct writer *)sink;
	struct batch *b;

	/* Live, the writer takes half-filled batches, so filling needs the lock; there are few events then. */
	if (w->live)
		pthread_mutex_lock(&w->lock);
	b = w->filling;
	append(b, type, record, len, tail, tail_len);
	if (b->len >= BATCH_BYTES) {
		if (!w->live)
			pthread_mutex_lock(&w->lock);
		hand_over(w);
		if (!w->live)
			pthread_mutex_unlock(&w->lock);
	}
	if (w->live)
		pthread_mutex_unlock(&w->lock);
}

/* --- the writer thread --- */

static void fail(struct writer *w, const char *doing)
{
	struct err err = { 0 };

	db_error(w->store->db, &err, doing);
	w->failed = true;
	pthread_mutex_lock(&w->lock);
	if (!w->err.code)
		w->err = err;
	pthread_mutex_unlock(&w->lock);
	sqlite3_exec(w->store->db, "ROLLBACK", NULL, NULL, NULL);
}

static void commit(struct writer *w)
{
	int64_t start = clock_ns();

	if (!w->uncommitted || w->failed)
		return;
	w->uncommitted = 0;
	if (sqlite3_exec(w->store->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
		fail(w, "cannot write");
	w->store->rows_ns += clock_ns() - start;
}

static int flush(struct writer *w)
{
	int rc = w->failed ? 0 : rows_flush(w->rows);

	if (rc)
		fail(w, "cannot write");
	return rc;
}

static void write_batch(struct writer *w, const struct batch *b)
{
	int64_t start = clock_ns();

	for (uint32_t at = 0; at < b->len && !w->failed;) {
		const uint8_t *p = b->bytes + at;
		struct event_head head;

		memcpy(&head, p, sizeof(head));
		p += sizeof(head);
		if (!w->uncommitted && sqlite3_exec(w->store->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK) {
			fail(w, "cannot write");
			break;
		}
		if (rows_put(w->rows, (enum event_type)head.type, p, p + padded(head.len), head.tail_len)) {
			fail(w, "cannot write");
			break;
		}
		at += (uint32_t)sizeof(head) + padded(head.len) + padded(head.tail_len);
		if (++w->uncommitted >= COMMIT_EVENTS && flush(w) == 0)
			commit(w);
	}
	(void)!flush(w);
	w->store->rows_ns += clock_ns() - start;
}

/* Waits for a batch, the end, a sync or, live, the time to commit.  Called and returns with the lock held. */
static void wait_for_work(struct writer *w)
{
	while (!w->full && !w->stop && w->syncs_done == w->syncs_wanted) {
		struct timespec until;

		if (!w->live) {
			pthread_cond_wait(&w->for_writer, &w->lock);
			continue;
		}
		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += LIVE_NS;
		if (until.tv_nsec >= 1000000000) {
			until.tv_nsec -= 1000000000;
			until.tv_sec++;
		}
		if (pthread_cond_timedwait(&w->for_writer, &w->lock, &until) == ETIMEDOUT) {
			if (w->full || !w->filling->len)
				return;
			next_batch(w);
		}
	}
}

static void *writer_main(void *arg)
{
	struct writer *w = arg;
	int64_t committed = clock_ns();

	pthread_mutex_lock(&w->lock);
	for (;;) {
		wait_for_work(w);
		if (w->full) {
			struct batch *b = &w->batches[w->first];

			pthread_mutex_unlock(&w->lock);
			write_batch(w, b);
			if (b->cap > 4 * BATCH_BYTES) {      /* one huge record need not be remembered */
				free(b->bytes);
				*b = (struct batch){ 0 };
			}
			b->len = 0;
			pthread_mutex_lock(&w->lock);
			w->first = (w->first + 1) % BATCHES;
			w->full--;
			pthread_cond_signal(&w->for_putter);
		}
		if ((!w->full && (w->stop || w->syncs_done != w->syncs_wanted)) || (w->live && clock_ns() - committed >= LIVE_NS)) {
			uint64_t wanted = w->syncs_wanted;
			bool all = !w->full;

			pthread_mutex_unlock(&w->lock);
			commit(w);
			committed = clock_ns();
			pthread_mutex_lock(&w->lock);
			if (all && wanted != w->syncs_done) {
				w->syncs_done = wanted;
				pthread_cond_broadcast(&w->for_putter);
			}
			if (all && w->stop && !w->full)
				break;
		}
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

/* --- runs --- */

void writer_free(struct writer *w)
{
	if (!w)
		return;
	if (w->started) {
		pthread_mutex_lock(&w->lock);
		w->stop = true;
		pthread_cond_signal(&w->for_writer);
		pthread_mutex_unlock(&w->lock);
		pthread_join(w->thread, NULL);
	}
	rows_free(w->rows);
	for (uint32_t i = 0; i < w->n_keys; i++)
		free(w->keys[i]);
	free(w->keys);
	free(w->options);
	for (unsigned i = 0; i < BATCHES; i++)
		free(w->batches[i].bytes);
	pthread_cond_destroy(&w->for_writer);
	pthread_cond_destroy(&w->for_putter);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

static struct writer *writer_new(struct store *s, const struct store_run *run)
{
	struct writer *w = xcalloc(1, sizeof(*w));
	pthread_condattr_t monotonic;

	w->sink.put = put;
	w->filling = w->batches;
	w->store = s;
	w->live = run->live;
	w->options = run->options ? xstrdup(run->options) : NULL;
	w->n_keys = run->keys ? run->n_captures : 0;
	w->keys = xcalloc(w->n_keys, sizeof(*w->keys));
	for (uint32_t i = 0; i < w->n_keys; i++)
		w->keys[i] = run->keys[i] ? xstrdup(run->keys[i]) : NULL;
	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&w->for_writer, &monotonic);
	pthread_cond_init(&w->for_putter, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return w;
}

/* The set's number: of the name given, or a new one. */
static int64_t set_of_run(sqlite3 *db, const char *name, struct err *err)
{
	static const char find[] = "SELECT set_id FROM capture_set WHERE name = ?",
	                  make[] = "INSERT INTO capture_set (name) VALUES (?)";
	int64_t id = 0;

	for (int i = name ? 0 : 1; i < 2 && !id; i++) {
		sqlite3_stmt *st;
		int rc = sqlite3_prepare_v2(db, i ? make : find, -1, &st, NULL);

		if (rc == SQLITE_OK) {
			sqlite3_bind_text(st, 1, name, -1, SQLITE_STATIC);
			rc = sqlite3_step(st);
			if (rc == SQLITE_ROW)
				id = sqlite3_column_int64(st, 0);
			else if (i && rc == SQLITE_DONE)
				id = sqlite3_last_insert_rowid(db);
		}
		if (rc != SQLITE_ROW && rc != SQLITE_DONE)
			db_error(db, err, "cannot write");
		sqlite3_finalize(st);
	}
	return id;
}

/* Where each kind of ids stands, for the run's ranges: the table whose key carries them. */
static int64_t range_last(sqlite3 *db, enum range range)
{
	if (range == RANGE_unit)
		return sql_int(db, 0, "SELECT max(unit_part_id) >> 31 FROM unit_part");
	return sql_int(db, 0, "SELECT max(%s_id) FROM %s", range_names[range], range_names[range]);
}

/* n captures are this run's whether a row is stated for each of them or not. */
static int ranges_begin(sqlite3 *db, struct writer *w, int64_t set_id, int64_t first_capture, uint32_t n, struct err *err)
{
	struct sql s = { 0 };
	int rc;

	w->run_id = sql_int(db, 0, "SELECT max(run_id) FROM run") + 1;
	sql_add(&s, "INSERT INTO run (run_id, set_id) VALUES (%lld, %lld);\n", (long long)w->run_id, (long long)set_id);
	for (enum range r = RANGE_none + 1; r < RANGE__COUNT; r++)
		sql_add(&s, "INSERT INTO run_range (run_id, ids, first) VALUES (%lld, '%s', %lld);\n", (long long)w->run_id,
		        range_names[r], (long long)range_last(db, r) + 1);
	sql_add(&s, "UPDATE run_range SET first = %lld, last = %lld WHERE run_id = %lld AND ids = 'capture';\n",
	        (long long)first_capture, (long long)first_capture + n - 1, (long long)w->run_id);
	rc = sql_run(db, err, s.text);
	free(s.text);
	return rc;
}

static int ranges_end(sqlite3 *db, const struct writer *w, struct err *err)
{
	struct sql s = { 0 };
	int rc;

	for (enum range r = RANGE_none + 1; r < RANGE__COUNT; r++)
		sql_add(&s, "UPDATE run_range SET last = max(coalesce(last, 0), %lld) WHERE run_id = %lld AND ids = '%s';\n", (long long)range_last(db, r),
		        (long long)w->run_id, range_names[r]);
	sql_add(&s, "UPDATE capture SET imported_at = strftime('%%Y-%%m-%%dT%%H:%%M:%%SZ', 'now') "
	        "WHERE capture_id >= (SELECT first FROM run_range WHERE run_id = %lld AND ids = 'capture');\n", (long long)w->run_id);
	rc = sql_run(db, err, s.text);
	free(s.text);
	return rc;
}

/* What grew while it was read (live) has its key only now.  A capture that is no file has none. */
static int late_keys(sqlite3 *db, const struct writer *w, struct err *err)
{
	sqlite3_stmt *get, *set = NULL;
	int rc = 0;

	if (sqlite3_prepare_v2(db, "SELECT capture_id, text.text FROM capture JOIN text ON text_id = path WHERE content_key IS NULL AND "
	                       "capture_id >= (SELECT first FROM run_range WHERE run_id = ? AND ids = 'capture')", -1, &get, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(db, "UPDATE capture SET content_key = ? WHERE capture_id = ?", -1, &set, NULL) != SQLITE_OK)
		rc = db_error(db, err, "cannot write");
	if (!rc)
		sqlite3_bind_int64(get, 1, w->run_id);
	while (!rc && sqlite3_step(get) == SQLITE_ROW) {
		struct err ignored;
		char key[96];

		if (store_capture_key((const char *)sqlite3_column_text(get, 1), key, &ignored))
			continue;
		sqlite3_bind_text(set, 1, key, -1, SQLITE_STATIC);
		sqlite3_bind_int64(set, 2, sqlite3_column_int64(get, 0));
		if (sqlite3_step(set) != SQLITE_DONE)
			rc = db_error(db, err, "cannot write");
		sqlite3_reset(set);
	}
	sqlite3_finalize(get);
	sqlite3_finalize(set);
	return rc;
}

static int run_begin(struct store *s, const struct store_run *run, struct writer *w, struct err *err)
{
	struct rows_run rows = { .keys = (const char *const *)w->keys, .n_keys = w->n_keys, .options = w->options };

	rows.first_capture = store_last_capture(s->db) + 1;
	if (rows.first_capture + run->n_captures > STORE_CAPTURES)
		return err_set(err, ERR_USAGE, "%s: a case holds no more than %u captures", s->path, STORE_CAPTURES);
	rows.set_id = set_of_run(s->db, run->set_name, err);
	if (!rows.set_id || ranges_begin(s->db, w, rows.set_id, rows.first_capture, run->n_captures, err))
		return -1;
	w->rows = rows_new(s->db, &rows, err);
	return w->rows ? 0 : -1;
}

int store_begin(struct store *s, const struct store_run *run, struct err *err)
{
	struct writer *w;
	int rc;

	if (s->mode == STORE_READ || s->writer)
		return err_set(err, ERR_SYSTEM, "%s is not open for writing", s->path);
	/* A browser reads while live writes: it needs the indexes from the start. */
	if (run->live && schema_indexes(s->db, err))
		return -1;
	if (sql_run(s->db, err, run->live ? "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL" : "PRAGMA synchronous = OFF") ||
	    sql_run(s->db, err, "BEGIN IMMEDIATE"))
		return -1;
	w = writer_new(s, run);
	s->rows_ns = s->index_ns = s->rows = 0;
	rc = run_begin(s, run, w, err);
	if (!rc)
		rc = sql_run(s->db, err, "COMMIT");
	if (!rc && pthread_create(&w->thread, NULL, writer_main, w) != 0)
		rc = err_set(err, ERR_SYSTEM, "cannot start a thread");
	if (rc) {
		writer_free(w);
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
		return -1;
	}
	w->started = true;
	s->writer = w;
	return 0;
}

struct event_sink *store_sink(struct store *s)
{
	return s->writer ? &s->writer->sink : NULL;
}

int store_sync(struct store *s, struct err *err)
{
	struct writer *w = s->writer;
	uint64_t mine;
	int rc = 0;

	if (!w)
		return 0;
	pthread_mutex_lock(&w->lock);
	if (w->filling->len)
		hand_over(w);
	mine = ++w->syncs_wanted;
	pthread_cond_signal(&w->for_writer);
	while (w->syncs_done < mine)
		pthread_cond_wait(&w->for_putter, &w->lock);
	if (w->err.code) {
		*err = w->err;
		rc = -1;
	}
	pthread_mutex_unlock(&w->lock);
	return rc;
}

int store_end(struct store *s, struct err *err)
{
	struct writer *w = s->writer;
	int64_t start;
	int rc;

	if (!w)
		return 0;
	rc = store_sync(s, err);
	pthread_mutex_lock(&w->lock);
	w->stop = true;
	pthread_cond_signal(&w->for_writer);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	w->started = false;
	s->writer = NULL;
	s->rows = (int64_t)rows_count(w->rows);
	if (!rc)
		rc = sql_run(s->db, err, "BEGIN IMMEDIATE") || ranges_end(s->db, w, err) || late_keys(s->db, w, err) ||
		     duplicates_mark(s->db, err) || sql_run(s->db, err, "COMMIT") ? -1 : 0;
	writer_free(w);
	if (rc) {
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
		return -1;
	}
	start = clock_ns();
	rc = schema_indexes(s->db, err);
	s->index_ns = clock_ns() - start;
	return rc;
}

void store_costs(const struct store *s, int64_t *rows_ns, int64_t *index_ns, int64_t *rows)
{
	*rows_ns = s->rows_ns;
	*index_ns = s->index_ns;
	*rows = s->rows;
}
