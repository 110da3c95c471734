/* IPv4 (RFC 791), IPv6 with its extension headers (RFC 8200, RFC 2675), TCP headers (RFC 9293 3.1). */
#include "stream/frame_private.h"

/* Two sums side by side in a register of SSE2, or whatever the machine has. */
typedef uint64_t lanes __attribute__((vector_size(16)));

/* Sum of 16-bit words as RFC 1071 has it, folded to 16 bits, in the machine's byte order; n may be odd. */
static uint32_t sum16(const uint8_t *p, uint32_t n)
{
	uint64_t a = 0, x;
	uint32_t w;
	uint16_t h;

	if (n >= 32) {
		lanes one = { 0 }, two = { 0 }, v;

		for (; n >= 32; n -= 32, p += 32) {
			memcpy(&v, p, 16);
			one += (v & 0xffffffffu) + (v >> 32);
			memcpy(&v, p + 16, 16);
			two += (v & 0xffffffffu) + (v >> 32);
		}
		one += two;
		a = one[0] + one[1];
	}
	for (; n >= 8; n -= 8, p += 8) {
		memcpy(&x, p, 8);
		a += (x & 0xffffffffu) + (x >> 32);
	}
	if (n & 4) {
		memcpy(&w, p, 4);
		a += w;
		p += 4;
	}
	if (n & 2) {
		memcpy(&h, p, 2);
		a += h;
		p += 2;
	}
	if (n & 1) {
		uint8_t last[2] = { *p, 0 };

		memcpy(&h, last, 2);
		a += h;
	}
	a = (a & 0xffffffffu) + (a >> 32);
	a = (a & 0xffff) + (a >> 16);
	a = (a & 0xffff) + (a >> 16);
	return (uint32_t)((a & 0xffff) + (a >> 16));
}

static uint32_t add16(uint32_t a, uint32_t b)
{
	a += b;
	return (a & 0xffff) + (a >> 16);
}

static uint16_t swapped16(uint32_t v)
{
	uint8_t b[2] = { (uint8_t)(v >> 8), (uint8_t)v };
	uint16_t out;

	memcpy(&out, b, 2);
	return out;
}

/* The pseudo header of IPv6 gives the same sum as that of IPv4 for a mapped address once the two
 * words ffff (worth nothing in this arithmetic) are in it. */
static bool tcp_checksum_right(const struct walk *w)
{
	uint32_t sum = sum16(w->p, w->len);

	sum = add16(sum, sum16(w->src.bytes, 16));
	sum = add16(sum, sum16(w->dst.bytes, 16));
	sum = add16(sum, swapped16(w->len >> 16));
	sum = add16(sum, swapped16(w->len & 0xffff));
	sum = add16(sum, swapped16(6));
	return sum == 0xffff;
}

/* Payload of a datagram put together: one call for each piece of it. */
static void tell_pieces(const struct walk *w, struct segment *s)
{
	uint64_t from = w->at, end = from + w->len;
	uint8_t last = s->flags & (TCP_FIN | TCP_RST);
	bool syn = s->flags & TCP_SYN, ends;

	s->flags = (uint8_t)(s->flags & ~(TCP_FIN | TCP_RST));
	for (uint32_t i = 0; i < w->n_pieces; i++) {
		const struct piece *c = &w->pieces[i];
		uint64_t skip;

		if (c->off + c->len <= from && !(from == end && i + 1 == w->n_pieces))
			continue;
		skip = from > c->off ? from - c->off : 0;
		s->own = c->own;
		s->payload = w->p + (c->off + skip - w->at);
		s->at = c->at + skip;
		s->len = (uint32_t)((c->off + c->len < end ? c->off + c->len : end) - c->off - skip);
		s->captured = c->captured > skip ? min_u32((uint32_t)(c->captured - skip), s->len) : 0;
		ends = c->off + c->len >= end;
		if (ends)
			s->flags |= last;
		w->f->told(w->f->arg, s);
		if (ends)                      /* what follows is padding of the packet inside */
			return;
		s->seq += s->len + (s->first_part && syn);
		s->flags = (uint8_t)(s->flags & ~TCP_SYN);
		s->first_part = false;
	}
}

static void layer_tcp(struct walk *w)
{
	struct segment s = { .when = w->when, .own = w->when, .src = w->src, .dst = w->dst, .first_part = true };
	const uint8_t *h;
	uint32_t header;

	if (w->captured < 20)
		return;
	header = (uint32_t)(w->p[12] >> 4) * 4;
	if (header < 20 || header > w->len)
		return;
	if (w->captured == w->len && !tcp_checksum_right(w))
		w->f->counts.bad_checksums++;
	h = w->p;
	s.src_port = (uint16_t)be16(h);
	s.dst_port = (uint16_t)be16(h + 2);
	s.seq = be32(h + 4);
	s.ack = be32(h + 8);
	s.window = (uint16_t)be16(h + 14);
	s.flags = h[13] & (TCP_FIN | TCP_SYN | TCP_RST | TCP_PSH | TCP_ACK);
	if (w->eth) {
		memcpy(s.eth_dst, w->eth, 6);
		memcpy(s.eth_src, w->eth + 6, 6);
		s.has_eth = true;
	}
	/* A snap length may end inside the options: the payload's place is known all the same. */
	w->p += w->pieces ? header : min_u32(header, w->captured);
	w->captured -= min_u32(header, w->captured);
	w->at += header;
	w->len -= header;
	if (w->pieces) {
		tell_pieces(w, &s);
		return;
	}
	s.payload = w->p;
	s.captured = w->captured;
	s.len = w->len;
	s.at = w->at;
	w->f->told(w->f->arg, &s);
}

