/* Calls through pipes: presentation contexts, and requests with their answers, by DCE/RPC PDUs.  C706 12.6.4, 9.5; MS-RPCE
 * 3.3.1.5.3, 3.3.1.5.6.
 *
 * How it works.  A pipe's open is an association.  bind and alter_context propose presentation contexts, numbers for an
 * interface in a transfer syntax; their answers say, in the same order, what became of them.  A request names a context, an
 * operation and a call; its answer names the call.  Calls may overlap.  Where the answer to a proposal was not seen, the proposal holds
 * (its requests could not have been sent otherwise); where the proposal was not seen, nothing is known of what the context
 * means, whatever the pipe is called.
 *
 * The stub of a call may come in several PDUs, in order.  It is joined when all of them were captured; places of its pieces
 * are stored before the PDU that completes it (UNIT_STUB), so that this PDU can be read again, alone. */
#include "session/track_private.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/text.h"

struct pipe_key {
	uint32_t open, id;         /* of the context, or the call */
};

struct pipe_context {
	struct map_node node;      /* in pipe_contexts */
	struct pipe_key key;
	struct link link;          /* of its pipe */
	uint8_t uuid[16];
	uint16_t version, minor;
	uint16_t index;            /* in the PDU that proposed it */
	uint8_t syntaxes;          /* proposed, then the one agreed on */
	uint32_t call;             /* call id of that PDU */
	text_id interface, uuid_text, version_text;
	bool named;                /* these are set */
};

/* Bytes of a stub that lie together. */
struct piece {
	struct unit_part where;
	bool more;                 /* its PDU's stub goes on with the next one */
};

/* The stub of one side of a call, where it comes in several PDUs. */
struct stub {
	struct link link;          /* in stubs.holding, while it holds bytes */
	uint8_t *bytes;            /* owned, as the next two */
	struct piece *pieces;
	struct rpc_fragment *fragments;
	uint32_t n, cap, n_pieces, cap_pieces, n_fragments, cap_fragments;
	uint64_t missing;          /* of the direction when it began, */
	uint32_t losses;           /* and of the pipe's stream */
	bool begun;
};

/* What a context handle stands for: what it was got by naming. */
struct pipe_handle {
	struct map_node node;      /* in pipe_handles */
	struct handle_key {
		uint32_t open;
		uint8_t bytes[20];
	} key;
	char object[];
};

struct pipe_call {
	struct map_node node;      /* in pipe_calls */
	struct pipe_key key;
	struct link link;          /* of its pipe */
	struct ev_call row;
	struct rpc_ctx ctx;
	struct stub stubs[2];      /* request, answer */
	char *arguments;           /* owned; NULL: not known */
	char *object;              /* of the handle that the answer may hold, owned; NULL: none */
};

struct pipe {
	struct track *t;
	struct link contexts, calls;
	uint32_t open;
};

struct pipe *pipe_new(struct track *t, uint32_t open)
{
	struct pipe *p = xcalloc(1, sizeof(*p));

	p->t = t;
	p->open = open;
	list_init(&p->contexts);
	list_init(&p->calls);
	return p;
}

/* --- stubs --- */

static uint64_t size_of(const struct stub *s)
{
	return s->cap + (uint64_t)s->cap_pieces * sizeof(*s->pieces) + (uint64_t)s->cap_fragments * sizeof(*s->fragments);
}

/* Lets go of what is held; more of it is a fragment. */
static void stub_drop(struct track *t, struct stub *s)
{
	t->stubs.held -= size_of(s);
	list_remove(&s->link);
	free(s->bytes);
	free(s->pieces);
	free(s->fragments);
	memset(s, 0, sizeof(*s));
}

static void add_piece(struct stub *s, const struct unit_part *where, uint32_t skip, uint32_t len)
{
	s->pieces = mem_grow(s->pieces, s->n_pieces, &s->cap_pieces, sizeof(*s->pieces));
	s->pieces[s->n_pieces] = (struct piece){ .where = *where };
	s->pieces[s->n_pieces].where.off += skip;
	s->pieces[s->n_pieces++].where.len = len;
}

