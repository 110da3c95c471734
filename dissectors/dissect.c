/* The dissector interface: what is too long to be inline. */
#include "dissect.h"

#include "base/limits.h"

const struct note notes[NOTE__COUNT] = {
	[NOTE_none] = { "none", "", NOTE_CHAT },
#define NOTE(id, severity, text) [NOTE_##id] = { #id, text, NOTE_##severity },
#include "note.def"
#undef NOTE
};

/* The end of the bytes that can be read without a break from at on, at most lim. */
static uint32_t reach(const struct source *s, uint32_t at, uint32_t lim)
{
	uint32_t end = s->have < lim ? s->have : lim;

	for (uint32_t i = 0; i < s->n_holes; i++) {
		const struct hole *h = &s->holes[i];

		if (h->off + h->len <= at)
			continue;
		if (h->off < end)
			end = h->off;
		break;
	}
	return end > at ? end : at;
}

/* After this, d reads from `at` on as far as its part and the capture go. */
static void seek(struct dx *d, uint32_t at)
{
	d->lost = false;
	d->at = at < d->lim ? at : d->lim;
	d->end = reach(&d->run->sources[d->src], d->at, d->lim);
}

void d_note(const struct dx *d, enum note_id id)
{
	struct dx_run *run = d->run;

	if (!run->note && (notes[id].severity >= NOTE_WARN || id == NOTE_undecoded || id == NOTE_encrypted))
		run->note = (uint16_t)id;
	if (run->sink)
		run->sink->note(run->sink, id, d->src, d->at);
}

static void flag(const struct dx *d, uint32_t flags)
{
	if (d->run->flags & flags)
		return;
	/* Behind bytes that are missing every read fails: that is not the sender's fault. */
	if (flags == DX_MALFORMED && d->run->flags & DX_NOT_CAPTURED)
		return;
	d->run->flags |= flags;
	d_note(d, flags == DX_MALFORMED ? NOTE_malformed : flags == DX_LIMIT ? NOTE_limit : NOTE_not_captured);
}

const uint8_t *dx_overrun(struct dx *d, uint32_t n)
{
	bool short_by_declaration = d->lim - d->at < n;

	if (!d->lost)
		flag(d, short_by_declaration ? DX_MALFORMED : DX_NOT_CAPTURED);
	/* A hole ends the part, not only the read: what follows it has lost its place. */
	d->lost |= !short_by_declaration;
	d->at = d->end = d->lim;
	return NULL;
}

/* Tells the listener a value and the bits that follow its line. */
static void emit(struct dx_run *run, struct fval *v)
{
	struct sink *sink = run->sink;
	uint64_t u = v->u;
	unsigned parent = (unsigned)v->id;

	sink->value(sink, v);
	for (unsigned i = parent + 1; i < F__COUNT && fields[i].type == FT_FLAG && fields[i].parent == parent; i++) {
		v->id = (enum field_id)i;
		v->type = FT_FLAG;
		v->u = field_bit(v->id, u);
		sink->value(sink, v);
	}
}

void dx_emit(const struct dx *d, enum field_id id, const uint8_t *p, uint32_t off, uint32_t len, uint64_t u)
{
	struct fval v = { .id = id, .type = fields[id].type, .src = d->src, .off = off, .len = len,
	                  .captured = len, .p = p, .u = u };

	if (v.type == FT_STR)
		v.type = d->run->unicode ? FT_UTF16 : FT_OEM;
	/* A number of a length of its own, read as bytes. */
	if (v.type == FT_UINT && !u && len <= 8)
		for (uint32_t i = 0; i < len; i++)
			v.u = v.u << 8 | p[i];
	emit(d->run, &v);
}

void dx_emit_as(const struct dx *d, enum field_id id, enum field_type type, const uint8_t *p, uint32_t off, uint32_t len)
{
	struct fval v = { .id = id, .type = (uint16_t)type, .src = d->src, .off = off, .len = len, .captured = len, .p = p };

	emit(d->run, &v);
}

void dx_gen(struct dx_run *run, enum field_id id, uint64_t u)
{
	struct fval v = { .id = id, .type = fields[id].type, .generated = true, .u = u };

	if (run->sink)
		emit(run, &v);
}

