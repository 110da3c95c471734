/* Stub data by the tables of the interface compiler.  C706 14 (NDR), MS-RPCE 2.2.4, 2.2.5 (NDR64).
 *
 * How it works.  What a pointer leads to lies behind everything that is not: behind the outermost structure or array that the
 * pointer is in (C706 14.3.12.3).  So pointers are put in a queue, which is worked off when the parameter is read, and what
 * they lead to has a queue of its own.  All that is read becomes a tree, in which a target stands behind its pointer; the tree is
 * told to the listener when all of it is there. */
#include "ndr.h"

#include "base/limits.h"
#include "rpc/rpc.h"
#include "rpc/rpc_fields.h"

#include "gen/rpc/tables.inc"

/* A pointer whose target has not been reached: what it leads to stands behind node. */
struct deferred {
	struct deferred *next;
	struct ndr_node *node;
	const struct ndr_member *m;
	unsigned level;
};
struct queue {
	struct deferred *first, **end;
};

/* Full pointers that have come: their targets are there once (C706 14.3.10). */
struct seen {
	struct seen *next;
	uint64_t id;
};

/* Where the next node comes: in a link of the tree. */
typedef struct ndr_node **place;

static struct ndr_node *add(struct ndr *n, place *at, enum ndr_what what, unsigned field)
{
	struct ndr_node *node;

	if (n->bad || n->nodes++ >= LIMIT_NDR_NODES) {
		if (!n->bad)
			d_note(n->d, NOTE_limit);
		n->bad = true;
		return NULL;
	}
	node = arena_alloc(n->arena, sizeof(*node));
	*node = (struct ndr_node){ .what = (uint8_t)what, .field = (uint16_t)field, .type = fields[field].type, .off = n->d->at, .next = **at };
	**at = node;
	*at = &node->next;
	return node;
}

static const uint8_t *take(struct ndr *n, uint32_t len)
{
	const uint8_t *p = n->bad ? NULL : dx_take(n->d, len);

	if (!p)
		n->bad = true;
	else
		n->good = n->d->at;
	return p;
}

static void fill(struct ndr *n, place *at, unsigned to, unsigned field)
{
	uint32_t pad = (to - (n->d->at - n->d->base) % to) % to;
	struct ndr_node *node;

	if (!pad || n->bad)
		return;
	node = add(n, at, NDR_SPAN, field);
	if (node && take(n, pad))
		node->len = pad;
	else if (node)
		n->bad = true;
}

static void align(struct ndr *n, place *at, unsigned to)
{
	fill(n, at, to, F_padding);
}

/* An integer of the wire's own: a referent, a count. */
static uint64_t word(struct ndr *n, place *at, unsigned field, unsigned field64)
{
	unsigned width = n->wide ? 8 : 4;
	struct ndr_node *node;
	const uint8_t *p;

	align(n, at, width);
	node = add(n, at, NDR_VALUE, n->wide ? field64 : field);
	p = take(n, width);
	if (!node || !p)
		return 0;
	node->len = width;
	node->u = ndr_load(p, width, n->be);
	return node->u;
}

static void chain(struct ndr *n, const struct ndr_member *m, unsigned level, place *at, struct queue *q);

static bool has_come(struct ndr *n, uint64_t id)
{
	struct seen *s;

	for (s = n->seen; s; s = s->next)
		if (s->id == id)
			return true;
	if (n->full++ >= LIMIT_NDR_FULL) {
		d_note(n->d, NOTE_limit);
		n->bad = true;
		return true;
	}
	s = arena_alloc(n->arena, sizeof(*s));
	*s = (struct seen){ n->seen, id };
	n->seen = s;
	return false;
}

static void pointer(struct ndr *n, const struct ndr_member *m, unsigned level, place *at, struct queue *q)
{
	unsigned width = n->wide ? 8 : 4;
	struct ndr_node *node;
	struct deferred *x;
	const uint8_t *p;

	align(n, at, width);
	node = add(n, at, NDR_VALUE, n->wide ? F_ndr_referent64 : F_ndr_referent);
	p = take(n, width);
	if (!node || !p)
		return;
	node->len = width;
	node->u = ndr_load(p, width, n->be);
	if (!node->u) {
		node->what = NDR_SPAN;
		node->field = F_ndr_null;
		node->type = FT_BYTES;
		return;
	}
	if (m->level[level] == NDR_FULL && has_come(n, node->u))
		return;
	x = arena_alloc(n->arena, sizeof(*x));
	*x = (struct deferred){ .node = node, .m = m, .level = level + 1 };
	*q->end = x;
	q->end = &x->next;
}

