/* Extent maps. */
#include "session/content.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"

static uint64_t end_of(const struct content_piece *p)
{
	return p->off + p->slice.len;
}

/* The first piece that ends behind off. */
static uint32_t find(const struct content *c, uint64_t off)
{
	uint32_t lo = 0, hi = c->n;

	if (c->n && end_of(&c->pieces[c->n - 1]) <= off)
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

/* Takes n bytes off a piece's front. */
static void cut_front(struct content_piece *p, uint32_t n)
{
	p->off += n;
	p->slice.len -= n;
	if (p->slice.capture != SLICE_HOLE)
		p->slice.at += n;
}

static bool continues(const struct content_piece *a, const struct content_piece *b)
{
	return end_of(a) == b->off && a->slice.capture == b->slice.capture && (uint64_t)a->slice.len + b->slice.len <= UINT32_MAX &&
	       (a->slice.capture == SLICE_HOLE ? a->slice.at == b->slice.at : a->slice.at + a->slice.len == b->slice.at);
}

/* Makes room for n pieces more at i. */
static bool open_gap(struct content *c, uint32_t i, uint32_t n)
{
	if (c->n + n > LIMIT_CONTENT_PIECES) {
		c->limit = true;
		return false;
	}
	c->shifted += c->n - i;
	if (c->shifted > LIMIT_CONTENT_SHIFTS) {
		c->limit = true;
		return false;
	}
	while (c->cap < c->n + n)
		c->pieces = mem_grow(c->pieces, c->cap, &c->cap, sizeof(*c->pieces));
	memmove(&c->pieces[i + n], &c->pieces[i], (c->n - i) * sizeof(*c->pieces));
	c->n += n;
	return true;
}

/* Frees [off, end) of what is there; returns where a piece at off belongs. */
static uint32_t clear(struct content *c, uint64_t off, uint64_t end)
{
	uint32_t i = find(c, off), k;

	if (i < c->n && c->pieces[i].off < off) {
		if (end_of(&c->pieces[i]) > end) {      /* inside one piece: it becomes two */
			struct content_piece tail = c->pieces[i];

			cut_front(&tail, (uint32_t)(end - tail.off));
			if (!open_gap(c, i + 1, 1))
				return UINT32_MAX;
			c->pieces[i + 1] = tail;
		}
		c->pieces[i].slice.len = (uint32_t)(off - c->pieces[i].off);
		i++;
	}
	for (k = i; k < c->n && end_of(&c->pieces[k]) <= end; k++)
		;
	if (k < c->n && c->pieces[k].off < end)
		cut_front(&c->pieces[k], (uint32_t)(end - c->pieces[k].off));
	if (k > i) {
		memmove(&c->pieces[i], &c->pieces[k], (c->n - k) * sizeof(*c->pieces));
		c->n -= k - i;
	}
	return i;
}

static void put_one(struct content *c, uint64_t off, const struct slice *s)
{
	struct content_piece p = { off, *s };
	uint32_t i;

	if (c->limit)
		return;
	i = clear(c, off, off + s->len);
	if (i == UINT32_MAX)
		return;
	if (i && continues(&c->pieces[i - 1], &p)) {
		c->pieces[i - 1].slice.len += s->len;
		return;
	}
	if (open_gap(c, i, 1))
		c->pieces[i] = p;
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
	uint32_t i = find(c, size);

	if (i < c->n && c->pieces[i].off < size) {
		c->pieces[i].slice.len = (uint32_t)(size - c->pieces[i].off);
		i++;
	}
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

struct slice *content_slices(const struct content *c, uint64_t size, uint32_t *n)
{
	struct slice *out = xmalloc((c->n + 1) * sizeof(*out));

	*n = 0;
	for (uint32_t i = 0; i < c->n && c->pieces[i].off < size; i++) {
		out[*n] = c->pieces[i].slice;
		if (end_of(&c->pieces[i]) > size)
			out[*n].len = (uint32_t)(size - c->pieces[i].off);
		++*n;
	}
	return out;
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
