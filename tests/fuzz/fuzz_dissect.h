/* Dissects for a fuzz target: without a listener, and with one that keeps a tree, checks what it is told and
 * prints the tree every way there is.  The facts of both have to be equal. */
#ifndef TESTS_FUZZ_DISSECT_H
#define TESTS_FUZZ_DISSECT_H

#include "../props/facts.h"
#include "base/limits.h"
#include "fuzz.h"
#include "show/sink.h"
#include "show/summary.h"

enum { FUZZ_MESSAGES = 64 };

/* --- what the wire does not say --- */

struct given {
	struct smb_ctx ctx;
	struct smb_asked asked;
	uint8_t direction;
	bool netbios;
	uint32_t cut;              /* so many bytes at the end were not captured */
	struct hole hole;          /* len 0: none */
};

/* given_read takes the 20 bytes that choose it.  Zeros: a direct request, wholly captured, nothing known. */
static inline struct given given_read(struct input *in)
{
	static const uint16_t dialects[] = { DIALECT_UNKNOWN, DIALECT_SMB1, DIALECT_202, DIALECT_210, DIALECT_2FF,
	                                     DIALECT_300, DIALECT_302, DIALECT_311 };
	struct given g = { 0 };
	uint8_t bits = (uint8_t)input_uint(in, 1);

	g.direction = bits & 1;
	g.netbios = bits & 2;
	g.ctx.extended = bits >> 2 & 1;
	g.asked.known = bits & 8;
	g.ctx.dialect = dialects[bits >> 4 & 7];
	g.ctx.object = (uint8_t)input_uint(in, 1) % (OBJECT_PRINTER + 1);
	g.ctx.time_zone = (int16_t)input_uint(in, 2);
	g.asked.code = (uint32_t)input_uint(in, 4);
	g.asked.level = (uint16_t)input_uint(in, 2);
	g.asked.sub = (uint16_t)input_uint(in, 2);
	g.asked.detail = (uint8_t)input_uint(in, 1);
	g.hole.reason = (uint8_t)(1 + input_uint(in, 1) % 3);
	g.cut = (uint32_t)input_uint(in, 2);
	g.hole.off = (uint32_t)input_uint(in, 2);
	g.hole.len = (uint32_t)input_uint(in, 2);
	return g;
}

/* pdu_of makes a PDU of the bytes behind the session header, as far as they were captured; in a block of its
 * own, released with free() of pdu->bytes.  g has to outlive it. */
static inline struct pdu pdu_of(struct given *g, const uint8_t *bytes, size_t n)
{
	uint32_t len = (uint32_t)(n > 0x10000 ? 0x10000 : n), head = 4 + len;
	struct pdu pdu = { .len = 4 + len, .direction = g->direction, .netbios = g->netbios };
	uint8_t *p;

	g->cut = min_u32(g->cut, head);
	head -= g->cut;
	p = xmalloc(4 + len);
	p[0] = 0;
	p[1] = (uint8_t)(len >> 16);
	p[2] = (uint8_t)(len >> 8);
	p[3] = (uint8_t)len;
	if (len)
		memcpy(p + 4, bytes, len);
	pdu.ended = g->cut > 0;
	pdu.head = head;
	if (g->hole.off >= head)
		g->hole.len = 0;
	g->hole.len = min_u32(g->hole.len, head - min_u32(head, g->hole.off));
	if (g->hole.len) {
		memset(p + g->hole.off, 0, g->hole.len);
		pdu.holes = &g->hole;
		pdu.n_holes = 1;
	}
	pdu.bytes = memcpy(xmalloc(head), p, head);
	free(p);
	return pdu;
}

/* --- the listener --- */

struct listener {
	struct sink sink;
	struct sink_tree tree;
	struct arena arena;
	const struct dx_run *run;
	uint32_t depth;
};

static inline void listener_value(struct sink *s, const struct fval *v)
{
	struct listener *l = (struct listener *)s;

	must(v->id > F__none && v->id < F__COUNT);
	must(v->src < l->run->n_sources);
	must((uint64_t)v->off + v->len <= l->run->sources[v->src].len);
	must(v->generated ? !v->len == !v->about : v->captured <= v->len);
	if (v->about)
		input_touch(v->about, v->len);
	if (v->p)
		input_touch(v->p, v->captured);
	l->tree.sink.value(&l->tree.sink, v);
}

static inline void listener_push(struct sink *s, enum field_id id, uint8_t src, uint32_t off)
{
	struct listener *l = (struct listener *)s;

	must(id > F__none && id < F__COUNT);
	must(src < l->run->n_sources && off <= l->run->sources[src].len);
	l->depth++;
	l->tree.sink.push(&l->tree.sink, id, src, off);
}

static inline void listener_pop(struct sink *s, uint32_t end)
{
	struct listener *l = (struct listener *)s;

	must(l->depth > 0);
	l->depth--;
	l->tree.sink.pop(&l->tree.sink, end);
}

static inline void listener_note(struct sink *s, enum note_id id, uint8_t src, uint32_t off)
{
	struct listener *l = (struct listener *)s;

	must(id > NOTE_none && id < NOTE__COUNT);
	must(src < l->run->n_sources && off <= l->run->sources[src].len);
	l->tree.sink.note(&l->tree.sink, id, src, off);
}

