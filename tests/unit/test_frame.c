/* Frames to segments: every link and tunnel around the same packet, lengths, fragments. */
#include "base/limits.h"
#include "base/mem.h"
#include "stream/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define AT 10000               /* where the frames of these tests lie in their file */

/* What was told, the payload put together. */
struct told {
	struct segment last;
	uint8_t data[70000];
	uint64_t at[70000];
	uint32_t n, captured, calls, firsts, own[16];
	uint8_t flags;
};

static void tell(void *arg, const struct segment *s)
{
	struct told *t = arg;

	t->last = *s;
	t->flags |= s->flags;
	t->firsts += s->first_part;
	if (t->calls < COUNT(t->own))
		t->own[t->calls] = s->own.frame;
	t->calls++;
	for (uint32_t i = 0; i < s->captured; i++) {
		t->at[t->n + i] = s->at + i;
		t->data[t->n + i] = s->payload[i];
	}
	t->n += s->len;
	t->captured += s->captured;
}

/* A packet grows forwards: each layer is put before what is there. */
struct packet {
	uint8_t room[4096];
	uint32_t start, end;
};

static void begin(struct packet *p, const void *data, uint32_t n)
{
	p->start = p->end = 1500;
	memcpy(p->room + p->start, data, n);
	p->end += n;
}

static uint32_t length(const struct packet *p)
{
	return p->end - p->start;
}

static void before(struct packet *p, const void *bytes, uint32_t n)
{
	p->start -= n;
	memcpy(p->room + p->start, bytes, n);
}

/* hex: "0800 45" as bytes before the packet; LL stands for its length, 16 bits, plus what add says. */
static void hex(struct packet *p, const char *text, uint32_t add)
{
	uint8_t out[256];
	uint32_t n = 0, len = length(p) + add;

	for (; *text; text++) {
		char two[3] = { text[0], text[1], 0 };

		if (*text == ' ')
			continue;
		if (*text == 'L') {
			out[n++] = (uint8_t)(len >> 8);
			out[n++] = (uint8_t)len;
		} else {
			out[n++] = (uint8_t)strtoul(two, NULL, 16);
		}
		text++;
	}
	before(p, out, n);
}

static uint32_t sum(const uint8_t *p, uint32_t n, uint32_t s)
{
	for (uint32_t i = 0; i < n; i++)
		s += i % 2 ? p[i] : (uint32_t)p[i] << 8;
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return s;
}

static void checksum(uint8_t *at, uint32_t s)
{
	at[0] = (uint8_t)(~s >> 8);
	at[1] = (uint8_t)~s;
}

static void tcp(struct packet *p)
{
	/* 1025 to 445, seq 0x01020304, ack 0x05060708, PSH ACK, window 0x1000 */
	hex(p, "0401 01bd 01020304 05060708 5018 1000 0000 0000", 0);
}

static void ip4(struct packet *p, unsigned protocol, unsigned fragment)
{
	static const uint8_t pseudo[] = { 10, 0, 0, 1, 10, 0, 0, 2 };
	uint8_t *h;

	if (protocol == 6 && !fragment) {
		uint32_t s = sum(pseudo, 8, 6 + length(p));

		checksum(p->room + p->start + 16, sum(p->room + p->start, length(p), s));
	}
	hex(p, "4500 LL 1234 0000 4000 0000 0a000001 0a000002", 20);
	h = p->room + p->start;
	h[6] = (uint8_t)(fragment >> 8);
	h[7] = (uint8_t)fragment;
	h[9] = (uint8_t)protocol;
	checksum(h + 10, sum(h, 20, 0));
}

static void ip6(struct packet *p, unsigned next)
{
	hex(p, "60000000 LL 0040 20010db8000000000000000000000001 20010db8000000000000000000000002", 0);
	p->room[p->start + 6] = (uint8_t)next;
}

static void tcp6(struct packet *p)
{
	uint8_t pseudo[32];
	uint32_t s;

	tcp(p);
	ip6(p, 6);
	memcpy(pseudo, p->room + p->start + 8, 32);
	s = sum(pseudo, 32, 6 + length(p) - 40);
	checksum(p->room + p->start + 40 + 16, sum(p->room + p->start + 40, length(p) - 40, s));
}

