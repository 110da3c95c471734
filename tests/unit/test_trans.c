/* SMB1 transactions in several messages: parts in any order, shrinking totals, parts twice, bytes that are missing, the cap. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "base/limits.h"
#include "base/mem.h"
#include "session/track_private.h"

/* Parts as they are stored: "kind:command[!]off+len ...". */
struct bench {
	struct event_sink events;
	struct arena arena;
	struct dx_run run;
	struct track t;
	struct pending p;
	char text[1024];
	int64_t command;
};

static void put(struct event_sink *sink, enum event_type type, const void *record, uint32_t len UNUSED, const void *tail UNUSED,
                uint32_t tail_len UNUSED)
{
	struct bench *b = (struct bench *)sink;
	const struct ev_unit_part *r = record;
	size_t at = strlen(b->text);

	if (type != EV_UNIT_PART)
		return;
	snprintf(b->text + at, sizeof(b->text) - at, "%s%s%lld%s:%u+%u", at ? " " : "", r->part ? "" :
	         r->kind == UNIT_DATA ? "data " : "parameters ", (long long)r->command, r->direction ? "!" : "", r->off, r->len);
}

static void begin(struct bench *b)
{
	memset(b, 0, sizeof(*b));
	b->events.put = put;
	b->run.arena = &b->arena;
	b->t.events = &b->events;
	b->t.run = &b->run;
	b->p.row.command = 1;
	unit_init(&b->t.trans_held);
}

static void end(struct bench *b)
{
	trans_free(&b->t, b->p.trans[1]);
	assert_int_equal(b->t.trans_held.held, 0);
	assert_true(list_empty(&b->t.trans_held.holding));
	arena_free(&b->arena);
}

/* A part of the answer: of the data `total` long, the bytes [from, from + n), which count up from `from`; the first one
 * has both bytes of parameters. */
static bool part(struct bench *b, uint32_t total, uint32_t from, uint32_t n, const struct hole *hole)
{
	uint8_t *bytes = xcalloc(1, 100 + n);
	struct pdu pdu = { .bytes = bytes, .head = 100 + n, .len = 100 + n, .holes = hole, .n_holes = hole != NULL };
	bool first = b->command == 0, complete;
	struct smb_split split = { { 2, first ? 0 : 2, { 90, first ? 2 : 0 } }, { total, from, { 100, n } } };
	struct smb_msg m = { .protocol = 1, .command = 0x32, .response = true, .len = 100 + n, .split = &split,
	                     .asked = { .known = true, .command = 0x32, .sub = 0xfe } };
	struct unit_part last = { .command = 1, .response = true };

	for (uint32_t i = 0; i < n; i++)
		bytes[100 + i] = (uint8_t)(from + i);
	b->t.pdu = &pdu;
	dx_begin(&b->run, &pdu);
	complete = trans_add(&b->t, &b->p.trans[1], &m);
	trans_place(b->p.trans[1], complete ? 1 : --b->command, complete);
	if (complete)
		trans_tell(&b->t, b->p.trans[1], &m, &b->p, &last);
	if (complete && b->run.n_sources == 2)
		for (uint32_t i = 2; i < b->run.sources[1].len; i++)
			assert_int_equal(b->run.sources[1].bytes[i], (uint8_t)(i - 2));
	assert_int_equal(b->run.note, NOTE_none);
	b->t.pdu = NULL;
	free(bytes);
	return complete;
}

static void any_order(void **state)
{
	static const uint8_t orders[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
	static struct bench b;

	(void)state;
	for (size_t i = 0; i < COUNT(orders); i++) {
		begin(&b);
		for (int k = 0; k < 3; k++)
			assert_int_equal(part(&b, 300, orders[i][k] * 100u, 100, NULL), k == 2);
		assert_int_equal(b.run.n_sources, 2);
		assert_int_equal(b.run.sources[1].len, 302);
		assert_int_equal(trans_bytes(b.p.trans[1]), 600);
		if (i == 0)
			assert_string_equal(b.text, "parameters -1:90+2 1!:0+0 data -1:100+100 -2:100+100 1!:100+100 1!:0+0");
		if (i == 5)
			assert_string_equal(b.text, "parameters -1:90+2 1!:0+0 data 1!:100+100 -2:100+100 -1:100+100 1!:0+0");
		end(&b);
	}
}

static void smaller_total(void **state)
{
	static struct bench b;

	(void)state;
	begin(&b);
	assert_false(part(&b, 1000, 100, 150, NULL));
	assert_true(part(&b, 200, 0, 100, NULL));
	assert_int_equal(b.run.sources[1].len, 202);
	assert_string_equal(b.text, "parameters -1:90+2 1!:0+0 data 1!:100+100 -1:100+100 1!:0+0");
	end(&b);
}

static void twice(void **state)
{
	static struct bench b;

	(void)state;
	begin(&b);
	assert_false(part(&b, 100, 20, 20, NULL));
	assert_false(part(&b, 100, 60, 20, NULL));
	assert_false(part(&b, 100, 10, 60, NULL));   /* its first 10, between them 20 */
	assert_false(part(&b, 100, 70, 30, NULL));
	assert_true(part(&b, 100, 0, 100, NULL));
	assert_string_equal(b.text, "parameters -1:90+2 1!:0+0 data 1!:100+10 -3:100+10 -1:100+20 -3:130+20 -2:100+20 -4:110+20 1!:0+0");
	end(&b);
}

/* Complete by what was declared, but nothing is made up. */
static void missing(void **state)
{
	struct hole hole = { 150, 4, HOLE_LOST };
	static struct bench b;

	(void)state;
	begin(&b);
	assert_false(part(&b, 200, 100, 100, &hole));
	assert_true(part(&b, 200, 0, 100, NULL));
	assert_int_equal(b.run.n_sources, 1);
	assert_string_equal(b.text, "");
	end(&b);
	/* Further than 32 bits, and not where it could be. */
	begin(&b);
	assert_false(part(&b, 200, UINT32_MAX - 10, 100, NULL));
	assert_false(part(&b, 200, 300, 100, NULL));
	assert_true(part(&b, 200, 0, 200, NULL));
	end(&b);
}

static void cap(void **state)
{
	static struct bench b;
	struct track_trans *old;
	uint32_t n = 1u << 20;

	(void)state;
	begin(&b);
	assert_false(part(&b, UINT32_MAX, 0, 1000, NULL));
	old = b.p.trans[1];
	b.p.trans[1] = NULL;
	for (uint32_t at = n; at <= LIMIT_UNIT_HELD_BYTES; at += n) {
		assert_false(part(&b, UINT32_MAX, at, n, NULL));
		assert_true(b.t.trans_held.held <= LIMIT_UNIT_HELD_BYTES);
	}
	/* The older one first, then the one that alone is too much. */
	assert_int_equal(b.t.trans_held.evictions, 2);
	assert_int_equal(b.t.trans_held.held, 0);
	trans_free(&b.t, old);
	end(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_order), cmocka_unit_test(smaller_total), cmocka_unit_test(twice), cmocka_unit_test(missing),
		cmocka_unit_test(cap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
