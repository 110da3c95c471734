/* Units: pipe bytes into DCE/RPC PDUs, whatever the borders of the messages; gaps, caps, pipes that are not RPC; and the
 * tracker's way from messages to units. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"
#include "session/track_private.h"
#include "session/unit.h"

/* What came out: for each unit "length:first stub byte", its parts as " command/off+len" (! for an answer's). */
struct log {
	char text[4096];
	uint32_t n;
	uint64_t bytes;
};

static void done(void *arg, const struct unit *u)
{
	struct log *l = arg;
	uint32_t sum = 0;
	size_t at = strlen(l->text), size = sizeof(l->text);

	l->n++;
	l->bytes += u->bytes.len;
	assert_true(u->bytes.len >= 16 && u->n_parts >= 1);
	for (uint32_t i = 0; i < u->n_parts; i++)
		sum += u->parts[i].len;
	assert_int_equal(sum, u->bytes.len);
	for (uint32_t i = 16; i < u->bytes.len; i++)
		assert_int_equal(u->bytes.p[i], (uint8_t)(u->bytes.p[12] + i));
	if (at > 3500)
		return;
	at += (size_t)snprintf(l->text + at, size - at, "[%u #%u", u->bytes.len, u->bytes.p[12]);
	for (uint32_t i = 0; i < u->n_parts && at < 4000; i++)
		at += (size_t)snprintf(l->text + at, size - at, " %u/%u+%u%s", (uint32_t)u->parts[i].command, u->parts[i].off,
		                       u->parts[i].len, u->parts[i].response ? "!" : "");
	snprintf(l->text + at, size - at, "]");
}

/* A PDU of len bytes with the call id call, whose body counts up from it. */
static uint32_t make(uint8_t *p, uint32_t len, uint8_t call, bool be)
{
	memcpy(p, (uint8_t[]){ 5, 0, 0, 3, be ? 0 : 0x10, 0, 0, 0, 0, 0, 0, 0, call, 0, 0, 0 }, 16);
	p[be ? 9 : 8] = (uint8_t)len;
	p[be ? 8 : 9] = (uint8_t)(len >> 8);
	for (uint32_t i = 16; i < len; i++)
		p[i] = (uint8_t)(call + i);
	return len;
}

struct bench {
	struct units units;
	struct unit_stream *s;
	struct log log;
	uint32_t command;
};

static void open_stream(struct bench *b, bool from_start)
{
	memset(b, 0, sizeof(*b));
	unit_init(&b->units);
	b->s = unit_open(from_start);
}

static void feed(struct bench *b, const uint8_t *p, uint32_t n)
{
	struct unit_part part = { ++b->command, 100, n, false };
	uint8_t *exact = xmalloc(n ? n : 1);      /* so that a sanitizer sees one byte too many */

	memcpy(exact, p, n);
	unit_feed(&b->units, b->s, &part, exact, done, &b->log);
	free(exact);
}

static void close_stream(struct bench *b)
{
	unit_close(&b->units, b->s);
	assert_int_equal(b->units.held, 0);
	assert_true(list_empty(&b->units.holding));
}

static void one_in_one(void **state)
{
	struct bench b;
	uint8_t p[64];

	(void)state;
	for (int be = 0; be < 2; be++) {
		open_stream(&b, true);
		feed(&b, p, make(p, 40, 7, be));
		assert_string_equal(b.log.text, "[40 #7 1/100+40]");
		assert_int_equal(b.units.held, 0);
		close_stream(&b);
	}
}

static void several_in_one(void **state)
{
	struct bench b;
	uint8_t p[200];
	uint32_t n;

	(void)state;
	n = make(p, 40, 1, false);
	n += make(p + n, 16, 2, false);
	n += make(p + n, 50, 3, true);
	open_stream(&b, true);
	feed(&b, p, n - 20);
	assert_string_equal(b.log.text, "[40 #1 1/100+40][16 #2 1/140+16]");
	feed(&b, p + n - 20, 20);
	assert_string_equal(b.log.text, "[40 #1 1/100+40][16 #2 1/140+16][50 #3 1/156+30 2/100+20]");
	close_stream(&b);
}