/* Where the stub lies in the messages.  Its last piece, if one without bytes, is in the message at hand. */
static void add_pieces(struct stub *s, const struct unit *u, struct extent stub, const struct unit_part *here)
{
	uint32_t at = 0, first = s->n_pieces;

	for (uint32_t i = 0; i < u->n_parts; at += u->parts[i++].len) {
		uint32_t from = at > stub.off ? at : stub.off, to = min_u32(at + u->parts[i].len, stub.off + stub.len);

		if (from < to)
			add_piece(s, &u->parts[i], from - at, to - from);
	}
	if (s->n_pieces == first || s->pieces[s->n_pieces - 1].where.command != here->command ||
	    s->pieces[s->n_pieces - 1].where.response != here->response)
		add_piece(s, &(struct unit_part){ .command = here->command, .response = here->response }, 0, 0);
	for (uint32_t i = first; i + 1 < s->n_pieces; i++)
		s->pieces[i].more = true;
}

static void stub_add(struct pipe_pdu *x, struct stub *s, struct extent stub)
{
	struct track *t = x->t;

	t->stubs.held -= size_of(s);
	if (s->cap < s->n + stub.len) {
		s->cap = s->n + stub.len > 2 * s->cap ? s->n + stub.len : 2 * s->cap;
		s->bytes = xrealloc(s->bytes, s->cap);
	}
	if (stub.len)
		memcpy(s->bytes + s->n, x->unit->bytes.p + stub.off, stub.len);
	s->n += stub.len;
	s->fragments = mem_grow(s->fragments, s->n_fragments, &s->cap_fragments, sizeof(*s->fragments));
	s->fragments[s->n_fragments++] = (struct rpc_fragment){ t->pdu->last.frame, stub.len };
	add_pieces(s, x->unit, stub, &x->here);
	t->stubs.held += size_of(s);
	list_remove(&s->link);
	list_append(&t->stubs.holding, &s->link);
	if (s->n > LIMIT_STUB || s->n_pieces > LIMIT_UNIT_PARTS) {
		stub_drop(t, s);
		t->stubs.evictions++;
	}
	while (t->stubs.held > LIMIT_UNIT_HELD_BYTES) {
		stub_drop(t, list_item(t->stubs.holding.next, struct stub, link));
		t->stubs.evictions++;
	}
}

/* Takes the PDU's stub; true: the whole is there. */
static bool join(struct pipe_pdu *x, const struct rpc_msg *m, struct stub *s)
{
	bool response = m->type == RPC_RESPONSE;
	uint64_t missing = x->p->conn->flow->side[response ? FROM_SERVER : FROM_CLIENT].missing;

	if (m->flags & RPC_FIRST_FRAG) {
		stub_drop(x->t, s);
		s->begun = true;
		s->missing = missing;
		s->losses = x->stream->losses;
	} else if (s->begun && (s->missing != missing || s->losses != x->stream->losses)) {
		stub_drop(x->t, s);
	}
	if (!s->begun)
		return false;
	stub_add(x, s, m->stub);
	return s->begun && (m->flags & RPC_LAST_FRAG);
}

/* --- presentation contexts --- */

static struct pipe_context *context_find(struct track *t, uint32_t open, uint16_t id)
{
	const struct pipe_key key = { open, id };

	return map_find(&t->pipe_contexts, &key);
}

static void context_drop(struct track *t, struct pipe_context *c)
{
	map_remove(&t->pipe_contexts, c);
	list_remove(&c->link);
	free(c);
}

static void contexts_drop(struct pipe *pipe)
{
	while (!list_empty(&pipe->contexts))
		context_drop(pipe->t, list_item(pipe->contexts.next, struct pipe_context, link));
}

static void proposed(struct track *t, struct pipe *pipe, const struct rpc_msg *m, const struct rpc_item *item)
{
	struct pipe_context *c;

	if (m->type == RPC_BIND && item->index == 0)
		contexts_drop(pipe);
	c = context_find(t, pipe->open, item->context);
	if (c)
		context_drop(t, c);
	if (map_count(&t->pipe_contexts) >= LIMIT_PIPE_CONTEXTS) {
		context_drop(t, map_oldest(&t->pipe_contexts));
		t->evictions++;
	}
	c = xcalloc(1, sizeof(*c));
	c->key = (struct pipe_key){ pipe->open, item->context };
	memcpy(c->uuid, item->uuid, 16);
	c->version = item->version;
	c->minor = item->minor;
	c->syntaxes = item->syntaxes;
	c->index = item->index;
	c->call = m->call;
	map_insert(&t->pipe_contexts, c);
	list_append(&pipe->contexts, &c->link);
}