static void flush(struct ndr *n, struct queue *q)
{
	if (n->depth >= LIMIT_NDR_DEPTH) {
		if (q->first && !n->bad)
			d_note(n->d, NOTE_limit);
		n->bad |= q->first != NULL;
		return;
	}
	n->depth++;
	for (const struct deferred *x = q->first; x && !n->bad; x = x->next) {
		struct queue inner = { NULL, &inner.first };
		place behind = &x->node->next;

		chain(n, x->m, x->level, &behind, &inner);
		flush(n, &inner);
	}
	n->depth--;
}

static uint64_t scalar(struct ndr *n, const struct ndr_type *t, unsigned field, place *at)
{
	unsigned width = n->wide && t->is_enum && t->width == 2 ? 4 : t->width, to = n->wide ? t->align64 : t->align;
	struct ndr_node *node;
	const uint8_t *p;

	/* What aligns an integer of 64 bits itself, not what it is in, has a name in Wireshark. */
	fill(n, at, to, t->width == 8 && to == 8 ? F_ndr_padding : F_padding);
	node = add(n, at, FT_WIDTH(t->load) ? NDR_VALUE : NDR_SPAN, field);
	p = take(n, width);
	if (!node || !p)
		return 0;
	node->len = width;
	if (FT_WIDTH(t->load))
		node->u = ndr_load(p, width, n->be || t->load == FT_IPV4);
	if (t->load == FT_I16 || t->load == FT_I32)
		node->u = (uint64_t)((int64_t)(node->u << (64 - 8 * width)) >> (64 - 8 * width));
	if (t->load == FT_GUID && n->be)
		node->type = FT_GUIDBE;
	return node->u;
}

static void note_value(struct ndr *n, const struct ndr_member *m, uint64_t u)
{
	if (m->is_level)
		n->level = (uint32_t)u;
	if (m->is_entries) {
		n->entries = (uint32_t)u;
		n->counted = true;
	}
}

/* The field of the count that stands before a structure. */
static unsigned count_field(const struct ndr_type *t)
{
	const struct ndr_member *last = NULL;

	while (t->kind == NDR_STRUCT && t->n) {
		last = &ndr_members[t->first + t->n - 1];
		t = &ndr_types[last->type];
	}
	return last && last->counts ? last->counts : F_ndr_max_count;
}

/* The conformance of an array at a structure's end stands before the structure (C706 14.3.7.1). */
static void structure(struct ndr *n, const struct ndr_type *t, place *at, struct queue *q)
{
	if (t->conformant && !n->conforms) {
		unsigned field = count_field(t);

		n->conformance = word(n, at, field, field);
		n->conforms = true;
	}
	align(n, at, n->wide ? t->align64 : t->align);
	for (unsigned i = 0; i < t->n && !n->bad; i++)
		chain(n, &ndr_members[t->first + i], 0, at, q);
	if (n->wide)
		align(n, at, t->align64);
}

/* C706 14.3.8: the discriminant, also where it is a parameter or a member of its own.  Behind it stands what aligns the arm that
 * has the greatest alignment, whichever arm it is. */
static void unite(struct ndr *n, const struct ndr_type *t, unsigned field, place *at, struct queue *q)
{
	const struct ndr_type *tag = &ndr_types[t->tag];
	const struct ndr_member *arm = NULL;
	struct ndr_node *node;
	place before = *at;

	if (n->wide)
		align(n, at, t->align64);
	before = *at;
	(void)scalar(n, tag, field, at);
	node = *before;
	while (node && node->field != field)
		node = node->next;
	if (n->bad || !node)
		return;
	for (unsigned i = 0; i < t->n; i++) {
		const struct ndr_member *m = &ndr_members[t->first + i];

		if (m->is_default ? !arm : m->value == (uint32_t)node->u)
			arm = m;
	}
	if (!arm) {
		d_note(n->d, NOTE_undecoded);
		n->bad = true;
		return;
	}
	align(n, at, n->wide ? t->align64 : t->align);
	if (arm->type)
		chain(n, arm, 0, at, q);
}

static void constructed(struct ndr *n, const struct ndr_type *t, unsigned field, place *at, struct queue *q)
{
	struct ndr_node *node = t->flat ? NULL : add(n, at, NDR_GROUP, field);
	place inside = node ? &node->child : *at;

	if (n->depth >= LIMIT_NDR_DEPTH && !n->bad) {
		d_note(n->d, NOTE_limit);
		n->bad = true;
	}
	if (n->bad)
		return;
	n->depth++;
	if (t->kind == NDR_STRUCT)
		structure(n, t, &inside, q);
	else
		unite(n, t, node ? F_ndr_tag : field, &inside, q);
	n->depth--;
	if (!node)
		*at = inside;
	else
		node->len = n->good > node->off ? n->good - node->off : 0;
}

