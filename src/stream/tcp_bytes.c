/* TCP reassembly of one direction: RFC 9293 3.4, 3.10.7.4 (what came first stands).
 *
 * A segment acknowledges what its sender had received when it sent it.  Its bytes are therefore told after
 * those of the other direction, even where the capture mixed up the two or a hole holds up one of them:
 * an answer never comes before its request. */
#include "stream/tcp_private.h"
#include "base/limits.h"
#include "base/mem.h"

/* When the receiver has acknowledged bytes that we lack, the capture lost them; or only mixed up the
 * order, by a few segments, or has them from another sensor in a moment.  After so much more, and so long,
 * we no longer believe in the latter. */
#define PASSED_SEGMENTS  32u                   /* of the connection, either way */
#define PASSED_HELD      64u                   /* held behind the hole */
#define PASSED_BYTES     (256u << 10)
#define PASSED_SOON_NS   ((int64_t)5000000)
#define PASSED_NS        ((int64_t)1000000000)
#define PASSED_MOST      (2u << 20)            /* held behind the hole, however soon */
/* Without the other side's segments nothing is ever acknowledged. */
#define ALONE_HELD       256u
#define ALONE_BYTES      (1u << 20)
/* A stream joined in its middle waits for so many segments, in case they are out of order. */
#define JOIN_SEGMENTS    4u

static uint64_t held_cost(const struct held *h)
{
	return sizeof(*h) + h->captured;
}

static int64_t held_end(const struct held *h)
{
	return h->off + h->len;
}

static void gap(struct tcp *t, struct flow *f, enum direction dir, uint64_t len, enum hole_reason reason,
                const struct moment *after)
{
	struct side *d = &f->side[dir];

	d->next += (int64_t)len;
	f->pub.side[dir].missing += len;
	t->hooks.on_gap(t->hooks.arg, &f->pub, dir, len, reason, d->before.frame ? &d->before : &f->pub.first, after);
}

/* Delivers len bytes at d->next, captured of them at p; skip of their segment lie before them. */
static void deliver(struct tcp *t, struct flow *f, enum direction dir, const uint8_t *p, uint32_t captured,
                    uint32_t len, uint64_t at, const struct moment *own, const struct moment *when, uint64_t order)
{
	struct side *d = &f->side[dir];
	struct tcp_where where;

	if (order >= d->now_order) {
		d->now_order = order;
		d->now = *when;
	}
	d->before = *own;
	if (captured) {
		where = (struct tcp_where){ at, *own, d->now };
		history_add(&t->history, d, d->next, p, captured);
		d->next += captured;
		f->pub.side[dir].bytes += captured;
		t->hooks.on_bytes(t->hooks.arg, &f->pub, dir, p, captured, &where);
	}
	if (captured < len)
		gap(t, f, dir, len - captured, HOLE_SNAPLEN, own);
}

static void held_remove(struct tcp *t, struct flow *f, struct side *d, struct held *h)
{
	if (h->prev)
		h->prev->next = h->next;
	else
		d->first = h->next;
	if (h->next)
		h->next->prev = h->prev;
	else
		d->last = h->prev;
	d->n_held--;
	d->held_bytes -= held_cost(h);
	t->held_bytes -= held_cost(h);
	if (!f->side[0].n_held && !f->side[1].n_held)
		list_remove(&f->holding);
}

/* Keeps len bytes of s at offset off, skip bytes into its payload, behind the held segment prev. */
static void hold(struct tcp *t, struct flow *f, struct side *d, const struct segment *s, uint32_t skip, int64_t off,
                 uint32_t len, int64_t need, struct held *prev)
{
	uint32_t captured = s->captured > skip ? min_u32(s->captured - skip, len) : 0;
	struct held *h = xmalloc(sizeof(*h) + captured);

	*h = (struct held){ .off = off, .need = need, .len = len, .captured = captured, .at = s->at + skip, .order = t->order,
	                    .own = s->own, .when = s->when, .prev = prev };
	if (captured)
		memcpy(h->bytes, s->payload + skip, captured);
	h->next = prev ? prev->next : d->first;
	if (prev)
		prev->next = h;
	else
		d->first = h;
	if (h->next)
		h->next->prev = h;
	else
		d->last = h;
	if (!f->holding.next)
		list_append(&t->holding, &f->holding);
	d->n_held++;
	d->held_bytes += held_cost(h);
	t->held_bytes += held_cost(h);
}