static void decided(struct track *t, struct pipe *pipe, const struct rpc_msg *m, const struct rpc_item *item)
{
	for (struct link *l = pipe->contexts.next; l != &pipe->contexts; l = l->next) {
		struct pipe_context *c = list_item(l, struct pipe_context, link);

		if (c->call != m->call || c->index != item->index)
			continue;
		if (item->accepted)
			c->syntaxes = item->syntaxes;
		else
			context_drop(t, c);
		return;
	}
}

void pipe_item(void *arg, const struct rpc_msg *m, const struct rpc_item *item)
{
	struct pipe_pdu *x = arg;

	if (m->type == RPC_BIND || m->type == RPC_ALTER)
		proposed(x->t, x->pipe, m, item);
	else
		decided(x->t, x->pipe, m, item);
}

/* A stub can be read where there is but one syntax that it may be in. */
static void context_ctx(struct track *t, struct pipe_context *c, struct rpc_ctx *ctx)
{
	if (!c)
		return;
	map_touch(&t->pipe_contexts, c);
	if (c->syntaxes != RPC_NDR && c->syntaxes != RPC_NDR64)
		return;
	ctx->known = true;
	memcpy(ctx->uuid, c->uuid, 16);
	ctx->version = c->version;
	ctx->ndr64 = c->syntaxes == RPC_NDR64;
}

/* --- calls --- */

/* returned: what the answer says, row.returned_len of it. */
static void call_put(struct track *t, struct pipe_call *c, const char *returned)
{
	uint32_t n = c->row.arguments_len;
	char *texts;

	if (!t->events)
		return;
	texts = arena_alloc(t->run->arena, (uint64_t)n + c->row.returned_len + 1);
	if (n)
		memcpy(texts, c->arguments, n);
	if (c->row.returned_len)
		memcpy(texts + n, returned, c->row.returned_len);
	t->events->put(t->events, EV_CALL, &c->row, sizeof(c->row), texts, n + c->row.returned_len);
}

/* --- what calls say --- */

static struct pipe_handle *handle_find(struct track *t, uint32_t open, struct span handle)
{
	struct handle_key key = { .open = open };

	memcpy(key.bytes, handle.p, sizeof(key.bytes));
	return map_find(&t->pipe_handles, &key);
}

static void handle_drop(struct track *t, struct pipe_handle *h)
{
	map_remove(&t->pipe_handles, h);
	free(h);
}

static void handle_learn(struct track *t, uint32_t open, struct span handle, const char *object)
{
	struct pipe_handle *h = handle_find(t, open, handle);
	size_t n = strlen(object) + 1;

	if (h)
		handle_drop(t, h);
	if (map_count(&t->pipe_handles) >= LIMIT_PIPE_HANDLES)
		handle_drop(t, map_oldest(&t->pipe_handles));
	h = xcalloc(1, sizeof(*h) + n);
	h->key.open = open;
	memcpy(h->key.bytes, handle.p, sizeof(h->key.bytes));
	memcpy(h->object, object, n);
	map_insert(&t->pipe_handles, h);
}

/* What a handle will stand for that this request may get: what it names, below what its own handle stands for; without a name,
 * what the operation opens (OpenLocalMachine). */
static char *object_of(struct pipe_call *c, const struct rpc_facts *f, const char *parent, const char *operation)
{
	const char *name = *f->name ? f->name : operation && strncmp(operation, "Open", 4) == 0 ? operation + 4 : NULL;
	char text[LIMIT_TEXT];

	free(c->object);
	if (!name)
		return parent ? strdup(parent) : NULL;
	snprintf(text, sizeof(text), "%s%s%s", parent ? parent : "", parent ? "\\" : "", name);
	return strdup(text);
}

static void request_said(struct track *t, struct pipe_call *c, const struct rpc_facts *f)
{
	struct pipe_handle *h = f->handle.p ? handle_find(t, c->key.open, f->handle) : NULL;

	if (h) {
		map_touch(&t->pipe_handles, h);
		c->row.object = intern_z(t, h->object);
	}
	c->object = object_of(c, f, h ? h->object : NULL, c->ctx.known ? rpc_operation_name(c->ctx.uuid, c->ctx.version, c->ctx.opnum) : NULL);
	if (!f->len || t->call_texts + f->len > LIMIT_CALL_TEXTS)
		return;
	c->arguments = memcpy(xmalloc(f->len), f->json, f->len);
	c->row.arguments_len = f->len;
	t->call_texts += f->len;
}

