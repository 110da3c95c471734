/* One message again, from the capture. */
#include "show/detail.h"

#include <stdlib.h>

#include "base/limits.h"
#include "capture/cap.h"
#include "dissectors/smb.h"
#include "session/track.h"

#define OPEN_FILES 8

struct detail_captures {
	struct store *store;
	struct { int64_t id; struct cap_file *file; uint64_t used; } open[OPEN_FILES];
	uint64_t clock;
};

struct detail_captures *detail_captures_new(struct store *st)
{
	struct detail_captures *c = xcalloc(1, sizeof(*c));

	c->store = st;
	return c;
}

void detail_captures_free(struct detail_captures *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < OPEN_FILES; i++)
		if (c->open[i].file)
			cap_file_close(c->open[i].file);
	free(c);
}

/* The capture's file, opened; the one used longest ago makes room. */
static struct cap_file *file_of(struct detail_captures *c, int64_t id, struct arena *arena, struct err *e)
{
	const char *path;
	size_t slot = 0;

	for (size_t i = 0; i < OPEN_FILES; i++) {
		if (c->open[i].file && c->open[i].id == id) {
			c->open[i].used = ++c->clock;
			return c->open[i].file;
		}
		if (c->open[i].used < c->open[slot].used)
			slot = i;
	}
	if (store_capture_path(c->store, id, arena, &path, e) <= 0) {
		if (!e->code)
			err_set(e, ERR_INPUT, "capture %lld is not in the case", (long long)id);
		return NULL;
	}
	if (c->open[slot].file)
		cap_file_close(c->open[slot].file);
	c->open[slot].file = cap_file_open(path, false, e);
	c->open[slot].id = id;
	c->open[slot].used = ++c->clock;
	return c->open[slot].file;
}

/* What is read for one PDU: its bytes, holes and declared length. */
struct again {
	struct pdu pdu;
	uint8_t *bytes;
};

/* The declared length of a PDU that is one slice stands in its own header (RFC 1002 4.3.1). */
static int read_length(struct detail_captures *c, struct slice *s, struct arena *arena, struct err *e)
{
	struct cap_file *f = file_of(c, s->capture, arena, e);
	uint8_t h[4];

	if (!f || cap_file_read(f, s->at, h, 4, e) != 4)
		return -1;
	s->len = 4 + ((uint32_t)h[1] << 16 | (uint32_t)h[2] << 8 | h[3]);
	return 0;
}

static int read_pdu(struct detail_captures *c, struct slice *slices, uint32_t n, bool netbios, struct arena *arena,
                    struct again *out, struct err *e)
{
	struct hole *holes = arena_alloc(arena, (n + 1) * sizeof(*holes));
	uint64_t have = 0;
	uint32_t at = 0, n_holes = 0, len;

	if (n == 1 && slices[0].len == 0 && read_length(c, &slices[0], arena, e))
		return -1;
	for (uint32_t i = 0; i < n; i++)
		have += slices[i].len;
	if (have > LIMIT_PDU)
		return err_set(e, ERR_INPUT, "the case's record of where this message lies is damaged");
	out->bytes = arena_alloc(arena, have ? have : 1);
	for (uint32_t i = 0; i < n; i++) {
		const struct slice *s = &slices[i];

		if (s->capture == SLICE_HOLE) {
			holes[n_holes++] = (struct hole){ at, s->len, (uint8_t)s->at };
		} else {
			struct cap_file *f = file_of(c, s->capture, arena, e);

			if (!f || cap_file_read(f, s->at, out->bytes + at, s->len, e) != (int64_t)s->len)
				return e->code ? -1 : err_set(e, ERR_INPUT, "the capture is shorter than it was");
		}
		at += s->len;
	}
	len = have >= 4 ? 4 + ((netbios ? (uint32_t)(out->bytes[1] & 1) << 16 : (uint32_t)out->bytes[1] << 16) |
	                       (uint32_t)out->bytes[2] << 8 | out->bytes[3]) : at;
	if (len > at)
		holes[n_holes++] = (struct hole){ at, len - at, HOLE_LOST };
	out->pdu = (struct pdu){ .bytes = out->bytes, .head = at, .len = len > at ? len : at, .holes = holes,
	                         .n_holes = len > at ? n_holes - 1 : n_holes, .netbios = netbios };
	return 0;
}