static void ether(struct packet *p, const char *rest)
{
	hex(p, rest, 0);
	hex(p, "020000000002 020000000001", 0);
}

static void feed(struct frames *f, const struct packet *p, unsigned link, uint32_t frame, uint32_t cut)
{
	struct frame_in in = { .data = p->room + p->start, .caplen = length(p) - cut, .origlen = length(p),
	                       .at = AT * frame, .link = (uint16_t)link, .when = { 1000 + frame, frame, 0 } };

	frames_feed(f, &in);
}

/* Layers in hex, from the innermost: v4/v6 the packet inside, then pairs of hex and what is added to LL;
 * "ip4 N ..." and "ip6 N" put an IP header with protocol N. */
static const struct around {
	const char *name;
	unsigned link;
	int version;
	struct { const char *text; uint32_t add; } layers[6];
} arounds[] = {
	{ "raw", 101, 4, { { NULL, 0 } } },
	{ "raw v6", 101, 6, { { NULL, 0 } } },
	{ "ipv4", 228, 4, { { NULL, 0 } } },
	{ "ipv6", 229, 6, { { NULL, 0 } } },
	{ "ethernet", 1, 4, { { "ether 0800", 0 } } },
	{ "ethernet v6", 1, 6, { { "ether 86dd", 0 } } },
	{ "802.1Q", 1, 4, { { "ether 8100 0001 0800", 0 } } },
	{ "802.1ad and two 802.1Q", 1, 6, { { "ether 88a8 0001 8100 0002 8100 0003 86dd", 0 } } },
	{ "802.3 SNAP", 1, 4, { { "aaaa03 000000 0800", 0 }, { "ether LL", 0 } } },
	{ "SLL", 113, 4, { { "0000 0001 0006 020000000001 0000 0800", 0 } } },
	{ "SLL with a tag", 113, 4, { { "0000 0001 0006 020000000001 0000 8100 0005 0800", 0 } } },
	{ "SLL2", 276, 6, { { "86dd 0000 00000001 0001 00 06 020000000001 0000", 0 } } },
	{ "null, little endian", 0, 4, { { "02000000", 0 } } },
	{ "null, big endian", 0, 4, { { "00000002", 0 } } },
	{ "null v6 of Darwin", 0, 6, { { "1e000000", 0 } } },
	{ "loop v6 of OpenBSD", 108, 6, { { "00000018", 0 } } },
	{ "MPLS, two labels", 1, 4, { { "ether 8847 00010040 00011140", 0 } } },
	{ "pseudowire with control word", 1, 4, { { "ether 0800", 0 }, { "ether 8847 00011140 00000000", 0 } } },
	{ "PPPoE", 1, 4, { { "0021", 0 }, { "ether 8864 11 00 0001 LL", 0 } } },
	{ "PPP with address and control", 9, 6, { { "ff03 0057", 0 } } },
	{ "PPP with a short protocol", 9, 4, { { "21", 0 } } },
	{ "Cisco HDLC", 104, 4, { { "0f00 0800", 0 } } },
	{ "GRE", 101, 4, { { "0000 0800", 0 }, { "ip4 47", 0 } } },
	{ "GRE with checksum, key and sequence", 101, 6, { { "b000 86dd 00000000 00000001 00000002", 0 }, { "ip4 47", 0 } } },
	{ "GRE of Ethernet", 1, 4, { { "ether 0800", 0 }, { "0000 6558", 0 }, { "ip6 47", 0 }, { "ether 86dd", 0 } } },
	{ "ERSPAN I", 101, 4, { { "ether 0800", 0 }, { "0000 88be", 0 }, { "ip4 47", 0 } } },
	{ "ERSPAN II", 101, 4, { { "ether 0800", 0 }, { "1000 88be 00000001 1001000100000000", 0 }, { "ip4 47", 0 } } },
	{ "ERSPAN III", 101, 4, { { "ether 0800", 0 }, { "1000 22eb 00000001 200100010000000000000001 0000000000000000", 0 },
	  { "ip4 47", 0 } } },
	{ "VXLAN", 1, 4, { { "ether 0800", 0 }, { "c000 12b5 LL 0000 0800000000000100", 16 }, { "ip4 17", 0 }, { "ether 0800", 0 } } },
	{ "GENEVE with an option", 1, 6, { { "ether 86dd", 0 }, { "c000 17c1 LL 0000 0100655800000100 00000000", 20 },
	  { "ip6 17", 0 }, { "ether 86dd", 0 } } },
	{ "GTP-U with a sequence number", 101, 4, { { "32ff LL 00000001 00010000", 4 }, { "0868 0868 LL 0000", 8 }, { "ip4 17", 0 } } },
	{ "IP in IP", 101, 4, { { "ip4 4", 0 } } },
	{ "6in4", 101, 6, { { "ip4 41", 0 } } },
	{ "4in6", 101, 4, { { "ip6 4", 0 } } },
	{ "EtherIP", 101, 4, { { "ether 0800", 0 }, { "3000", 0 }, { "ip4 97", 0 } } },
	{ "authentication header", 101, 4, { { "ip4 51 06 04 0000 00000001 00000001 000000000000000000000000", 0 } } },
	{ "v6 extension headers", 101, 6, { { "ext", 0 } } },
	{ "802.11", 105, 4, { { "0801 0000 020000000001 020000000002 020000000003 0000 aaaa03 000000 0800", 0 } } },
	{ "802.11 QoS of four addresses", 105, 4, { { "8803 0000 020000000001 020000000002 020000000003 0000 020000000004 0000"
	  "aaaa03 000000 0800", 0 } } },
	{ "802.11 aggregated", 105, 4, { { "020000000001 020000000002 LL aaaa03 000000 0800", 8 },
	  { "8802 0000 020000000001 020000000002 020000000003 0000 8000", 0 } } },
	{ "radiotap", 127, 4, { { "0000 0900 02000000 00 0801 0000 020000000001 020000000002 020000000003 0000"
	  "aaaa03 000000 0800", 0 } } },
	{ "NFLOG", 239, 4, { { "nflog", 0 } } },
};