static void answer_said(struct track *t, struct pipe_call *c, const struct rpc_facts *f)
{
	static const uint8_t none[20] = { 0 };
	char text[16];

	if (f->has_result) {
		c->row.result_code = f->result;
		snprintf(text, sizeof(text), "0x%08x", f->result);
		c->row.result = intern_z(t, f->result_name ? f->result_name : text);
	}
	c->row.returned_len = f->len;
	/* A refused call gives a handle of zeros. */
	if (f->handle.p && c->object && memcmp(f->handle.p, none, sizeof(none)) != 0)
		handle_learn(t, c->key.open, f->handle, c->object);
}

/* States the call as it is, and forgets it. */
static void call_end(struct track *t, struct pipe_call *c, const char *returned)
{
	call_put(t, c, returned);
	t->call_texts -= c->row.arguments_len;
	free(c->arguments);
	free(c->object);
	stub_drop(t, &c->stubs[0]);
	stub_drop(t, &c->stubs[1]);
	map_remove(&t->pipe_calls, c);
	list_remove(&c->link);
	free(c);
}

static void name_context(struct track *t, struct pipe_context *c)
{
	char text[16];

	c->named = true;
	c->interface = intern_z(t, rpc_interface_name(c->uuid, c->version));
	c->uuid_text = intern_guid(t, (struct span){ c->uuid, 16 });
	snprintf(text, sizeof(text), "%u.%u", c->version, c->minor);
	c->version_text = intern_z(t, text);
}

static struct pipe_call *call_new(struct pipe_pdu *x, const struct rpc_msg *m)
{
	const struct ev_command *command = &x->p->row;
	struct pipe_context *context = context_find(x->t, x->pipe->open, m->context);
	struct pipe_call *c;
	struct track *t = x->t;

	if (map_count(&t->pipe_calls) >= LIMIT_PIPE_CALLS) {
		call_end(t, map_oldest(&t->pipe_calls), NULL);
		t->evictions++;
	}
	c = xcalloc(1, sizeof(*c));
	c->key = (struct pipe_key){ x->pipe->open, m->call };
	context_ctx(t, context, &c->ctx);
	c->row = (struct ev_call){
		.call = ++t->next.call, .open = x->pipe->open, .session = command->session, .connection = command->connection,
		.command = x->here.command, .capture = t->pdu->first.capture, .opnum = EV_NULL, .result_code = EV_NULL, .sealed = 0,
	};
	if (context && t->events) {
		if (!context->named)
			name_context(t, context);
		c->row.interface = context->interface;
		c->row.uuid = context->uuid_text;
		c->row.version = context->version_text;
	}
	if (m->type == RPC_REQUEST) {
		c->ctx.asked = true;
		c->ctx.opnum = m->opnum;
		c->row.opnum = m->opnum;
		if (context && t->events)
			c->row.operation = intern_z(t, rpc_operation_name(context->uuid, context->version, m->opnum));
		c->row.request_frame = t->pdu->last.frame;
		c->row.time_ns = t->pdu->last.time_ns;
	}
	map_insert(&t->pipe_calls, c);
	list_append(&x->pipe->calls, &c->link);
	return c;
}

static struct pipe_call *call_of(struct pipe_pdu *x, const struct rpc_msg *m)
{
	const struct pipe_key key = { x->pipe->open, m->call };
	struct pipe_call *c = map_find(&x->t->pipe_calls, &key);

	/* The number is used again: the old call was never answered. */
	if (c && m->type == RPC_REQUEST && (m->flags & RPC_FIRST_FRAG)) {
		call_end(x->t, c, NULL);
		c = NULL;
	}
	if (!c)
		return call_new(x, m);
	map_touch(&x->t->pipe_calls, c);
	return c;
}

static text_id fault_name(struct track *t, uint32_t status)
{
	const char *name = name_rpc_status(status);
	char text[16];

	if (name)
		return intern_z(t, name);
	snprintf(text, sizeof(text), "0x%08x", status);
	return intern_z(t, text);
}