/* Whether an array stands before the level. */
static bool in_array(const struct ndr_member *m, unsigned level)
{
	while (level--)
		if (m->level[level] >= NDR_CONFORMANT)
			return true;
	return false;
}

/* Elements that are alike: one node, whatever their number. */
static void plain(struct ndr *n, const struct ndr_member *m, unsigned level, uint64_t count, place *at)
{
	const struct ndr_type *t = &ndr_types[m->type];
	bool text = !FT_WIDTH(t->load);
	struct ndr_node *node;

	align(n, at, n->wide ? t->align64 : t->align);
	node = add(n, at, m->show && m->show < NDR_SHOW_text ? NDR_PART : text ? NDR_SPAN : NDR_ARRAY, m->field);
	if (!node)
		return;
	node->width = t->width;
	node->show = m->show;
	node->u = n->be;
	node->element = in_array(m, level - 1);
	if (!count)
		return;
	if (count > d_rest(n->d) / t->width)
		count = d_rest(n->d) / t->width + 1;
	if (take(n, (uint32_t)count * t->width))
		node->len = (uint32_t)count * t->width;
	if (t->load == FT_UTF16 && n->be)
		node->type = FT_UTF16BE;
}

static void elements(struct ndr *n, const struct ndr_member *m, unsigned level, uint64_t count, place *at, struct queue *q)
{
	const struct ndr_type *t = &ndr_types[m->type];
	bool last = level >= NDR_LEVELS || !m->level[level];

	if (last && t->kind == NDR_SCALAR && (FT_WIDTH(t->load) || t->width == 1 || t->load == FT_UTF16) && !(n->wide && t->is_enum)) {
		plain(n, m, level, count, at);
		return;
	}
	for (; count && !n->bad; count--) {
		uint32_t from = n->d->at;

		chain(n, m, level, at, q);
		if (n->d->at == from) {            /* nothing is an element's bytes */
			n->bad = true;
			d_note(n->d, NOTE_malformed);
		}
	}
}

/* NDR64 writes each piece's count behind it as well, negated (MS-RPCE 2.2.5). */
static void pieces(struct ndr *n, const struct ndr_member *m, unsigned level, place *at, struct queue *q)
{
	uint64_t count;

	do {
		count = word(n, at, F_ndr_actual_count, F_ndr_actual_count);
		if (count)
			elements(n, m, level, count, at, q);
		if (n->wide)
			(void)word(n, at, F_ndr_actual_count, F_ndr_actual_count);
	} while (count && !n->bad);
}

static uint64_t conformance(struct ndr *n, const struct ndr_member *m, place *at)
{
	unsigned field = m->counts ? m->counts : F_ndr_max_count;

	if (!n->conforms)
		return word(n, at, field, field);
	n->conforms = false;
	return n->conformance;
}

static void array(struct ndr *n, const struct ndr_member *m, unsigned level, place *at, struct queue *q)
{
	unsigned kind = m->level[level];
	uint64_t count = m->count;

	if (kind == NDR_CONFORMANT || kind == NDR_BOTH || kind == NDR_STRING)
		count = conformance(n, m, at);
	if (kind != NDR_CONFORMANT && kind != NDR_FIXED) {
		unsigned offset = m->all_counts ? m->counts + 1U : F_ndr_offset, actual = m->all_counts ? m->counts + 2U : F_ndr_actual_count;

		(void)word(n, at, offset, offset);
		count = word(n, at, actual, actual);
	}
	elements(n, m, level + 1, count, at, q);
}

static void part(struct ndr *n, const struct ndr_member *m, place *at)
{
	struct ndr_node *node;
	uint32_t len;

	/* RPC_SID: the number of its last part stands before it, and in it (MS-DTYP 2.4.2.3). */
	n->conformance = conformance(n, m, at);
	align(n, at, 4);
	node = add(n, at, NDR_PART, m->field);
	len = n->conformance > 0xff ? UINT32_MAX : 8 + 4 * (uint32_t)n->conformance;
	if (node && take(n, len)) {
		node->len = len;
		node->show = m->show;
	}
}

static void mark_element(struct ndr_node *node, const struct ndr_member *m)
{
	while (node && node->field != m->field)
		node = node->next;
	if (node)
		node->element = true;
}

/* A member from its level on: pointers, arrays, at last its type. */
static void chain(struct ndr *n, const struct ndr_member *m, unsigned level, place *at, struct queue *q)
{
	const struct ndr_type *t = &ndr_types[m->type];
	place before;

	switch (level < NDR_LEVELS ? m->level[level] : NDR_NONE) {
	case NDR_UNIQUE:
	case NDR_REF:
	case NDR_FULL:
		pointer(n, m, level, at, q);
		break;
	case NDR_NONE:
		before = *at;
		if (m->show == NDR_SHOW_sid)
			part(n, m, at);
		else if (t->kind == NDR_SCALAR && t->width)
			note_value(n, m, scalar(n, t, m->field, at));
		else if (t->kind != NDR_SCALAR)
			constructed(n, t, m->field, at, q);
		if (in_array(m, level))
			mark_element(*before, m);
		break;
	case NDR_PIPE:
		pieces(n, m, level + 1, at, q);
		break;
	default:
		array(n, m, level, at, q);
	}
}