static void put_layer(struct packet *p, const char *text, uint32_t add)
{
	char *rest;

	if (strncmp(text, "ether ", 6) == 0) {
		ether(p, text + 6);
	} else if (strncmp(text, "ip4 ", 4) == 0) {
		unsigned long protocol = strtoul(text + 4, &rest, 10);

		hex(p, rest, 0);
		ip4(p, (unsigned)protocol, 0);
	} else if (strncmp(text, "ip6 ", 4) == 0) {
		ip6(p, (unsigned)strtoul(text + 4, NULL, 10));
	} else if (strcmp(text, "ext") == 0) {
		p->start += 40;
		hex(p, "0600 010400000000", 0);     /* destination options, padded */
		hex(p, "3c00 050200000100", 0);     /* hop by hop: router alert */
		ip6(p, 0);
	} else if (strcmp(text, "nflog") == 0) {
		uint32_t n = length(p) + 4;
		uint8_t attr[4] = { (uint8_t)n, (uint8_t)(n >> 8), 9, 0 };

		before(p, attr, 4);
		hex(p, "02000000 0800 0100 0800 0001", 0);
	} else {
		hex(p, text, add);
	}
}

static const char data[] = "sixteen bytes of";

static void build(struct packet *p, const struct around *a)
{
	begin(p, data, 16);
	if (a->version == 6) {
		tcp6(p);
	} else {
		tcp(p);
		ip4(p, 6, 0);
	}
	if (strncmp(a->layers[0].text ? a->layers[0].text : "", "ip4 51", 6) == 0)
		p->start += 20;                        /* the header goes between TCP and its IP header */
	for (size_t i = 0; i < COUNT(a->layers) && a->layers[i].text; i++)
		put_layer(p, a->layers[i].text, a->layers[i].add);
}

static void test_links_and_tunnels(void **state UNUSED)
{
	static struct told t;

	for (size_t i = 0; i < COUNT(arounds); i++) {
		struct packet p;
		struct frames *f = frames_new(tell, &t);
		char text[46];

		memset(&t, 0, sizeof(t));
		build(&p, &arounds[i]);
		feed(f, &p, arounds[i].link, 1, 0);
		if (t.calls != 1 || frames_counts(f)->bad_checksums)
			print_error("%s\n", arounds[i].name);
		assert_int_equal(t.calls, 1);
		assert_int_equal(t.n, 16);
		assert_memory_equal(t.data, data, 16);
		assert_int_equal(t.at[0], AT + length(&p) - 16);
		assert_int_equal(t.last.seq, 0x01020304);
		assert_int_equal(t.last.ack, 0x05060708);
		assert_int_equal(t.last.flags, TCP_PSH | TCP_ACK);
		assert_int_equal(t.last.window, 0x1000);
		assert_int_equal(t.last.src_port, 1025);
		assert_int_equal(t.last.dst_port, 445);
		addr_text(&t.last.dst, text);
		assert_string_equal(text, arounds[i].version == 6 ? "2001:db8::2" : "10.0.0.2");
		assert_int_equal(frames_counts(f)->bad_checksums, 0);
		assert_int_equal(frames_counts(f)->skipped, 0);
		frames_free(f);
	}
}