/* A unit that the message completes: where it lies in the message's own PDU, or its bytes, in the arena. */
struct unit_again {
	struct unit_again *next;
	const struct stored_unit *stored;
	uint8_t *gathered;
	uint32_t off, len;
	struct rpc_fragment *fragments;   /* UNIT_STUB: the PDUs it came in, n of them */
	uint32_t n;
	uint8_t kind;                  /* enum unit_kind */
};

/* A PDU of a call, read alone. */
struct call_again {
	const struct unit_again *pdu, *stub;      /* stub: of all its PDUs, which this one completes; NULL: none */
	int64_t time_ns;
};

/* The hooks of a dissection that wants one element. */
struct wanted {
	struct detail *d;
	struct unit_again *units, *asked_units;   /* asked_units: of the request, where it took several messages */
	struct known_names known;
	uint16_t element;
	bool seen;
	struct smb_asked asked;        /* of the request: taken from it, given to what is more of it and to its answer */
};

static bool on_header(void *arg, struct smb_msg *m)
{
	struct wanted *w = arg;

	if (m->index != w->element)
		return false;
	m->ctx = w->d->stored.ctx;
	m->asked = w->asked;
	return true;
}

/* An SMB1 transaction of several messages: its parameters and its data are two units. */
static void whole(struct dx_run *run, struct smb_msg *m, const struct unit_again *u)
{
	const struct unit_again *data = u->next;
	uint32_t n = data ? data->len : 0;
	uint8_t *bytes = arena_alloc(run->arena, (uint64_t)u->len + n + 1);

	memcpy(bytes, u->gathered, u->len);
	if (data)
		memcpy(bytes + u->len, data->gathered, n);
	(void)smb_whole(run, m, bytes, u->len, n);
}

static bool on_call(void *arg, const struct rpc_msg *m, struct rpc_known *k)
{
	const struct call_again *c = arg;

	k->ctx = c->pdu->stored->rpc;
	k->request_frame = c->pdu->stored->request_frame;
	k->since_ns = c->time_ns - c->pdu->stored->request_time_ns;
	if (c->stub)
		k->whole = (struct rpc_whole){ c->stub->gathered, c->stub->len, c->stub->n, c->stub->fragments };
	return c->stub || (m->flags & (RPC_FIRST_FRAG | RPC_LAST_FRAG)) == (RPC_FIRST_FRAG | RPC_LAST_FRAG);
}

static void call(struct dx_run *run, const struct unit_again *u, const struct unit_again *stub, int64_t time_ns)
{
	struct call_again c = { u, stub, time_ns };
	const struct rpc_hooks hooks = { .on_call = on_call, .arg = &c };
	struct rpc_msg m = { 0 };

	(void)track_unit(run, u->gathered, u->off, u->len, &m, &hooks);
}

/* time_ns: of the message. */
static void units(struct dx_run *run, struct smb_msg *m, const struct unit_again *u, int64_t time_ns)
{
	const struct unit_again *stub = NULL;

	for (; u; u = u->next) {
		if (u->kind == UNIT_PARAMETERS)
			whole(run, m, u);
		else if (u->kind == UNIT_DCERPC)
			call(run, u, stub, time_ns);
		stub = u->kind == UNIT_STUB ? u : NULL;
	}
}

static void on_message(void *arg, struct smb_msg *m, struct dx_run *run)
{
	struct wanted *w = arg;
	struct stored_message *s = &w->d->stored;

	w->seen = true;
	units(run, m, w->asked_units, s->time_ns);
	if (!m->response) {
		w->asked = m->asked;
		w->asked.known = true;
	}
	units(run, m, w->units, s->time_ns);
	if (m->response && s->has_request && (m->kind == SMB_PLAIN || m->kind == SMB_RAW))
		track_generated(run, m->protocol, s->request_frame, s->time_ns - s->request_time_ns);
	track_named(run, m, &w->known);
	track_preauth(run, m, w->known.preauth);
}

/* Copies a part's bytes to out: from the PDU it lies in, which is the message's own or that of an earlier one; *frame is where
 * that ended. */
static int read_part(struct detail_captures *c, const struct stored_part *part, struct arena *arena, uint8_t *out, uint32_t *frame,
                     struct err *e)
{
	struct stored_message m;
	struct again pdu;
	int got = store_message(c->store, part->command, part->response, arena, &m, e);

