/* PDU framing: any cut of the same stream gives the same PDUs; gaps, resynchronisation, streaming, caps. */
#include "base/limits.h"
#include "base/mem.h"
#include "stream/pdu.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define AT 5000                /* file offset of a stream's first byte in these tests */
#define LONGEST (1u << 20)

/* The stream as it was sent, and what came of it, as text. */
struct bench {
	uint8_t *sent;
	uint32_t n;
	char log[1u << 20];
	size_t logged;
	struct pdus *pdus;
	struct pdu_stream *stream;
	struct tcp_flow flow;
	uint32_t frame;
	uint32_t streamed_to;      /* offset in the streamed PDU */
	bool streaming;
	uint64_t fed, told, told_to;   /* captured bytes in, and in PDUs or skipped; end of the last of these */
	struct pdu last;
};

static void put(struct bench *b, const char *format, ...) PRINTF(2, 3);
static void put(struct bench *b, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	b->logged += (size_t)vsnprintf(b->log + b->logged, sizeof(b->log) - b->logged, format, ap);
	va_end(ap);
	assert_true(b->logged < sizeof(b->log));
}

/* Bytes are those sent, or zeros where the slices tell of a hole; slices lie where the stream does. */
static void check(const struct bench *b, const struct pdu *pdu)
{
	uint32_t off = 0, hole = 0;

	for (uint32_t i = 0; i < pdu->n_slices; i++) {
		const struct slice *s = &pdu->slices[i];
		uint32_t n = pdu->head > off ? min_u32(pdu->head - off, s->len) : 0;

		if (s->capture == SLICE_HOLE) {
			for (uint32_t k = 0; k < n; k++)
				assert_int_equal(pdu->bytes[off + k], 0);
			if (n) {
				assert_true(hole < pdu->n_holes);
				assert_int_equal(pdu->holes[hole].off, off);
				assert_int_equal(pdu->holes[hole++].len, n);
			}
		} else {
			assert_int_equal(s->at, AT + pdu->stream_off + off);
			if (n)
				assert_memory_equal(pdu->bytes + off, b->sent + pdu->stream_off + off, n);
		}
		off += s->len;
	}
	if (!pdu->streamed)
		assert_int_equal(hole, pdu->n_holes);
	if (!pdu->ended)
		assert_int_equal(off, pdu->len);
	assert_true(off <= pdu->len);
}

static void log_pdu(struct bench *b, const struct pdu *pdu)
{
	uint32_t off = 0;

	check(b, pdu);
	assert_true(pdu->stream_off >= b->told_to);
	for (uint32_t i = 0; i < pdu->n_slices; i++)
		b->told += pdu->slices[i].capture == SLICE_HOLE ? 0 : pdu->slices[i].len;
	b->told_to = pdu->stream_off;
	put(b, "%u+%u", (unsigned)pdu->stream_off, pdu->len);
	for (uint32_t i = 0; i < pdu->n_slices; off += pdu->slices[i++].len)
		if (pdu->slices[i].capture == SLICE_HOLE)
			put(b, "(%u,%u,%c)", off, pdu->slices[i].len, "?lse"[pdu->slices[i].at]);
	put(b, pdu->ended ? "!%u " : " ", off);
	b->told_to += off;
	b->last = *pdu;
}

static void on_pdu(void *arg, struct tcp_flow *f UNUSED, const struct pdu *pdu)
{
	struct bench *b = arg;

	assert_false(b->streaming);
	if (!pdu->streamed) {
		log_pdu(b, pdu);
		return;
	}
	assert_true(pdu->head >= 32 && pdu->head < pdu->len);
	assert_memory_equal(pdu->bytes, b->sent + pdu->stream_off, pdu->head);
	b->streaming = true;
	b->streamed_to = pdu->head;
}

