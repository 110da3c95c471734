/* Runs a token's dissector over bytes given in hex and keeps what it told, for the tests of
 * dissectors/auth and dissectors/nbss. */
#ifndef TESTS_TEST_AUTH_H
#define TESTS_TEST_AUTH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "smb.h"

/* One dissection and what was heard of it. */
struct probe {
	struct sink sink;
	struct arena arena;
	struct dx_run run;
	struct smb_msg m;
	uint8_t *bytes;         /* exactly as many as may be read, so that a sanitizer sees one too many */
	uint32_t n;
	int depth;              /* groups open */
	uint32_t values, notes;
	char *log;              /* " name=hex" for each value, or name="text" of a generated one */
	size_t used, size;
};

static inline void probe_put(struct probe *p, const char *s)
{
	size_t n = strlen(s);

	if (p->used + n + 1 > p->size) {
		p->size = (p->used + n + 1) * 2;
		p->log = xrealloc(p->log, p->size);
	}
	memcpy(p->log + p->used, s, n + 1);
	p->used += n;
}

static inline void probe_value(struct sink *sink, const struct fval *v)
{
	struct probe *p = (struct probe *)sink;
	char hex[40];

	p->values++;
	assert_int_not_equal(v->id, F__none);
	if (!v->generated)
		assert_true(v->off + v->len <= p->run.sources[v->src].len);
	probe_put(p, " ");
	probe_put(p, fields[v->id].abbrev);
	probe_put(p, "=");
	if (v->type == FT_FLAG) {
		snprintf(hex, sizeof(hex), "%u", (unsigned)v->u);
		probe_put(p, hex);
		return;
	}
	for (uint32_t i = 0; v->p && i < v->captured; i++) {
		snprintf(hex, sizeof(hex), v->generated ? "%c" : "%02x", v->p[i]);
		probe_put(p, hex);
	}
}

static inline void probe_push(struct sink *sink, enum field_id id, uint8_t src, uint32_t off)
{
	struct probe *p = (struct probe *)sink;

	assert_true(off <= p->run.sources[src].len);
	probe_put(p, " <");
	probe_put(p, fields[id].abbrev);
	p->depth++;
}

static inline void probe_pop(struct sink *sink, uint32_t end)
{
	struct probe *p = (struct probe *)sink;

	assert_true(end <= p->n || end <= p->run.sources[0].len);
	assert_true(p->depth-- > 0);
	probe_put(p, ">");
}

static inline void probe_note(struct sink *sink, enum note_id id, uint8_t src, uint32_t off)
{
	struct probe *p = (struct probe *)sink;

	(void)src;
	(void)off;
	p->notes++;
	probe_put(p, " !");
	probe_put(p, notes[id].name);
}

static inline uint8_t probe_nibble(char c)
{
	return (uint8_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

/* probe_hex turns hex, blanks ignored, into bytes of their own; *n of them; release with free(). */
static inline uint8_t *probe_hex(const char *hex, uint32_t *n)
{
	uint8_t *bytes = xmalloc(strlen(hex) / 2 + 1);
	uint32_t digits = 0;

	for (; *hex; hex++) {
		if (*hex == ' ')
			continue;
		if (digits & 1)
			bytes[digits / 2] = (uint8_t)(bytes[digits / 2] << 4 | probe_nibble(*hex));
		else
			bytes[digits / 2] = probe_nibble(*hex);
		digits++;
	}
	*n = digits / 2;
	return bytes;
}

/* probe_open makes p ready over have of the len bytes of a message, copied; returns a reader over all of it. */
static inline struct dx probe_open(struct probe *p, const uint8_t *bytes, uint32_t have, uint32_t len)
{
	struct pdu pdu = { .head = have, .len = len };

	*p = (struct probe){ .sink = { probe_value, probe_push, probe_pop, probe_note } };
	p->bytes = xmalloc(have ? have : 1);
	memcpy(p->bytes, bytes, have);
	p->n = len;
	pdu.bytes = p->bytes;
	p->run.sink = &p->sink;
	p->run.arena = &p->arena;
	dx_begin(&p->run, &pdu);
	probe_put(p, "");
	return dx_open(&p->run, 0, 0, len);
}

static inline void probe_close(struct probe *p)
{
	arena_free(&p->arena);
	free(p->bytes);
	free(p->log);
}

/* probe_blob runs spnego_dissect over have of len bytes. */
static inline void probe_blob(struct probe *p, const uint8_t *bytes, uint32_t have, uint32_t len)
{
	struct dx d = probe_open(p, bytes, have, len);

	spnego_dissect(&d, &p->m);
	assert_int_equal(p->depth, 0);
	assert_true(d.at <= d.lim);
}

/* probe_token runs spnego_dissect over the whole of a token given in hex. */
static inline void probe_token(struct probe *p, const char *hex)
{
	uint32_t n;
	uint8_t *bytes = probe_hex(hex, &n);

	probe_blob(p, bytes, n, n);
	free(bytes);
}

/* probe_says tells whether the value name=hex was heard. */
static inline bool probe_says(const struct probe *p, const char *value)
{
	size_t n = strlen(value);

	for (const char *s = p->log; (s = strstr(s, value)); s++)
		if (s[-1] == ' ' && (s[n] == ' ' || s[n] == 0 || s[n] == '>'))
			return true;
	return false;
}

#define assert_says(p, value) do { \
	if (!probe_says((p), (value))) \
		fail_msg("no \"%s\" in:%s", (value), (p)->log); \
} while (0)
#define assert_span(span, hex) do { \
	uint32_t n_; \
	uint8_t *want_ = probe_hex((hex), &n_); \
	assert_int_equal((span).len, n_); \
	if (n_) \
		assert_memory_equal((span).p, want_, n_); \
	free(want_); \
} while (0)

/* probe_cuts cuts a sound token at every length, once as a shorter message and once as one captured
 * in part: nothing may be read beyond, and the message must be flagged. */
static inline void probe_cuts(const char *hex)
{
	struct probe p;
	uint32_t n;
	uint8_t *bytes = probe_hex(hex, &n);

	probe_blob(&p, bytes, n, n);
	assert_int_equal(p.run.flags, 0);
	probe_close(&p);
	for (uint32_t i = 1; i < n; i++) {
		probe_blob(&p, bytes, i, i);
		if (!(p.run.flags & DX_MALFORMED))
			fail_msg("a token of %u bytes passes for one of %u", n, i);
		probe_close(&p);
		probe_blob(&p, bytes, i, n);
		/* What was found first is what is told of the message. */
		if (!(p.run.flags & DX_NOT_CAPTURED) || p.run.note != NOTE_not_captured)
			fail_msg("flags %x for %u captured bytes of %u", p.run.flags, i, n);
		probe_close(&p);
	}
	free(bytes);
}

/* probe_flips gives the token with each byte set to each of a few awkward values: any outcome is
 * right that reads nothing beyond the token and ends. */
static inline void probe_flips(const char *hex)
{
	static const uint8_t values[] = { 0x00, 0x01, 0x30, 0x60, 0x7f, 0x80, 0x84, 0xa0, 0xff };
	struct probe p;
	uint32_t n, heard = 0;
	uint8_t *bytes = probe_hex(hex, &n);

	for (uint32_t i = 0; i < n; i++) {
		uint8_t was = bytes[i];

		for (size_t k = 0; k < COUNT(values); k++) {
			bytes[i] = values[k];
			probe_blob(&p, bytes, n, n);
			heard += p.values;
			probe_close(&p);
		}
		bytes[i] = was;
	}
	assert_true(heard > n);
	free(bytes);
}

#endif
