/* Calls through pipes: presentation contexts, several calls under way, stubs in several PDUs and messages, what was not
 * captured, caps.  Each test says as text what was stated. */
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

enum { FIRST = RPC_FIRST_FRAG, LAST = RPC_LAST_FRAG, SINGLE = FIRST | LAST, AT = 20 };

/* What was stated: calls, places of stubs in several pieces, contexts of the PDUs. */
struct said {
	struct event_sink sink;
	char calls[2048], stubs[2048], needs[2048];
	char texts[64][48];
	char contexts[16][32];
	uint32_t n_calls;
};

static void add(char *text, size_t size, const char *format, ...) PRINTF(3, 4);
static void add(char *text, size_t size, const char *format, ...)
{
	size_t at = strlen(text);
	va_list ap;

	va_start(ap, format);
	vsnprintf(text + at, size - at, format, ap);
	va_end(ap);
}

static const char *text_at(const struct said *s, text_id id)
{
	return id && id < COUNT(s->texts) ? s->texts[id] : "-";
}

static void put_call(struct said *s, const struct ev_call *c)
{
	s->n_calls++;
	if (s->n_calls > 50)
		return;
	add(s->calls, sizeof(s->calls), "[%u %.8s/%s ", c->call, text_at(s, c->uuid), text_at(s, c->version));
	if (c->opnum == EV_NULL)
		add(s->calls, sizeof(s->calls), "-");
	else
		add(s->calls, sizeof(s->calls), "%d", (int)c->opnum);
	add(s->calls, sizeof(s->calls), " %u-%u%s %s]", c->request_frame, c->response_frame, c->sealed ? " sealed" : "", text_at(s, c->fault));
}

static void put_part(struct said *s, const struct ev_unit_part *p)
{
	if (p->kind == UNIT_DCERPC) {
		if (p->part || (!p->rpc_context && !p->request_frame))
			return;
		add(s->needs, sizeof(s->needs), "[%s", p->rpc_context < COUNT(s->contexts) ? s->contexts[p->rpc_context] : "?");
		if (p->request_frame)
			add(s->needs, sizeof(s->needs), " of %u", p->request_frame);
		add(s->needs, sizeof(s->needs), "]");
		return;
	}
	add(s->stubs, sizeof(s->stubs), "%s%u%s %u+%u%s", p->part ? " " : "|", (unsigned)p->command, p->direction ? "!" : "", p->off, p->len,
	    p->kind == UNIT_STUB_MORE ? ".." : "");
}

static void put(struct event_sink *sink, enum event_type type, const void *record, uint32_t len UNUSED, const void *tail,
                uint32_t tail_len)
{
	struct said *s = (struct said *)sink;
	const struct ev_rpc_context *c = record;
	const struct ev_text *text = record;

	if (type == EV_TEXT && text->text < COUNT(s->texts))
		snprintf(s->texts[text->text], sizeof(s->texts[0]), "%.*s", (int)tail_len, (const char *)tail);
	else if (type == EV_RPC_CONTEXT && c->rpc_context < COUNT(s->contexts))
		snprintf(s->contexts[c->rpc_context], sizeof(s->contexts[0]), "%02x v%u %s%d%s", c->ctx.uuid[3], c->ctx.version,
		         c->ctx.asked ? "op" : "-", c->ctx.opnum, c->ctx.known ? c->ctx.ndr64 ? " ndr64" : " ndr" : "");
	else if (type == EV_UNIT_PART)
		put_part(s, record);
	else if (type == EV_CALL)
		put_call(s, record);
}

struct bench {
	struct said said;
	struct arena arena;
	struct dx_run run;
	struct track t;
	struct track_open open;
	struct pending p;
	struct track_conn conn;
	struct tcp_flow flow;
	uint32_t frame;
	uint8_t pdu[512];          /* being built */
	uint32_t n;
	bool be;
};

