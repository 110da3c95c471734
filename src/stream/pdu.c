/* Session-layer framing of a direction's bytes.  RFC 1002 4.3.1, MS-SMB2 2.1.
 *
 * A direction is in one of these: at the border of a PDU or inside its header and body (the bytes in
 * buf, or streamed past), passing over the rest of one that was given up for the cap, or looking for the
 * next one.  In step, the border is known by arithmetic and a type byte is all that is asked of what
 * follows; out of step the hooks' plausible decides. */
#include "stream/pdu.h"
#include "base/limits.h"
#include "base/list.h"
#include "base/mem.h"

#define HEADER     4u
/* What plausible wants to see; the last JUDGED - 1 bytes are kept while looking. */
#define JUDGED     10u
/* A buffer larger than this is not kept for the next PDU. */
#define KEPT       LIMIT_PDU_WHOLE

enum framing { IN_STEP, STREAMING, PASSING, LOOKING };

struct framer {
	struct link used;          /* in struct pdus.used while it has memory */
	struct pdu_stream *stream;
	uint8_t direction;         /* enum direction */
	uint8_t framing;           /* enum framing */
	bool begun;                /* a byte or a gap has come */
	bool whole;                /* this PDU is not to be streamed */
	uint8_t *buf;
	struct slice *slices;
	struct hole *holes;
	uint32_t room, cap_slices, cap_holes;
	uint32_t n_slices, n_holes;
	uint32_t have, len;        /* of the PDU, so far and declared (0: header incomplete) */
	uint32_t head;             /* STREAMING: bytes in buf; before, what is wanted there, 0 unknown */
	uint64_t off;              /* stream offset of the next byte */
	uint64_t start;            /* of the PDU */
	uint64_t skip_from, skipped;
	struct moment skip_when;
	struct moment first, last;
};

struct pdu_stream {
	struct pdus *all;
	struct tcp_flow *flow;
	struct framer side[2];
};

struct pdus {
	struct pdu_hooks hooks;
	struct link used;          /* framers with memory, least recently used first */
	uint64_t bytes, evictions;
};

struct pdus *pdus_new(const struct pdu_hooks *hooks)
{
	struct pdus *a = xcalloc(1, sizeof(*a));

	a->hooks = *hooks;
	list_init(&a->used);
	return a;
}

uint64_t pdus_evictions(const struct pdus *a)
{
	return a->evictions;
}

void pdus_free(struct pdus *a)
{
	free(a);
}

struct pdu_stream *pdu_open(struct pdus *a, struct tcp_flow *flow)
{
	struct pdu_stream *s = xcalloc(1, sizeof(*s));

	s->all = a;
	s->flow = flow;
	for (int i = 0; i < 2; i++) {
		s->side[i].stream = s;
		s->side[i].direction = (uint8_t)i;
	}
	return s;
}

static bool netbios(const struct framer *f)
{
	return f->stream->flow->server_port == 139;
}

/* --- memory --- */

static uint64_t memory(const struct framer *f)
{
	return f->room + (uint64_t)f->cap_slices * sizeof(*f->slices) + (uint64_t)f->cap_holes * sizeof(*f->holes);
}

static void release(struct framer *f)
{
	f->stream->all->bytes -= memory(f);
	list_remove(&f->used);
	free(f->buf);
	free(f->slices);
	free(f->holes);
	f->buf = NULL;
	f->slices = NULL;
	f->holes = NULL;
	f->room = f->cap_slices = f->cap_holes = 0;
}

static void use(struct framer *f)
{
	list_remove(&f->used);
	list_append(&f->stream->all->used, &f->used);
}

/* An idle buffer is the first to go. */
static void idle(struct framer *f)
{
	if (!f->used.next)
		return;
	list_remove(&f->used);
	list_append(f->stream->all->used.next, &f->used);
}

static void evict(struct framer *f);

/* within_cap makes room for n bytes more of f: the others pay first, the least recently used one
 * before all.  False: f itself had to be given up. */
static bool within_cap(struct framer *f, uint64_t n)
{
	struct pdus *a = f->stream->all;

	while (a->bytes + n > LIMIT_PDU_BYTES && !list_empty(&a->used)) {
		struct framer *old = list_item(a->used.next, struct framer, used);

		evict(old);
		if (old == f)
			return false;
	}
	return true;
}