/* Every prefix of every one, as a snap length would leave it, and with single bytes turned: no fault, and
 * never more bytes than are there. */
static void test_prefixes(void **state UNUSED)
{
	static struct told t;

	for (size_t i = 0; i < COUNT(arounds); i++) {
		struct packet p;
		struct frames *f = frames_new(tell, &t);

		build(&p, &arounds[i]);
		for (uint32_t cut = 0; cut <= length(&p); cut++) {
			uint32_t n = length(&p) - cut;
			uint8_t *exact = xmalloc(n);
			struct frame_in in = { exact, n, length(&p), AT, (uint16_t)arounds[i].link, { 1, 1, 0 } };

			memcpy(exact, p.room + p.start, n);
			memset(&t, 0, offsetof(struct told, data));
			t.n = t.captured = t.calls = 0;
			frames_feed(f, &in);
			if (cut <= 16) {
				assert_int_equal(t.n, 16);
				assert_int_equal(t.captured, 16 - cut);
			}
			for (uint32_t k = 0; k < n && cut == 0; k++) {
				for (unsigned bit = 0; bit < 8; bit++) {
					exact[k] ^= (uint8_t)(1 << bit);
					t.n = 0;
					frames_feed(f, &in);
					exact[k] ^= (uint8_t)(1 << bit);
				}
			}
			free(exact);
		}
		frames_free(f);
	}
}

static void test_lengths(void **state UNUSED)
{
	static struct told t;
	struct frames *f = frames_new(tell, &t);
	struct packet p;

	/* Ethernet's padding is no data. */
	memset(&t, 0, sizeof(t));
	begin(&p, "", 0);
	tcp(&p);
	ip4(&p, 6, 0);
	ether(&p, "0800");
	memset(p.room + p.end, 0, 6);
	p.end += 6;
	feed(f, &p, 1, 1, 0);
	assert_int_equal(t.calls, 1);
	assert_int_equal(t.n, 0);
	/* Length 0 of segmentation offload: up to the frame's end. */
	begin(&p, data, 16);
	tcp(&p);
	ip4(&p, 6, 0);
	memset(p.room + p.start + 2, 0, 2);
	feed(f, &p, 101, 2, 0);
	assert_int_equal(t.n, 16);
	assert_int_equal(frames_counts(f)->bad_checksums, 1);     /* that of the IP header, now */
	/* A frame shorter than its packet says: the rest was not captured. */
	t.n = t.captured = 0;
	begin(&p, data, 16);
	tcp(&p);
	ip4(&p, 6, 0);
	p.end -= 10;
	feed(f, &p, 101, 3, 0);
	assert_int_equal(t.n, 16);
	assert_int_equal(t.captured, 6);
	/* A wrong TCP checksum is counted, and nothing else. */
	t.n = 0;
	begin(&p, data, 16);
	tcp(&p);
	ip4(&p, 6, 0);
	p.room[p.end - 1] ^= 1;
	feed(f, &p, 101, 4, 0);
	assert_int_equal(t.n, 16);
	assert_int_equal(frames_counts(f)->bad_checksums, 2);
	feed(f, &p, 101, 4, 3);
	assert_int_equal(frames_counts(f)->bad_checksums, 2);
	assert_int_equal(frames_counts(f)->truncated, 1);
	frames_free(f);
}