static int begin(void **state)
{
	struct bench *b = xcalloc(1, sizeof(*b));

	b->said.sink.put = put;
	b->run.arena = &b->arena;
	b->t.events = &b->said.sink;
	b->t.run = &b->run;
	unit_init(&b->t.units);
	intern_init(&b->t);
	pipes_init(&b->t);
	b->conn.flow = &b->flow;
	b->p.conn = &b->conn;
	b->p.open = &b->open;
	b->open.object = OBJECT_PIPE;
	b->open.whole = true;
	b->open.row.open = 1;
	*state = b;
	return 0;
}

static void close_pipe(struct bench *b)
{
	pipe_free(b->open.pipe);
	b->open.pipe = NULL;
	for (int i = 0; i < 2; i++) {
		unit_close(&b->t.units, b->open.units[i]);
		b->open.units[i] = NULL;
	}
}

static int end(void **state)
{
	struct bench *b = *state;

	close_pipe(b);
	assert_int_equal(b->t.stubs.held, 0);
	assert_true(list_empty(&b->t.stubs.holding));
	assert_int_equal(map_count(&b->t.pipe_calls), 0);
	assert_int_equal(map_count(&b->t.pipe_contexts), 0);
	intern_free(&b->t);
	pipes_end(&b->t);
	arena_free(&b->arena);
	free(b);
	return 0;
}

/* --- PDUs --- */

static void u8(struct bench *b, unsigned v)
{
	assert_true(b->n < sizeof(b->pdu));
	b->pdu[b->n++] = (uint8_t)v;
}

static void u16(struct bench *b, unsigned v)
{
	u8(b, b->be ? v >> 8 : v);
	u8(b, b->be ? v : v >> 8);
}

static void u32(struct bench *b, uint32_t v)
{
	u16(b, b->be ? v >> 16 : v & 0xffff);
	u16(b, b->be ? v & 0xffff : v >> 16);
}

static void head(struct bench *b, enum rpc_type type, unsigned flags, uint32_t call)
{
	b->n = 0;
	u16(b, b->be ? 0x0500 : 0x0005);
	u8(b, type);
	u8(b, flags);
	u8(b, b->be ? 0 : 0x10);
	for (int i = 0; i < 3; i++)
		u8(b, 0);
	u16(b, 0);                       /* length, when all is there */
	u16(b, 0);
	u32(b, call);
}

static void bytes(struct bench *b, const void *p, uint32_t n)
{
	assert_true(b->n + n <= sizeof(b->pdu));
	memcpy(b->pdu + b->n, p, n);
	b->n += n;
}

static void ndr(struct bench *b)
{
	u32(b, 0x8a885d04);
	u16(b, 0x1ceb);
	u16(b, 0x11c9);
	bytes(b, "\x9f\xe8\x08\x00\x2b\x10\x48\x60", 8);
	u32(b, 2);
}

static void ndr64(struct bench *b)
{
	u32(b, 0x71710533);
	u16(b, 0xbeba);
	u16(b, 0x4937);
	bytes(b, "\x83\x19\xb5\xdb\xef\x9c\xcc\x36", 8);
	u32(b, 1);
}

/* Proposals: interface 0x11111100 + i as context i, version 3.1; syntaxes: 'n' NDR, '6' NDR64, 'b' either. */
static void propose(struct bench *b, enum rpc_type type, uint32_t call, unsigned from, const char *syntaxes)
{
	head(b, type, SINGLE, call);
	for (int i = 0; i < 8; i++)
		u8(b, 0);
	u8(b, (unsigned)strlen(syntaxes));
	for (int i = 0; i < 3; i++)
		u8(b, 0);
	for (unsigned i = from; *syntaxes; i++, syntaxes++) {
		u16(b, i);
		u8(b, *syntaxes == 'b' ? 2 : 1);
		u8(b, 0);
		u32(b, 0x11111100 + i);
		u16(b, 0x2222);
		u16(b, 0x3333);
		bytes(b, "\x44\x44\x55\x55\x55\x55\x55\x55", 8);
		u32(b, 1 << 16 | 3);             /* version 3.1 */
		if (*syntaxes != '6')
			ndr(b);
		if (*syntaxes != 'n')
			ndr64(b);
	}
}