/* Room for n bytes of the PDU, and a hole and two slices more: one is spare, for a tail that gets lost. */
static bool make_room(struct framer *f, uint32_t n)
{
	uint64_t before = memory(f);
	uint32_t room = f->room ? f->room : 512;
	uint64_t more = 0;

	if (n <= f->room && f->n_slices + 1 < f->cap_slices && f->n_holes < f->cap_holes)
		return true;
	while (room < n)
		room *= 2;
	if (room > f->len && n <= f->len && f->len > f->room)
		room = f->len;
	if (room > f->room)
		more += room - f->room;
	if (f->n_slices + 1 >= f->cap_slices)
		more += (f->cap_slices + 8) * sizeof(*f->slices);
	if (f->n_holes >= f->cap_holes)
		more += (f->cap_holes + 8) * sizeof(*f->holes);
	use(f);
	if (!within_cap(f, more))
		return false;
	if (room > f->room) {
		f->buf = xrealloc(f->buf, room);
		f->room = room;
	}
	f->slices = mem_grow(f->slices, f->n_slices + 1, &f->cap_slices, sizeof(*f->slices));
	f->holes = mem_grow(f->holes, f->n_holes, &f->cap_holes, sizeof(*f->holes));
	f->stream->all->bytes += memory(f) - before;
	return true;
}

/* --- a PDU's parts; room was made --- */

static void add_slice(struct framer *f, uint64_t at, uint32_t len, uint16_t capture)
{
	struct slice *s = f->n_slices ? &f->slices[f->n_slices - 1] : NULL;

	if (s && s->capture == capture && s->at + (capture == SLICE_HOLE ? 0 : s->len) == at)
		s->len += len;
	else
		f->slices[f->n_slices++] = (struct slice){ at, len, capture };
}

static void add_hole(struct framer *f, uint32_t len, enum hole_reason reason)
{
	struct hole *h = f->n_holes ? &f->holes[f->n_holes - 1] : NULL;

	memset(f->buf + f->have, 0, len);
	if (h && h->reason == reason && h->off + h->len == f->have)
		h->len += len;
	else
		f->holes[f->n_holes++] = (struct hole){ f->have, len, (uint8_t)reason };
	add_slice(f, reason, len, SLICE_HOLE);
	f->have += len;
}

static struct pdu as_pdu(const struct framer *f, bool ended)
{
	return (struct pdu){
		.bytes = f->buf, .head = f->framing == STREAMING ? f->head : f->have, .len = f->len,
		.holes = f->n_holes ? f->holes : NULL, .n_holes = f->n_holes, .slices = f->slices, .n_slices = f->n_slices,
		.stream_off = f->start, .first = f->first, .last = f->last, .direction = f->direction,
		.streamed = f->framing == STREAMING, .ended = ended, .netbios = netbios(f),
	};
}

static void forget(struct framer *f)
{
	f->have = f->len = f->head = f->n_slices = f->n_holes = 0;
	f->whole = false;
	if (f->room > KEPT || f->cap_slices > 4096)
		release(f);
	else
		idle(f);
}

/* finish tells the PDU, or a streamed one's end, and is ready for the next one. */
static void finish(struct framer *f, bool ended)
{
	const struct pdu_hooks *h = &f->stream->all->hooks;
	struct pdu pdu = as_pdu(f, ended);

	if (f->framing == STREAMING)
		h->on_end(h->arg, f->stream->flow, &pdu);
	else
		h->on_pdu(h->arg, f->stream->flow, &pdu);
	f->framing = IN_STEP;
	forget(f);
}

/* The rest of the PDU will not be there: it ends here, its tail a hole. */
static void finish_short(struct framer *f, enum hole_reason reason)
{
	const struct pdu_hooks *h = &f->stream->all->hooks;
	uint32_t rest = f->len - f->have;
	struct pdu pdu;

	if (f->framing == STREAMING) {
		pdu = as_pdu(f, true);
		h->on_payload(h->arg, f->stream->flow, &pdu, f->have, NULL, rest);
	}
	add_slice(f, reason, rest, SLICE_HOLE);
	finish(f, true);
}

