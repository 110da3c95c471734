/* Extent maps. */
#include "session/content.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"

static uint64_t length(const struct content_piece *p)
{
	return (uint64_t)p->n * p->slice.len;
}

static uint64_t end_of(const struct content_piece *p)
{
	return p->off + length(p);
}

uint64_t content_end_of(const struct content *c)
{
	return c->n ? end_of(&c->pieces[c->n - 1]) : 0;
}

/* The first piece that ends behind off. */
static uint32_t find(const struct content *c, uint64_t off)
{
	uint32_t lo = 0, hi = c->n;

	if (content_end_of(c) <= off)
		return c->n;
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (end_of(&c->pieces[mid]) <= off)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Makes room for n pieces more at i. */
static bool open_gap(struct content *c, uint32_t i, uint32_t n)
{
	c->shifted += c->n - i;
	if (c->n + n > LIMIT_CONTENT_PIECES || c->shifted > LIMIT_CONTENT_SHIFTS) {
		c->limit = true;
		return false;
	}
	while (c->cap < c->n + n)
		c->pieces = mem_grow(c->pieces, c->cap, &c->cap, sizeof(*c->pieces));
	memmove(&c->pieces[i + n], &c->pieces[i], (c->n - i) * sizeof(*c->pieces));
	c->n += n;
	return true;
}

/* The part of a run from slice k on, n slices of it. */
static struct content_piece run_part(const struct content_piece *p, uint32_t k, uint32_t n)
{
	struct content_piece part = *p;

	part.off += (uint64_t)k * p->slice.len;
	if (p->slice.capture != SLICE_HOLE)
		part.slice.at += (uint64_t)k * p->stride;
	part.n = n;
	return part;
}

/* The bytes [from, to) of a piece of one slice. */
static struct content_piece slice_bytes(const struct content_piece *p, uint32_t from, uint32_t to)
{
	struct content_piece part = *p;

	part.off += from;
	part.slice.len = to - from;
	if (p->slice.capture != SLICE_HOLE)
		part.slice.at += from;
	return part;
}

/* Sees to it that a piece begins at off, if any byte there is known.  Returns its index, or that of the next one;
 * UINT32_MAX when a limit is reached. */
static uint32_t split(struct content *c, uint64_t off)
{
	uint32_t i = find(c, off), k, rest, n = 0;
	struct content_piece whole, parts[4];

	if (i == c->n || c->pieces[i].off >= off)
		return i;
	whole = c->pieces[i];
	k = (uint32_t)((off - whole.off) / whole.slice.len);
	rest = (uint32_t)((off - whole.off) % whole.slice.len);
	if (k)
		parts[n++] = run_part(&whole, 0, k);
	if (rest) {
		struct content_piece one = run_part(&whole, k++, 1);

		parts[n++] = slice_bytes(&one, 0, rest);
		parts[n++] = slice_bytes(&one, rest, one.slice.len);
	}
	if (k < whole.n)
		parts[n++] = run_part(&whole, k, whole.n - k);
	if (!open_gap(c, i + 1, n - 1))
		return UINT32_MAX;
	memcpy(&c->pieces[i], parts, n * sizeof(*parts));
	return find(c, off);
}

/* Whether the slice at off goes on where p ends, and p takes it in. */
static bool takes(struct content_piece *p, uint64_t off, const struct slice *s)
{
	if (end_of(p) != off || p->slice.capture != s->capture)
		return false;
	if (p->n == 1 && (uint64_t)p->slice.len + s->len <= UINT32_MAX &&
	    (s->capture == SLICE_HOLE ? p->slice.at == s->at : p->slice.at + p->slice.len == s->at)) {
		p->slice.len += s->len;
		return true;
	}
	if (s->capture == SLICE_HOLE || p->slice.len != s->len || s->at <= p->slice.at || p->n == UINT32_MAX)
		return false;
	if (p->n == 1 && s->at - p->slice.at <= UINT32_MAX)
		p->stride = (uint32_t)(s->at - p->slice.at);
	else if (p->n == 1 || s->at != p->slice.at + (uint64_t)p->n * p->stride)
		return false;
	p->n++;
	return true;
}

static void put_one(struct content *c, uint64_t off, const struct slice *s)
{
	uint32_t i, k;

	if (c->limit)
		return;
	i = split(c, off);
	if (i == UINT32_MAX)
		return;
	if (i < c->n && c->pieces[i].off < off + s->len) {
		k = split(c, off + s->len);
		if (k == UINT32_MAX)
			return;
		memmove(&c->pieces[i], &c->pieces[k], (c->n - k) * sizeof(*c->pieces));
		c->n -= k - i;
	}
	if (i && takes(&c->pieces[i - 1], off, s))
		return;
	if (open_gap(c, i, 1))
		c->pieces[i] = (struct content_piece){ .off = off, .slice = *s, .n = 1 };
}

void content_put(struct content *c, uint64_t off, const struct slice *slices, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		/* Offsets beyond what a file can have (2^63) are an attack or a mistake. */
		if (off > INT64_MAX - (uint64_t)slices[i].len) {
			c->limit = true;
			return;
		}
		if (slices[i].len)
			put_one(c, off, &slices[i]);
		off += slices[i].len;
	}
}

