/* TCP reassembly: scripts of segments and what must come out of them. */
#include "base/limits.h"
#include "base/mem.h"
#include "stream/tcp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define C 0
#define S 1
#define A TCP_ACK

/* One segment of a script; seq and ack count from each side's initial number, which is ISN. */
struct step {
	uint8_t from, flags;
	int32_t seq, ack;
	const char *data;
	int32_t cut;               /* bytes the snap length took */
	int32_t wait_ms;
};

struct log {
	char text[16384];
	size_t n;
	int last;
	uint32_t first_frame, now_frame, opens, closes;
	struct tcp_flow seen;
};

static void put(struct log *l, const char *format, ...) PRINTF(2, 3);
static void put(struct log *l, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	l->n += (size_t)vsnprintf(l->text + l->n, sizeof(l->text) - l->n, format, ap);
	va_end(ap);
	assert_true(l->n < sizeof(l->text));
}

static void on_open(void *arg, struct tcp_flow *flow UNUSED)
{
	struct log *l = arg;

	l->opens++;
	put(l, "[");
	l->last = -1;
}

static void on_bytes(void *arg, struct tcp_flow *flow UNUSED, enum direction dir, const uint8_t *p, uint32_t len,
                     const struct tcp_where *w)
{
	struct log *l = arg;

	if (l->last != (int)dir)
		put(l, dir == FROM_CLIENT ? ">" : "<");
	l->last = (int)dir;
	put(l, "%.*s", (int)len, (const char *)p);
	l->now_frame = w->now.frame;
	l->first_frame = w->own.frame;
	assert_int_equal(w->at, w->own.frame * 1000u + (uint32_t)(p[0] - 'a'));
}

static void on_gap(void *arg, struct tcp_flow *flow UNUSED, enum direction dir, uint64_t len, enum hole_reason reason,
                   const struct moment *before, const struct moment *after)
{
	struct log *l = arg;

	if (l->last != (int)dir)
		put(l, dir == FROM_CLIENT ? ">" : "<");
	l->last = (int)dir;
	put(l, "(%u %s)", (unsigned)len, reason == HOLE_LOST ? "lost" : reason == HOLE_SNAPLEN ? "snap" : "evicted");
	assert_true(before->frame && after->frame);
}

static void on_close(void *arg, struct tcp_flow *flow)
{
	static const char *const ends[] = { "open", "fin", "rst", "evicted" };
	struct log *l = arg;

	l->closes++;
	put(l, "|%s]", ends[flow->end]);
	l->seen = *flow;
}

static struct tcp *tcp_for(struct log *l)
{
	struct tcp_hooks h = { on_open, on_bytes, on_gap, on_close, l };

	*l = (struct log){ .last = -1 };
	return tcp_new(&h, NULL);
}

static struct segment segment_of(const struct step *st, uint32_t isn, uint32_t frame, int64_t ns)
{
	uint32_t len = st->data ? (uint32_t)strlen(st->data) : 0;
	struct segment s = { .when = { ns, frame, 0 }, .own = { ns, frame, 0 }, .src_port = st->from == C ? 50000 : 445,
	                     .dst_port = st->from == C ? 445 : 50000, .seq = isn + (uint32_t)st->seq,
	                     .ack = isn + (uint32_t)st->ack, .window = 100, .flags = st->flags, .first_part = true,
	                     .payload = (const uint8_t *)st->data, .captured = len - (uint32_t)st->cut, .len = len };

	s.src.bytes[15] = st->from == C ? 9 : 3;
	s.dst.bytes[15] = st->from == C ? 3 : 9;
	/* The tests' data is letters; file offsets are made so that each names its frame and its letter. */
	s.at = frame * 1000u + (len ? (uint32_t)(st->data[0] - 'a') : 0);
	return s;
}

static void feed(struct tcp *t, const struct step *steps, size_t n, uint32_t isn)
{
	int64_t ns = 1000000000;

	for (size_t i = 0; i < n && steps[i].flags; i++) {
		struct segment s;

		ns += 1000000 + (int64_t)steps[i].wait_ms * 1000000;
		s = segment_of(&steps[i], isn, (uint32_t)i + 1, ns);
		tcp_feed(t, &s);
	}
}