static inline void listener_start(struct listener *l, struct dx_run *run)
{
	*l = (struct listener){ .sink = { listener_value, listener_push, listener_pop, listener_note }, .run = run };
	sink_tree_init(&l->tree, &l->arena, run);
	run->sink = &l->sink;
}

/* listener_end checks that all groups were closed, and prints. */
static inline void listener_end(struct listener *l, const struct pdu *pdu)
{
	static FILE *nowhere;
	struct node *root;

	must(l->depth == 0);
	root = tree_end(&l->tree);
	if (!nowhere)
		nowhere = fopen("/dev/null", "w");
	must(nowhere != NULL);
	print_pdml(nowhere, root, 54);
	print_json(nowhere, root, false);
	print_json(nowhere, root, true);
	print_tree(nowhere, root);
	print_summary(nowhere, root, NULL, pdu);
	arena_free(&l->arena);
}

/* --- both ways --- */

/* The facts of one dissection. */
struct outcome {
	const struct given *given;
	struct smb_msg msgs[FUZZ_MESSAGES];
	uint32_t n;
	uint32_t flags;            /* of all messages */
};

static inline bool outcome_header(void *arg, struct smb_msg *m)
{
	struct outcome *o = arg;

	m->ctx = o->given->ctx;
	if (m->response)
		m->asked = o->given->asked;
	return true;
}

static inline void outcome_touch(struct span s)
{
	if (s.p)
		input_touch(s.p, s.len);
}

static inline void outcome_message(void *arg, struct smb_msg *m, struct dx_run *run)
{
	struct outcome *o = arg;

	must(m->undecoded < NOTE__COUNT && run->note < NOTE__COUNT);
	outcome_touch(m->path.bytes);
	if (m->op == OP_READ || m->op == OP_WRITE)
		must((uint64_t)m->u.rw.payload.off + m->u.rw.payload.len <= run->sources[0].len || run->n_sources > 1);
	(void)smb_command_name(m->protocol, smb_command_code(m));
	(void)smb_info_name(m);
	if (o->n < FUZZ_MESSAGES)
		o->msgs[o->n] = *m;
	o->n++;
	o->flags |= run->flags;
}

static inline void same_facts(const struct outcome *a, const struct outcome *b)
{
	if (a->n != b->n || a->flags != b->flags) {
		fprintf(stderr, "without and with a listener: %u and %u messages, flags %#x and %#x\n", a->n, b->n, a->flags, b->flags);
		abort();
	}
	for (uint32_t i = 0; i < a->n && i < FUZZ_MESSAGES; i++) {
		const char *which = facts_differ(&a->msgs[i], &b->msgs[i]);

		if (which) {
			fprintf(stderr, "message %u, with and without a listener: %s differs\n", i, which);
			abort();
		}
	}
}

/* fuzz_pdu_twice dissects a whole PDU both ways. */
static inline void fuzz_pdu_twice(const struct given *g, const struct pdu *pdu)
{
	static struct outcome quiet, told;
	struct arena arena = { 0 };
	struct dx_run run = { .arena = &arena };
	struct listener l;

	quiet.given = told.given = g;
	quiet.n = quiet.flags = told.n = told.flags = 0;
	smb_dissect(pdu, &run, &(struct smb_hooks){ outcome_header, outcome_message, &quiet });
	listener_start(&l, &run);
	smb_dissect(pdu, &run, &(struct smb_hooks){ outcome_header, outcome_message, &told });
	listener_end(&l, pdu);
	same_facts(&quiet, &told);
	arena_free(&arena);
}

/* Reads the part of a message that d is. */
typedef void fuzz_part_fn(struct dx *d, struct smb_msg *m, unsigned which);

/* fuzz_part_twice has a reader of parts read what follows the choice of context in p, both ways; `which` is the
 * byte behind that choice. */
static inline void fuzz_part_twice(const uint8_t *p, size_t n, fuzz_part_fn *fn)
{
	static struct outcome seen[2];
	struct input in = { p, n };
	struct given g = given_read(&in);
	unsigned which = (unsigned)input_uint(&in, 1);
	struct pdu pdu = pdu_of(&g, in.p, in.n);
	struct arena arena = { 0 };
	struct dx_run run = { .arena = &arena };
	struct listener l;

	for (int told = 0; told < 2; told++) {
		struct smb_msg *m = &seen[told].msgs[0];
		struct dx d;

		*m = (struct smb_msg){ .kind = SMB_PLAIN, .protocol = 2, .direction = g.direction, .response = g.direction,
		                       .ctx = g.ctx, .asked = g.asked };
		if (told)
			listener_start(&l, &run);
		dx_begin(&run, &pdu);
		d = dx_open(&run, 0, 4, pdu.len - 4);
		fn(&d, m, which);
		must(d.at <= d.end && d.end <= d.lim && d.lim <= pdu.len);
		seen[told].n = 1;
		seen[told].flags = run.flags;
	}
	listener_end(&l, &pdu);
	same_facts(&seen[0], &seen[1]);
	arena_free(&arena);
	free((void *)(uintptr_t)pdu.bytes);
}

#endif