void content_truncate(struct content *c, uint64_t size)
{
	uint32_t i = split(c, size);

	if (i != UINT32_MAX)
		c->n = i;
}

/* A list of ranges being written. */
struct ranges {
	char *out;
	size_t size, used;
	uint64_t from, to, bytes;      /* the range at hand; from == to: none */
};

static void flush(struct ranges *r)
{
	char text[64];
	int n;

	if (r->from == r->to)
		return;
	r->bytes += r->to - r->from;
	n = snprintf(text, sizeof(text), "%s%" PRIu64 "-%" PRIu64, r->used ? "," : "", r->from, r->to - 1);
	if (r->used + (size_t)n + 4 < r->size) {
		memcpy(r->out + r->used, text, (size_t)n + 1);
		r->used += (size_t)n;
	} else if (r->used + 4 < r->size) {
		memcpy(r->out + r->used, ",...", 5);
		r->used = r->size;         /* full: the sum goes on */
	}
	r->from = r->to;
}

static void add(struct ranges *r, uint64_t from, uint64_t to)
{
	if (from >= to)
		return;
	if (r->to != from || r->from == r->to) {
		flush(r);
		r->from = from;
	}
	r->to = to;
}

uint64_t content_ranges(const struct content *c, uint64_t size, bool moved, char *out, size_t out_size)
{
	struct ranges r = { .out = out, .size = out_size };
	uint64_t at = 0;

	out[0] = '\0';
	for (uint32_t i = 0; i < c->n && at < size; i++) {
		const struct content_piece *p = &c->pieces[i];
		uint64_t end = end_of(p) < size ? end_of(p) : size;

		if (!moved)
			add(&r, at, p->off < size ? p->off : size);
		else if (p->slice.capture == SLICE_HOLE && p->off < size)
			add(&r, p->off, end);
		at = end;
	}
	if (!moved)
		add(&r, at, size);
	flush(&r);
	return r.bytes;
}

uint64_t content_seen(const struct content *c, uint64_t size)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < c->n && c->pieces[i].off < size; i++)
		if (c->pieces[i].slice.capture != SLICE_HOLE)
			n += (end_of(&c->pieces[i]) < size ? end_of(&c->pieces[i]) : size) - c->pieces[i].off;
	return n;
}

struct content_piece *content_pieces(const struct content *c, uint64_t size, uint32_t *n)
{
	struct content copy = { .n = c->n, .cap = c->n };

	copy.pieces = xmalloc((c->n + 4) * sizeof(*copy.pieces));
	memcpy(copy.pieces, c->pieces, c->n * sizeof(*copy.pieces));
	content_truncate(&copy, size);
	*n = copy.n;
	return copy.pieces;
}

void content_free(struct content *c)
{
	free(c->pieces);
	*c = (struct content){ 0 };
}

uint32_t slices_part(const struct slice *slices, uint32_t n, uint32_t off, uint32_t len, struct slice *out)
{
	uint32_t got = 0;
	uint64_t at = 0, end = (uint64_t)off + len;

	for (uint32_t i = 0; i < n && at < end; at += slices[i].len, i++) {
		uint64_t from = at > off ? at : off, to = at + slices[i].len < end ? at + slices[i].len : end;

		if (from >= to)
			continue;
		out[got] = slices[i];
		out[got].len = (uint32_t)(to - from);
		if (slices[i].capture != SLICE_HOLE)
			out[got].at += from - at;
		got++;
	}
	return got;
}