#define SYNS { C, TCP_SYN, -1, 0, NULL, 0, 0 }, { S, TCP_SYN | A, -1, 0, NULL, 0, 0 }, { C, A, 0, 0, NULL, 0, 0 }

static const struct script {
	const char *name;
	struct step steps[16];
	const char *want;
	uint32_t retransmitted, conflicts;      /* of the client */
} scripts[] = {
	{ "in order", { SYNS, { C, A, 0, 0, "abc", 0, 0 }, { S, A, 0, 3, "xyz", 0, 0 }, { C, A, 3, 3, "def", 0, 0 },
	  { C, A | TCP_FIN, 6, 3, NULL, 0, 0 }, { S, A | TCP_FIN, 3, 7, NULL, 0, 0 } }, "[>abc<xyz>def|fin]", 0, 0 },
	{ "data with the SYN", { { C, TCP_SYN, -1, 0, "abc", 0, 0 }, { S, TCP_SYN | A, -1, 3, NULL, 0, 0 },
	  { C, A, 3, 0, "def", 0, 0 } }, "[>abcdef|open]", 0, 0 },
	{ "out of order", { SYNS, { C, A, 3, 0, "def", 0, 0 }, { C, A, 6, 0, "ghi", 0, 0 }, { C, A, 0, 0, "abc", 0, 0 } },
	  "[>abcdefghi|open]", 0, 0 },
	{ "retransmitted", { SYNS, { C, A, 0, 0, "abcdef", 0, 0 }, { C, A, 0, 0, "abcdef", 0, 0 }, { C, A, 3, 0, "defghi", 0, 0 } },
	  "[>abcdefghi|open]", 9, 0 },
	{ "first copy wins, delivered", { SYNS, { C, A, 0, 0, "abcdef", 0, 0 }, { C, A, 2, 0, "cXYfgh", 0, 0 } },
	  "[>abcdefgh|open]", 4, 2 },
	{ "first copy wins, held", { SYNS, { C, A, 3, 0, "defghi", 0, 0 }, { C, A, 0, 0, "abcdeX", 0, 0 } },
	  "[>abcdefghi|open]", 3, 1 },
	{ "held overlaps on both sides", { SYNS, { C, A, 4, 0, "ef", 0, 0 }, { C, A, 8, 0, "ij", 0, 0 }, { C, A, 2, 0, "cdefghijkl", 0, 0 },
	  { C, A, 0, 0, "ab", 0, 0 } }, "[>abcdefghijkl|open]", 4, 0 },
	{ "gap at the end of the flow", { SYNS, { C, A, 0, 0, "abc", 0, 0 }, { C, A, 6, 0, "ghi", 0, 0 }, { S, A, 0, 9, NULL, 0, 0 } },
	  "[>abc(3 lost)ghi|open]", 0, 0 },
	{ "acknowledged, and a second later", { SYNS, { C, A, 0, 0, "abc", 0, 0 }, { C, A, 6, 0, "ghi", 0, 0 }, { S, A, 0, 9, "x", 0, 0 },
	  { S, A, 1, 9, "y", 0, 1500 }, { C, A, 9, 2, "jkl", 0, 0 } }, "[>abc(3 lost)ghi<xy>jkl|open]", 0, 0 },
	{ "a hole filled after its acknowledgement", { SYNS, { C, A, 0, 0, "abc", 0, 0 }, { C, A, 6, 0, "ghi", 0, 0 },
	  { S, A, 0, 9, "x", 0, 0 }, { C, A, 3, 1, "def", 0, 0 } }, "[>abcdefghi<x|open]", 0, 0 },
	{ "an answer before its request", { SYNS, { S, A, 0, 3, "xyz", 0, 0 }, { C, A, 0, 0, "abc", 0, 0 }, { C, A, 3, 3, "def", 0, 0 } },
	  "[>abc<xyz>def|open]", 0, 0 },
	{ "the order of both sides behind a hole", { SYNS, { S, A, 0, 3, "uvw", 0, 0 }, { C, A, 3, 3, "def", 0, 0 }, { S, A, 3, 6, "xyz", 0, 0 },
	  { C, A, 6, 6, "ghi", 0, 0 } }, "[>(3 lost)<uvw>def<xyz>ghi|open]", 0, 0 },
	{ "an answer to what was never seen", { SYNS, { S, A, 0, 3, "xyz", 0, 0 }, { S, A | TCP_FIN, 3, 3, NULL, 0, 0 } },
	  "[>(2 lost)<xyz|open]", 0, 0 },
	{ "an answer to bytes and a FIN", { SYNS, { C, A, 0, 0, "abc", 0, 0 }, { S, A, 0, 4, "xyz", 0, 0 }, { C, A | TCP_FIN, 3, 0, NULL, 0, 0 },
	  { S, A | TCP_FIN, 3, 4, NULL, 0, 0 } }, "[>abc<xyz|fin]", 0, 0 },
	{ "each waits for the other", { SYNS, { C, A, 0, 3, "abc", 0, 0 }, { S, A, 0, 3, "xyz", 0, 0 } }, "[>abc<xyz|open]", 0, 0 },
	{ "tail lost, known by the FIN", { SYNS, { C, A, 0, 0, "abc", 0, 0 }, { C, A | TCP_FIN, 6, 0, NULL, 0, 0 } },
	  "[>abc(3 lost)|open]", 0, 0 },
	{ "snap length", { SYNS, { C, A, 0, 0, "abcdef", 4, 0 }, { C, A, 0, 0, "abcdef", 0, 0 }, { C, A, 6, 0, "gh", 0, 0 } },
	  "[>ab(4 snap)gh|open]", 6, 0 },
	{ "joined in the middle", { { C, A, 100, 50, "abc", 0, 0 }, { S, A, 50, 103, "xyz", 0, 0 }, { C, A, 103, 53, "def", 0, 0 } },
	  "[>abc<xyz>def|open]", 0, 0 },
	{ "joined in the middle, out of order", { { C, A, 103, 50, "def", 0, 0 }, { C, A, 100, 50, "abc", 0, 0 },
	  { S, A, 50, 106, "xyz", 0, 0 } }, "[>abcdef<xyz|open]", 0, 0 },
	{ "data before its SYN", { { C, A, 3, 0, "def", 0, 0 }, { C, A, 0, 0, "abc", 0, 0 }, { S, TCP_SYN | A, -1, 0, NULL, 0, 0 },
	  { C, TCP_SYN, -1, 0, NULL, 0, 0 } }, "[>abcdef|open]", 0, 0 },
	{ "the answer's first segment is known by the acknowledgement", { { C, A, 0, 70, "abc", 0, 0 }, { S, A, 73, 3, "def", 0, 0 },
	  { S, A, 70, 3, "xyz", 0, 0 } }, "[>abc<xyzdef|open]", 0, 0 },
	{ "keep-alives", { SYNS, { C, A, 0, 0, "abc", 0, 0 }, { S, A, 0, 3, NULL, 0, 0 }, { C, A, 2, 0, "Z", 0, 0 },
	  { C, A, 2, 0, NULL, 0, 0 }, { C, A, 3, 0, "def", 0, 0 } }, "[>abcdef|open]", 0, 0 },
	{ "zero-window probe carries data", { SYNS, { C, A, 0, 0, "abc", 0, 0 }, { C, A, 3, 0, "d", 0, 0 }, { C, A, 3, 0, "def", 0, 0 } },
	  "[>abcdef|open]", 1, 0 },
	{ "reset outside the window", { SYNS, { C, A, 0, 0, "abc", 0, 0 }, { C, TCP_RST, 900000000, 0, NULL, 0, 0 },
	  { C, A, 3, 0, "def", 0, 0 } }, "[>abcdef|open]", 0, 0 },
	{ "reset", { SYNS, { C, A, 0, 0, "abc", 0, 0 }, { C, TCP_RST, 3, 0, NULL, 0, 0 } }, "[>abc|rst]", 0, 0 },
	{ "a refused connection", { { C, TCP_SYN, -1, 0, NULL, 0, 0 }, { S, TCP_RST | A, -500000, 0, NULL, 0, 0 } }, "[|rst]", 0, 0 },
	{ "ports used again", { SYNS, { C, A, 0, 0, "abc", 0, 0 }, { C, TCP_RST, 3, 0, NULL, 0, 0 }, { C, TCP_SYN, 500000, 0, NULL, 0, 0 },
	  { S, TCP_SYN | A, 800000, 500001, NULL, 0, 0 }, { C, A, 500001, 800001, "def", 0, 0 }, { S, A, 800001, 500004, "uvw", 0, 0 } },
	  "[>abc|rst][>def<uvw|open]", 0, 0 },
	{ "ports used again without an end", { SYNS, { C, A, 0, 0, "abc", 0, 0 }, { C, TCP_SYN, 50000000, 0, NULL, 0, 0 },
	  { C, A, 50000001, 0, "def", 0, 0 } }, "[>abc|open][>def|open]", 0, 0 },
	{ "the SYN came twice", { SYNS, { C, TCP_SYN, -1, 0, NULL, 0, 0 }, { C, A, 0, 0, "abc", 0, 0 }, { C, TCP_SYN, -1, 0, NULL, 0, 0 } },
	  "[>abc|open]", 0, 0 },
	{ "late retransmission after the end", { SYNS, { C, A, 0, 0, "abc", 0, 0 }, { C, A | TCP_FIN, 3, 0, NULL, 0, 0 },
	  { S, A | TCP_FIN, 0, 4, NULL, 0, 0 }, { C, A, 0, 0, "abc", 0, 900 } }, "[>abc|fin]", 3, 0 },
	{ "only the server's side", { { S, TCP_SYN | A, -1, 0, NULL, 0, 0 }, { S, A, 0, 5, "abc", 0, 0 },
	  { S, A | TCP_FIN, 3, 5, NULL, 0, 0 } }, "[<abc|fin]", 0, 0 },
	{ "nothing but acknowledgements", { { C, A, 0, 0, NULL, 0, 0 }, { S, A | TCP_FIN, 0, 0, NULL, 0, 0 } }, "", 0, 0 },
};

