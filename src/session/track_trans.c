/* SMB1 transactions in several messages.  MS-CIFS 2.2.4.34, 2.2.4.47, 2.2.4.63, 3.2.4.1.5, 3.2.5.1.4.
 *
 * How it works.  A request or an answer that does not fit one message comes as parts, in any order, each saying where in the
 * parameters and in the data it belongs.  Totals may shrink on the way: the smallest one told holds.  What is there twice
 * counts as it came first.  The message that completes the whole has it dissected, so that its facts are what they would be
 * had it come in one; parts are stored (table unit_part), so that this can be done again for that message alone. */
#include "session/track_private.h"

#include <stdlib.h>

#include "base/limits.h"

/* Bytes of one block that came together. */
struct trans_part {
	struct unit_part where;    /* command 0: of the message at hand */
	uint32_t from;             /* in the block */
	uint8_t *bytes;            /* owned; NULL: not captured */
};

struct trans_block {
	struct trans_part *parts;  /* ascending, without overlap; owned */
	uint32_t n, cap, total;
};

/* A request or an answer on its way. */
struct track_trans {
	struct link link;          /* in trans_held.holding */
	struct trans_block parameters, data;
	struct moment first;       /* first byte of what came first */
	uint32_t bytes;            /* length of the messages so far */
	uint64_t held;             /* what it counts for in trans_held */
	bool begun, lost;          /* lost: some of its bytes are not here, the whole cannot be read */
};

static void block_free(struct trans_block *b)
{
	for (uint32_t i = 0; i < b->n; i++)
		free(b->parts[i].bytes);
	free(b->parts);
}

void trans_free(struct track *t, struct track_trans *x)
{
	if (!x)
		return;
	list_remove(&x->link);
	t->trans_held.held -= x->held;
	block_free(&x->parameters);
	block_free(&x->data);
	free(x);
}

/* Gives the bytes back, but knows still what has come. */
static void forget(struct track *t, struct track_trans *x)
{
	struct trans_block *const blocks[] = { &x->parameters, &x->data };

	x->lost = true;
	for (size_t k = 0; k < COUNT(blocks); k++)
		for (uint32_t i = 0; i < blocks[k]->n; i++) {
			free(blocks[k]->parts[i].bytes);
			blocks[k]->parts[i].bytes = NULL;
		}
	t->trans_held.held -= x->held;
	x->held = 0;
	list_remove(&x->link);
	t->trans_held.evictions++;
}

static void insert(struct track *t, struct track_trans *x, struct trans_block *b, uint32_t i, uint32_t from, struct extent here)
{
	const uint8_t *p = x->lost ? NULL : captured_bytes(t, here);
	struct trans_part part = { .where = { .off = here.off, .len = here.len }, .from = from };

	if (p) {
		part.bytes = xmalloc(here.len);
		memcpy(part.bytes, p, here.len);
		x->held += here.len + sizeof(part);
		t->trans_held.held += here.len + sizeof(part);
	} else {
		x->lost = true;
	}
	b->parts = mem_grow(b->parts, b->n, &b->cap, sizeof(*b->parts));
	memmove(b->parts + i + 1, b->parts + i, (b->n - i) * sizeof(*b->parts));
	b->parts[i] = part;
	b->n++;
}

static void add(struct track *t, struct track_trans *x, struct trans_block *b, const struct smb_block *told)
{
	uint32_t at = told->from, end = told->from + told->here.len, i = 0;

	b->total = x->begun ? min_u32(b->total, told->total) : told->total;
	if (end < at)                 /* nobody's transaction is that long */
		return;
	while (at < end) {
		uint32_t stop;

		while (i < b->n && b->parts[i].from + b->parts[i].where.len <= at)
			i++;
		stop = i < b->n ? min_u32(end, b->parts[i].from) : end;
		if (b->n > LIMIT_UNIT_PARTS) {
			x->lost = true;
			return;
		}
		if (stop > at)
			insert(t, x, b, i++, at, (struct extent){ told->here.off + (at - told->from), stop - at });
		else
			stop = b->parts[i].from + b->parts[i].where.len;
		at = stop;
	}
}

static bool complete(const struct trans_block *b)
{
	uint32_t at = 0;

	for (uint32_t i = 0; i < b->n && b->parts[i].from <= at; i++)
		at = b->parts[i].from + b->parts[i].where.len;
	return at >= b->total;
}