/* For the cap: an idle framer loses its buffer, another one the rest of its PDU. */
static void evict(struct framer *f)
{
	uint32_t rest = f->len - f->have;

	if (f->framing == LOOKING || f->framing == PASSING || !f->have) {
		if (f->framing == LOOKING)
			f->have = f->n_slices = 0;
		release(f);
		return;
	}
	f->stream->all->evictions++;
	if (!f->len) {                        /* three bytes of a header: nothing worth telling, and no border any more */
		f->framing = LOOKING;
		f->have = 0;
	} else {
		finish_short(f, HOLE_EVICTED);
		f->framing = PASSING;
		f->len = rest;
	}
	f->n_slices = f->n_holes = 0;
	if (f->used.next)
		release(f);
}

/* --- looking for the next PDU --- */

static void skip(struct framer *f, uint64_t from, uint64_t n, const struct moment *when)
{
	if (!n)
		return;
	if (!f->skipped) {
		f->skip_from = from;
		f->skip_when = *when;
	}
	f->skipped += n;
}

static void tell_skipped(struct framer *f)
{
	const struct pdu_hooks *h = &f->stream->all->hooks;

	if (f->skipped && h->on_skipped)
		h->on_skipped(h->arg, f->stream->flow, (enum direction)f->direction, f->skip_from, f->skipped, &f->skip_when);
	f->skipped = 0;
}

static bool session_type(uint8_t type)
{
	return type == 0 || (type >= 0x81 && type <= 0x85);
}

static uint32_t declared(const struct framer *f, const uint8_t *p)
{
	if (p[0] || netbios(f))
		return HEADER + ((uint32_t)(p[1] & 1) << 16 | (uint32_t)p[2] << 8 | p[3]);
	return HEADER + ((uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]);
}

/* A PDU may start at p: it looks like one, and so does what follows it, as far as that is there. */
static bool may_start(const struct framer *f, const uint8_t *p, uint32_t n)
{
	const struct pdu_hooks *h = &f->stream->all->hooks;
	uint32_t len;

	if (p[0] || !h->plausible(p, n))
		return false;
	len = declared(f, p);
	if (len < JUDGED)
		return false;
	if (n < len || n - len < 8)
		return true;
	return p[len] ? session_type(p[len]) && p[len + 1] <= 1 : h->plausible(p + len, n - len);
}

/* The first place in p where a PDU may start and JUDGED bytes tell so; n - JUDGED + 1, or 0, if none. */
static uint32_t find_start(const struct framer *f, const uint8_t *p, uint32_t n)
{
	uint32_t last = n >= JUDGED ? n - JUDGED + 1 : 0;
	const uint8_t *at = p, *end = p + last;

	while (at < end && (at = memchr(at, 0, (size_t)(end - at)))) {
		if (may_start(f, at, (uint32_t)(p + n - at)))
			return (uint32_t)(at - p);
		at++;
	}
	return last;
}

/* The bytes kept while looking are a PDU in the making: buf, have and slices.  Drops n of them. */
static void drop_front(struct framer *f, uint32_t n)
{
	uint32_t i = 0;

	memmove(f->buf, f->buf + n, f->have - n);
	f->have -= n;
	while (i < f->n_slices && f->slices[i].len <= n)
		n -= f->slices[i++].len;
	memmove(f->slices, f->slices + i, (f->n_slices - i) * sizeof(*f->slices));
	f->n_slices -= i;
	if (f->n_slices && n) {
		f->slices[0].at += n;
		f->slices[0].len -= n;
	}
}

static void drop_back(struct framer *f, uint32_t n)
{
	f->have -= n;
	while (n) {
		struct slice *s = &f->slices[f->n_slices - 1];
		uint32_t cut = min_u32(s->len, n);

		s->len -= cut;
		n -= cut;
		if (!s->len)
			f->n_slices--;
	}
}

static bool append(struct framer *f, const uint8_t *p, uint32_t n, const struct tcp_where *w, uint32_t into)
{
	if (!make_room(f, f->have + n))
		return false;
	use(f);
	memcpy(f->buf + f->have, p, n);
	add_slice(f, w->at + into, n, w->own.capture);
	f->have += n;
	return true;
}

/* Of a start among the kept bytes the frame now is named as the first: the one that showed it to be one. */
static void in_step(struct framer *f, uint64_t start, const struct tcp_where *w)
{
	tell_skipped(f);
	f->framing = IN_STEP;
	f->start = start;
	f->first = w->own;
}