/* A parameter's own reference pointer is not on the wire (C706 14.3.11.1). */
static void parameter(struct ndr *n, const struct ndr_member *m, place *at)
{
	struct queue q = { NULL, &q.first };

	chain(n, m, m->level[0] == NDR_REF, at, &q);
	flush(n, &q);
	while (**at)
		*at = &(**at)->next;
}

static const struct ndr_interface *interface_of(const uint8_t uuid[16], unsigned version)
{
	for (size_t i = 0; i < COUNT(ndr_interfaces); i++)
		if (memcmp(ndr_interfaces[i].uuid, uuid, 16) == 0 && ndr_interfaces[i].version == version)
			return &ndr_interfaces[i];
	return NULL;
}

const char *rpc_interface_name(const uint8_t uuid[16], unsigned version)
{
	const struct ndr_interface *i = interface_of(uuid, version);

	return i ? i->name : NULL;
}

const char *rpc_operation_name(const uint8_t uuid[16], unsigned version, unsigned opnum)
{
	const struct ndr_interface *i = interface_of(uuid, version);

	return i && opnum < i->n ? ndr_ops[i->first + opnum].name : NULL;
}

static void result(struct ndr *n, const struct ndr_op *op, place *at, struct rpc_facts *facts)
{
	uint64_t u = scalar(n, &ndr_types[op->result_type], op->result_field, at);

	if (!facts || n->bad)
		return;
	facts->has_result = true;
	facts->result = (uint32_t)u;
	facts->result_name = fields[op->result_field].name ? fields[op->result_field].name(u) : NULL;
}

/* Whole, or, where that is too much, each text and array in it by its beginning. */
static void say(const struct ndr *n, const struct ndr_node *first, struct rpc_facts *facts)
{
	static const uint32_t longest[] = { UINT32_MAX >> 2, 256, 16 };
	struct text_out name = text_begin(facts->name, sizeof(facts->name));

	facts->handle = ndr_handle(n, first);
	if (!n->response)
		ndr_named(&name, n, first);
	text_end(&name);
	for (size_t i = 0; i < COUNT(longest); i++) {
		struct text_out o = text_begin(facts->json, facts->size);

		ndr_json(&o, n, first, longest[i]);
		facts->len = (uint32_t)text_end(&o);
		if (facts->len < facts->size)
			return;
	}
	facts->len = 0;
}

static void call(struct ndr *n, const struct ndr_op *op, bool response, struct rpc_facts *facts)
{
	struct ndr_node *first = NULL;
	place at = &first;

	for (unsigned i = 0; i < op->n && !n->bad; i++) {
		const struct ndr_member *m = &ndr_members[op->first + i];

		if (response ? m->out : m->in)
			parameter(n, m, &at);
	}
	if (response && op->result_field)
		result(n, op, &at, facts);
	if (n->d->run->sink)
		ndr_tell(n, first);
	if (facts)
		say(n, first, facts);
}

/* As Wireshark shows what it does not read; the fields follow. */
static void as_bytes(struct dx d)
{
	if (d_rest(&d))
		(void)d_some(&d, rpc_stub, d_rest(&d));
}

uint32_t rpc_stub(struct dx *d, const struct rpc_ctx *ctx, struct rpc_form form)
{
	const struct ndr_interface *i = ctx->known ? interface_of(ctx->uuid, ctx->version) : NULL;
	struct ndr n = { .d = d, .arena = d->run->arena, .good = d->at, .be = form.be, .wide = ctx->ndr64,
	                 .level = form.response ? ctx->level : 0, .response = form.response };
	const struct ndr_op *op;

	if (!i || !ctx->asked || ctx->opnum >= i->n) {
		d_some(d, rpc_stub, d_rest(d));
		return 0;
	}
	op = &ndr_ops[i->first + ctx->opnum];
	dx_push(d, i->proto);
	dx_gen(d->run, i->opnum, ctx->opnum);
	if (op->opaque) {
		d_some(d, rpc_stub, d_rest(d));
	} else {
		if (op->own)
			as_bytes(*d);
		call(&n, op, form.response, form.facts);
		*d = dx_open(d->run, d->src, n.good, d->lim - n.good);
		if (n.bad && d_rest(d))
			(void)d_some(d, undecoded, d_rest(d));
		else
			d_left(d);
	}
	d_pop(d);
	return n.level;
}