/* What becomes of them: 'n' accepted as NDR, '6' as NDR64, 'x' refused. */
static void decide(struct bench *b, enum rpc_type type, uint32_t call, const char *results)
{
	head(b, type, SINGLE, call);
	for (int i = 0; i < 8; i++)
		u8(b, 0);
	u16(b, 0);
	u16(b, 0);
	u8(b, (unsigned)strlen(results));
	for (int i = 0; i < 3; i++)
		u8(b, 0);
	for (; *results; results++) {
		u16(b, *results == 'x' ? 2 : 0);
		u16(b, *results == 'x' ? 1 : 0);
		if (*results == '6')
			ndr64(b);
		else
			ndr(b);
	}
}

static void stub(struct bench *b, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		u8(b, 0x40 + i);
}

static void ask(struct bench *b, unsigned flags, uint32_t call, unsigned context, unsigned opnum, uint32_t n)
{
	head(b, RPC_REQUEST, flags, call);
	u32(b, n);
	u16(b, context);
	u16(b, opnum);
	stub(b, n);
}

static void answer(struct bench *b, unsigned flags, uint32_t call, unsigned context, uint32_t n)
{
	head(b, RPC_RESPONSE, flags, call);
	u32(b, n);
	u16(b, context);
	u16(b, 0);
	stub(b, n);
}

static void refuse(struct bench *b, uint32_t call, unsigned context, uint32_t status)
{
	head(b, RPC_FAULT, SINGLE, call);
	u32(b, 0);
	u16(b, context);
	u16(b, 0);
	u32(b, status);
	u32(b, 0);
}

/* --- messages --- */

/* A message of its own frame and command moves n bytes from `from` of the PDU on. */
static void move(struct bench *b, bool response, uint32_t from, uint32_t n)
{
	struct smb_msg m = { .op = response ? OP_READ : OP_WRITE, .protocol = 2, .response = response };
	uint8_t *copy = xcalloc(1, AT + n);
	struct pdu pdu = { .bytes = copy, .head = AT + n, .len = AT + n };

	b->frame++;
	pdu.last.frame = b->frame;
	pdu.last.time_ns = b->frame * 1000;
	memcpy(copy + AT, b->pdu + from, n);
	m.u.rw.payload = (struct extent){ AT, n };
	m.u.rw.length = n;
	b->p.row.command = b->frame;
	b->t.pdu = &pdu;
	dx_begin(&b->run, &pdu);
	track_units(&b->t, &m, &b->p, &(struct unit_part){ .command = b->frame, .response = response });
	assert_int_equal(b->run.flags, 0);
	b->t.pdu = NULL;
	arena_reset(&b->arena);
	free(copy);
}

static void length(struct bench *b)
{
	b->pdu[b->be ? 9 : 8] = (uint8_t)b->n;
	b->pdu[b->be ? 8 : 9] = (uint8_t)(b->n >> 8);
}

static void say(struct bench *b, bool response)
{
	length(b);
	move(b, response, 0, b->n);
}

/* A PDU in two messages. */
static void say_in_two(struct bench *b, bool response, uint32_t first)
{
	length(b);
	move(b, response, 0, first);
	move(b, response, first, b->n - first);
}

static void bound(struct bench *b, const char *syntaxes, const char *results)
{
	propose(b, RPC_BIND, 1, 0, syntaxes);
	say(b, false);
	decide(b, RPC_BIND_ACK, 1, results);
	say(b, true);
}

#define CLIENT false
#define SERVER true

/* --- the tests --- */

static void contexts(void **state)
{
	struct bench *b = *state;

	bound(b, "n6n", "n6x");
	for (uint32_t i = 0; i < 4; i++) {
		ask(b, SINGLE, 2 + i, i, 10 + i, 8);
		say(b, CLIENT);
		answer(b, SINGLE, 2 + i, i, 4);
		say(b, SERVER);
	}
	/* The third was refused, of a fourth nobody spoke: only the operation is known. */
	assert_string_equal(b->said.calls, "[1 11111100/3.1 10 3-4 -][2 11111101/3.1 11 5-6 -][3 -/- 12 7-8 -][4 -/- 13 9-10 -]");
	assert_string_equal(b->said.needs, "[11 v3 op10 ndr][11 v3 op10 ndr of 3][11 v3 op11 ndr64][11 v3 op11 ndr64 of 5]"
	                                   "[00 v0 op12][00 v0 op12 of 7][00 v0 op13][00 v0 op13 of 9]");
	assert_string_equal(b->said.stubs, "");
}