static void on_payload(void *arg, struct tcp_flow *f UNUSED, const struct pdu *pdu, uint32_t off, const uint8_t *p,
                       uint32_t len)
{
	struct bench *b = arg;

	assert_true(b->streaming);
	assert_int_equal(off, b->streamed_to);
	if (p)
		assert_memory_equal(p, b->sent + pdu->stream_off + off, len);
	b->streamed_to += len;
}

static void on_end(void *arg, struct tcp_flow *f UNUSED, const struct pdu *pdu)
{
	struct bench *b = arg;

	assert_true(b->streaming);
	b->streaming = false;
	log_pdu(b, pdu);
}

static void on_skipped(void *arg, struct tcp_flow *f UNUSED, enum direction dir UNUSED, uint64_t off, uint64_t len,
                       const struct moment *when)
{
	struct bench *b = arg;

	assert_true(when->frame);
	assert_true(off >= b->told_to);
	b->told += len;
	b->told_to = off + len;
	put(b, "skip%u+%u ", (unsigned)off, (unsigned)len);
}

/* The protocol of these tests: magic "\376SMB" behind the header, then 'W' where a payload starts at 32. */
static uint32_t payload_start(const uint8_t *p, uint32_t have, uint32_t len)
{
	if (have < 9)
		return 0;
	return p[8] == 'W' ? 32 : len;
}

static bool plausible(const uint8_t *p, uint32_t have)
{
	assert_true(have >= 8);
	return p[0] == 0 && memcmp(p + 4, "\376SMB", 4) == 0;
}

static void start(struct bench *b, uint16_t port, bool midstream, bool whole)
{
	struct pdu_hooks h = { on_pdu, on_payload, on_end, on_skipped, payload_start, plausible, b, whole };

	b->log[0] = 0;
	b->logged = 0;
	b->frame = 0;
	b->streaming = false;
	b->flow = (struct tcp_flow){ .server_port = port, .midstream = midstream, .last = { 1, 1, 0 } };
	b->fed = b->told = b->told_to = 0;
	b->pdus = pdus_new(&h);
	b->stream = pdu_open(b->pdus, &b->flow);
}

static void stop(struct bench *b)
{
	pdu_close(b->stream);
	pdus_free(b->pdus);
	assert_int_equal(b->fed, b->told);
}

static void bytes(struct bench *b, uint32_t off, uint32_t len)
{
	struct tcp_where w = { AT + off, { 1, ++b->frame, 0 }, { 1, b->frame, 0 } };
	uint8_t *copy = xmalloc(len);

	b->fed += len;
	memcpy(copy, b->sent + off, len);              /* exact, so that the sanitizer sees every overrun */
	pdu_bytes(b->stream, FROM_CLIENT, copy, len, &w);
	free(copy);
}

static void gap(struct bench *b, uint32_t len)
{
	struct moment after = { 1, b->frame + 1, 0 };

	pdu_gap(b->stream, FROM_CLIENT, len, HOLE_LOST, &after);
}

/* Adds a PDU of n bytes behind the header; kind 'W' may be streamed. */
static void add(struct bench *b, uint8_t type, uint32_t n, char kind)
{
	uint8_t *p = b->sent + b->n;

	p[0] = type;
	p[1] = (uint8_t)(n >> 16);
	p[2] = (uint8_t)(n >> 8);
	p[3] = (uint8_t)n;
	for (uint32_t i = 4; i < n + 4; i++)
		p[i] = (uint8_t)((i * 31 + b->n) | 1);
	if (type == 0 && n >= 4)
		memcpy(p + 4, "\376SMB", 4);
	if (n > 4)
		p[8] = (uint8_t)kind;
	b->n += n + 4;
}

static uint32_t rnd(uint32_t *x)
{
	*x = *x * 1664525u + 1013904223u;
	return *x >> 8;
}

static struct bench *bench_new(void)
{
	struct bench *b = xcalloc(1, sizeof(*b));

	b->sent = xcalloc(1, LONGEST);
	return b;
}