/* look takes bytes while out of step; returns how many of them were used up.  The stream offset of p is off. */
static uint32_t look(struct framer *f, const uint8_t *p, uint32_t n, const struct tcp_where *w, uint32_t into, uint64_t off)
{
	uint32_t kept = f->have, take = min_u32(n, JUDGED - 1), at;

	if (kept) {
		/* A start within what was kept needs the first bytes of p to be judged. */
		if (!append(f, p, take, w, into))
			return n;
		at = find_start(f, f->buf, f->have);
		if (at < kept && f->have - at >= JUDGED) {
			skip(f, off - kept, at, &w->own);
			drop_back(f, take);
			drop_front(f, at);
			in_step(f, off - kept + at, w);
			if (f->have >= HEADER)
				f->len = declared(f, f->buf);
			return 0;
		}
		if (n < JUDGED) {
			at = f->have >= JUDGED ? f->have - JUDGED + 1 : 0;
			skip(f, off - kept, at, &w->own);
			drop_front(f, at);
			return n;
		}
		skip(f, off - kept, kept, &w->own);
		f->have = f->n_slices = 0;
	}
	at = find_start(f, p, n);
	skip(f, off, at, &w->own);
	if (n - at >= JUDGED) {
		in_step(f, off + at, w);
		return at;
	}
	append(f, p + at, n - at, w, into + at);
	return n;
}

/* --- in step --- */

static void lose_step(struct framer *f)
{
	f->framing = LOOKING;
	f->len = 0;
}

/* A PDU that lies in p whole is told from where it is. */
static void whole_in_place(struct framer *f, const uint8_t *p, uint32_t len, const struct tcp_where *w, uint32_t into)
{
	const struct pdu_hooks *h = &f->stream->all->hooks;
	struct slice slice = { w->at + into, len, w->own.capture };
	struct pdu pdu = { .bytes = p, .head = len, .len = len, .slices = &slice, .n_slices = 1, .stream_off = f->off,
	                   .first = w->own, .last = w->now, .direction = f->direction, .netbios = netbios(f) };

	h->on_pdu(h->arg, f->stream->flow, &pdu);
}

/* Decides, once enough of a large PDU is there, whether its payload is streamed: then the head is told. */
static void perhaps_stream(struct framer *f)
{
	const struct pdu_hooks *h = &f->stream->all->hooks;
	struct pdu pdu;
	uint32_t start;

	if (f->whole || f->len <= LIMIT_PDU_WHOLE)
		return;
	if (h->whole || !h->payload_start || f->n_holes) {
		f->whole = true;
		return;
	}
	start = h->payload_start(f->buf, f->have, f->len);
	if (start >= f->len || f->have >= LIMIT_PDU_WHOLE)
		f->whole = true;
	f->head = start;
	if (f->whole || start == 0 || f->have < start)
		return;
	f->framing = STREAMING;
	f->head = f->have;
	pdu = as_pdu(f, false);
	h->on_pdu(h->arg, f->stream->flow, &pdu);
}

/* How much of a PDU is taken into buf before asking again: its header, then what is wanted at the front
 * of a large one before its payload may be streamed, then all. */
static uint32_t wanted(const struct framer *f)
{
	if (!f->len)
		return HEADER - f->have;
	if (f->whole || f->len <= LIMIT_PDU_WHOLE)
		return f->len - f->have;
	if (f->head > f->have)
		return f->head - f->have;
	return f->have < 256 ? 256 - f->have : 64;
}

static uint32_t stream_on(struct framer *f, const uint8_t *p, uint32_t n, const struct tcp_where *w, uint32_t into)
{
	const struct pdu_hooks *h = &f->stream->all->hooks;
	uint32_t take = min_u32(n, f->len - f->have);
	struct pdu pdu;

	if (!make_room(f, f->head))
		return 0;
	f->last = w->now;
	add_slice(f, w->at + into, take, w->own.capture);
	pdu = as_pdu(f, false);
	h->on_payload(h->arg, f->stream->flow, &pdu, f->have, p, take);
	f->have += take;
	if (f->have == f->len)
		finish(f, false);
	return take;
}