static void altered(void **state)
{
	struct bench *b = *state;

	bound(b, "n", "n");
	propose(b, RPC_ALTER, 2, 1, "nn");
	say(b, CLIENT);
	decide(b, RPC_ALTER_RESP, 2, "xn");
	say(b, SERVER);
	for (uint32_t i = 0; i < 3; i++) {
		ask(b, SINGLE, 3, i, 1, 0);
		say(b, CLIENT);
	}
	/* A call's number that is used again ends the call before. */
	assert_string_equal(b->said.calls, "[1 11111100/3.1 1 5-0 -][2 -/- 1 6-0 -]");
	close_pipe(b);
	assert_string_equal(b->said.calls, "[1 11111100/3.1 1 5-0 -][2 -/- 1 6-0 -][3 11111102/3.1 1 7-0 -]");
}

/* A new bind, and a refused one, forget what was agreed on. */
static void bound_again(void **state)
{
	struct bench *b = *state;

	bound(b, "nn", "nn");
	bound(b, "n", "n");
	ask(b, SINGLE, 2, 1, 1, 0);
	say(b, CLIENT);
	head(b, RPC_BIND_NAK, SINGLE, 3);
	u16(b, 0);
	u16(b, 0);
	say(b, SERVER);
	ask(b, SINGLE, 3, 0, 1, 0);
	say(b, CLIENT);
	close_pipe(b);
	assert_string_equal(b->said.calls, "[1 -/- 1 5-0 -][2 -/- 1 7-0 -]");
}

/* Without the server's side a proposal holds; the stub can be read where only one syntax was proposed. */
static void unanswered_bind(void **state)
{
	struct bench *b = *state;

	propose(b, RPC_BIND, 1, 0, "6b");
	say(b, CLIENT);
	ask(b, SINGLE, 2, 0, 1, 4);
	say(b, CLIENT);
	ask(b, SINGLE, 3, 1, 1, 4);
	say(b, CLIENT);
	close_pipe(b);
	assert_string_equal(b->said.calls, "[1 11111100/3.1 1 2-0 -][2 11111101/3.1 1 3-0 -]");
	assert_string_equal(b->said.needs, "[11 v3 op1 ndr64][00 v0 op1]");
}

static void missing_bind(void **state)
{
	struct bench *b = *state;

	ask(b, SINGLE, 2, 0, 15, 4);
	say(b, CLIENT);
	answer(b, SINGLE, 2, 0, 4);
	say(b, SERVER);
	answer(b, SINGLE, 9, 0, 4);
	say(b, SERVER);
	assert_string_equal(b->said.calls, "[1 -/- 15 1-2 -][2 -/- - 0-3 -]");
	/* Of the answer alone nothing is known. */
	assert_string_equal(b->said.needs, "[00 v0 op15][00 v0 op15 of 1]");
}

static void missing_request(void **state)
{
	struct bench *b = *state;

	bound(b, "n", "n");
	answer(b, SINGLE, 2, 0, 4);
	say(b, SERVER);
	assert_string_equal(b->said.calls, "[1 11111100/3.1 - 0-3 -]");
	assert_string_equal(b->said.needs, "[11 v3 -0 ndr]");
}

static void big_endian(void **state)
{
	struct bench *b = *state;

	b->be = true;
	bound(b, "n6", "n6");
	ask(b, SINGLE, 0x01020304, 1, 0x0203, 4);
	say(b, CLIENT);
	/* The other side has its own order. */
	b->be = false;
	answer(b, SINGLE, 0x01020304, 1, 4);
	say(b, SERVER);
	assert_string_equal(b->said.calls, "[1 11111101/3.1 515 3-4 -]");
	assert_string_equal(b->said.needs, "[11 v3 op515 ndr64][11 v3 op515 ndr64 of 3]");
}

