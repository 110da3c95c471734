/* What each stage costs a message: the same capture through longer and longer parts of the way, the difference
 * between two of them divided by the messages.  `decode` is without context, so answers whose form depends on
 * their request are read as bytes there and their decoding counts to `track`.  Prints "NAME nanoseconds" lines; DESIGN.md part 5, decision 7:
 * decode and track at most 700 ns a message, a row at most 1500 ns. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/pipeline.h"
#include "dissectors/smb.h"
#include "store/store.h"
#include "stream/pdu.h"
#include "stream/tcp.h"

/* Time of this thread's own work: others on the machine do not count.  (The writer's is its thread's wall time.) */
static int64_t worked_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* --- the way up to the messages, without a tracker --- */

struct way {
	struct tcp *tcp;
	struct pdus *pdus;
	struct dx_run run;
	struct arena arena;
	bool dissect;
	uint64_t messages, pdus_seen;
};

static bool on_header(void *arg UNUSED, struct smb_msg *m UNUSED)
{
	return true;
}

static void on_message(void *arg, struct smb_msg *m UNUSED, struct dx_run *run UNUSED)
{
	((struct way *)arg)->messages++;
}

static void on_pdu(void *arg, struct tcp_flow *f UNUSED, const struct pdu *pdu)
{
	struct way *w = arg;
	const struct smb_hooks hooks = { on_header, on_message, w };

	w->pdus_seen++;
	if (!w->dissect)
		return;
	smb_dissect(pdu, &w->run, &hooks);
	arena_reset(&w->arena);
}

static void on_payload(void *arg UNUSED, struct tcp_flow *f UNUSED, const struct pdu *pdu UNUSED, uint32_t off UNUSED,
                       const uint8_t *p UNUSED, uint32_t len UNUSED)
{
}

static void on_end(void *arg UNUSED, struct tcp_flow *f UNUSED, const struct pdu *pdu UNUSED)
{
}

static void on_skipped(void *arg UNUSED, struct tcp_flow *f UNUSED, enum direction d UNUSED, uint64_t off UNUSED,
                       uint64_t len UNUSED, const struct moment *at UNUSED)
{
}

static void on_open(void *arg, struct tcp_flow *flow)
{
	flow->user = pdu_open(((struct way *)arg)->pdus, flow);
}

static void on_bytes(void *arg UNUSED, struct tcp_flow *flow, enum direction d, const uint8_t *p, uint32_t len,
                     const struct tcp_where *where)
{
	pdu_bytes(flow->user, d, p, len, where);
}

static void on_gap(void *arg UNUSED, struct tcp_flow *flow, enum direction d, uint64_t len, enum hole_reason reason,
                   const struct moment *before UNUSED, const struct moment *after)
{
	pdu_gap(flow->user, d, len, reason, after);
}

static void on_close(void *arg UNUSED, struct tcp_flow *flow)
{
	pdu_close(flow->user);
}

static void on_segment(void *arg, const struct segment *s)
{
	tcp_feed(((struct way *)arg)->tcp, s);
}

static void fail(const char *what, const struct err *e)
{
	fprintf(stderr, "costs: %s: %s\n", what, e->text);
	exit(1);
}

/* Nanoseconds for reading, reassembling and framing, and with dissect for dissecting. */
static int64_t way_run(const char *path, bool dissect, uint64_t *messages)
{
	struct way w = { .dissect = dissect };
	struct err e = { 0 };
	int64_t from = worked_ns();
	struct cap_file *c = cap_file_open(path, false, &e);
	struct frames *frames = frames_new(on_segment, &w);
	struct frame f;

	if (!c)
		fail(path, &e);
	w.run.arena = &w.arena;
	w.tcp = tcp_new(&(struct tcp_hooks){ on_open, on_bytes, on_gap, on_close, &w }, &(struct tcp_options){ NULL, 0, false });
	w.pdus = pdus_new(&(struct pdu_hooks){ on_pdu, on_payload, on_end, on_skipped, smb_payload_start, smb_plausible, &w, false });
	while (cap_file_next(c, &f, &e) == CAP_FRAME)
		frames_feed(frames, &(struct frame_in){ f.data, f.caplen, f.origlen, f.at, f.link, { f.time_ns, f.number, 0 } });
	tcp_finish(w.tcp);
	tcp_free(w.tcp);
	pdus_free(w.pdus);
	frames_free(frames);
	cap_file_close(c);
	arena_free(&w.arena);
	*messages = w.messages;
	return worked_ns() - from;
}