static void cut_anywhere(void **state)
{
	struct bench b;
	uint8_t p[300];
	uint32_t n;

	(void)state;
	n = make(p, 130, 9, false);
	n += make(p + n, 70, 10, true);
	n += make(p + n, 16, 11, false);
	for (uint32_t size = 1; size <= n; size++) {
		open_stream(&b, true);
		for (uint32_t at = 0; at < n; at += size)
			feed(&b, p + at, min_u32(size, n - at));
		assert_int_equal(b.log.n, 3);
		assert_int_equal(b.log.bytes, n);
		assert_int_equal(b.units.held, 0);
		close_stream(&b);
	}
	/* One byte each: as many parts as bytes. */
	open_stream(&b, true);
	for (uint32_t i = 0; i < 16; i++)
		feed(&b, p + 200 + i, 1);
	assert_string_equal(b.log.text, "[16 #11 1/100+1 2/100+1 3/100+1 4/100+1 5/100+1 6/100+1 7/100+1 8/100+1 9/100+1 "
	                                "10/100+1 11/100+1 12/100+1 13/100+1 14/100+1 15/100+1 16/100+1]");
	close_stream(&b);
}

static void gaps(void **state)
{
	struct bench b;
	uint8_t p[200];
	uint32_t n;

	(void)state;
	n = make(p, 60, 1, false);
	open_stream(&b, true);
	feed(&b, p, 30);
	unit_gap(&b.units, b.s);
	assert_int_equal(b.units.held, 0);
	/* The rest of what was lost is passed over; what begins a PDU is taken again. */
	feed(&b, p + 40, 20);
	assert_int_equal(b.log.n, 0);
	n = make(p, 44, 2, false);
	feed(&b, p, n);
	assert_string_equal(b.log.text, "[44 #2 3/100+44]");
	/* Bytes behind a PDU that begin none: lost, but not for good. */
	make(p, 20, 3, false);
	memset(p + 20, 0xee, 10);
	feed(&b, p, 30);
	assert_int_equal(b.log.n, 2);
	feed(&b, p, make(p, 24, 4, false));
	assert_int_equal(b.log.n, 3);
	close_stream(&b);
	/* A pipe whose opening was not seen begins anywhere. */
	open_stream(&b, false);
	feed(&b, (const uint8_t *)"somewhere in the middle", 23);
	feed(&b, p, 24);
	assert_string_equal(b.log.text, "[24 #4 2/100+24]");
	close_stream(&b);
}

static void not_rpc(void **state)
{
	static const char openings[][24] = { "hello, I am no PDU", "\x05\x02 version two", "\x05\0\x77 no such type",
	                                        "\x05\0\0\x03\x42 no such order", "\x05\0\0\x03\x10\x09 no such number" };
	struct bench b;
	uint8_t p[64];

	(void)state;
	for (size_t i = 0; i < COUNT(openings); i++)
		for (uint32_t first = 1; first < 18; first++) {
			open_stream(&b, true);
			feed(&b, (const uint8_t *)openings[i], first);
			feed(&b, (const uint8_t *)openings[i] + first, 18 - first);
			feed(&b, p, make(p, 32, 1, false));
			assert_int_equal(b.log.n, 0);
			assert_int_equal(b.units.held, 0);
			assert_int_equal(b.s->state, UNIT_OTHER);
			close_stream(&b);
		}
	/* A length less than the header's own. */
	open_stream(&b, true);
	make(p, 32, 1, false);
	p[8] = 15;
	feed(&b, p, 32);
	assert_int_equal(b.log.n, 0);
	assert_int_equal(b.s->state, UNIT_OTHER);
	close_stream(&b);
}

/* Streams that each hold most of a PDU: the one fed longest ago loses its bytes. */
static void cap_of_bytes(void **state)
{
	enum { STREAMS = 400, HELD = 60000 };
	struct units units;
	struct unit_stream *s[STREAMS];
	uint8_t *p = xmalloc(65535);
	struct log log = { 0 };
	uint32_t holding = 0;

	(void)state;
	unit_init(&units);
	make(p, 65535, 1, false);
	for (int i = 0; i < STREAMS; i++) {
		s[i] = unit_open(true);
		unit_feed(&units, s[i], &(struct unit_part){ (uint32_t)i + 1, 0, HELD, false }, p, done, &log);
		assert_true(units.held <= LIMIT_UNIT_HELD_BYTES);
	}
	assert_true(units.evictions > 0);
	for (int i = 0; i < STREAMS; i++)
		holding += s[i]->n > 0;
	assert_int_equal(holding + units.evictions, STREAMS);
	/* Those that were evicted are the first ones; the others end as if nothing had been. */
	for (int i = 0; i < STREAMS; i++) {
		assert_int_equal(s[i]->n, (uint64_t)i < units.evictions ? 0 : HELD);
		unit_feed(&units, s[i], &(struct unit_part){ 1000, 0, 65535 - HELD, false }, p + HELD, done, &log);
	}
	assert_int_equal(log.n, holding);
	for (int i = 0; i < STREAMS; i++)
		unit_close(&units, s[i]);
	assert_int_equal(units.held, 0);
	free(p);
}