static void test_scripts(void **state UNUSED)
{
	/* The last two let the numbers wrap before, and within, the data. */
	static const uint32_t isns[] = { 1000, 0, UINT32_MAX - 4, UINT32_MAX, 0x7ffffffe };

	for (size_t i = 0; i < COUNT(scripts); i++) {
		for (size_t k = 0; k < COUNT(isns); k++) {
			struct log l;
			struct tcp *t = tcp_for(&l);

			feed(t, scripts[i].steps, COUNT(scripts[i].steps), isns[k]);
			tcp_finish(t);
			if (strcmp(l.text, scripts[i].want) != 0)
				print_error("%s, from %u\n", scripts[i].name, isns[k]);
			assert_string_equal(l.text, scripts[i].want);
			if (l.opens == 1) {
				if (l.seen.side[0].conflicts != scripts[i].conflicts)
					print_error("%s, from %u\n", scripts[i].name, isns[k]);
				assert_int_equal(l.seen.side[0].retransmitted, scripts[i].retransmitted);
				assert_int_equal(l.seen.side[0].conflicts, scripts[i].conflicts);
			}
			assert_int_equal(l.opens, l.closes);
			tcp_free(t);
		}
	}
}

static void test_client_and_times(void **state UNUSED)
{
	static const struct step steps[] = {
		SYNS, { C, A, 3, 0, "def", 0, 0 }, { C, A, 0, 0, "abc", 0, 0 },
	};
	struct log l;
	struct tcp *t = tcp_for(&l);

	feed(t, steps, COUNT(steps), 7);
	assert_int_equal(l.first_frame, 4);
	assert_int_equal(l.now_frame, 5);            /* def was there in 4, and of use in 5 */
	tcp_finish(t);
	assert_int_equal(l.seen.client_port, 50000);
	assert_int_equal(l.seen.server_port, 445);
	assert_int_equal(l.seen.rtt_ns, 2000000);
	assert_false(l.seen.midstream);
	assert_int_equal(l.seen.side[0].bytes, 6);
	tcp_free(t);
}

