/* TCP segments in any order: what comes out is each direction's bytes, once, in order.
 * Input: initial sequence numbers (4 each), then 8 bytes a segment: flags and direction (1), connection, cut and
 * whether the bytes differ from what they should be (1), sequence number (2, signed, from the initial one), length (2),
 * acknowledgement (2, from the initial one). */
#include "fuzz.h"
#include "stream/tcp.h"

enum { SEGMENTS = 4096, FLOWS = 4 };

/* A payload byte is made from its sequence number; so is the offset a segment is said to lie at. */
static uint8_t byte_of(unsigned side, uint32_t seq)
{
	return (uint8_t)(seq * 2654435761u >> 24 ^ side);
}

enum { ODD_BIT = 40, SIDE_BIT = 41, FRAME_BIT = 42 };

struct stream {
	uint64_t bytes, missing;
	uint32_t next;             /* sequence number */
	bool begun;
};

struct flow_seen {
	struct stream side[2];
	bool open;
};

struct target {
	uint32_t isn[2];
	uint32_t frame, opened, closed;
};

static void on_open(void *arg, struct tcp_flow *flow)
{
	struct target *t = arg;

	must(flow->id == ++t->opened);
	must(flow->server_port && flow->client_port);
	flow->user = xcalloc(1, sizeof(struct flow_seen));
}

static void check_moment(const struct target *t, const struct moment *m)
{
	must(m->frame >= 1 && m->frame <= t->frame);
}

static void on_bytes(void *arg, struct tcp_flow *flow, enum direction dir, const uint8_t *p, uint32_t len,
                     const struct tcp_where *w)
{
	struct target *t = arg;
	struct flow_seen *seen = flow->user;
	struct stream *s = &seen->side[dir];
	uint32_t seq = (uint32_t)w->at;
	unsigned side = w->at >> SIDE_BIT & 1, odd = w->at >> ODD_BIT & 1;

	must(len > 0);
	must(w->at >> FRAME_BIT == w->own.frame);
	must(!s->begun || s->next == seq);
	for (uint32_t i = 0; i < len; i++)
		must(p[i] == (odd ? (uint8_t)~byte_of(side, seq + i) : byte_of(side, seq + i)));
	s->begun = true;
	s->next = seq + len;
	s->bytes += len;
	check_moment(t, &w->own);
	check_moment(t, &w->now);
	must(w->now.frame >= w->own.frame);
	must(s->bytes == flow->side[dir].bytes);
}

static void on_gap(void *arg, struct tcp_flow *flow, enum direction dir, uint64_t len, enum hole_reason reason,
                   const struct moment *before, const struct moment *after)
{
	struct target *t = arg;
	struct flow_seen *seen = flow->user;
	struct stream *s = &seen->side[dir];

	must(len > 0 && reason >= HOLE_LOST && reason <= HOLE_EVICTED);
	s->next += (uint32_t)len;
	s->missing += len;
	must(s->missing == flow->side[dir].missing);
	check_moment(t, before);
	check_moment(t, after);
}

static void on_close(void *arg, struct tcp_flow *flow)
{
	struct target *t = arg;

	t->closed++;
	must(flow->end <= TCP_EVICTED);
	for (int i = 0; i < 2; i++)
		must(flow->side[i].conflicts <= flow->side[i].retransmitted);
	free(flow->user);
	flow->user = NULL;
}

static struct segment segment_of(struct target *t, struct input *in, uint8_t **payload)
{
	static const uint16_t ports[FLOWS] = { 50000, 139, 445, 51000 };
	static const uint16_t servers[FLOWS] = { 445, 445, 139, 8080 };
	unsigned flags = (unsigned)input_uint(in, 1), which = (unsigned)input_uint(in, 1), side = flags >> 7;
	bool odd = which >> 6 & 1, part = (which >> 4 & 3) == 3;
	uint32_t off = (uint32_t)(int32_t)(int16_t)input_uint(in, 2), len = (uint32_t)input_uint(in, 2);
	uint32_t syn = (flags & TCP_SYN) && !part, ack = (uint32_t)input_uint(in, 2), cut = 0;
	struct segment s = { .when = { 1000000000 + (int64_t)t->frame * 1000000, t->frame + 1, 0 }, .flags = flags & 31,
	                     .seq = t->isn[side] + off, .ack = t->isn[!side] + ack, .window = flags & 32 ? 0 : 500,
	                     .first_part = !part };
	uint32_t seq = s.seq + syn;

	t->frame++;
	len &= 0x7ff;
	if ((which >> 4 & 3) == 2)
		cut = len / 2;
	if (which & 128)               /* a pause */
		s.when.time_ns += (int64_t)t->frame * 20000000000;
	if (part)
		s.flags &= (uint8_t)~TCP_SYN;
	s.own = s.when;
	s.src.bytes[15] = side ? 3 : 9;
	s.dst.bytes[15] = side ? 9 : 3;
	s.src_port = side ? servers[which & 3] : ports[which & 3];
	s.dst_port = side ? ports[which & 3] : servers[which & 3];
	s.len = len;
	s.captured = len - cut;
	s.at = (uint64_t)seq | (uint64_t)odd << ODD_BIT | (uint64_t)side << SIDE_BIT | (uint64_t)t->frame << FRAME_BIT;
	/* The offset must not run out of its 32 bits. */
	if (seq + s.captured < seq)
		s.captured = 0;
	s.payload = *payload = xmalloc(s.captured);
	for (uint32_t i = 0; i < s.captured; i++)
		(*payload)[i] = odd ? (uint8_t)~byte_of(side, seq + i) : byte_of(side, seq + i);
	return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct input in = { p, n };
	struct target t = { .frame = 0 };
	const struct tcp_hooks hooks = { on_open, on_bytes, on_gap, on_close, &t };
	struct tcp *tcp = tcp_new(&hooks, NULL);

	t.isn[0] = (uint32_t)input_uint(&in, 4);
	t.isn[1] = (uint32_t)input_uint(&in, 4);
	while (in.n >= 8 && t.frame < SEGMENTS) {
		uint8_t *payload;
		struct segment s = segment_of(&t, &in, &payload);

		tcp_feed(tcp, &s);
		free(payload);
	}
	tcp_finish(tcp);
	must(t.opened == t.closed);
	tcp_free(tcp);
	return 0;
}