static void test_skipped_and_nested(void **state UNUSED)
{
	static struct told t;
	struct frames *f = frames_new(tell, &t);
	struct packet p;

	memset(&t, 0, sizeof(t));
	begin(&p, data, 16);
	feed(f, &p, 147, 1, 0);
	assert_int_equal(frames_counts(f)->skipped, 1);
	ether(&p, "8137");
	feed(f, &p, 1, 2, 0);
	assert_int_equal(frames_counts(f)->skipped, 2);
	begin(&p, data, 16);
	ether(&p, "0806");
	feed(f, &p, 1, 3, 0);
	assert_int_equal(frames_counts(f)->skipped, 2);
	begin(&p, data, 16);
	tcp(&p);
	ip4(&p, 6, 0);
	for (uint32_t i = 0; i < LIMIT_LAYERS - 1; i++)
		ip4(&p, 4, 0);
	feed(f, &p, 101, 4, 0);
	assert_int_equal(t.calls, 1);
	ip4(&p, 4, 0);
	feed(f, &p, 101, 5, 0);
	assert_int_equal(t.calls, 1);
	assert_int_equal(frames_counts(f)->skipped, 3);
	frames_free(f);
}

/* --- fragments --- */

/* A fragment of whole: [off, off + n), off a multiple of 8. */
static void fragment(struct packet *p, const uint8_t *whole, uint32_t size, uint32_t off, uint32_t n, bool v6)
{
	bool more = off + n < size;

	begin(p, whole + off, n);
	if (v6) {
		uint8_t h[8] = { 6, 0, (uint8_t)(off >> 8), (uint8_t)(off | more), 1, 2, 3, 4 };

		before(p, h, 8);
		ip6(p, 44);
	} else {
		ip4(p, 6, off / 8 | (more ? 0x2000 : 0));
	}
}

static void test_fragments(void **state UNUSED)
{
	static const struct {
		const char *name;
		struct { uint32_t off, n; } parts[8];
		uint32_t calls, dropped;
	} rows[] = {
		{ "in order", { { 0, 104 }, { 104, 104 }, { 208, 112 } }, 3, 0 },
		{ "backwards", { { 208, 112 }, { 104, 104 }, { 0, 104 } }, 3, 0 },
		{ "the header in pieces", { { 8, 8 }, { 0, 8 }, { 16, 8 }, { 24, 296 } }, 2, 0 },
		{ "one twice", { { 0, 104 }, { 0, 104 }, { 104, 104 }, { 208, 112 } }, 3, 0 },
		{ "overlaps", { { 0, 104 }, { 208, 112 }, { 64, 200 } }, 3, 0 },
		{ "one over another", { { 0, 64 }, { 96, 64 }, { 64, 256 } }, 4, 0 },
		{ "one missing", { { 0, 104 }, { 208, 112 } }, 0, 2 },
	};
	static struct told t;
	struct packet p;
	uint8_t whole[320];

	for (int v6 = 0; v6 < 2; v6++) {
		for (size_t i = 0; i < COUNT(rows); i++) {
			struct frames *f = frames_new(tell, &t);
			uint32_t n = 0;

			begin(&p, "", 0);
			for (uint32_t k = 0; k < 300; k++)
				p.room[p.end++] = (uint8_t)(k * 7);
			tcp(&p);
			memcpy(whole, p.room + p.start, 320);
			memset(&t, 0, sizeof(t));
			for (; n < COUNT(rows[i].parts) && rows[i].parts[n].n; n++) {
				/* What comes again comes different: the first copy must stand. */
				if (n == 2 && i == 4)
					memset(whole + 64, 0xee, 40);
				fragment(&p, whole, 320, rows[i].parts[n].off, rows[i].parts[n].n, v6);
				if (n == 2 && i == 4)
					for (uint32_t k = 64; k < 104; k++)
						whole[k] = (uint8_t)((k - 20) * 7);
				feed(f, &p, 101, n + 1, 0);
			}
			if (t.calls != rows[i].calls)
				print_error("%s\n", rows[i].name);
			assert_int_equal(t.calls, rows[i].calls);
			assert_int_equal(frames_counts(f)->fragments_dropped, rows[i].dropped);
			assert_int_equal(t.firsts, t.calls ? 1 : 0);
			if (t.calls) {
				assert_int_equal(t.n, 300);
				assert_memory_equal(t.data, whole + 20, 300);
				assert_int_equal(t.last.when.frame, n);
				assert_int_equal(t.flags, TCP_PSH | TCP_ACK);
			}
			if (i == 0) {
				assert_int_equal(t.at[0], AT + (v6 ? 48 : 20) + 20);
				assert_int_equal(t.at[84], 2 * AT + (v6 ? 48 : 20));
				assert_int_equal(t.at[299], 3 * AT + (v6 ? 48 : 20) + 111);
				assert_int_equal(t.last.seq, 0x01020304 + 188);
				assert_int_equal(t.own[1], 2);
			}
			frames_free(f);
		}
	}
}