/* take_on uses up some of p and returns how much; 0 when only the state changed. */
static uint32_t take_on(struct framer *f, const uint8_t *p, uint32_t n, const struct tcp_where *w, uint32_t into)
{
	uint32_t take, len;

	switch (f->framing) {
	case LOOKING:
		return look(f, p, n, w, into, f->off);
	case STREAMING:
		return stream_on(f, p, n, w, into);
	case PASSING:
		take = min_u32(n, f->len);
		f->len -= take;
		if (!f->len)
			f->framing = IN_STEP;
		return take;
	}
	if (!f->have) {
		if (!session_type(p[0])) {
			lose_step(f);
			return 0;
		}
		if (n >= HEADER && (len = declared(f, p)) <= n) {
			whole_in_place(f, p, len, w, into);
			return len;
		}
		f->start = f->off;
		f->first = w->own;
	}
	take = min_u32(n, wanted(f));
	if (!append(f, p, take, w, into))
		return 0;
	f->last = w->now;
	if (!f->len && f->have >= HEADER)
		f->len = declared(f, f->buf);
	if (f->len && f->have >= f->len)
		finish(f, false);
	else if (f->len)
		perhaps_stream(f);
	return take;
}

/* A NetBIOS session request of two names, or the positive answer to one: RFC 1002 4.3.2, 4.3.3. */
static bool session_service(const uint8_t *p, uint32_t n)
{
	return n >= HEADER && !p[1] && !p[2] && ((p[0] == 0x81 && p[3] == 68) || (p[0] == 0x82 && !p[3]));
}

/* A connection whose handshake was not captured may be in the middle of anything; but one that opens with
 * the session service has its beginning.  p is NULL for a gap. */
static void begin(struct framer *f, const uint8_t *p, uint32_t n)
{
	if (f->begun)
		return;
	f->begun = true;
	if (f->stream->flow->midstream && !(p && netbios(f) && session_service(p, n)))
		f->framing = LOOKING;
}

void pdu_bytes(struct pdu_stream *s, enum direction dir, const uint8_t *p, uint32_t len, const struct tcp_where *w)
{
	struct framer *f = &s->side[dir];
	uint32_t done = 0;

	begin(f, p, len);
	while (done < len) {
		uint32_t n = take_on(f, p + done, len - done, w, done);

		done += n;
		f->off += n;
	}
}

void pdu_gap(struct pdu_stream *s, enum direction dir, uint64_t len, enum hole_reason reason, const struct moment *after)
{
	const struct pdu_hooks *h = &s->all->hooks;
	struct framer *f = &s->side[dir];
	uint64_t rest;

	begin(f, NULL, 0);
	if (!len)
		return;
	f->off += len;
	rest = f->len - f->have;
	if (f->framing == PASSING && len <= f->len) {
		f->len -= (uint32_t)len;
		if (!f->len)
			f->framing = IN_STEP;
		return;
	}
	if (f->framing == LOOKING || f->framing == PASSING || !f->len) {
		/* A border, or a header, lies in the gap. */
		if (f->framing != PASSING)
			skip(f, f->off - len - f->have, f->have, after);
		tell_skipped(f);
		f->have = f->n_slices = f->n_holes = 0;
		lose_step(f);
		return;
	}
	if (reason == HOLE_SNAPLEN)
		f->last = *after;          /* that frame did bring the bytes, to the wire at least */
	if (len >= rest) {
		finish_short(f, reason);
		if (len > rest)
			lose_step(f);
		return;
	}
	if (f->framing == STREAMING) {
		struct pdu pdu;

		if (!make_room(f, f->head)) {
			f->len -= (uint32_t)len;     /* evicted just now: passing over the rest */
			return;
		}
		pdu = as_pdu(f, false);
		h->on_payload(h->arg, s->flow, &pdu, f->have, NULL, (uint32_t)len);
		add_slice(f, reason, (uint32_t)len, SLICE_HOLE);
		f->have += (uint32_t)len;
		return;
	}
	if (!make_room(f, f->have + (uint32_t)len)) {
		f->len -= (uint32_t)len;
		return;
	}
	add_hole(f, (uint32_t)len, reason);
	f->whole = true;
}

void pdu_close(struct pdu_stream *s)
{
	for (int i = 0; i < 2; i++) {
		struct framer *f = &s->side[i];

		if (f->framing == STREAMING || (f->framing == IN_STEP && f->len))
			finish(f, true);
		else if (f->framing != PASSING)
			skip(f, f->off - f->have, f->have, &s->flow->last);
		tell_skipped(f);
		release(f);
	}
	free(s);
}