	if (got < 0 || (got && read_pdu(c, m.slices, m.n_slices, m.netbios, arena, &pdu, e)))
		return -1;
	if (!got || pdu.pdu.head < part->off || pdu.pdu.head - part->off < part->len)
		return err_set(e, ERR_INPUT, "the case's record of a part of this message is damaged");
	memcpy(out, pdu.bytes + part->off, part->len);
	*frame = m.frame;
	return 0;
}

static int gather(struct detail_captures *c, const struct stored_unit *s, struct arena *arena, struct unit_again *u, struct err *e)
{
	uint64_t total = 0;

	u->kind = s->kind;
	u->stored = s;
	if (s->n_parts == 1 && s->kind == UNIT_DCERPC) {
		u->off = s->parts[0].off;
		u->len = s->parts[0].len;
		return 0;
	}
	for (uint32_t i = 0; i < s->n_parts; i++)
		total += s->parts[i].len;
	if (total > LIMIT_PDU)
		return err_set(e, ERR_INPUT, "the case's record of a part of this message is damaged");
	u->len = (uint32_t)total;
	u->gathered = arena_alloc(arena, u->len + 1);
	if (s->kind == UNIT_STUB)
		u->fragments = arena_alloc(arena, s->n_parts * sizeof(*u->fragments));
	for (uint32_t i = 0, at = 0; i < s->n_parts; at += s->parts[i++].len) {
		const struct stored_part *part = &s->parts[i];
		uint32_t frame = 0;

		if ((part->len || u->fragments) && read_part(c, part, arena, u->gathered + at, &frame, e))
			return -1;
		if (!u->fragments)
			continue;
		u->fragments[u->n].len += part->len;
		u->fragments[u->n].frame = frame;
		u->n += !part->more;
	}
	return 0;
}

static int read_units(struct detail_captures *c, const struct stored_unit *s, struct arena *arena, struct unit_again **units,
                      struct err *e)
{
	for (; s; s = s->next) {
		*units = arena_alloc(arena, sizeof(**units));
		if (gather(c, s, arena, *units, e))
			return -1;
		units = &(*units)->next;
	}
	return 0;
}

/* First, told to nobody, the request: what it asked decides how its answer, or the rest of it, is read. */
static int read_request(struct detail_captures *c, struct wanted *w, const struct smb_hooks *hooks, struct err *e)
{
	struct detail *d = w->d;
	struct stored_message *s = &d->stored;
	struct stored_unit *asked;
	struct again pdu;

	if (read_pdu(c, s->request_slices, s->n_request_slices, s->netbios, &d->arena, &pdu, e) ||
	    store_asked(c->store, s->command, &d->arena, &asked, e) || read_units(c, asked, &d->arena, &w->asked_units, e))
		return -1;
	pdu.pdu.direction = FROM_CLIENT;
	w->element = s->request_element;
	smb_dissect(&pdu.pdu, &d->run, hooks);
	w->asked_units = NULL;
	return 0;
}

int detail_load(struct detail_captures *c, int64_t id, bool response, struct detail *d, struct err *e)
{
	struct wanted w = { .d = d };
	struct smb_hooks hooks = { on_header, on_message, &w };
	struct stored_unit *completed;
	struct sink_tree *tree;
	struct again pdu;
	int got;

	arena_reset(&d->arena);
	memset(&d->run, 0, sizeof(d->run));
	memset(&d->stored, 0, sizeof(d->stored));
	d->root = NULL;
	d->run.arena = &d->arena;
	got = store_message(c->store, id, response, &d->arena, &d->stored, e);
	if (got <= 0)
		return got;
	if (d->stored.has_request && read_request(c, &w, &hooks, e))
		return -1;
	if (read_pdu(c, d->stored.slices, d->stored.n_slices, d->stored.netbios, &d->arena, &pdu, e))
		return -1;
	pdu.pdu.direction = d->stored.direction;
	w.element = d->stored.element;
	if (store_known(c->store, id, response, &d->arena, &w.known, e))
		return -1;
	if (store_units(c->store, id, response, &d->arena, &completed, e) || read_units(c, completed, &d->arena, &w.units, e))
		return -1;
	tree = arena_alloc(&d->arena, sizeof(*tree));
	sink_tree_init(tree, &d->arena, &d->run);
	d->run.sink = &tree->sink;
	smb_dissect(&pdu.pdu, &d->run, &hooks);
	d->run.sink = NULL;
	d->root = tree_end(tree);
	return 1;
}

void detail_free(struct detail *d)
{
	arena_free(&d->arena);
	*d = (struct detail){ 0 };
}
