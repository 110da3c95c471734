/* The PDUs of a capture, kept whole, with what each of their messages has to know from before: made by a
 * small tracker of its own, so that the properties do not lean on the one they test. */
#ifndef TESTS_PROPS_SAVED_H
#define TESTS_PROPS_SAVED_H

#include "common.h"

/* What an element of a PDU was given when its header was read. */
struct given {
	struct smb_ctx ctx;
	struct smb_asked asked;
};

struct saved {
	struct pdu pdu;            /* bytes and holes are owned; no slices */
	uint32_t flow, n_given;
	struct given *given;       /* by element */
};

struct saved_set {
	struct saved *list;
	uint32_t n, cap;
};

/* A sink that hears nothing makes the stream layer assemble every PDU. */
static void deaf_value(struct sink *s UNUSED, const struct fval *v UNUSED) { }
static void deaf_push(struct sink *s UNUSED, enum field_id id UNUSED, uint8_t src UNUSED, uint32_t off UNUSED) { }
static void deaf_pop(struct sink *s UNUSED, uint32_t end UNUSED) { }
static void deaf_note(struct sink *s UNUSED, enum note_id id UNUSED, uint8_t src UNUSED, uint32_t off UNUSED) { }

static void *copy(const void *p, size_t n)
{
	return n ? memcpy(xmalloc(n), p, n) : NULL;
}

static void keep(void *arg, const struct tcp_flow *flow, const struct pdu *pdu, const struct frame *now UNUSED,
                 struct dx_run *run UNUSED)
{
	struct saved_set *set = arg;
	struct saved *s;

	set->list = mem_grow(set->list, set->n, &set->cap, sizeof(*set->list));
	s = &set->list[set->n++];
	*s = (struct saved){ .pdu = *pdu, .flow = flow->id };
	s->pdu.bytes = copy(pdu->bytes, pdu->head);
	s->pdu.holes = copy(pdu->holes, pdu->n_holes * sizeof(*pdu->holes));
	s->pdu.slices = NULL;
	s->pdu.n_slices = 0;
}

/* --- the small tracker: one list of what was asked, searched from its end --- */

struct asked_of {
	uint32_t flow;
	uint64_t id;               /* message id */
	uint16_t command, index;
	struct given given;
};
struct pipe_tree {
	uint32_t flow, tree;
};

struct follow {
	struct saved *now;
	struct asked_of *asked;
	struct pipe_tree *pipes;
	uint32_t n_asked, cap_asked, n_pipes, cap_pipes, flow;
	struct smb_ctx ctx;        /* of the flow at hand */
	uint32_t related_tree;
};

static bool follow_header(void *arg, struct smb_msg *m)
{
	struct follow *f = arg;
	struct saved *s = f->now;
	struct given *g;

	s->given = xrealloc(s->given, (m->index + 1u) * sizeof(*s->given));
	while (s->n_given <= m->index)
		s->given[s->n_given++] = (struct given){ 0 };
	g = &s->given[m->index];
	g->ctx = f->ctx;
	if (m->protocol == 1 && !g->ctx.dialect)
		g->ctx.dialect = DIALECT_SMB1;
	if (m->response) {
		for (uint32_t i = f->n_asked; i-- > 0;) {
			const struct asked_of *a = &f->asked[i];

			if (a->flow != s->flow || a->id != m->message_id || (m->protocol == 1 && a->index != m->index))
				continue;
			g->asked = a->given.asked;
			g->ctx.object = a->given.ctx.object;
			break;
		}
	} else {
		if (!(m->protocol == 2 && m->related && m->index))
			f->related_tree = m->tree_id;
		for (uint32_t i = 0; i < f->n_pipes; i++)
			if (f->pipes[i].flow == s->flow && f->pipes[i].tree == f->related_tree)
				g->ctx.object = OBJECT_PIPE;
	}
	m->ctx = g->ctx;
	m->asked = g->asked;
	return true;
}

static void follow_message(void *arg, struct smb_msg *m, struct dx_run *run UNUSED)
{
	struct follow *f = arg;

	if (m->kind != SMB_PLAIN)
		return;
	if (!m->response) {
		struct asked_of *a;

		f->asked = mem_grow(f->asked, f->n_asked, &f->cap_asked, sizeof(*f->asked));
		a = &f->asked[f->n_asked++];
		*a = (struct asked_of){ f->now->flow, m->message_id, m->command, m->index, { m->ctx, m->asked } };
		a->given.asked.known = true;
	} else if (m->op == OP_NEGOTIATE && !m->status) {
		if (m->protocol == 2)
			f->ctx.dialect = m->u.negotiate_res.dialect;
		f->ctx.extended = m->u.negotiate_res.extended;
		f->ctx.time_zone = m->u.negotiate_res.time_zone;
	} else if (m->op == OP_TREE_CONNECT && !m->status && m->u.tree.share_type == 2) {
		f->pipes = mem_grow(f->pipes, f->n_pipes, &f->cap_pipes, sizeof(*f->pipes));
		f->pipes[f->n_pipes++] = (struct pipe_tree){ f->now->flow, m->tree_id };
	}
}

/* Flows in one capture of the tests are few; their contexts stand in an array by flow id. */
static void follow_all(struct saved_set *set)
{
	struct follow f = { 0 };
	const struct smb_hooks hooks = { follow_header, follow_message, &f };
	struct smb_ctx *of = NULL;
	struct arena arena = { 0 };
	struct dx_run run = { .arena = &arena };
	uint32_t flows = 0;

	for (uint32_t i = 0; i < set->n; i++)
		if (set->list[i].flow > flows)
			flows = set->list[i].flow;
	of = xcalloc(flows + 1u, sizeof(*of));
	for (uint32_t i = 0; i < set->n; i++) {
		f.now = &set->list[i];
		f.ctx = of[f.now->flow];
		smb_dissect(&f.now->pdu, &run, &hooks);
		of[f.now->flow] = f.ctx;
		arena_reset(&arena);
	}
	arena_free(&arena);
	free(of);
	free(f.asked);
	free(f.pipes);
}

/* saved_read reads a capture; a broken one gives what could be read.  Released with saved_free. */
static void saved_read(const char *path, struct saved_set *set)
{
	struct sink deaf = { deaf_value, deaf_push, deaf_pop, deaf_note };
	const char *paths[] = { path };
	struct pipeline_options o = { .paths = paths, .n_paths = 1, .from_ns = INT64_MIN, .to_ns = INT64_MAX,
	                              .sink = &deaf, .after = keep, .arg = set };
	struct err e = { 0 };
	struct pipeline *p = pipeline_open(&o, &e);

	if (!p || pipeline_run(p, &e))
		fprintf(stderr, "%s\n", e.text);
	pipeline_close(p);
	follow_all(set);
}

static void saved_free(struct saved_set *set)
{
	for (uint32_t i = 0; i < set->n; i++) {
		free((void *)(uintptr_t)set->list[i].pdu.bytes);
		free((void *)(uintptr_t)set->list[i].pdu.holes);
		free(set->list[i].given);
	}
	free(set->list);
	*set = (struct saved_set){ 0 };
}

#endif