static void layer_none(struct walk *w UNUSED)
{
}

/* IP protocol numbers (IANA) that carry TCP, or packets that may.  Any other one is no business of ours. */
static const struct layer_row protocols[] = {
	{ 6, layer_tcp }, { 17, layer_udp }, { 4, layer_ipv4 }, { 41, layer_ipv6 }, { 47, layer_gre },
	{ 97, layer_etherip }, { 137, layer_mpls }, { 59, layer_none },
};

void layer_protocol(struct walk *w, uint32_t protocol)
{
	const uint8_t *p;
	uint32_t n;

	/* The authentication header may stand before any of them, in IPv4 too (RFC 4302 2). */
	while (protocol == 51) {
		if (w->captured < 2)
			return;
		protocol = w->p[0];
		n = (uint32_t)(w->p[1] + 2) * 4;
		p = walk_take(w, n);
		if (!p)
			return;
	}
	for (size_t i = 0; i < COUNT(protocols); i++) {
		if (protocols[i].number == protocol) {
			protocols[i].fn(w);
			return;
		}
	}
}

static void fragment(struct walk *w, const struct fragment_key *key, uint32_t off, bool more, uint32_t protocol)
{
	struct frames *f = w->f;

	if (!ipfrag_add(f->frag, key, w, off, more, &protocol))
		return;
	layer_protocol(w, protocol);
	ipfrag_done(f->frag);
}

void layer_ipv4(struct walk *w)
{
	const uint8_t *h = w->p;
	uint32_t header, total, where, protocol;

	if (w->captured < 20 || h[0] >> 4 != 4 || !layer_deeper(w))
		return;
	header = (uint32_t)(h[0] & 15) * 4;
	total = be16(h + 2);
	if (total == 0)                        /* segmentation offload: the length was for the card to fill in */
		total = w->len;
	if (header < 20 || total < header)
		return;
	if (w->captured >= header && sum16(h, header) != 0xffff)
		w->f->counts.bad_checksums++;
	/* Behind the packet is padding.  Where the packet is longer than the frame says, the frame was
	 * cut by somebody who did not keep its length: the rest is not captured. */
	if (w->captured > total)
		w->captured = total;
	w->len = total;
	if (!walk_take(w, header))
		return;
	memset(&w->src, 0, 10);
	memset(w->src.bytes + 10, 0xff, 2);
	memcpy(w->src.bytes + 12, h + 12, 4);
	memset(&w->dst, 0, 10);
	memset(w->dst.bytes + 10, 0xff, 2);
	memcpy(w->dst.bytes + 12, h + 16, 4);
	protocol = h[9];
	where = be16(h + 6);
	if (unlikely(where & 0x3fff)) {
		struct fragment_key key = { w->src, w->dst, be16(h + 4), protocol };

		fragment(w, &key, (where & 0x1fff) * 8, where & 0x2000, protocol);
		return;
	}
	layer_protocol(w, protocol);
}

/* The payload length of a jumbogram is an option of the hop-by-hop header (RFC 2675 2); 0: none. */
static uint32_t jumbo_length(const uint8_t *h, uint32_t n)
{
	for (uint32_t i = 2; i + 2 <= n; i += h[i] ? 2u + h[i + 1] : 1u)
		if (h[i] == 0xc2 && h[i + 1] == 4 && i + 6 <= n)
			return be32(h + i + 2);
	return 0;
}

/* extension moves past one extension header whose number is *next.  False: *next is no extension. */
static bool extension(struct walk *w, uint32_t *next, const uint8_t **h, uint32_t *n)
{
	switch (*next) {
	case 0: case 43: case 60: case 135: case 139: case 140:
		if (w->captured < 8)
			return false;
		*n = (uint32_t)(w->p[1] + 1) * 8;
		*next = w->p[0];
		*h = walk_take(w, *n);
		return *h != NULL;
	}
	return false;
}

void layer_ipv6(struct walk *w)
{
	const uint8_t *h = w->p, *x;
	uint32_t next, n, payload, jumbo;
	bool first = true;

	if (w->captured < 40 || h[0] >> 4 != 6 || !layer_deeper(w))
		return;
	payload = be16(h + 4);
	next = h[6];
	memcpy(w->src.bytes, h + 8, 16);
	memcpy(w->dst.bytes, h + 24, 16);
	walk_take(w, 40);
	if (payload) {
		if (w->captured > payload)
			w->captured = payload;
		w->len = payload;
	}
	while (next != 44) {
		bool hop = next == 0;

		if (!extension(w, &next, &x, &n))
			break;
		/* Here the frame's length is believed first: one that lies in 32 bits would tell of gigabytes. */
		if (hop && first && !payload && (jumbo = jumbo_length(x, n)) > n)
			walk_limit(w, jumbo - n);
		first = false;
	}
	if (next == 44) {
		struct fragment_key key = { w->src, w->dst, 0, UINT32_MAX };

		x = walk_take(w, 8);
		if (!x)
			return;
		key.id = be32(x + 4);
		if (be16(x + 2) & 0xfff9) {
			fragment(w, &key, be16(x + 2) & 0xfff8, x[3] & 1, x[0]);
			return;
		}
		next = x[0];               /* an atomic fragment, RFC 6946: the whole datagram */
	}
	while (extension(w, &next, &x, &n))
		;
	layer_protocol(w, next);
}
