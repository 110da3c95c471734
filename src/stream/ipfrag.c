/* IP datagrams from fragments: RFC 791 3.2, RFC 8200 4.5.  What came first stands; the places in the
 * capture of all bytes are kept, so that a message can be cited piece by piece. */
#include "stream/frame_private.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/mem.h"

#define DATAGRAM_MAX  65535u
/* RFC 8200 wants 60 s, Linux waits 30: identifiers come round sooner than that on fast links. */
#define WAIT_NS       (30 * (int64_t)1000000000)

struct datagram {
	struct map_node node;
	struct fragment_key key;
	struct datagram *below;    /* of the stack of whole ones */
	uint8_t *bytes;
	struct piece *pieces;      /* ascending, apart from each other */
	uint32_t room, n_pieces, cap_pieces;
	uint32_t have, total;      /* bytes known; length, 0: the last fragment has not come */
	uint32_t fragments;
	uint32_t protocol;
	bool first_came;
	int64_t since_ns;
	uint8_t eth[12];
	bool has_eth;
};

struct ipfrag {
	struct map waiting;
	struct datagram *whole;
	uint64_t bytes;            /* held by those waiting */
	uint64_t dropped;
};

struct ipfrag *ipfrag_new(void)
{
	struct ipfrag *f = xcalloc(1, sizeof(*f));

	map_init(&f->waiting, offsetof(struct datagram, key), sizeof(struct fragment_key));
	return f;
}

static uint64_t cost(const struct datagram *d)
{
	return sizeof(*d) + d->room + (uint64_t)d->cap_pieces * sizeof(*d->pieces);
}

static void datagram_free(struct datagram *d)
{
	free(d->bytes);
	free(d->pieces);
	free(d);
}

static void unwait(struct ipfrag *f, struct datagram *d)
{
	map_remove(&f->waiting, d);
	f->bytes -= cost(d);
}

static void give_up(struct ipfrag *f, struct datagram *d)
{
	f->dropped += d->fragments;
	unwait(f, d);
	datagram_free(d);
}

static struct datagram *datagram_of(struct ipfrag *f, const struct fragment_key *key, const struct walk *w)
{
	struct datagram *d = map_find(&f->waiting, key);

	if (d && w->when.time_ns - d->since_ns > WAIT_NS) {
		give_up(f, d);
		d = NULL;
	}
	if (d) {
		map_touch(&f->waiting, d);
		return d;
	}
	while (map_count(&f->waiting) >= LIMIT_FRAGMENTS)
		give_up(f, map_oldest(&f->waiting));
	d = xcalloc(1, sizeof(*d));
	d->key = *key;
	d->since_ns = w->when.time_ns;
	map_insert(&f->waiting, d);
	f->bytes += cost(d);
	return d;
}

/* Makes room for n bytes and one piece more; the older datagrams pay when the cap is reached. */
static void make_room(struct ipfrag *f, struct datagram *d, uint32_t n)
{
	f->bytes -= cost(d);
	if (n > d->room) {
		uint32_t room = d->room ? d->room : 2048;

		while (room < n)
			room *= 2;
		d->bytes = xrealloc(d->bytes, room);
		memset(d->bytes + d->room, 0, room - d->room);
		d->room = room;
	}
	d->pieces = mem_grow(d->pieces, d->n_pieces, &d->cap_pieces, sizeof(*d->pieces));
	f->bytes += cost(d);
	while (f->bytes > LIMIT_FRAGMENT_BYTES && map_oldest(&f->waiting) != d)
		give_up(f, map_oldest(&f->waiting));
}

/* One stretch of payload, from one place in the capture: p holds what was captured of its len bytes.
 * Only what no earlier fragment had is taken. */
static void add_stretch(struct ipfrag *f, struct datagram *d, const uint8_t *p, const struct piece *from)
{
	uint32_t off = from->off, end = from->off + from->len, i = 0;

	make_room(f, d, end);
	while (i < d->n_pieces && d->pieces[i].off + d->pieces[i].len <= off)
		i++;
	while (off < end) {
		uint32_t stop = i < d->n_pieces ? min_u32(end, d->pieces[i].off) : end;

		if (stop > off) {
			struct piece *c;
			uint32_t skip = off - from->off;

			make_room(f, d, end);
			c = &d->pieces[i];
			memmove(c + 1, c, (d->n_pieces - i) * sizeof(*c));
			*c = (struct piece){ .at = from->at + skip, .off = off, .len = stop - off, .own = from->own };
			c->captured = from->captured > skip ? min_u32(from->captured - skip, c->len) : 0;
			if (c->captured)
				memcpy(d->bytes + off, p + skip, c->captured);
			d->n_pieces++;
			d->have += c->len;
			i++;
		}
		if (i >= d->n_pieces)
			break;
		off = d->pieces[i].off + d->pieces[i].len > stop ? d->pieces[i].off + d->pieces[i].len : stop;
		i++;
	}
}