static void several_under_way(void **state)
{
	struct bench *b = *state;

	bound(b, "n", "n");
	for (uint32_t i = 0; i < 3; i++) {
		ask(b, SINGLE, 2 + i, 0, i, 0);
		say(b, CLIENT);
	}
	answer(b, SINGLE, 4, 0, 4);
	say(b, SERVER);
	refuse(b, 2, 0, 0x1c010002);
	say(b, SERVER);
	refuse(b, 3, 0, 0x12345678);
	say(b, SERVER);
	assert_string_equal(b->said.calls, "[3 11111100/3.1 2 5-6 -][1 11111100/3.1 0 3-7 nca_op_rng_error][2 11111100/3.1 1 4-8 0x12345678]");
}

/* --- stubs in several PDUs --- */

static void fragments(void **state)
{
	struct bench *b = *state;

	bound(b, "n", "n");
	ask(b, FIRST, 2, 0, 7, 10);
	say(b, CLIENT);                                /* frame 3 */
	ask(b, 0, 2, 0, 7, 12);
	say_in_two(b, CLIENT, 30);                     /* 4, 5: the stub is from 24 on */
	assert_string_equal(b->said.stubs, "");
	ask(b, LAST, 2, 0, 7, 5);
	say_in_two(b, CLIENT, 20);                     /* 6, 7 */
	assert_string_equal(b->said.stubs, "|3 44+10 4 44+6.. 5 20+6 7 24+5");
	b->said.stubs[0] = '\0';
	answer(b, FIRST, 2, 0, 3);
	say(b, SERVER);                                /* 8 */
	answer(b, LAST, 2, 0, 0);
	say(b, SERVER);                                /* 9: it has nothing more */
	assert_string_equal(b->said.stubs, "|8! 44+3 9! 0+0");
	assert_string_equal(b->said.calls, "[1 11111100/3.1 7 3-9 -]");
	assert_string_equal(b->said.needs, "[11 v3 op7 ndr][11 v3 op7 ndr][11 v3 op7 ndr][11 v3 op7 ndr of 3][11 v3 op7 ndr of 3]");
}

static void interleaved(void **state)
{
	struct bench *b = *state;

	bound(b, "n", "n");
	ask(b, FIRST, 2, 0, 7, 4);
	say(b, CLIENT);
	ask(b, FIRST, 3, 0, 8, 4);
	say(b, CLIENT);
	ask(b, LAST, 2, 0, 7, 4);
	say(b, CLIENT);
	ask(b, LAST, 3, 0, 8, 4);
	say(b, CLIENT);
	assert_string_equal(b->said.stubs, "|3 44+4 5 44+4|4 44+4 6 44+4");
}

/* Bytes lost between the pieces of a stub: it is not joined, the next call's is. */
static void lost_between(void **state)
{
	struct bench *b = *state;

	bound(b, "n", "n");
	ask(b, FIRST, 2, 0, 7, 4);
	say(b, CLIENT);
	b->flow.side[FROM_SERVER].missing = 5;         /* the other direction */
	ask(b, 0, 2, 0, 7, 4);
	say(b, CLIENT);
	b->flow.side[FROM_CLIENT].missing = 100;
	ask(b, LAST, 2, 0, 7, 4);
	say(b, CLIENT);
	assert_string_equal(b->said.stubs, "");
	ask(b, FIRST, 3, 0, 7, 4);
	say(b, CLIENT);
	unit_gap(&b->t.units, b->open.units[0]);
	ask(b, LAST, 3, 0, 7, 4);
	say(b, CLIENT);
	assert_string_equal(b->said.stubs, "");
	/* The beginning was not seen. */
	ask(b, LAST, 4, 0, 7, 4);
	say(b, CLIENT);
	assert_string_equal(b->said.stubs, "");
	ask(b, FIRST, 5, 0, 7, 4);
	say(b, CLIENT);
	ask(b, LAST, 5, 0, 7, 4);
	say(b, CLIENT);
	assert_string_equal(b->said.stubs, "|9 44+4 10 44+4");
	close_pipe(b);
	assert_string_equal(b->said.calls, "[1 11111100/3.1 7 3-0 -][2 11111100/3.1 7 6-0 -][3 11111100/3.1 7 8-0 -][4 11111100/3.1 7 9-0 -]");
}