/* --- the whole way --- */

static uint64_t events;

static void ignore(struct event_sink *s UNUSED, enum event_type type UNUSED, const void *record UNUSED, uint32_t len UNUSED,
                   const void *tail UNUSED, uint32_t tail_len UNUSED)
{
	events++;
}

static int64_t pipeline_time(const char *path, struct event_sink *sink)
{
	struct pipeline_options o = { .paths = &path, .n_paths = 1, .from_ns = INT64_MIN, .to_ns = INT64_MAX, .events = sink };
	struct err e = { 0 };
	int64_t from = worked_ns();
	struct pipeline *p = pipeline_open(&o, &e);

	if (!p || pipeline_run(p, &e))
		fail(path, &e);
	pipeline_close(p);
	return worked_ns() - from;
}

static int64_t store_time(const char *path, const char *db, int64_t *rows_ns, int64_t *index_ns, int64_t *rows)
{
	const char *key = "bench";
	struct err e = { 0 };
	int64_t from = worked_ns();
	struct store *st = store_open(db, STORE_CREATE, &e);

	if (!st)
		fail(db, &e);
	if (store_begin(st, &(struct store_run){ &key, 1, NULL, "", false }, &e))
		fail(db, &e);
	pipeline_time(path, store_sink(st));
	if (store_end(st, &e))
		fail(db, &e);
	store_costs(st, rows_ns, index_ns, rows);
	store_close(st);
	return worked_ns() - from;
}

/* The least of three runs. */
#define BEST(expression) best((int64_t[]){ (expression), (expression), (expression) })

static int64_t best(const int64_t t[3])
{
	int64_t least = t[0];

	for (size_t i = 1; i < 3; i++)
		least = t[i] < least ? t[i] : least;
	return least;
}

int main(int argc, char **argv)
{
	struct event_sink null = { ignore };
	int64_t stream, decode, track, stated, store, rows_ns, index_ns, rows;
	uint64_t messages;

	if (argc != 3) {
		fprintf(stderr, "usage: %s CAPTURE SCRATCH.db\n", argv[0]);
		return 2;
	}
	(void)way_run(argv[1], false, &messages);        /* so that the file is in memory */
	stream = BEST(way_run(argv[1], false, &messages));
	decode = BEST(way_run(argv[1], true, &messages));
	track = BEST(pipeline_time(argv[1], NULL));
	stated = BEST(pipeline_time(argv[1], &null));
	events /= 3;
	store = store_time(argv[1], argv[2], &rows_ns, &index_ns, &rows);
	unlink(argv[2]);
	if (!messages || !rows) {
		fprintf(stderr, "costs: %s: no message in it\n", argv[1]);
		return 1;
	}
#define EACH(ns) ((double)(ns) / (double)messages)
	printf("messages %" PRIu64 "\nevents %" PRIu64 "\nrows %" PRId64 "\n", messages, events, rows);
	printf("stream %.0f\ndecode %.0f\ntrack %.0f\nevent %.0f\n", EACH(stream), EACH(decode - stream), EACH(track - decode),
	       EACH(stated - track));
	printf("row %.0f\nindex %.0f\nall %.0f\n", (double)rows_ns / (double)rows, (double)index_ns / (double)rows, EACH(store));
	return 0;
}