void dx_gen_text(struct dx_run *run, enum field_id id, const char *text)
{
	struct fval v = { .id = id, .type = FT_TEXT, .generated = true, .p = (const uint8_t *)text,
	                  .captured = (uint32_t)strlen(text) };

	if (run->sink)
		emit(run, &v);
}

void dx_gen_at(const struct dx *d, enum field_id id, uint64_t u, struct span bytes, uint32_t at, uint32_t n)
{
	struct fval v = { .id = id, .type = fields[id].type, .src = d->src, .generated = true, .u = u, .p = bytes.p,
	                  .captured = bytes.len };

	/* Bytes that were not captured are nobody's place. */
	if (at <= d->lim && n <= d->lim - at && reach(&d->run->sources[d->src], at, at + n) == at + n) {
		v.off = at;
		v.len = n;
		v.about = d->bytes + at;
	}
	emit(d->run, &v);
}

void dx_push(const struct dx *d, enum field_id id)
{
	if (unlikely(d->run->sink != NULL))
		d->run->sink->push(d->run->sink, id, d->src, d->at);
}

void d_pop(const struct dx *d)
{
	if (unlikely(d->run->sink != NULL))
		d->run->sink->pop(d->run->sink, d->at);
}

void d_pop_part(const struct dx *d)
{
	if (unlikely(d->run->sink != NULL))
		d->run->sink->pop(d->run->sink, d->lim);
}

bool d_sub(const struct dx *d, uint32_t off, uint32_t len, struct dx *part)
{
	uint64_t start = (uint64_t)d->base + off;

	if (len == 0)
		return false;
	if (start >= d->lim) {
		flag(d, DX_MALFORMED);
		return false;
	}
	if (len > d->lim - start) {
		flag(d, DX_MALFORMED);
		len = d->lim - (uint32_t)start;
	}
	*part = *d;
	part->base = (uint32_t)start;
	part->lim = part->base + len;
	part->n = 0;
	seek(part, part->base);
	if (part->lim > d->run->high)
		d->run->high = part->lim;
	return true;
}

bool d_part(struct dx *d, uint32_t len, struct dx *part)
{
	uint32_t rest = d_rest(d);
	bool any;

	if (len > rest) {
		if (!d->lost)
			flag(d, DX_MALFORMED);
		len = rest;
	}
	*part = *d;
	part->base = d->at;
	part->lim = d->at + len;
	part->n = 0;
	any = len > 0;
	if (d->lost)
		return any;
	seek(part, part->base);
	seek(d, d->at + len);
	return any;
}

bool d_more(struct dx *d)
{
	if (d->n++ < LIMIT_CHAIN)
		return true;
	flag(d, DX_LIMIT);
	return false;
}

bool d_each(struct dx *d, uint32_t *n)
{
	if (!*n)
		return false;
	--*n;
	if (!d_rest(d)) {
		flag(d, DX_MALFORMED);
		return false;
	}
	return d_more(d);
}

/* The list's reader stands at the next entry; base is where the current one began. */
bool dx_next(struct dx *list, enum field_id group, enum field_id id, struct dx *entry)
{
	uint32_t start = list->at, next;

	if (list->n) {
		if (unlikely(list->run->sink != NULL))
			list->run->sink->pop(list->run->sink, list->at);
		if (list->base == UINT32_MAX)   /* the entry before was the last */
			return false;
	}
	if (start >= list->lim) {
		/* A list that is empty is nobody's fault; one whose last entry promised more is cut. */
		if (list->n && !list->lost)
			flag(list, DX_MALFORMED);
		return false;
	}
	if (!d_more(list))
		return false;
	dx_push(list, group);
	next = (uint32_t)dx_peek(list, FT_U32);
	*entry = *list;
	entry->base = start;
	entry->n = 0;
	if (list->end - list->at < 4) {
		list->at = list->end = list->lim;
		list->base = UINT32_MAX;
	} else if (next == 0) {
		seek(list, list->lim);
		list->base = UINT32_MAX;
	} else if (next < 4) {
		d_note(list, NOTE_no_progress);
		flag(list, DX_MALFORMED);
		seek(list, list->lim);
		list->base = UINT32_MAX;
	} else {
		if (next > list->lim - start)
			flag(list, DX_MALFORMED);
		entry->lim = start + min_u32(next, list->lim - start);
		seek(list, entry->lim);
	}
	seek(entry, start);
	dx_uint(entry, id, FT_U32);
	return true;
}