/* Sealed pieces are not joined; the call says so. */
static void sealed(void **state)
{
	struct bench *b = *state;

	bound(b, "n", "n");
	for (unsigned flags = FIRST; flags <= LAST; flags++) {
		ask(b, flags, 2, 0, 7, 16);
		bytes(b, (const uint8_t[]){ 10, 6, 0, 0, 0, 0, 0, 0 }, 8);
		stub(b, 16);
		b->pdu[10] = 16;
		say(b, CLIENT);
	}
	answer(b, SINGLE, 2, 0, 4);
	say(b, SERVER);
	assert_string_equal(b->said.stubs, "");
	assert_string_equal(b->said.calls, "[1 11111100/3.1 7 3-5 sealed -]");
}

/* --- caps --- */

static void cap_of_calls(void **state)
{
	struct bench *b = *state;

	bound(b, "n", "n");
	for (uint32_t i = 0; i < LIMIT_PIPE_CALLS + 3; i++) {
		ask(b, SINGLE, 2 + i, 0, 7, 0);
		say(b, CLIENT);
	}
	assert_int_equal(map_count(&b->t.pipe_calls), LIMIT_PIPE_CALLS);
	assert_int_equal(b->t.evictions, 3);
	assert_string_equal(b->said.calls, "[1 11111100/3.1 7 3-0 -][2 11111100/3.1 7 4-0 -][3 11111100/3.1 7 5-0 -]");
	close_pipe(b);
	assert_int_equal(b->said.n_calls, LIMIT_PIPE_CALLS + 3);
}

static void cap_of_contexts(void **state)
{
	struct bench *b = *state;

	bound(b, "n", "n");
	for (uint32_t i = 1; i <= LIMIT_PIPE_CONTEXTS; i++) {
		propose(b, RPC_ALTER, 2, i, "n");
		say(b, CLIENT);
	}
	assert_int_equal(map_count(&b->t.pipe_contexts), LIMIT_PIPE_CONTEXTS);
	assert_int_equal(b->t.evictions, 1);
	ask(b, SINGLE, 3, 0, 7, 0);
	say(b, CLIENT);
	ask(b, SINGLE, 4, 1, 7, 0);
	say(b, CLIENT);
	close_pipe(b);
	assert_non_null(strstr(b->said.calls, "[1 -/- 7 "));
	assert_non_null(strstr(b->said.calls, "[2 11111101/3.1 7 "));
}

static void cap_of_pieces(void **state)
{
	struct bench *b = *state;

	bound(b, "n", "n");
	ask(b, FIRST, 2, 0, 7, 4);
	say(b, CLIENT);
	for (uint32_t i = 1; i < LIMIT_UNIT_PARTS; i++) {
		ask(b, 0, 2, 0, 7, 4);
		say(b, CLIENT);
	}
	assert_int_equal(b->t.stubs.evictions, 0);
	assert_true(b->t.stubs.held >= LIMIT_UNIT_PARTS * 4);
	ask(b, 0, 2, 0, 7, 4);
	say(b, CLIENT);
	assert_int_equal(b->t.stubs.evictions, 1);
	assert_int_equal(b->t.stubs.held, 0);
	ask(b, LAST, 2, 0, 7, 4);
	say(b, CLIENT);
	assert_string_equal(b->said.stubs, "");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(contexts), TEST(altered), TEST(bound_again), TEST(unanswered_bind), TEST(missing_bind), TEST(missing_request),
		TEST(big_endian), TEST(several_under_way), TEST(fragments), TEST(interleaved), TEST(lost_between), TEST(sealed),
		TEST(cap_of_calls), TEST(cap_of_contexts), TEST(cap_of_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
