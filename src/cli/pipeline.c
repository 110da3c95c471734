/* From captures to messages. */
#include "cli/pipeline.h"

#include <stdlib.h>
#include <unistd.h>

#include "cli/contents.h"
#include "cli/hasher.h"
#include "cli/progress.h"
#include "dissectors/smb.h"
#include "stream/pdu.h"
#include "stream/tcp.h"

/* What the tracker cannot know of a capture. */
struct capture_counts {
	uint64_t frames, truncated, smb_frames;
	int64_t first_ns, last_ns;
};

/* A connection's two users of its bytes. */
struct connection {
	struct pdu_stream *stream;
	struct track_conn *conn;
};

struct pipeline {
	struct pipeline_options o;
	struct cap_set *set;
	struct cap_filter *filter;
	struct frames *frames;
	struct tcp *tcp;
	struct pdus *pdus;
	struct track *track;
	struct dx_run run;
	struct arena arena;
	struct capture_counts *counts;
	struct frame now;                /* the frame being fed */
	uint32_t last_smb_frame;         /* frame that completed the last PDU, to count SMB frames once */
	uint16_t last_smb_capture;
	uint64_t total_frames;
	struct progress progress;
	struct contents *contents;       /* NULL: file contents are not hashed */
	struct hasher *hasher;           /* NULL: the captures are not hashed */
};

static void on_segment(void *arg, const struct segment *s)
{
	struct pipeline *p = arg;

	tcp_feed(p->tcp, s);
}

static void on_open(void *arg, struct tcp_flow *flow)
{
	struct pipeline *p = arg;
	struct connection *c = xcalloc(1, sizeof(*c));

	flow->user = c;
	c->stream = pdu_open(p->pdus, flow);
	c->conn = track_open(p->track, flow);
}

static void on_bytes(void *arg UNUSED, struct tcp_flow *flow, enum direction dir, const uint8_t *bytes, uint32_t len,
                     const struct tcp_where *where)
{
	struct connection *c = flow->user;

	pdu_bytes(c->stream, dir, bytes, len, where);
}

static void on_gap(void *arg, struct tcp_flow *flow, enum direction dir, uint64_t len, enum hole_reason reason,
                   const struct moment *before, const struct moment *after)
{
	struct pipeline *p = arg;
	struct connection *c = flow->user;

	track_gap(p->track, c->conn, dir, flow->side[dir].bytes + flow->side[dir].missing - len, len, reason, before, after);
	pdu_gap(c->stream, dir, len, reason, after);
}

static void on_close(void *arg, struct tcp_flow *flow)
{
	struct pipeline *p = arg;
	struct connection *c = flow->user;

	pdu_close(c->stream);
	track_close(p->track, c->conn);
	free(c);
	flow->user = NULL;
}

static void count_smb_frame(struct pipeline *p, const struct pdu *pdu)
{
	if (pdu->last.frame == p->last_smb_frame && pdu->last.capture == p->last_smb_capture)
		return;
	p->last_smb_frame = pdu->last.frame;
	p->last_smb_capture = pdu->last.capture;
	p->counts[pdu->last.capture].smb_frames++;
}

static void on_pdu(void *arg, struct tcp_flow *flow, const struct pdu *pdu)
{
	struct pipeline *p = arg;
	struct connection *c = flow->user;

	if (p->o.before)
		p->o.before(p->o.arg, pdu);
	track_pdu(p->track, c->conn, pdu);
	if (!pdu->streamed)
		count_smb_frame(p, pdu);
	if (p->o.after)
		p->o.after(p->o.arg, flow, pdu, &p->now, &p->run);
	arena_reset(&p->arena);
}

static void on_payload(void *arg, struct tcp_flow *flow, const struct pdu *pdu, uint32_t off, const uint8_t *bytes,
                       uint32_t len)
{
	struct pipeline *p = arg;
	struct connection *c = flow->user;

	track_payload(p->track, c->conn, pdu, off, bytes, len);
}

static void on_end(void *arg, struct tcp_flow *flow, const struct pdu *pdu)
{
	struct pipeline *p = arg;
	struct connection *c = flow->user;

	count_smb_frame(p, pdu);
	track_pdu_end(p->track, c->conn, pdu);
}