static void cap_of_parts(void **state)
{
	struct bench b;
	uint8_t *p = xmalloc(65535);

	(void)state;
	make(p, 65535, 1, false);
	open_stream(&b, true);
	for (uint32_t i = 0; i < LIMIT_UNIT_PARTS; i++)
		feed(&b, p + i, 1);
	assert_int_equal(b.units.evictions, 0);
	assert_int_equal(b.s->n, LIMIT_UNIT_PARTS);
	feed(&b, p + LIMIT_UNIT_PARTS, 1);
	assert_int_equal(b.units.evictions, 1);
	assert_int_equal(b.s->n, 0);
	feed(&b, p, make(p, 30, 2, false));
	assert_int_equal(b.log.n, 1);
	close_stream(&b);
	free(p);
}

/* --- the tracker's part --- */

/* Events of parts, as text. */
struct parts_sink {
	struct event_sink sink;
	char text[1024];
};

static void put(struct event_sink *sink, enum event_type type, const void *record, uint32_t len, const void *tail,
                uint32_t tail_len)
{
	struct parts_sink *s = (struct parts_sink *)sink;
	const struct ev_unit_part *r = record;
	size_t at = strlen(s->text);

	(void)len;
	(void)tail;
	(void)tail_len;
	if (type == EV_UNIT_PART)
		snprintf(s->text + at, sizeof(s->text) - at, "(%u.%u command %u%s %u+%u open %u)", r->unit, r->part, (uint32_t)r->command,
		         r->direction ? "!" : "", r->off, r->len, r->open);
}

struct pipe_bench {
	struct parts_sink events;
	struct arena arena;
	struct dx_run run;
	struct track t;
	struct track_open open;
	struct pending p;
	struct track_conn conn;
	struct tcp_flow flow;
};

static void pipe_open(struct pipe_bench *b)
{
	memset(b, 0, sizeof(*b));
	b->events.sink.put = put;
	b->run.arena = &b->arena;
	b->t.events = &b->events.sink;
	b->t.run = &b->run;
	unit_init(&b->t.units);
	intern_init(&b->t);
	pipes_init(&b->t);
	b->conn.flow = &b->flow;
	b->p.conn = &b->conn;
	b->open.object = OBJECT_PIPE;
	b->open.whole = true;
	b->open.row.open = 5;
	b->p.open = &b->open;
}

static void pipe_close(struct pipe_bench *b)
{
	for (int i = 0; i < 2; i++)
		unit_close(&b->t.units, b->open.units[i]);
	assert_int_equal(b->t.units.held, 0);
	pipe_free(b->open.pipe);
	assert_int_equal(b->t.stubs.held, 0);
	assert_int_equal(map_count(&b->t.pipe_calls) + map_count(&b->t.pipe_contexts), 0);
	intern_free(&b->t);
	pipes_end(&b->t);
	arena_free(&b->arena);
}

/* A message whose PDU is 20 bytes and then the payload. */
static void message(struct pipe_bench *b, struct smb_msg *m, uint32_t command, const uint8_t *p, uint32_t n,
                    const struct hole *hole)
{
	uint8_t *bytes = xcalloc(1, 20 + n);
	struct pdu pdu = { .bytes = bytes, .head = 20 + n, .len = 20 + n, .holes = hole, .n_holes = hole != NULL };

	memcpy(bytes + 20, p, n);
	m->u.rw.payload = (struct extent){ 20, n };
	m->u.rw.length = n;
	b->p.row.command = command;
	b->t.pdu = &pdu;
	dx_begin(&b->run, &pdu);
	b->run.flags = DX_LIMIT;
	track_units(&b->t, m, &b->p, &(struct unit_part){ .command = command, .response = m->response });
	assert_int_equal(b->run.flags, DX_LIMIT);   /* the message's own */
	assert_int_equal(b->run.note, NOTE_none);
	b->t.pdu = NULL;
	free(bytes);
}