static uint32_t differing(const uint8_t *a, const uint8_t *b, uint32_t n)
{
	uint32_t differ = 0;

	if (memcmp(a, b, n) == 0)
		return 0;
	for (uint32_t i = 0; i < n; i++)
		differ += a[i] != b[i];
	return differ;
}

/* Counts the part of s from offset off to end that a held segment has already. */
static void came_again(struct flow *f, enum direction dir, const struct held *h, const struct segment *s, uint32_t skip,
                       int64_t off, int64_t end)
{
	int64_t from = off - h->off;
	int64_t n = end - off;
	int64_t ours = s->captured > skip ? s->captured - skip : 0;
	int64_t theirs = h->captured > from ? h->captured - from : 0;

	f->pub.side[dir].retransmitted += (uint64_t)n;
	n = n < ours ? n : ours;
	n = n < theirs ? n : theirs;
	if (n > 0)
		f->pub.side[dir].conflicts += differing(h->bytes + from, s->payload + skip, (uint32_t)n);
}

/* Takes what of s no held segment has, from offset off on. */
static void hold_new(struct tcp *t, struct flow *f, enum direction dir, const struct segment *s, int64_t start,
                     int64_t need)
{
	struct side *d = &f->side[dir];
	int64_t off = start, end = start + s->len;
	struct held *prev = d->last, *h;

	while (prev && held_end(prev) > off)
		prev = prev->prev;
	while (off < end) {
		int64_t stop;

		h = prev ? prev->next : d->first;
		stop = h && h->off < end ? h->off : end;
		if (stop > off) {
			hold(t, f, d, s, (uint32_t)(off - start), off, (uint32_t)(stop - off), need, prev);
			prev = prev ? prev->next : d->first;
			off = stop;
		}
		if (off < end) {
			stop = held_end(h) < end ? held_end(h) : end;
			came_again(f, dir, h, s, (uint32_t)(off - start), off, stop);
			off = stop;
			prev = h;
		}
	}
}

/* How far a direction has come, for what waits for it. */
static int64_t reach(const struct side *d)
{
	if (!d->started || d->waiting || (d->fin && d->next >= d->fin_at))
		return INT64_MAX;
	return d->next > d->waived ? d->next : d->waived;
}

/* Delivers what one direction has; false: there was nothing. */
static bool drain(struct tcp *t, struct flow *f, enum direction dir)
{
	struct side *d = &f->side[dir];
	bool any = false;
	struct held *h;

	while ((h = d->first) && !d->waiting && h->off <= d->next) {
		if (held_end(h) > d->next && h->need > reach(&f->side[!dir]))
			break;
		any = true;
		held_remove(t, f, d, h);
		if (held_end(h) > d->next) {
			uint32_t skip = (uint32_t)(d->next - h->off);
			uint32_t captured = h->captured > skip ? h->captured - skip : 0;

			deliver(t, f, dir, h->bytes + skip, captured, h->len - skip, h->at + skip, &h->own, &h->when, h->order);
		}
		free(h);
	}
	if (any || !d->first)
		d->since_ack = 0;
	return any;
}

void side_drain(struct tcp *t, struct flow *f, enum direction dir)
{
	drain(t, f, dir);
	while (f->side[!dir].first && drain(t, f, (enum direction)!dir) && drain(t, f, dir))
		;
}

void side_release(struct tcp *t, struct flow *f, enum direction dir)
{
	struct side *d = &f->side[dir];

	if (!d->waiting)
		return;
	d->waiting = false;
	/* Nobody knows of anything before the first held byte. */
	if (d->first)
		d->next = d->first->off;
	side_drain(t, f, dir);
}

/* Gives up the hole before the first held segment. */
static void give_up_hole(struct tcp *t, struct flow *f, enum direction dir, enum hole_reason reason)
{
	struct side *d = &f->side[dir];

	gap(t, f, dir, (uint64_t)(d->first->off - d->next), reason, &d->first->own);
	side_drain(t, f, dir);
}

/* Gives up what keeps the first held segment: a hole before it; or what it waits for in the other direction,
 * a hole there or bytes that nothing was seen of. */
static void give_up(struct tcp *t, struct flow *f, enum direction dir, enum hole_reason reason)
{
	struct side *d = &f->side[dir], *o = &f->side[!dir];

	if (d->waiting) {
		side_release(t, f, dir);
	} else if (d->first->off > d->next) {
		give_up_hole(t, f, dir, reason);
	} else if (!o->waiting && o->first && o->first->off > o->next) {
		give_up_hole(t, f, (enum direction)!dir, reason);
	} else {
		if (d->first->need > o->waived)
			o->waived = d->first->need;
		side_drain(t, f, dir);
	}
}