static void on_skipped(void *arg, struct tcp_flow *flow, enum direction dir, uint64_t off, uint64_t len,
                       const struct moment *at)
{
	struct pipeline *p = arg;
	struct connection *c = flow->user;

	track_skipped(p->track, c->conn, dir, off, len, at);
}

struct pipeline *pipeline_open(const struct pipeline_options *o, struct err *e)
{
	struct pipeline *p = xcalloc(1, sizeof(*p));

	p->o = *o;
	p->set = cap_set_open(o->paths, o->n_paths, o->follow, e);
	if (!p->set || (o->filter && !(p->filter = cap_filter_compile(o->filter, e)))) {
		cap_set_close(p->set);
		free(p);
		return NULL;
	}
	p->counts = xcalloc(o->n_paths, sizeof(*p->counts));
	p->run.sink = o->sink;
	p->run.arena = &p->arena;
	p->frames = frames_new(on_segment, p);
	p->tcp = tcp_new(&(struct tcp_hooks){ on_open, on_bytes, on_gap, on_close, p },
	                 &(struct tcp_options){ o->ports, o->n_ports, o->any_port });
	p->pdus = pdus_new(&(struct pdu_hooks){ on_pdu, on_payload, on_end, on_skipped, smb_payload_start, smb_plausible,
	                                        p, o->sink != NULL });
	return p;
}

void pipeline_events(struct pipeline *p, struct event_sink *events)
{
	p->o.events = events;
}

struct dx_run *pipeline_run_of(struct pipeline *p)
{
	return &p->run;
}

uint64_t pipeline_frames(const struct pipeline *p)
{
	return p->total_frames;
}

static void feed(struct pipeline *p, const struct frame *f)
{
	struct capture_counts *c = &p->counts[f->capture];
	struct frame_in in = { .data = f->data, .caplen = f->caplen, .origlen = f->origlen, .at = f->at, .link = f->link,
	                       .when = { .time_ns = f->time_ns, .frame = f->number, .capture = f->capture } };

	p->now = *f;
	c->frames++;
	c->truncated += f->caplen < f->origlen;
	if (c->frames == 1 || f->time_ns < c->first_ns)
		c->first_ns = f->time_ns;
	if (c->frames == 1 || f->time_ns > c->last_ns)
		c->last_ns = f->time_ns;
	if (f->time_ns < p->o.from_ns || f->time_ns > p->o.to_ns || (p->filter && !cap_filter_match(p->filter, f)))
		return;
	frames_feed(p->frames, &in);
}

static uint64_t done_bytes(struct pipeline *p, uint64_t *total)
{
	uint64_t done = 0;

	*total = 0;
	for (uint32_t i = 0; i < cap_set_count(p->set); i++) {
		struct cap_file *file = cap_set_file(p->set, i);

		if (file) {
			*total += cap_file_bytes(file);
			done += cap_file_position(file);
		}
	}
	return done;
}