static void write_and_read(void **state)
{
	static struct pipe_bench b;
	struct smb_msg write = { .op = OP_WRITE, .protocol = 2 }, read = { .op = OP_READ, .protocol = 2, .response = true };
	uint8_t p[64];

	(void)state;
	pipe_open(&b);
	make(p, 40, 1, false);
	message(&b, &write, 1, p, 25, NULL);
	message(&b, &write, 2, p + 25, 15, NULL);
	assert_string_equal(b.events.text, "(1.0 command 1 20+25 open 5)(1.1 command 2 20+15 open 5)");
	b.events.text[0] = '\0';
	/* The pipe has more than the READ asked for. */
	read.status = 0x80000005;
	message(&b, &read, 3, p, 30, NULL);
	read.status = 0;
	message(&b, &read, 4, p + 30, 10, NULL);
	assert_string_equal(b.events.text, "(2.0 command 3! 20+30 open 5)(2.1 command 4! 20+10 open 5)");
	b.events.text[0] = '\0';
	/* What moves nothing: requests to read, answers to writes, failures, other objects. */
	read.response = false;
	message(&b, &read, 5, p, 40, NULL);
	write.response = true;
	message(&b, &write, 5, p, 40, NULL);
	read.response = true;
	read.status = 0xC000014B;
	message(&b, &read, 5, p, 40, NULL);
	read.status = 0;
	b.open.object = OBJECT_FILE;
	message(&b, &read, 5, p, 40, NULL);
	assert_string_equal(b.events.text, "");
	pipe_close(&b);
}

static void transceive(void **state)
{
	static struct pipe_bench b;
	struct smb_msg fsctl = { .op = OP_TRANSACT, .protocol = 2, .asked = { .code = 0x0011C017 } };
	struct smb_msg trans = { .op = OP_TRANSACT, .protocol = 1, .command = 0x25, .asked = { .sub = 0x26, .command = 0x25 } };
	uint8_t p[64];

	(void)state;
	pipe_open(&b);
	make(p, 40, 1, false);
	message(&b, &fsctl, 1, p, 40, NULL);
	fsctl.response = true;
	fsctl.status = 0x80000005;
	message(&b, &fsctl, 1, p, 32, NULL);
	/* The other direction is a stream of its own; SMB1 goes on with the one SMB2 began as well. */
	message(&b, &trans, 2, p, 40, NULL);
	trans.response = true;
	message(&b, &trans, 2, p + 32, 8, NULL);
	assert_string_equal(b.events.text, "(1.0 command 1 20+40 open 5)(2.0 command 2 20+40 open 5)"
	                                   "(3.0 command 1! 20+32 open 5)(3.1 command 2! 20+8 open 5)");
	b.events.text[0] = '\0';
	fsctl.asked.code = 0x0011400C;           /* FSCTL_PIPE_PEEK takes nothing out */
	message(&b, &fsctl, 3, p, 40, NULL);
	trans.asked.sub = 0x23;                  /* TRANS_PEEK_NMPIPE neither */
	message(&b, &trans, 3, p, 40, NULL);
	assert_string_equal(b.events.text, "");
	pipe_close(&b);
}

static void missing_bytes(void **state)
{
	static struct pipe_bench b;
	struct smb_msg write = { .op = OP_WRITE, .protocol = 2 };
	const struct hole hole = { 50, 4, HOLE_LOST }, before = { 4, 4, HOLE_LOST };
	uint8_t p[64];

	(void)state;
	pipe_open(&b);
	make(p, 40, 1, false);
	message(&b, &write, 1, p, 20, NULL);
	message(&b, &write, 2, p + 20, 20, &(struct hole){ 39, 1, HOLE_SNAPLEN });
	message(&b, &write, 3, p, 40, &hole);
	assert_string_equal(b.events.text, "");
	message(&b, &write, 4, p, 40, &before);
	assert_string_equal(b.events.text, "(1.0 command 4 20+40 open 5)");
	pipe_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_in_one), cmocka_unit_test(several_in_one), cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(gaps), cmocka_unit_test(not_rpc), cmocka_unit_test(cap_of_bytes), cmocka_unit_test(cap_of_parts),
		cmocka_unit_test(write_and_read), cmocka_unit_test(transceive), cmocka_unit_test(missing_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
