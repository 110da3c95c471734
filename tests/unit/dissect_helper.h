/* Runs whole PDUs, given in hex, through smb_dissect and keeps what was told; and cuts them at every length.
 * For the tests of dissectors/smb2, fscc and dtyp. */
#ifndef TESTS_DISSECT_HELPER_H
#define TESTS_DISSECT_HELPER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "smb.h"

#define HEARD_VALUES 2048
#define HEARD_BYTES  32
#define HEARD_MESSAGES 16

/* One value, with the first of its bytes. */
struct heard_value {
	enum field_id id;
	uint32_t off, len, captured;
	uint64_t u;
	uint8_t bytes[HEARD_BYTES];
};

/* What one dissection told. */
struct heard {
	struct sink sink;
	struct heard_value *values;
	unsigned n, notes, depth, deepest, messages;
	uint32_t note_bits;                    /* by enum note_id */
	uint64_t facts;                        /* hash over all messages' facts */
	struct smb_msg m[HEARD_MESSAGES];
	unsigned entries;                      /* directory entries and metadata told */
	struct smb_entry entry;                /* the last; its name is dead */
	struct smb_asked asked;                /* given to responses */
	struct smb_ctx ctx;                    /* given to all */
};

/* A PDU: its bytes, the 4-byte session header first. */
struct pdu_bytes {
	uint8_t *p;
	uint32_t len;
};

static inline void heard_on_value(struct sink *s, const struct fval *v)
{
	struct heard *h = (struct heard *)s;
	struct heard_value *e;

	assert_true(v->id > F__none && v->id < F__COUNT);
	assert_true(v->captured <= v->len || v->generated);
	if (h->n == HEARD_VALUES)
		return;
	e = &h->values[h->n++];
	*e = (struct heard_value){ .id = v->id, .off = v->off, .len = v->len, .captured = v->captured, .u = v->u };
	if (v->p) {
		volatile uint8_t touched = 0;

		memcpy(e->bytes, v->p, min_u32(v->captured, HEARD_BYTES));
		for (uint32_t i = 0; i < v->captured; i++)     /* a sanitizer sees a span that lies */
			touched ^= v->p[i];
	}
}

static inline void heard_on_push(struct sink *s, enum field_id id, uint8_t src UNUSED, uint32_t off UNUSED)
{
	struct heard *h = (struct heard *)s;

	assert_true(id < F__COUNT);
	if (++h->depth > h->deepest)
		h->deepest = h->depth;
}

static inline void heard_on_pop(struct sink *s, uint32_t end UNUSED)
{
	struct heard *h = (struct heard *)s;

	assert_true(h->depth > 0);
	h->depth--;
}

static inline void heard_on_note(struct sink *s, enum note_id id, uint8_t src UNUSED, uint32_t off UNUSED)
{
	((struct heard *)s)->notes++;
	((struct heard *)s)->note_bits |= 1u << id;
}

static inline bool heard_on_header(void *arg, struct smb_msg *m)
{
	struct heard *h = arg;

	m->ctx = h->ctx;
	if (m->response)
		m->asked = h->asked;
	return true;
}

static inline void heard_hash(struct heard *h, uint64_t v)
{
	h->facts = (h->facts ^ v) * 1099511628211u;
}

static inline void heard_on_message(void *arg, struct smb_msg *m, struct dx_run *run UNUSED)
{
	struct heard *h = arg;

	heard_hash(h, m->command | (uint64_t)m->status << 16 | (uint64_t)m->op << 48);
	heard_hash(h, m->undecoded | (uint64_t)m->asked.code << 32);
	heard_hash(h, m->fid.v ^ m->fid.p);
	heard_hash(h, m->path.bytes.len | (uint64_t)m->asked.level << 32 | (uint64_t)m->asked.sub << 48);
	if (m->op == OP_READ || m->op == OP_WRITE)
		heard_hash(h, m->u.rw.payload.off | (uint64_t)m->u.rw.payload.len << 32);
	if (h->messages < HEARD_MESSAGES)
		h->m[h->messages++] = *m;
}

static inline void heard_on_entry(void *arg, const struct smb_msg *m UNUSED, const struct smb_entry *e)
{
	struct heard *h = arg;

	heard_hash(h, e->name.bytes.len | (uint64_t)e->self << 32 | (uint64_t)e->timed << 33 | (uint64_t)e->sized << 34);
	heard_hash(h, e->meta.size ^ e->meta.created ^ e->meta.modified ^ e->meta.accessed ^ e->meta.changed);
	for (uint32_t i = 0; i < e->name.bytes.len; i++)
		heard_hash(h, e->name.bytes.p[i]);
	h->entry = *e;
	h->entries++;
}