/* A tunnel's packet, fragmented outside, itself a fragment inside: still every byte keeps its place. */
static void test_fragments_nested(void **state UNUSED)
{
	static struct told t;
	struct frames *f = frames_new(tell, &t);
	struct packet p;
	uint8_t inner[320], outer[200];
	uint32_t frame = 0;

	memset(&t, 0, sizeof(t));
	begin(&p, "", 0);
	for (uint32_t k = 0; k < 300; k++)
		p.room[p.end++] = (uint8_t)k;
	tcp(&p);
	memcpy(inner, p.room + p.start, 320);
	for (uint32_t off = 0; off < 320; off += 160) {
		fragment(&p, inner, 320, off, 160, false);
		assert_int_equal(length(&p), 180);
		memcpy(outer, p.room + p.start, 180);
		for (uint32_t o = 0; o < 180; o += 88) {
			begin(&p, outer + o, min_u32(88, 180 - o));
			ip4(&p, 4, o / 8 | (o + 88 < 180 ? 0x2000 : 0));
			p.room[p.start + 5] = (uint8_t)off;
			feed(f, &p, 101, ++frame, 0);
		}
	}
	assert_int_equal(t.calls, 6);
	assert_int_equal(t.n, 300);
	for (uint32_t k = 0; k < 300; k++)
		assert_int_equal(t.data[k], (uint8_t)k);
	assert_int_equal(t.at[0], AT + 20 + 20 + 20);
	assert_int_equal(t.at[140], 4 * AT + 20 + 20);
	frames_free(f);
}

static void test_fragments_cut(void **state UNUSED)
{
	static struct told t;
	struct frames *f = frames_new(tell, &t);
	struct packet p;
	uint8_t whole[320] = { 0 };

	memset(&t, 0, sizeof(t));
	begin(&p, whole, 300);
	tcp(&p);
	memcpy(whole, p.room + p.start, 320);
	fragment(&p, whole, 320, 0, 160, false);
	feed(f, &p, 101, 1, 100);
	fragment(&p, whole, 320, 160, 160, false);
	feed(f, &p, 101, 2, 100);
	assert_int_equal(t.calls, 2);
	assert_int_equal(t.n, 300);
	assert_int_equal(t.captured, 100);
	frames_free(f);
}

static void test_fragments_caps(void **state UNUSED)
{
	static struct told t;
	struct frames *f = frames_new(tell, &t);
	struct packet p;
	uint8_t whole[1000] = { 0 };

	memset(&t, 0, sizeof(t));
	for (uint32_t i = 0; i < LIMIT_FRAGMENTS + 500; i++) {
		fragment(&p, whole, 1000, 0, 800, true);
		p.room[p.start + 44] = (uint8_t)(i >> 8);
		p.room[p.start + 45] = (uint8_t)i;
		feed(f, &p, 101, i + 1, 0);
	}
	assert_int_equal(t.calls, 0);
	assert_int_equal(frames_counts(f)->fragments_dropped, LIMIT_FRAGMENTS + 500);
	frames_free(f);
}

static void test_addresses(void **state UNUSED)
{
	static const struct addr v4 = { { [10] = 0xff, 0xff, 192, 0, 2, 1 } };
	static const struct addr v6 = { { 0xfe, 0x80, [15] = 1 } };
	char text[46];

	addr_text(&v4, text);
	assert_string_equal(text, "192.0.2.1");
	assert_true(addr_is_v4(&v4));
	addr_text(&v6, text);
	assert_string_equal(text, "fe80::1");
	assert_false(addr_is_v4(&v6));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_links_and_tunnels), cmocka_unit_test(test_prefixes), cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_skipped_and_nested), cmocka_unit_test(test_fragments), cmocka_unit_test(test_fragments_nested),
		cmocka_unit_test(test_fragments_cut), cmocka_unit_test(test_fragments_caps), cmocka_unit_test(test_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