/* The payload of a fragment that itself came in pieces (a tunnel over fragments) keeps their places. */
static void add_payload(struct ipfrag *f, struct datagram *d, const struct walk *w, uint32_t off)
{
	struct piece one = { .at = w->at, .off = off, .len = w->len, .captured = w->captured, .own = w->when };

	if (!w->pieces) {
		add_stretch(f, d, w->p, &one);
		return;
	}
	for (uint32_t i = 0; i < w->n_pieces; i++) {
		const struct piece *c = &w->pieces[i];
		uint64_t from = c->off > w->at ? c->off : w->at;
		uint64_t end = c->off + c->len < w->at + w->len ? c->off + c->len : w->at + w->len;
		uint64_t skip = from - c->off;

		if (from >= end)
			continue;
		one = (struct piece){ .at = c->at + skip, .off = off + (uint32_t)(from - w->at), .own = c->own,
		                      .len = (uint32_t)(end - from) };
		one.captured = c->captured > skip ? min_u32((uint32_t)(c->captured - skip), one.len) : 0;
		add_stretch(f, d, w->p + (from - w->at), &one);
	}
}

/* The walk over a whole datagram: headers may be read up to the first byte that was not captured. */
static void walk_over(struct datagram *d, struct walk *w)
{
	w->p = d->bytes;
	w->at = 0;
	w->len = d->total;
	w->captured = d->total;
	w->pieces = d->pieces;
	w->n_pieces = d->n_pieces;
	w->eth = d->has_eth ? d->eth : NULL;
	for (uint32_t i = 0; i < d->n_pieces; i++) {
		if (d->pieces[i].captured < d->pieces[i].len) {
			w->captured = d->pieces[i].off + d->pieces[i].captured;
			break;
		}
	}
}

/* Pieces that a smaller total leaves behind the end (fragments that contradict each other) go. */
static void cut_behind(struct datagram *d)
{
	while (d->n_pieces && d->pieces[d->n_pieces - 1].off >= d->total)
		d->have -= d->pieces[--d->n_pieces].len;
	if (d->n_pieces) {
		struct piece *c = &d->pieces[d->n_pieces - 1];
		uint32_t len = min_u32(c->len, d->total - c->off);

		d->have -= c->len - len;
		c->len = len;
		c->captured = min_u32(c->captured, len);
	}
}

bool ipfrag_add(struct ipfrag *f, const struct fragment_key *key, struct walk *w, uint32_t off, bool more,
                uint32_t *protocol)
{
	struct datagram *d;

	if (more && !(w->pieces || w->captured < w->len))
		walk_limit(w, w->len & ~7u);
	if (!w->len || off + (uint64_t)w->len > DATAGRAM_MAX) {
		f->dropped++;
		return false;
	}
	d = datagram_of(f, key, w);
	d->fragments++;
	if (off == 0 && !d->first_came) {
		d->first_came = true;
		d->protocol = *protocol;
		d->has_eth = w->eth != NULL;
		if (w->eth)
			memcpy(d->eth, w->eth, 12);
	}
	if (!more && !d->total) {
		d->total = off + w->len;
		cut_behind(d);
	}
	if (d->total && off >= d->total)
		return false;
	if (d->total)
		walk_limit(w, d->total - off);
	add_payload(f, d, w, off);
	if (!d->total || d->have < d->total || !d->first_came)
		return false;
	unwait(f, d);
	d->below = f->whole;
	f->whole = d;
	*protocol = d->protocol;
	walk_over(d, w);
	return true;
}

void ipfrag_done(struct ipfrag *f)
{
	struct datagram *d = f->whole;

	f->whole = d->below;
	datagram_free(d);
}

uint64_t ipfrag_dropped(const struct ipfrag *f)
{
	uint64_t n = f->dropped;

	for (const struct datagram *d = map_oldest(&f->waiting); d; d = map_newer(d))
		n += d->fragments;
	return n;
}

void ipfrag_free(struct ipfrag *f)
{
	struct datagram *d;

	while ((d = map_oldest(&f->waiting))) {
		map_remove(&f->waiting, d);
		datagram_free(d);
	}
	map_free(&f->waiting);
	free(f);
}