static void test_other_ports(void **state UNUSED)
{
	static const struct step step = { C, TCP_SYN, -1, 0, NULL, 0, 0 };
	static const uint16_t more[] = { 4445 };
	struct tcp_options o = { more, 1, false };
	struct log l = { .last = -1 };
	struct tcp_hooks h = { on_open, on_bytes, on_gap, on_close, &l };
	struct tcp *t = tcp_new(&h, &o);
	struct segment s = segment_of(&step, 1, 1, 1);

	s.dst_port = 80;
	tcp_feed(t, &s);
	assert_int_equal(l.opens, 0);
	s.dst_port = 4445;
	tcp_feed(t, &s);
	assert_int_equal(l.opens, 1);
	tcp_finish(t);
	tcp_free(t);
}

/* --- the same stream, however it comes --- */

struct sum {
	uint8_t *got;
	uint32_t n, gaps;
};

static void sum_open(void *arg UNUSED, struct tcp_flow *f UNUSED)
{
}

static void sum_bytes(void *arg, struct tcp_flow *f UNUSED, enum direction dir, const uint8_t *p, uint32_t len,
                      const struct tcp_where *w)
{
	struct sum *s = arg;

	if (dir != FROM_CLIENT)
		return;
	assert_int_equal(w->at, 5000 + s->n);         /* file offsets follow the stream in these tests */
	memcpy(s->got + s->n, p, len);
	s->n += len;
}

