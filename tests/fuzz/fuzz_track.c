/* A whole capture through all rooms of the house, as `import` reads it; the rows are counted and checked as far as
 * they hang together.  Memory is bounded by libFuzzer's -rss_limit_mb. */
#include <sys/mman.h>
#include <unistd.h>

#include "cli/pipeline.h"
#include "fuzz.h"

struct events {
	struct event_sink sink;
	uint64_t n[EV__COUNT];
	uint32_t texts;            /* given so far: 1 to texts */
	uint32_t connections;      /* the last one stated */
	uint32_t named;            /* the last one that another row named */
};

static void check_text(const struct events *e, text_id id)
{
	must(id <= e->texts);
}

/* A connection is stated when it ends, at the latest: after its commands. */
static void check_connection(struct events *e, uint32_t connection)
{
	must(connection);
	if (connection > e->named)
		e->named = connection;
}

static void check_where(const struct ev_where *w, const void *tail, uint32_t *at, uint32_t tail_len)
{
	struct slice slices[4096];

	if (!w->blob_len)
		return;
	must(w->blob_len <= tail_len - *at);
	must(where_decode((struct span){ (const uint8_t *)tail + *at, w->blob_len }, slices, COUNT(slices)) != 0);
	*at += w->blob_len;
}

static void check_command(struct events *e, const struct ev_command *c, const void *tail, uint32_t tail_len)
{
	uint32_t at = 0;

	must(c->command);
	check_connection(e, c->connection);
	must(c->has_request || c->has_response);
	check_text(e, c->path);
	check_text(e, c->user);
	check_text(e, c->info);
	if (c->has_request)
		check_where(&c->request, tail, &at, tail_len);
	if (c->has_response)
		check_where(&c->response, tail, &at, tail_len);
	must(at <= tail_len);
}

static void put(struct event_sink *sink, enum event_type type, const void *record, uint32_t len, const void *tail,
                uint32_t tail_len)
{
	struct events *e = (struct events *)sink;

	must(type < EV__COUNT);
	e->n[type]++;
	input_touch(record, len);
	if (tail_len)
		input_touch(tail, tail_len);
	switch (type) {
	case EV_TEXT: {
		const struct ev_text *x = record;

		must(len == sizeof(*x) && x->len == tail_len && x->text);
		if (x->text > e->texts)
			e->texts = x->text;
		break;
	}
	case EV_CONNECTION: {
		const struct ev_connection *x = record;

		must(len == sizeof(*x) && x->connection);
		if (x->connection > e->connections)
			e->connections = x->connection;
		check_text(e, x->client);
		check_text(e, x->server);
		check_text(e, x->dialect);
		break;
	}
	case EV_COMMAND:
		must(len == sizeof(struct ev_command));
		check_command(e, record, tail, tail_len);
		break;
	case EV_MESSAGE: {
		const struct ev_message *x = record;

		must(len == sizeof(*x) && x->message);
		check_connection(e, x->connection);
		break;
	}
	case EV_SESSION: {
		const struct ev_session *x = record;

		must(len == sizeof(*x) && x->session);
		check_connection(e, x->connection);
		check_text(e, x->user);
		break;
	}
	case EV_OPEN: {
		const struct ev_open *x = record;

		must(len == sizeof(*x) && x->open);
		check_text(e, x->path);
		check_text(e, x->renamed_to);
		break;
	}
	default:
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct events events = { .sink = { put } };
	char path[64];
	const char *paths[] = { path };
	struct pipeline_options o = { .paths = paths, .n_paths = 1, .from_ns = INT64_MIN, .to_ns = INT64_MAX,
	                              .any_port = true, .events = &events.sink };
	struct err e = { 0 };
	struct pipeline *pipeline;
	int fd = memfd_create("capture", MFD_CLOEXEC);

	must(fd >= 0 && write(fd, p, n) == (ssize_t)n);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	pipeline = pipeline_open(&o, &e);
	if (pipeline) {
		must(pipeline_run(pipeline, &e) == 0 || e.text[0]);
		must(events.n[EV_CAPTURE] >= 1);
		must(events.named <= events.connections);
	} else {
		must(e.text[0]);
	}
	pipeline_close(pipeline);
	close(fd);
	return 0;
}