/* States captures and interfaces, as far as they are known now. */
static void state_captures(struct pipeline *p, bool complete)
{
	const struct frame_counts *fc = frames_counts(p->frames);

	for (uint32_t i = 0; p->o.events && i < p->o.n_paths; i++) {
		const struct capture_counts *c = &p->counts[i];
		struct cap_file *file = cap_set_file(p->set, i);
		const struct err *broken = cap_set_error(p->set, i);
		char *real = realpath(p->o.paths[i], NULL);
		uint64_t dropped = 0;
		bool knows_drops = false;
		struct ev_capture row = {
			.capture = (uint16_t)i, .path = track_text(p->track, real ? real : p->o.paths[i]),
			.frames = (int64_t)c->frames, .smb_frames = (int64_t)c->smb_frames,
			.truncated_frames = (int64_t)c->truncated, .first_time_ns = c->first_ns, .last_time_ns = c->last_ns,
			.dropped_frames = EV_NULL, .complete = complete && broken->code == ERR_NONE, .bytes = EV_NULL,
			/* Frames are decoded as one stream: what cannot be told apart stands with the first capture. */
			.skipped_frames = i ? 0 : (int64_t)fc->skipped, .bad_checksums = i ? 0 : (int64_t)fc->bad_checksums,
			.evictions = i ? 0 : (int64_t)(tcp_evictions(p->tcp) + pdus_evictions(p->pdus) + track_evictions(p->track)),
		};

		free(real);
		if (complete && p->hasher)
			row.sha256 = track_text(p->track, hasher_hex(p->hasher, i));
		if (broken->code != ERR_NONE)
			row.note = track_text(p->track, broken->text);
		if (file) {
			row.bytes = (int64_t)cap_file_bytes(file);
			row.format = track_text(p->track, cap_file_format(file));
		}
		for (uint32_t k = 0; file && k < cap_file_interfaces(file); k++) {
			const struct cap_interface *ci = cap_file_interface(file, k);
			struct ev_interface ir = { .interface = k, .capture = (uint16_t)i, .link_type = ci->link,
			                           .snaplen = ci->snaplen ? (int64_t)ci->snaplen : EV_NULL,
			                           .frames = (int64_t)ci->frames, .dropped = EV_NULL };

			if (ci->name[0])
				ir.name = track_text(p->track, ci->name);
			if (ci->dropped != UINT64_MAX) {
				ir.dropped = (int64_t)ci->dropped;
				dropped += ci->dropped;
				knows_drops = true;
			}
			if (complete)
				p->o.events->put(p->o.events, EV_INTERFACE, &ir, sizeof(ir), NULL, 0);
		}
		if (knows_drops)
			row.dropped_frames = (int64_t)dropped;
		p->o.events->put(p->o.events, EV_CAPTURE, &row, sizeof(row), NULL, 0);
	}
}

int pipeline_run(struct pipeline *p, struct err *e)
{
	struct frame f;
	struct err broken = { 0 };
	enum cap_result got;
	int result = 0;

	p->track = track_new(p->o.events, &p->run, &p->o.base);
	if (p->o.events && p->o.content_hashes) {
		p->contents = contents_new(p->o.paths, p->o.n_paths, p->o.content_hashes);
		track_contents(p->track, contents_submit, p->contents);
	}
	if (p->o.hash && !p->o.follow)
		p->hasher = hasher_start(p->o.paths, p->o.n_paths);
	state_captures(p, false);
	progress_start(&p->progress, p->o.progress);
	while ((got = cap_set_next(p->set, &f, &broken)) != CAP_END) {
		if (got == CAP_FRAME) {
			feed(p, &f);
			if (p->contents && (p->total_frames & 0xfff) == 0)
				contents_take(p->contents, p->track, false);
			if ((++p->total_frames & 0x3fff) == 0 && p->o.progress) {
				uint64_t total, done = done_bytes(p, &total);

				progress_show(&p->progress, done, total, p->total_frames);
			}
		} else if (got == CAP_WAIT) {
			if (p->o.idle(p->o.arg, p->track))
				break;
		} else if (!result) {
			*e = broken;
			result = -1;
		}
	}
	tcp_finish(p->tcp);
	track_finish(p->track);
	if (p->contents)
		contents_take(p->contents, p->track, true);
	for (uint32_t i = 0; i < p->o.n_paths && !result; i++)
		if (cap_set_error(p->set, i)->code != ERR_NONE) {
			*e = *cap_set_error(p->set, i);
			result = -1;
		}
	if (p->o.hash && p->o.follow)
		p->hasher = hasher_start(p->o.paths, p->o.n_paths);
	if (p->hasher)
		hasher_wait(p->hasher);
	state_captures(p, true);
	progress_end(&p->progress);
	return result;
}

void pipeline_close(struct pipeline *p)
{
	if (!p)
		return;
	contents_free(p->contents);
	hasher_end(p->hasher);
	track_free(p->track);
	pdus_free(p->pdus);
	tcp_free(p->tcp);
	frames_free(p->frames);
	cap_filter_free(p->filter);
	cap_set_close(p->set);
	arena_free(&p->arena);
	free(p->counts);
	free(p);
}