static void bench_free(struct bench *b)
{
	free(b->sent);
	free(b);
}

static void usual(struct bench *b)
{
	b->n = 0;
	add(b, 0, 100, 'x');
	add(b, 0x85, 0, 0);
	add(b, 0, 70000, 'W');
	add(b, 0, 20, 'x');
	add(b, 0, 66000, 'x');
	add(b, 0x85, 0, 0);
	add(b, 0, 0, 0);
	add(b, 0, 300, 'x');
}

static const char usual_log[] = "0+104 104+4 108+70004 70112+24 70136+66004 136140+4 136144+4 136148+304 ";

static void test_cuts(void **state UNUSED)
{
	static const uint32_t cuts[] = { 1, 2, 3, 7, 64, 1460, 65000, LONGEST };
	struct bench *b = bench_new();

	usual(b);
	for (size_t i = 0; i < COUNT(cuts); i++) {
		for (int whole = 0; whole < 2; whole++) {
			start(b, 445, false, whole);
			for (uint32_t off = 0; off < b->n; off += cuts[i])
				bytes(b, off, min_u32(cuts[i], b->n - off));
			assert_string_equal(b->log, usual_log);
			assert_false(b->streaming);
			stop(b);
			assert_string_equal(b->log, usual_log);
		}
	}
	for (uint32_t round = 0; round < 60; round++) {
		uint32_t x = round, longest = 1u << round % 17;

		start(b, 445, round % 2, false);
		for (uint32_t off = 0, n; off < b->n; off += n) {
			n = min_u32(1 + rnd(&x) % longest, b->n - off);
			bytes(b, off, n);
		}
		assert_string_equal(b->log, usual_log);
		stop(b);
	}
	bench_free(b);
}

static void test_moments(void **state UNUSED)
{
	struct bench *b = bench_new();

	add(b, 0, 100, 'x');
	start(b, 445, false, false);
	bytes(b, 0, 2);
	bytes(b, 2, 50);
	bytes(b, 52, 52);
	assert_int_equal(b->last.first.frame, 1);
	assert_int_equal(b->last.last.frame, 3);
	stop(b);
	bench_free(b);
}

static void test_netbios(void **state UNUSED)
{
	struct bench *b = bench_new();

	add(b, 0x81, 68, 0);
	add(b, 0x82, 0, 0);
	add(b, 0, 70000, 'x');
	b->sent[76 + 1] |= 0xfe;                       /* only one bit of it is length */
	start(b, 139, false, false);
	bytes(b, 0, b->n);
	assert_string_equal(b->log, "0+72 72+4 76+70004 ");
	assert_true(b->last.netbios);
	stop(b);
	bench_free(b);
}

/* Of the usual stream [from, to) is lost. */
static void test_gaps(void **state UNUSED)
{
	static const struct {
		const char *where;
		uint32_t from, to;
		const char *want;
	} rows[] = {
		{ "body", 40, 60, "0+104(40,20,l) 104+4 108+70004 " },
		{ "to the end of a body", 40, 104, "0+104(40,64,l)!104 104+4 108+70004 " },
		{ "a header", 70112, 70116, "0+104 104+4 108+70004 skip70116+20 70136+66004 " },
		{ "half a header", 70114, 70115, "0+104 104+4 108+70004 skip70112+2 skip70115+21 70136+66004 " },
		{ "a streamed payload", 1000, 2000, "0+104 104+4 108+70004(892,1000,l) 70112+24 " },
		{ "a streamed payload's end and more", 60000, 70120, "0+104 104+4 108+70004(59892,10112,l)!70004 skip70120+16 70136+66004 " },
		{ "the head of a large one", 120, 130, "0+104 104+4 108+70004(12,10,l) 70112+24 " },
		{ "whole messages", 50, 70136, "0+104(50,54,l)!104 70136+66004 136140+4 136144+4 " },
		{ "the beginning", 0, 50, "skip50+58 108+70004 70112+24 " },
	};
	struct bench *b = bench_new();

	usual(b);
	for (size_t i = 0; i < COUNT(rows); i++) {
		for (uint32_t cut = 1; cut < 100000; cut = cut * 3 + 4) {
			start(b, 445, false, false);
			for (uint32_t off = 0, n; off < b->n; off += n) {
				if (off == rows[i].from) {
					n = rows[i].to - rows[i].from;
					gap(b, n);
					continue;
				}
				n = min_u32(cut, b->n - off);
				if (off < rows[i].from)
					n = min_u32(n, rows[i].from - off);
				bytes(b, off, n);
			}
			if (strncmp(b->log, rows[i].want, strlen(rows[i].want)) != 0)
				print_error("%s, cut %u: %s\n", rows[i].where, cut, b->log);
			assert_memory_equal(b->log, rows[i].want, strlen(rows[i].want));
			stop(b);
			/* In step again: the stream's last messages are there. */
			assert_non_null(strstr(b->log, "136140+4 136144+4 136148+304 "));
		}
	}
	bench_free(b);
}