/* hear dissects the first have bytes of a PDU that declares len of them; with listen, the values are kept. */
static inline void hear(struct heard *h, const uint8_t *p, uint32_t have, uint32_t len, bool listen)
{
	struct arena arena = { 0 };
	struct dx_run run = { .arena = &arena, .on_entry = heard_on_entry, .entry_arg = h };
	struct smb_hooks hooks = { heard_on_header, heard_on_message, h };
	uint8_t *exact = xmalloc(have ? have : 1);     /* so that one byte too many is seen */
	struct pdu pdu = { .bytes = exact, .head = have, .len = len };

	memcpy(exact, p, have);
	h->sink = (struct sink){ heard_on_value, heard_on_push, heard_on_pop, heard_on_note };
	h->n = h->notes = h->depth = h->deepest = h->messages = h->entries = h->note_bits = 0;
	h->facts = 14695981039346656037u;
	if (!h->values)
		h->values = xcalloc(HEARD_VALUES, sizeof(*h->values));
	if (listen)
		run.sink = &h->sink;
	smb_dissect(&pdu, &run, &hooks);
	assert_int_equal(h->depth, 0);
	arena_free(&arena);
	free(exact);
}

static inline void heard_free(struct heard *h)
{
	free(h->values);
	h->values = NULL;
}

/* heard_get returns the nth (from 0) value of a field; the test fails if there are not that many. */
static inline const struct heard_value *heard_get(const struct heard *h, enum field_id id, unsigned nth)
{
	for (unsigned i = 0; i < h->n; i++)
		if (h->values[i].id == id && nth-- == 0)
			return &h->values[i];
	fail_msg("field %s was not told", fields[id].abbrev);
	return NULL;
}

static inline unsigned heard_count(const struct heard *h, enum field_id id)
{
	unsigned n = 0;

	for (unsigned i = 0; i < h->n; i++)
		n += h->values[i].id == id;
	return n;
}

#define heard_is(h, field, nth, value) assert_int_equal(heard_get((h), F_##field, (nth))->u, (value))
#define heard_len(h, field, nth, length) assert_int_equal(heard_get((h), F_##field, (nth))->len, (length))

static inline void pdu_put_hex(struct pdu_bytes *b, const char *hex)
{
	for (; *hex; hex++) {
		unsigned v;

		if (*hex == ' ')
			continue;
		assert_int_equal(sscanf(hex, "%2x", &v), 1);
		b->p = xrealloc(b->p, b->len + 1);
		b->p[b->len++] = (uint8_t)v;
		hex++;
	}
}

static inline void pdu_put_len(struct pdu_bytes *b)
{
	uint32_t len = b->len - 4;

	b->p[1] = (uint8_t)(len >> 16);
	b->p[2] = (uint8_t)(len >> 8);
	b->p[3] = (uint8_t)len;
}

/* pdu_hex makes a PDU of hex that has its session header. */
static inline struct pdu_bytes pdu_hex(const char *hex)
{
	struct pdu_bytes b = { 0 };

	pdu_put_hex(&b, hex);
	return b;
}

/* pdu_smb2 makes one of an SMB2 header and a body in hex. */
static inline struct pdu_bytes pdu_smb2(unsigned command, bool response, uint32_t status, const char *body)
{
	struct pdu_bytes b = { .p = xcalloc(1, 68), .len = 68 };

	memcpy(b.p + 4, "\xfeSMB\x40", 5);
	memcpy(b.p + 12, &status, 4);
	b.p[16] = (uint8_t)command;
	b.p[20] = response;
	b.p[28] = 7;
	pdu_put_hex(&b, body);
	pdu_put_len(&b);
	return b;
}

/*
 * cut_everywhere is the first property: a PDU of one message cut at each length, both as "not captured" and as
 * "declared short", does not read beyond the end, tells the same facts with and without a listener, and is marked
 * as long as fewer than `needed` bytes are there (bytes beyond are padding, or payload that may be missing).
 */
static inline void cut_everywhere(struct heard *h, struct pdu_bytes b, uint32_t needed, uint32_t needed_declared)
{
	for (uint32_t n = 68; n < b.len; n++) {
		uint64_t facts;
		uint8_t head[4] = { b.p[0], b.p[1], b.p[2], b.p[3] };

		hear(h, b.p, n, b.len, true);
		facts = h->facts;
		assert_int_equal(h->messages, 1);
		if (n < needed)
			assert_int_not_equal(h->m[0].undecoded, 0);
		hear(h, b.p, n, b.len, false);
		assert_true(h->facts == facts);

		b.p[1] = (uint8_t)((n - 4) >> 16);
		b.p[2] = (uint8_t)((n - 4) >> 8);
		b.p[3] = (uint8_t)(n - 4);
		hear(h, b.p, n, n, true);
		facts = h->facts;
		assert_int_equal(h->messages, 1);
		if (n < needed_declared)
			assert_int_not_equal(h->m[0].undecoded, 0);
		hear(h, b.p, n, n, false);
		assert_true(h->facts == facts);
		memcpy(b.p, head, 4);
	}
}

/* mutate runs a PDU with each byte changed to some other values: nothing may go wrong, whatever it tells. */
static inline void mutate(struct heard *h, struct pdu_bytes b)
{
	static const uint8_t values[] = { 0x00, 0x01, 0x7f, 0xff };

	for (uint32_t i = 8; i < b.len; i++) {
		uint8_t was = b.p[i];

		for (size_t k = 0; k < COUNT(values); k++) {
			b.p[i] = values[k];
			hear(h, b.p, b.len, b.len, true);
		}
		b.p[i] = was;
	}
}

#endif