static void sum_gap(void *arg, struct tcp_flow *f UNUSED, enum direction dir UNUSED, uint64_t len UNUSED,
                    enum hole_reason r UNUSED, const struct moment *b UNUSED, const struct moment *a UNUSED)
{
	((struct sum *)arg)->gaps++;
}

static uint32_t rnd(uint32_t *x)
{
	*x = *x * 1664525u + 1013904223u;
	return *x >> 8;
}

static void test_any_order(void **state UNUSED)
{
	enum { N = 3000 };
	uint8_t stream[N], got[N];

	for (uint32_t round = 0; round < 400; round++) {
		uint32_t x = round, n = 0, isn = round % 3 ? rnd(&x) * 77 : UINT32_MAX - 1000;
		struct { uint32_t off, len; } cut[4 * N];
		struct sum sum = { got, 0, 0 };
		struct tcp_hooks h = { sum_open, sum_bytes, sum_gap, sum_open, &sum };
		struct tcp *t = tcp_new(&h, NULL);
		static const struct step syn = { C, TCP_SYN, -1, 0, NULL, 0, 0 };
		struct segment s = segment_of(&syn, isn, 1, 1);
		uint32_t window = 1 + round % 12, longest = 1 + round % 7 * 40;

		for (uint32_t i = 0; i < N; i++)
			stream[i] = (uint8_t)rnd(&x);
		tcp_feed(t, &s);
		for (uint32_t off = 0; off < N; n++) {
			uint32_t back = round % 2 && rnd(&x) % 4 == 0 ? rnd(&x) % 60 : 0;

			cut[n].off = off > back ? off - back : 0;
			cut[n].len = min_u32(1 + rnd(&x) % longest + (off - cut[n].off), N - cut[n].off);
			off = cut[n].off + cut[n].len;
		}
		for (uint32_t i = 0; i + window < n; i += window)
			for (uint32_t k = 0; k < window; k++) {
				uint32_t o = i + rnd(&x) % window;
				uint32_t off = cut[i + k].off, len = cut[i + k].len;

				cut[i + k] = cut[o];
				cut[o].off = off;
				cut[o].len = len;
			}
		for (uint32_t i = 0; i < n; i++) {
			s = segment_of(&(struct step){ C, A, 0, 0, NULL, 0, 0 }, isn, i + 2, 1000 + i);
			s.seq = isn + cut[i].off;
			s.len = s.captured = cut[i].len;
			s.payload = stream + cut[i].off;
			s.at = 5000 + cut[i].off;
			tcp_feed(t, &s);
		}
		assert_int_equal(sum.n, N);
		assert_int_equal(sum.gaps, 0);
		assert_memory_equal(got, stream, N);
		tcp_finish(t);
		tcp_free(t);
	}
}

/* --- caps --- */

struct counted {
	uint64_t bytes, evicted, closes, last_id;
	bool ordered;
};

static void count_bytes(void *arg, struct tcp_flow *f UNUSED, enum direction dir UNUSED, const uint8_t *p UNUSED,
                        uint32_t len, const struct tcp_where *w UNUSED)
{
	((struct counted *)arg)->bytes += len;
}