static void test_ends(void **state UNUSED)
{
	struct bench *b = bench_new();

	usual(b);
	start(b, 445, false, false);
	bytes(b, 0, 50);
	stop(b);
	assert_string_equal(b->log, "0+104!50 ");
	assert_int_equal(b->last.head, 50);
	start(b, 445, false, false);
	bytes(b, 0, 106);
	stop(b);
	assert_string_equal(b->log, "0+104 skip104+2 ");
	start(b, 445, false, false);
	bytes(b, 0, 1000);
	assert_true(b->streaming);
	stop(b);
	assert_string_equal(b->log, "0+104 104+4 108+70004!892 ");
	bench_free(b);
}

/* Joined in the middle of a payload that holds what looks like a message: what follows it does not. */
static void test_false_start(void **state UNUSED)
{
	struct bench *b = bench_new();

	memset(b->sent, 0x55, 500);
	memcpy(b->sent + 100, "\0\0\0\x64\376SMB", 8);
	b->n = 500;
	add(b, 0, 100, 'x');
	add(b, 0, 40, 'x');
	start(b, 445, true, false);
	bytes(b, 0, b->n);
	stop(b);
	assert_string_equal(b->log, "skip0+500 500+104 604+44 ");
	/* In step nobody looks for magics. */
	b->n = 0;
	add(b, 0, 300, 'x');
	memcpy(b->sent + 60, "\0\0\0\x10\376SMB", 8);
	add(b, 0, 40, 'x');
	memset(b->sent + 304 + 4, 0, 40);              /* the raw data of an SMB1 READ_RAW has no magic at all */
	add(b, 0, 50, 'x');
	start(b, 445, false, false);
	for (uint32_t off = 0; off < b->n; off++)
		bytes(b, off, 1);
	stop(b);
	assert_string_equal(b->log, "0+304 304+44 348+54 ");
	bench_free(b);
}

static void test_not_smb(void **state UNUSED)
{
	struct bench *b = bench_new();

	memset(b->sent, 'G', 3000);
	start(b, 445, false, false);
	for (uint32_t off = 0; off < 3000; off += 100)
		bytes(b, off, 100);
	stop(b);
	assert_string_equal(b->log, "skip0+3000 ");
	bench_free(b);
}

/* --- caps --- */

struct tally {
	uint32_t told, whole, evicted;
};

static void tally_pdu(void *arg, struct tcp_flow *f UNUSED, const struct pdu *pdu)
{
	struct tally *t = arg;

	t->told++;
	if (!pdu->ended)
		t->whole++;
	else if (pdu->n_slices && pdu->slices[pdu->n_slices - 1].capture == SLICE_HOLE &&
	         pdu->slices[pdu->n_slices - 1].at == HOLE_EVICTED)
		t->evicted++;
}