struct extent dx_payload(struct dx *d, enum field_id id, uint32_t n)
{
	const struct source *s = &d->run->sources[d->src];
	struct extent e;

	if (n > d_rest(d)) {
		if (!d->lost)
			flag(d, DX_MALFORMED);
		n = d_rest(d);
	}
	e = (struct extent){ d->at, n };
	if (n && unlikely(d->run->sink != NULL)) {
		uint32_t there = d->at < s->have ? min_u32(n, s->have - d->at) : 0;
		struct fval v = { .id = id, .type = fields[id].type, .src = d->src, .off = d->at, .len = n,
		                  .captured = there, .p = there ? d->bytes + d->at : NULL };

		emit(d->run, &v);
	}
	seek(d, d->at + n);
	return e;
}

struct span dx_some(struct dx *d, enum field_id id, uint32_t n)
{
	uint32_t there = min_u32(n, d->end - d->at);

	if (there == n)
		return dx_span(d, id, n);
	dx_span(d, id, there);
	dx_overrun(d, n - there);
	return (struct span){ 0 };
}

struct span dx_string(struct dx *d, enum field_id id, bool unicode)
{
	uint32_t width = unicode ? 2 : 1, n = 0, there;
	struct span s;

	if (unicode)
		dx_align(d, d->run->header, 2);
	there = d->end - d->at;
	while (n + width <= there) {
		const uint8_t *c = d->bytes + d->at + n;

		if (c[0] == 0 && (width == 1 || c[1] == 0)) {
			s = dx_span(d, id, n + width);
			s.len = n;
			return s;
		}
		n += width;
	}
	/* No NUL: the text is what the part holds, an odd last byte of UTF-16 is left. */
	if (d->end < d->lim) {
		dx_some(d, id, d_rest(d));
		return (struct span){ 0 };
	}
	return dx_span(d, id, n);
}

void dx_align(struct dx *d, uint32_t from, uint32_t n)
{
	uint32_t pad = (n - (d->at - from) % n) % n;

	pad = min_u32(pad, d_rest(d));
	if (pad)
		(void)dx_span(d, F_padding, pad);
}

void d_left(struct dx *d)
{
	if (d_rest(d) <= 8)
		d_tail(d, padding);
	else
		(void)d_some(d, undecoded, d_rest(d));
}

void dx_between(const struct dx *part, uint32_t from)
{
	struct dx gap = dx_open(part->run, part->src, from, part->base - from);

	if (d_rest(&gap) <= 8 && gap.end == gap.lim)
		(void)dx_span(&gap, F_padding, d_rest(&gap));
}

void dx_begin(struct dx_run *run, const struct pdu *pdu)
{
	run->n_sources = 1;
	run->sources[0] = (struct source){ .bytes = pdu->bytes, .have = pdu->head, .len = pdu->len,
	                                   .holes = pdu->holes, .n_holes = pdu->n_holes };
	run->flags = 0;
	run->note = NOTE_none;
	run->header = 4;
	run->high = 0;
	run->unicode = true;
}

uint8_t dx_source(struct dx_run *run, uint8_t parent, enum source_kind kind, const uint8_t *bytes, uint32_t len)
{
	if (run->n_sources == DX_SOURCES) {
		run->flags |= DX_LIMIT;
		run->n_sources--;
	}
	run->sources[run->n_sources] = (struct source){ .bytes = bytes, .have = len, .len = len,
	                                                .kind = (uint8_t)kind, .parent = parent };
	return run->n_sources++;
}

struct dx dx_open(struct dx_run *run, uint8_t src, uint32_t off, uint32_t len)
{
	const struct source *s = &run->sources[src];
	struct dx d = { .run = run, .bytes = s->bytes, .src = src, .base = off };

	if (off > s->len)
		off = s->len;
	d.base = off;
	d.lim = off + min_u32(len, s->len - off);
	seek(&d, off);
	return d;
}