static void count_gap(void *arg, struct tcp_flow *f UNUSED, enum direction dir UNUSED, uint64_t len UNUSED,
                      enum hole_reason r, const struct moment *b UNUSED, const struct moment *a UNUSED)
{
	((struct counted *)arg)->evicted += r == HOLE_EVICTED;
}

static void count_close(void *arg, struct tcp_flow *f)
{
	struct counted *c = arg;

	c->ordered = c->ordered && f->id > c->last_id;
	c->last_id = f->id;
	c->closes++;
}

static struct segment of_flow(uint32_t flow, uint32_t seq, const uint8_t *p, uint32_t len, uint8_t flags)
{
	struct segment s = { .when = { 1000, flow + 1, 0 }, .own = { 1000, flow + 1, 0 }, .src_port = 50000, .dst_port = 445,
	                     .seq = seq, .flags = flags, .first_part = true, .window = 1, .payload = p, .len = len,
	                     .captured = len };

	memcpy(s.src.bytes, &flow, 4);
	return s;
}

static void test_caps_held(void **state UNUSED)
{
	static uint8_t big[60000];
	struct counted c = { .ordered = true };
	struct tcp_hooks h = { sum_open, count_bytes, count_gap, count_close, &c };
	struct tcp *t = tcp_new(&h, NULL);
	uint64_t fed = 0;

	/* One direction: a hole, and more behind it than it may hold. */
	for (uint32_t i = 0; i < 100; i++) {
		struct segment s = of_flow(0, i ? 5000 + i * 60000 : 1, big, i ? 60000 : 0, i ? TCP_ACK : TCP_SYN);

		tcp_feed(t, &s);
		fed += s.len;
		if (i == 0) {                         /* the other side is seen, and acknowledges nothing */
			struct segment r = s;

			r.src = s.dst;
			r.dst = s.src;
			r.src_port = 445;
			r.dst_port = 50000;
			r.flags = TCP_SYN | TCP_ACK;
			r.ack = 2;
			tcp_feed(t, &r);
		}
	}
	assert_true(c.evicted >= 1);
	/* Many directions, each within its own cap. */
	for (uint32_t flow = 1; flow < 1000; flow++) {
		struct segment s = of_flow(flow, 1, NULL, 0, TCP_SYN);

		tcp_feed(t, &s);
		s = of_flow(flow, 100, big, 60000, TCP_ACK);
		tcp_feed(t, &s);
		fed += s.len;
	}
	assert_true(tcp_evictions(t) > 400);
	tcp_finish(t);
	assert_int_equal(c.bytes, fed);               /* a cap costs the hope for the hole, never bytes */
	assert_int_equal(c.closes, 1000);
	assert_true(c.ordered);
	tcp_free(t);
}

static void test_caps_flows(void **state UNUSED)
{
	struct counted c = { .ordered = true };
	struct tcp_hooks h = { sum_open, count_bytes, count_gap, count_close, &c };
	struct tcp *t = tcp_new(&h, NULL);

	for (uint32_t flow = 0; flow < LIMIT_FLOWS + 100; flow++) {
		struct segment s = of_flow(flow, 1, NULL, 0, TCP_SYN);

		tcp_feed(t, &s);
	}
	assert_int_equal(c.closes, 100);
	assert_int_equal(tcp_evictions(t), 100);
	tcp_finish(t);
	assert_int_equal(c.closes, LIMIT_FLOWS + 100);
	assert_true(c.ordered);
	tcp_free(t);
}

static void test_freed_without_finish(void **state UNUSED)
{
	static uint8_t data[10];
	struct counted c = { .ordered = true };
	struct tcp_hooks h = { sum_open, count_bytes, count_gap, count_close, &c };
	struct tcp *t = tcp_new(&h, NULL);
	struct segment s = of_flow(1, 1, NULL, 0, TCP_SYN);

	tcp_feed(t, &s);
	s = of_flow(1, 50, data, sizeof(data), TCP_ACK);
	tcp_feed(t, &s);
	tcp_free(t);
	assert_int_equal(c.closes, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scripts), cmocka_unit_test(test_client_and_times), cmocka_unit_test(test_other_ports),
		cmocka_unit_test(test_any_order), cmocka_unit_test(test_caps_held), cmocka_unit_test(test_caps_flows),
		cmocka_unit_test(test_freed_without_finish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