static void test_caps(void **state UNUSED)
{
	enum { N = 100, SIZE = 1000000 };
	struct tally t = { 0 };
	struct pdu_hooks h = { tally_pdu, on_payload, on_end, NULL, payload_start, plausible, &t, true };
	struct pdus *a = pdus_new(&h);
	static struct tcp_flow flows[N];
	struct pdu_stream *streams[N];
	uint8_t *data = xcalloc(1, SIZE + 4);
	struct tcp_where w = { 1, { 1, 1, 0 }, { 1, 1, 0 } };

	memcpy(data, "\0\x0f\x42\x40\376SMBx", 9);
	for (int i = 0; i < N; i++) {
		flows[i].server_port = 445;
		streams[i] = pdu_open(a, &flows[i]);
		pdu_bytes(streams[i], FROM_CLIENT, data, SIZE, &w);
	}
	assert_true(pdus_evictions(a) >= N - 34);
	for (int i = 0; i < N; i++) {
		/* The rest comes, and in step the next one. */
		pdu_bytes(streams[i], FROM_CLIENT, data + SIZE, 4, &w);
		pdu_bytes(streams[i], FROM_CLIENT, (const uint8_t *)"\x85\0\0\0", 4, &w);
		pdu_close(streams[i]);
	}
	assert_int_equal(t.told, 2 * N);
	assert_int_equal(t.evicted, pdus_evictions(a));
	assert_int_equal(t.whole, 2 * N - pdus_evictions(a));
	free(data);
	pdus_free(a);
}

/* The largest PDU there can be is held whole. */
static void test_largest(void **state UNUSED)
{
	struct tally t = { 0 };
	struct pdu_hooks h = { tally_pdu, on_payload, on_end, NULL, payload_start, plausible, &t, true };
	struct pdus *a = pdus_new(&h);
	struct tcp_flow flow = { .server_port = 445 };
	struct pdu_stream *s = pdu_open(a, &flow);
	uint8_t *data = xcalloc(1, LIMIT_PDU);

	memcpy(data, "\0\xff\xff\xff\376SMBx", 9);
	for (uint32_t off = 0, n; off < LIMIT_PDU; off += n) {
		struct tcp_where w = { off * 2ull, { 1, off + 1, 0 }, { 1, off + 1, 0 } };

		n = min_u32(1460, LIMIT_PDU - off);
		pdu_bytes(s, FROM_CLIENT, data + off, n, &w);
	}
	assert_int_equal(t.told, 1);
	assert_int_equal(t.whole, 1);
	pdu_close(s);
	free(data);
	pdus_free(a);
}

/* Anything at all, with gaps: no fault, and no byte is told twice or lost. */
static void test_noise(void **state UNUSED)
{
	struct bench *b = bench_new();

	for (uint32_t round = 0; round < 300; round++) {
		uint32_t x = round;

		usual(b);
		for (uint32_t i = 0; i < round % 20; i++)
			b->sent[rnd(&x) % b->n] = (uint8_t)(rnd(&x) % 3 ? 0 : rnd(&x));
		start(b, round % 2 ? 445 : 139, round % 5 == 0, round % 7 == 0);
		for (uint32_t off = 0, n; off < b->n; off += n) {
			n = min_u32(1 + rnd(&x) % (1 + round * 10), b->n - off);
			if (rnd(&x) % 20 == 0)
				gap(b, n);
			else
				bytes(b, off, n);
		}
		stop(b);
		assert_false(b->streaming);
	}
	bench_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cuts), cmocka_unit_test(test_moments), cmocka_unit_test(test_netbios),
		cmocka_unit_test(test_gaps), cmocka_unit_test(test_ends), cmocka_unit_test(test_false_start),
		cmocka_unit_test(test_not_smb), cmocka_unit_test(test_caps), cmocka_unit_test(test_largest),
		cmocka_unit_test(test_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
