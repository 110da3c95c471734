/* live: packets of an interface into a file, and from the file into a case while it grows. */
#include "cli/cli.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "capture/cap.h"
#include "cli/contents.h"
#include "cli/pipeline.h"
#include "cli/privileges.h"
#include "cli/progress.h"
#include "store/store.h"
#include "tui/tui.h"

/* How often what waits is stated, and how long the follower sleeps when the file has no more. */
#define FLUSH_NS 1000000000
#define SLEEP_NS 50000000

struct live {
	struct cap_live *cap;
	pthread_t capture, decode;
	struct err capture_error, decode_error;
	atomic_bool captured;          /* the capture thread has ended: the file is complete */
	int capture_result, decode_result;
	struct pipeline *pipe;
	struct store *store;
	int64_t flushed_ns;
	bool last_look;                /* the file was read to its end after the capture had ended */
};

static struct cap_live *to_stop;   /* what the signal handler stops; set once before handlers are */

static void on_signal(int number UNUSED)
{
	cap_live_stop(to_stop);
}

static void *capture_thread(void *arg)
{
	struct live *l = arg;

	l->capture_result = cap_live_run(l->cap, &l->capture_error);
	atomic_store(&l->captured, true);
	return NULL;
}

/* At the end of the file so far: state what waits, then look again; ends one look after the capture. */
static bool idle(void *arg, struct track *t)
{
	struct live *l = arg;
	int64_t now = now_ns();

	if (l->last_look)
		return true;
	if (atomic_load(&l->captured)) {
		l->last_look = true;
		return false;
	}
	if (now - l->flushed_ns > FLUSH_NS) {
		l->flushed_ns = now;
		track_flush(t);
	}
	nanosleep(&(struct timespec){ 0, SLEEP_NS }, NULL);
	return false;
}

static void *decode_thread(void *arg)
{
	struct live *l = arg;

	l->decode_result = pipeline_run(l->pipe, &l->decode_error);
	return NULL;
}

/* "duration:10", "filesize:1000" (kB), "packets:100", as dumpcap's -a. */
static int parse_stops(const struct args *a, struct cap_live_options *o, struct err *e)
{
	for (uint32_t i = 0; i < a->n_stops; i++) {
		char *end;
		const char *colon = strchr(a->stops[i], ':');
		unsigned long long n = colon ? strtoull(colon + 1, &end, 10) : 0;

		if (!colon || !n || *end)
			return err_set(e, ERR_USAGE, "-a %s: write duration:SECONDS, filesize:KB or packets:N", a->stops[i]);
		if (strncmp(a->stops[i], "duration:", 9) == 0)
			o->max_seconds = (uint32_t)n;
		else if (strncmp(a->stops[i], "filesize:", 9) == 0)
			o->max_bytes = n * 1000;
		else if (strncmp(a->stops[i], "packets:", 8) == 0)
			o->max_packets = n;
		else
			return err_set(e, ERR_USAGE, "-a %s: write duration:SECONDS, filesize:KB or packets:N", a->stops[i]);
	}
	return 0;
}

static int start(struct live *l, const struct args *a, const char *case_path, const char *file, struct err *e)
{
	struct cap_live_options o = { .interfaces = a->interfaces, .n_interfaces = a->n_interfaces, .filter = a->filter,
	                              .write_path = file };
	static const char *paths[1], *keys[1] = { "" };
	struct pipeline_options p = { .paths = paths, .n_paths = 1, .from_ns = INT64_MIN, .to_ns = INT64_MAX, .ports = a->ports,
	                              .n_ports = a->n_ports, .any_port = a->any_port, .follow = true, .hash = true, .content_hashes = HASH_SHA256,
	                              .idle = idle, .arg = l };
	struct store_ids ids;

	if (parse_stops(a, &o, e))
		return -1;
	/* The device first: without the right to it nothing else is touched. */
	l->cap = cap_live_open(&o, e);
	if (!l->cap)
		return -1;
	if (privileges_drop(file, e))
		return -1;
	paths[0] = file;
	l->store = store_open(case_path, STORE_WRITE, e);
	if (!l->store)
		return -1;
	store_ids(l->store, &ids);
	p.base = (struct track_base){ ids.text, ids.context, ids.connection, ids.gap, ids.session, ids.logon, ids.share,
	                              ids.open, ids.command, ids.message, ids.unit, ids.transfer, ids.change,
	                              ids.listing, ids.rpc_context, ids.call };
	l->pipe = pipeline_open(&p, e);
	if (!l->pipe)
		return -1;
	if (store_begin(l->store, &(struct store_run){ keys, 1, NULL, a->filter ? a->filter : "", true }, e))
		return -1;
	pipeline_events(l->pipe, store_sink(l->store));
	return 0;
}

