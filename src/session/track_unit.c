/* What goes through pipes: from payloads to units.  MS-RPCE 2.1.1.2; MS-SMB2 3.2.4.20.4 (FSCTL_PIPE_TRANSCEIVE);
 * MS-CIFS 2.2.5.6 (TRANS_TRANSACT_NMPIPE); DESIGN.md part 5, decision 4. */
#include "session/track_private.h"

#include "base/limits.h"
#include "dissectors/rpc/dcerpc.h"

enum { FSCTL_PIPE_TRANSCEIVE = 0x0011C017, TRANSACTION = 0x25, TRANS_TRANSACT_NMPIPE = 0x26 };

/* Whether the message moves bytes through its pipe. */
static bool moves(const struct smb_msg *m)
{
	/* STATUS_BUFFER_OVERFLOW: as much as there was room for; the next READ goes on. */
	if (m->response && m->status && m->status != 0x80000005)
		return false;
	switch (m->op) {
	case OP_READ:
		return m->response;
	case OP_WRITE:
		return !m->response;
	case OP_TRANSACT:
		return m->protocol == 2 ? m->asked.code == FSCTL_PIPE_TRANSCEIVE
		                        : m->asked.command == TRANSACTION && m->asked.sub == TRANS_TRANSACT_NMPIPE;
	}
	return false;
}

const uint8_t *captured_bytes(const struct track *t, struct extent e)
{
	const struct source *s = &t->run->sources[0];

	if (s->have < e.off || s->have - e.off < e.len)
		return NULL;
	for (uint32_t i = 0; i < s->n_holes; i++)
		if (s->holes[i].off < e.off + e.len && s->holes[i].off + s->holes[i].len > e.off)
			return NULL;
	return s->bytes + e.off;
}

/* All of the payload's bytes, NULL when some are missing.  What streams in one kind of run is assembled in another;
 * units have to be the same, so such a payload counts as missing in both. */
static const uint8_t *payload(const struct track *t, const struct smb_msg *m)
{
	if (t->pdu->streamed || (m->op != OP_TRANSACT && t->pdu->len > LIMIT_PDU_WHOLE))
		return NULL;
	return m->u.rw.payload.len < m->u.rw.length ? NULL : captured_bytes(t, m->u.rw.payload);
}

/* Units of one message. */
struct gathering {
	struct track *t;
	struct pending *p;
	struct unit_stream *stream;
	struct unit_part here;     /* names the message */
};

/* A run's state is that of its message; a unit has its own. */
uint16_t track_unit(struct dx_run *run, const uint8_t *gathered, uint32_t off, uint32_t len, struct rpc_msg *m,
                    const struct rpc_hooks *hooks)
{
	const uint32_t flags = run->flags, high = run->high;
	const uint16_t note = run->note;
	uint16_t mine;
	struct dx d;

	run->flags = 0;
	run->note = NOTE_none;
	d = gathered ? dx_open(run, dx_source(run, 0, SOURCE_REASSEMBLED, gathered, len), 0, len) : dx_open(run, 0, off, len);
	dcerpc_dissect(&d, m, hooks);
	mine = run->note;
	run->flags = flags;
	run->high = high;
	run->note = note;
	return mine;
}

/* Of a transaction in several messages a PDU may lie in another message than the one that completes it. */
static bool ends_here(const struct gathering *g, const struct unit *u)
{
	const struct unit_part *last = &u->parts[u->n_parts - 1];

	return last->command == g->here.command && last->response == g->here.response;
}

static uint16_t dissect(struct dx_run *run, const struct unit *u, bool here, struct rpc_msg *m, const struct rpc_hooks *hooks)
{
	uint8_t *whole;

	if (here && u->n_parts == 1)
		return track_unit(run, NULL, u->parts[0].off, u->parts[0].len, m, hooks);
	whole = arena_alloc(run->arena, u->bytes.len);
	memcpy(whole, u->bytes.p, u->bytes.len);
	return track_unit(run, whole, 0, u->bytes.len, m, hooks);
}

static void done(void *arg, const struct unit *u)
{
	struct gathering *g = arg;
	struct track *t = g->t;
	struct track_open *o = g->p->open;
	struct ev_unit_part row = { .open = o->row.open, .kind = UNIT_DCERPC };
	struct pipe_pdu x = { .t = t, .p = g->p, .unit = u, .stream = g->stream, .here = g->here };
	const struct rpc_hooks hooks = { pipe_call, pipe_item, &x };
	struct rpc_msg m = { 0 };
	uint16_t note;

	if (!o->pipe)
		o->pipe = pipe_new(t, o->row.open);
	x.pipe = o->pipe;
	note = dissect(t->run, u, ends_here(g, u), &m, &hooks);
	if (!g->p->row.undecoded)
		g->p->row.undecoded = note;
	pipe_done(&x, &m, &row);
	if (!t->events)
		return;
	row.unit = ++t->next.unit;
	for (; row.part < u->n_parts; row.part++) {
		const struct unit_part *part = &u->parts[row.part];

		row.command = part->command;
		row.direction = part->response;
		row.off = part->off;
		row.len = part->len;
		t->events->put(t->events, EV_UNIT_PART, &row, sizeof(row), NULL, 0);
		row.rpc_context = row.request_frame = 0;
		row.request_time_ns = 0;
	}
	if (ends_here(g, u))
		return;
	row.command = g->here.command;
	row.direction = g->here.response;
	row.off = row.len = 0;
	t->events->put(t->events, EV_UNIT_PART, &row, sizeof(row), NULL, 0);
}

void track_units(struct track *t, struct smb_msg *m, struct pending *p, const struct unit_part *here)
{
	struct gathering g = { t, p, NULL, *here };
	struct unit_part part = *here;
	struct track_open *o = p->open;
	struct unit_stream **s;
	const uint8_t *bytes;

	if (!o || o->object != OBJECT_PIPE || !moves(m) || !m->u.rw.length)
		return;
	s = &o->units[m->response];
	if (!*s)
		*s = unit_open(o->whole);
	g.stream = *s;
	if (m->split) {
		trans_feed(t, p->trans[m->response], *s, done, &g);
		return;
	}
	bytes = payload(t, m);
	if (!bytes) {
		unit_gap(&t->units, *s);
		return;
	}
	part.off = m->u.rw.payload.off;
	part.len = m->u.rw.payload.len;
	unit_feed(&t->units, *s, &part, bytes, done, &g);
}