bool trans_add(struct track *t, struct track_trans **slot, const struct smb_msg *m)
{
	struct track_trans *x = *slot;

	if (!x) {
		x = *slot = xcalloc(1, sizeof(*x));
		list_init(&x->link);
		x->first = t->pdu->first;
	}
	add(t, x, &x->parameters, &m->split->parameters);
	add(t, x, &x->data, &m->split->data);
	x->begun = true;
	x->bytes += m->len;
	if (x->held) {
		list_remove(&x->link);
		list_append(&t->trans_held.holding, &x->link);
	}
	while (t->trans_held.held > LIMIT_UNIT_HELD_BYTES)
		forget(t, list_item(t->trans_held.holding.next, struct track_trans, link));
	return trans_complete(x);
}

bool trans_complete(const struct track_trans *x)
{
	return complete(&x->parameters) && complete(&x->data);
}

void trans_place(struct track_trans *x, int64_t command, bool response)
{
	struct trans_block *const blocks[] = { &x->parameters, &x->data };

	for (size_t k = 0; k < COUNT(blocks); k++)
		for (uint32_t i = 0; i < blocks[k]->n; i++)
			if (!blocks[k]->parts[i].where.command) {
				blocks[k]->parts[i].where.command = command;
				blocks[k]->parts[i].where.response = response;
			}
}

const struct moment *trans_first(const struct track_trans *x)
{
	return &x->first;
}

uint32_t trans_bytes(const struct track_trans *x)
{
	return x->bytes;
}

static void put_part(struct track *t, struct ev_unit_part *row, const struct unit_part *where, uint32_t len)
{
	row->command = where->command;
	row->direction = where->response;
	row->off = len ? where->off : 0;
	row->len = len;
	t->events->put(t->events, EV_UNIT_PART, row, sizeof(*row), NULL, 0);
	row->part++;
}

/* Where the parts lie.  Parts without bytes stand for the request they are more of, and for the message that had the last. */
static void put_parts(struct track *t, const struct trans_block *b, enum unit_kind kind, const struct pending *p,
                      const struct unit_part *last)
{
	struct ev_unit_part row = { .unit = ++t->next.unit, .open = p->open ? p->open->row.open : 0, .kind = (uint8_t)kind };

	if (!t->events)
		return;
	if (!last->response)
		put_part(t, &row, &(struct unit_part){ .command = p->row.command }, 0);
	for (uint32_t i = 0; i < b->n && b->parts[i].from < b->total; i++)
		put_part(t, &row, &b->parts[i].where, min_u32(b->parts[i].where.len, b->total - b->parts[i].from));
	put_part(t, &row, last, 0);
}

static void copy(const struct trans_block *b, uint8_t *out)
{
	for (uint32_t i = 0; i < b->n && b->parts[i].from < b->total; i++)
		memcpy(out + b->parts[i].from, b->parts[i].bytes, min_u32(b->parts[i].where.len, b->total - b->parts[i].from));
}

void trans_tell(struct track *t, const struct track_trans *x, struct smb_msg *m, struct pending *p, const struct unit_part *last)
{
	uint32_t parameters = x->parameters.total, data = x->data.total;
	uint16_t note;
	uint8_t *bytes;

	if (x->lost || data > LIMIT_PDU || parameters > LIMIT_PDU - data)
		return;
	put_parts(t, &x->parameters, UNIT_PARAMETERS, p, last);
	put_parts(t, &x->data, UNIT_DATA, p, last);
	bytes = arena_alloc(t->run->arena, (uint64_t)parameters + data + 1);
	copy(&x->parameters, bytes);
	copy(&x->data, bytes + parameters);
	note = smb_whole(t->run, m, bytes, parameters, data);
	if (!p->row.undecoded)
		p->row.undecoded = note;
}

void trans_feed(struct track *t, const struct track_trans *x, struct unit_stream *s, unit_done_fn *done, void *arg)
{
	if (x->lost) {
		unit_gap(&t->units, s);
		return;
	}
	for (uint32_t i = 0; i < x->data.n && x->data.parts[i].from < x->data.total; i++) {
		struct unit_part part = x->data.parts[i].where;

		part.len = min_u32(part.len, x->data.total - x->data.parts[i].from);
		unit_feed(&t->units, s, &part, x->data.parts[i].bytes, done, arg);
	}
}