static void show(const char *case_path, struct err *e)
{
	struct store *st = store_open(case_path, STORE_READ, e);

	if (st && tui_run(st, &(struct tui_options){ .case_path = case_path, .live = true }, e))
		complain(e);
	store_close(st);
}

static int run(struct live *l, const struct args *a, const char *case_path, struct err *e)
{
	uint64_t received, dropped;
	bool ui = !a->no_ui && isatty(STDOUT_FILENO);

	to_stop = l->cap;
	if (!ui) {
		struct sigaction sa = { .sa_handler = on_signal };

		sigaction(SIGINT, &sa, NULL);
		sigaction(SIGTERM, &sa, NULL);
	}
	if (pthread_create(&l->capture, NULL, capture_thread, l))
		return err_set(e, ERR_SYSTEM, "no thread for the capture: %s", strerror(errno));
	if (pthread_create(&l->decode, NULL, decode_thread, l)) {
		cap_live_stop(l->cap);
		pthread_join(l->capture, NULL);
		return err_set(e, ERR_SYSTEM, "no thread for the decoder: %s", strerror(errno));
	}
	if (ui) {
		show(case_path, e);
		cap_live_stop(l->cap);
	}
	pthread_join(l->capture, NULL);
	pthread_join(l->decode, NULL);
	cap_live_counts(l->cap, &received, &dropped);
	if (!a->quiet)
		fprintf(stderr, "%llu packets captured, %llu dropped\n", (unsigned long long)received, (unsigned long long)dropped);
	if (store_end(l->store, e))
		return -1;
	if (l->capture_result) {
		*e = l->capture_error;
		return -1;
	}
	if (l->decode_result) {
		*e = l->decode_error;
		return -1;
	}
	return 0;
}

int cmd_live(const struct args *a)
{
	char stamp[32], case_path[4096], file[4200];
	struct live l = { 0 };
	struct err e = { 0 };
	struct tm tm;
	time_t now = time(NULL);
	int result;

	if (!a->n_interfaces || a->n_files) {
		err_set(&e, ERR_USAGE, a->n_files ? "live takes no files; see smbscope live --help"
		                                  : "live needs an interface: -i IFACE; smbscope interfaces lists them");
		return complain(&e);
	}
	strftime(stamp, sizeof(stamp), "smbscope-%Y%m%d-%H%M%S", gmtime_r(&now, &tm));
	snprintf(case_path, sizeof(case_path), "%s%s", a->output ? a->output : stamp, a->output ? "" : ".db");
	if (a->write)
		snprintf(file, sizeof(file), "%s", a->write);
	else
		snprintf(file, sizeof(file), "%.*s.pcapng", (int)(strlen(case_path) - (strlen(case_path) > 3 &&
		         strcmp(case_path + strlen(case_path) - 3, ".db") == 0 ? 3 : 0)), case_path);
	result = start(&l, a, case_path, file, &e);
	if (!result)
		result = run(&l, a, case_path, &e);
	pipeline_close(l.pipe);
	store_close(l.store);
	cap_live_close(l.cap);
	return result ? complain(&e) : EXIT_DONE;
}