static bool passed_enough(const struct side *d, int64_t ns)
{
	if (ns > PASSED_NS || d->held_bytes > PASSED_MOST)
		return true;
	return ns > PASSED_SOON_NS && (d->since_ack > PASSED_SEGMENTS || d->n_held > PASSED_HELD || d->held_bytes > PASSED_BYTES);
}

void side_consider(struct tcp *t, struct flow *f, enum direction dir, int64_t now_ns)
{
	struct side *d = &f->side[dir];

	if (!d->first || d->waiting)
		return;
	if (d->first->off <= d->next || (d->acked_known && d->acked >= d->first->off)) {
		if (!d->since_ack++)
			d->passed_ns = now_ns;
		if (passed_enough(d, now_ns - d->passed_ns))
			give_up(t, f, dir, HOLE_LOST);
		return;
	}
	d->since_ack = 0;
	if (!f->pub.seen[!dir] && (d->n_held > ALONE_HELD || d->held_bytes > ALONE_BYTES)) {
		give_up(t, f, dir, HOLE_LOST);
	}
}

static void within_caps(struct tcp *t, struct flow *f, enum direction dir)
{
	struct side *d = &f->side[dir];

	while (d->first && d->held_bytes > LIMIT_FLOW_HELD_BYTES) {
		t->evictions++;
		give_up(t, f, dir, HOLE_EVICTED);
	}
	while (t->held_bytes > LIMIT_HELD_BYTES) {
		struct flow *old = list_item(t->holding.next, struct flow, holding);

		t->evictions++;
		for (int i = 0; i < 2; i++)
			if (old->side[i].first)
				give_up(t, old, (enum direction)i, HOLE_EVICTED);
	}
}

/* The part of s before d->next was delivered already. */
static uint32_t pass_over(struct tcp *t, struct flow *f, enum direction dir, const struct segment *s, int64_t off)
{
	struct side *d = &f->side[dir];
	int64_t old = d->next - off < s->len ? d->next - off : s->len;

	f->pub.side[dir].retransmitted += (uint64_t)old;
	f->pub.side[dir].conflicts += history_compare(&t->history, d, off, s->payload, min_u32((uint32_t)old, s->captured));
	return (uint32_t)old;
}

void side_data(struct tcp *t, struct flow *f, enum direction dir, const struct segment *s, int64_t off, int64_t need)
{
	struct side *d = &f->side[dir];
	struct segment rest = *s;

	if (d->waiting) {
		hold_new(t, f, dir, s, off, need);
		if (++d->waited >= JOIN_SEGMENTS)
			side_release(t, f, dir);
		return;
	}
	/* A keep-alive: one byte, or none, before the next one (RFC 9293 3.8.4). */
	if (off == d->next - 1 && s->len == 1 && off < d->acked)
		return;
	if (off < d->next) {
		uint32_t old = pass_over(t, f, dir, s, off);

		if (old == s->len)
			return;
		rest.payload += min_u32(old, s->captured);
		rest.at += old;
		rest.captured -= min_u32(old, s->captured);
		rest.len -= old;
		off += old;
	}
	if (likely(off == d->next && (!d->first || d->first->off >= off + rest.len) && need <= reach(&f->side[!dir]))) {
		deliver(t, f, dir, rest.payload, rest.captured, rest.len, rest.at, &rest.own, &rest.when, t->order);
		side_drain(t, f, dir);
		return;
	}
	hold_new(t, f, dir, &rest, off, need);
	if (d->first->off <= d->next)
		side_drain(t, f, dir);
	within_caps(t, f, dir);
}

void side_flush(struct tcp *t, struct flow *f, enum direction dir, enum hole_reason reason)
{
	struct side *d = &f->side[dir];
	int64_t end;

	side_release(t, f, dir);
	while (d->first)
		give_up(t, f, dir, reason);
	if (!d->started)
		return;
	/* Acknowledged, and never seen.  Without the FIN an acknowledgement of one byte more may be that of the FIN. */
	end = d->fin ? d->fin_at : d->acked_known ? d->acked - 1 : d->next;
	if (end > d->next)
		gap(t, f, dir, (uint64_t)(end - d->next), HOLE_LOST, &f->pub.last);
}
