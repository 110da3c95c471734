/* Holes inside messages: what they cost, and what they do not (DESIGN.md part 5, decision 3). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "dissectors/smb.h"

/* What the walk told. */
struct told {
	struct smb_msg m[8];
	uint32_t flags[8], n;
};

static bool on_header(void *arg, struct smb_msg *m)
{
	(void)arg;
	m->ctx.dialect = DIALECT_311;
	return true;
}

static void on_message(void *arg, struct smb_msg *m, struct dx_run *run)
{
	struct told *t = arg;

	assert_true(t->n < 8);
	t->flags[t->n] = run->flags;
	t->m[t->n++] = *m;
}

static struct told walk(const uint8_t *bytes, uint32_t head, uint32_t len, const struct hole *holes, uint32_t n)
{
	static struct arena arena;
	struct dx_run run = { .arena = &arena };
	struct told t = { .n = 0 };
	struct pdu pdu = { .bytes = bytes, .head = head, .len = len, .holes = holes, .n_holes = n, .direction = FROM_CLIENT };

	smb_dissect(&pdu, &run, &(struct smb_hooks){ on_header, on_message, &t });
	arena_free(&arena);
	return t;
}

static void le(uint8_t *p, uint64_t v, int n)
{
	while (n--) {
		*p++ = (uint8_t)v;
		v >>= 8;
	}
}

/* A header at p, with the next one `next` bytes on; command as given. */
static uint8_t *header(uint8_t *p, unsigned command, uint32_t next, uint64_t id)
{
	memcpy(p, "\xfeSMB", 4);
	le(p + 4, 64, 2);
	le(p + 12, command, 2);
	le(p + 20, next, 4);
	le(p + 24, id, 8);
	return p + 64;
}

/* CLOSE, WRITE with 40 bytes of content, CLOSE. */
static uint32_t compound(uint8_t *b)
{
	uint8_t *p = b + 4, *body;

	memset(b, 0, 600);
	body = header(p, 6, 88, 1);
	le(body, 24, 2);
	p += 88;
	body = header(p, 9, 152, 2);
	le(body, 49, 2);
	le(body + 2, 112, 2);
	le(body + 4, 40, 4);
	le(body + 8, 4096, 8);
	p += 152;
	body = header(p, 6, 0, 3);
	le(body, 24, 2);
	p += 88;
	b[2] = (uint8_t)((p - b - 4) >> 8);
	b[3] = (uint8_t)(p - b - 4);
	return (uint32_t)(p - b);
}

/* In the middle element's content: nothing is lost of it, and the next element is read. */
static void test_hole_in_payload(void **state)
{
	uint8_t b[600];
	uint32_t len = compound(b);
	const struct hole hole = { 4 + 88 + 112 + 10, 20, HOLE_LOST };
	struct told t = walk(b, len, len, &hole, 1);

	(void)state;
	assert_int_equal(t.n, 3);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(t.m[i].message_id, i + 1);
		assert_int_equal(t.flags[i], 0);
		assert_int_equal(t.m[i].undecoded, 0);
	}
	assert_int_equal(t.m[1].u.rw.offset, 4096);
	assert_int_equal(t.m[1].u.rw.payload.off, 4 + 88 + 112);
	assert_int_equal(t.m[1].u.rw.payload.len, 40);
}

/* In its fixed part: that element is flagged, the others are whole: NextCommand stood before the hole. */
static void test_hole_in_body(void **state)
{
	uint8_t b[600];
	uint32_t len = compound(b);
	const struct hole hole = { 4 + 88 + 64 + 4, 8, HOLE_SNAPLEN };
	struct told t = walk(b, len, len, &hole, 1);

	(void)state;
	assert_int_equal(t.n, 3);
	assert_int_equal(t.flags[0], 0);
	assert_int_equal(t.flags[1], DX_NOT_CAPTURED);
	assert_int_equal(t.m[1].undecoded, NOTE_not_captured);
	assert_int_equal(t.flags[2], 0);
	assert_int_equal(t.m[2].message_id, 3);
}

/* In its header, NextCommand with it: that element is lost, the next header is found behind the hole. */
static void test_hole_in_header(void **state)
{
	uint8_t b[600];
	uint32_t len = compound(b);
	const struct hole hole = { 4 + 88 + 16, 8, HOLE_LOST };
	struct told t;

	(void)state;
	memset(b + hole.off, 0, hole.len);
	t = walk(b, len, len, &hole, 1);
	assert_int_equal(t.n, 3);
	assert_int_equal(t.m[0].message_id, 1);
	assert_int_equal(t.flags[0], 0);
	assert_int_equal(t.flags[1], DX_NOT_CAPTURED);
	assert_int_equal(t.m[2].message_id, 3);
	assert_int_equal(t.flags[2], 0);
}

/* An encrypted message with a hole is one message, and nobody's mistake. */
static void test_hole_encrypted(void **state)
{
	uint8_t b[4 + 52 + 100] = { 0, 0, 0, 152, 0xfd, 'S', 'M', 'B' };
	const struct hole hole = { 4 + 52 + 30, 20, HOLE_LOST };
	struct told t;

	(void)state;
	le(b + 4 + 36, 100, 4);
	le(b + 4 + 44, 0x1234, 8);
	t = walk(b, sizeof(b), sizeof(b), &hole, 1);
	assert_int_equal(t.n, 1);
	assert_int_equal(t.m[0].kind, SMB_ENCRYPTED);
	assert_int_equal(t.m[0].session_id, 0x1234);
	assert_false(t.flags[0] & DX_MALFORMED);
}

/* A streamed WRITE: the head ends where the content begins; the facts are those of the whole. */
static void test_streamed_head(void **state)
{
	uint8_t b[600] = { 0, 2, 0, 112 }, *body = header(b + 4, 9, 0, 7);
	struct told t;

	(void)state;
	le(body, 49, 2);
	le(body + 2, 112, 2);
	le(body + 4, 0x20000, 4);
	assert_int_equal(smb_payload_start(b, 4 + 112, 4 + 112 + 0x20000), 4 + 112);
	assert_int_equal(smb_payload_start(b, 40, 4 + 112 + 0x20000), 0);
	t = walk(b, 4 + 112, 4 + 112 + 0x20000, NULL, 0);
	assert_int_equal(t.n, 1);
	assert_int_equal(t.flags[0], 0);
	assert_int_equal(t.m[0].u.rw.payload.off, 4 + 112);
	assert_int_equal(t.m[0].u.rw.payload.len, 0x20000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hole_in_payload), cmocka_unit_test(test_hole_in_body), cmocka_unit_test(test_hole_in_header),
		cmocka_unit_test(test_hole_encrypted), cmocka_unit_test(test_streamed_head),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