bool pipe_call(void *arg, const struct rpc_msg *m, struct rpc_known *k)
{
	struct pipe_pdu *x = arg;
	struct track *t = x->t;
	struct pipe_call *c = x->call = call_of(x, m);
	struct stub *s = &c->stubs[m->type != RPC_REQUEST];

	k->ctx = c->ctx;
	if (m->sealed)
		c->row.sealed = 1;
	if (m->type != RPC_REQUEST) {
		k->request_frame = c->row.request_frame;
		k->since_ns = t->pdu->last.time_ns - c->row.time_ns;
		x->ends = m->type == RPC_FAULT || (m->flags & RPC_LAST_FRAG);
		c->row.response_frame = t->pdu->last.frame;
		if (m->type == RPC_FAULT)
			c->row.fault = fault_name(t, m->status);
	}
	if (t->events && !m->sealed && m->type != RPC_FAULT && (m->flags & RPC_LAST_FRAG)) {
		k->facts = x->facts = arena_alloc(t->run->arena, sizeof(*x->facts));
		*x->facts = (struct rpc_facts){ .json = arena_alloc(t->run->arena, LIMIT_CALL_TEXT), .size = LIMIT_CALL_TEXT };
	}
	if ((m->flags & (RPC_FIRST_FRAG | RPC_LAST_FRAG)) == (RPC_FIRST_FRAG | RPC_LAST_FRAG))
		return true;
	if (m->sealed || m->type == RPC_FAULT || !join(x, m, s))
		return false;
	x->whole = s;
	k->whole.len = s->n;
	k->whole.n = s->n_fragments;
	/* They are shown after the call has ended. */
	k->whole.bytes = memcpy(arena_alloc(t->run->arena, s->n + 1), s->bytes, s->n);
	k->whole.fragments = memcpy(arena_alloc(t->run->arena, s->n_fragments * sizeof(*s->fragments)), s->fragments,
	                            s->n_fragments * sizeof(*s->fragments));
	return true;
}

static void put_whole(struct track *t, const struct stub *s, uint32_t open)
{
	struct ev_unit_part row = { .unit = ++t->next.unit, .open = open };

	for (; row.part < s->n_pieces; row.part++) {
		const struct piece *p = &s->pieces[row.part];

		row.command = p->where.command;
		row.direction = p->where.response;
		row.kind = p->more ? UNIT_STUB_MORE : UNIT_STUB;
		row.off = p->where.off;
		row.len = p->where.len;
		t->events->put(t->events, EV_UNIT_PART, &row, sizeof(row), NULL, 0);
	}
}

void pipe_done(struct pipe_pdu *x, const struct rpc_msg *m, struct ev_unit_part *row)
{
	struct track *t = x->t;

	if (m->type == RPC_BIND_NAK)
		contexts_drop(x->pipe);
	if (!x->call)
		return;
	if (t->events) {
		row->rpc_context = intern_rpc_ctx(t, &x->call->ctx);
		if (m->type != RPC_REQUEST && x->call->row.request_frame) {
			row->request_frame = x->call->row.request_frame;
			row->request_time_ns = x->call->row.time_ns;
		}
		if (x->whole)
			put_whole(t, x->whole, x->pipe->open);
	}
	/* Its answer is read by it; the request is not. */
	if (m->type == RPC_REQUEST && m->level)
		x->call->ctx.level = m->level;
	if (x->whole)
		stub_drop(t, x->whole);
	if (x->facts && m->type == RPC_REQUEST && !x->call->arguments)
		request_said(t, x->call, x->facts);
	else if (x->facts && m->type == RPC_RESPONSE)
		answer_said(t, x->call, x->facts);
	if (x->ends)
		call_end(t, x->call, x->facts ? x->facts->json : NULL);
}

void pipe_free(struct pipe *pipe)
{
	if (!pipe)
		return;
	while (!list_empty(&pipe->calls))
		call_end(pipe->t, list_item(pipe->calls.next, struct pipe_call, link), NULL);
	contexts_drop(pipe);
	free(pipe);
}

void pipes_flush(struct track *t)
{
	for (struct pipe_call *c = map_oldest(&t->pipe_calls); c; c = map_newer(c))
		call_put(t, c, NULL);
}

void pipes_init(struct track *t)
{
	map_init(&t->pipe_contexts, offsetof(struct pipe_context, key), sizeof(struct pipe_key));
	map_init(&t->pipe_calls, offsetof(struct pipe_call, key), sizeof(struct pipe_key));
	map_init(&t->pipe_handles, offsetof(struct pipe_handle, key), sizeof(struct handle_key));
	unit_init(&t->stubs);
}

void pipes_end(struct track *t)
{
	while (map_count(&t->pipe_handles))
		handle_drop(t, map_oldest(&t->pipe_handles));
	map_free(&t->pipe_handles);
	map_free(&t->pipe_contexts);
	map_free(&t->pipe_calls);
}
