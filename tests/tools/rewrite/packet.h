/* Packets taken apart and put together: RFC 791, RFC 8200, RFC 9293 3.1, RFC 1071.
 * Reading is the program's own reader; taking apart is done here, apart from what it is to test. */
#ifndef REWRITE_PACKET_H
#define REWRITE_PACKET_H

#include "base/map.h"
#include "base/mem.h"
#include "capture/cap.h"

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16 };
enum { CLIENT, SERVER };

/* A connection; what a kind keeps about its two sides is zeroed before each kind. */
struct flow_key {
	uint8_t lo[16], hi[16];
	uint16_t lo_port, hi_port;
};

struct side {
	struct packet *last, *first_data;
	uint32_t next, delta, count, open;
	bool known;
};

struct flow {
	struct map_node node;
	struct flow_key key;
	struct flow *older;
	bool client_lo, data;
	uint32_t syn;              /* sequence number of the client's SYN, 0 none */
	struct side side[2];
};

/* head stands before the network packet ip; of a packet that is not IP head is all of it. */
struct packet {
	int64_t time_ns;
	uint32_t number;
	uint16_t link;
	struct span head, ip, tail;
	uint32_t cut;              /* bytes at the end that were not captured */
	uint8_t mac[12];
	/* TCP, when flow is set: it was captured whole and lies in no tunnel. */
	struct flow *flow;
	uint8_t dir, flags;
	uint32_t tcp_at, seq, ack;
	struct span payload;
};

struct list {
	struct packet **p;
	uint32_t n, cap;
};

/* All memory lives as long as the tool runs: captures rewritten are small. */
struct rewrite {
	struct arena arena;
	struct list in, out;
	struct map flows;
	struct flow *newest;
	uint32_t fragment_id, random;
	/* How it is written. */
	bool pcapng, nano, swapped, gzip, zstd, sections, interfaces;
	bool taps;
	uint32_t snap, split;
};

static inline uint32_t get16(const uint8_t *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

static inline uint32_t get32(const uint8_t *p)
{
	return get16(p) << 16 | get16(p + 2);
}

static inline void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

static inline uint8_t *room(struct rewrite *w, size_t n)
{
	return arena_alloc(&w->arena, n ? n : 1);
}

/* joined returns a copy of a, b and c one after the other. */
static inline struct span joined(struct rewrite *w, struct span a, struct span b, struct span c)
{
	uint8_t *p = room(w, (size_t)a.len + b.len + c.len);

	if (a.len)
		memcpy(p, a.p, a.len);
	if (b.len)
		memcpy(p + a.len, b.p, b.len);
	if (c.len)
		memcpy(p + a.len + b.len, c.p, c.len);
	return (struct span){ p, a.len + b.len + c.len };
}

static inline struct span part(struct span s, uint32_t from, uint32_t len)
{
	return (struct span){ s.p + from, len };
}

#define NOTHING  ((struct span){ NULL, 0 })

static inline void add(struct list *l, struct packet *p)
{
	l->p = mem_grow(l->p, l->n, &l->cap, sizeof(struct packet *));
	l->p[l->n++] = p;
}

static inline void emit(struct rewrite *w, struct packet *p)
{
	add(&w->out, p);
}

static inline struct packet *copied(struct rewrite *w, const struct packet *p)
{
	struct packet *c = arena_alloc(&w->arena, sizeof(*c));

	*c = *p;
	return c;
}

static inline uint32_t sum16(const uint8_t *p, uint32_t n, uint32_t sum)
{
	uint64_t s = sum;

	for (uint32_t i = 0; i + 1 < n; i += 2)
		s += get16(p + i);
	if (n & 1)
		s += (uint32_t)p[n - 1] << 8;
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return (uint32_t)s;
}

static inline bool is_v6(const struct packet *p)
{
	return p->ip.len && p->ip.p[0] >> 4 == 6;
}

/* finish_ip writes the length and, of IPv4, the checksum; from the header at ip, len bytes in all.
 * Lengths that do not fit are 0, as a card that segments finds them. */
static inline void finish_ip(uint8_t *ip, uint32_t len)
{
	if (ip[0] >> 4 == 6) {
		put16(ip + 4, len - 40 > 65535 ? 0 : len - 40);
		return;
	}
	put16(ip + 2, len > 65535 ? 0 : len);
	put16(ip + 10, 0);
	put16(ip + 10, ~sum16(ip, (uint32_t)(ip[0] & 15) * 4, 0));
}

static inline void finish_tcp(uint8_t *ip, uint32_t tcp_at, uint32_t len)
{
	uint32_t n = len - tcp_at, sum = n + 6;

	sum = ip[0] >> 4 == 6 ? sum16(ip + 8, 32, sum) : sum16(ip + 12, 8, sum);
	put16(ip + tcp_at + 16, 0);
	put16(ip + tcp_at + 16, ~sum16(ip + tcp_at, n, sum));
}

/* segment returns p with other contents; its window stays. */
static inline struct packet *segment(struct rewrite *w, const struct packet *p, uint32_t seq, uint32_t ack,
                                     uint8_t flags, struct span payload)
{
	struct packet *c = copied(w, p);
	uint32_t header = (uint32_t)(p->ip.p[p->tcp_at + 12] >> 4) * 4;
	uint32_t front = p->tcp_at + header;
	uint8_t *ip;

	c->ip = joined(w, part(p->ip, 0, front), payload, NOTHING);
	ip = (uint8_t *)(uintptr_t)c->ip.p;
	put32(ip + p->tcp_at + 4, seq);
	put32(ip + p->tcp_at + 8, ack);
	ip[p->tcp_at + 13] = flags;
	finish_ip(ip, c->ip.len);
	finish_tcp(ip, p->tcp_at, c->ip.len);
	c->seq = seq;
	c->ack = ack;
	c->flags = flags;
	c->payload = part(c->ip, front, payload.len);
	return c;
}

/* --- taking apart --- */

static inline struct flow *flow_of(struct rewrite *w, struct packet *p, const uint8_t src[16], const uint8_t dst[16],
                                   uint16_t sport, uint16_t dport)
{
	struct flow_key key = { .lo_port = 0 };
	int order = memcmp(src, dst, 16);
	bool lo = order < 0 || (order == 0 && sport < dport), client;
	struct flow *f;

	memcpy(key.lo, lo ? src : dst, 16);
	memcpy(key.hi, lo ? dst : src, 16);
	key.lo_port = lo ? sport : dport;
	key.hi_port = lo ? dport : sport;
	f = map_find(&w->flows, &key);
	if (f && (p->flags & (SYN | ACK)) == SYN && f->syn != p->seq && f->data) {
		map_remove(&w->flows, f);
		f = NULL;
	}
	if (!f) {
		f = arena_alloc(&w->arena, sizeof(*f));
		f->key = key;
		if (p->flags & SYN)
			client = !(p->flags & ACK);
		else
			client = dport == 445 || dport == 139 || (sport != 445 && sport != 139 && dport <= sport);
		f->client_lo = lo == client;
		map_insert(&w->flows, f);
		f->older = w->newest;
		w->newest = f;
	}
	if ((p->flags & (SYN | ACK)) == SYN)
		f->syn = p->seq;
	if (p->payload.len)
		f->data = true;
	p->dir = lo == f->client_lo ? CLIENT : SERVER;
	return f;
}

static inline void take_tcp(struct rewrite *w, struct packet *p)
{
	uint8_t src[16] = { 0 }, dst[16] = { 0 };
	const uint8_t *ip = p->ip.p, *t;
	uint32_t header;

	if (p->cut)
		return;
	if (ip[0] >> 4 == 6) {
		if (ip[6] != 6)
			return;
		p->tcp_at = 40;
		memcpy(src, ip + 8, 16);
		memcpy(dst, ip + 24, 16);
	} else {
		if (ip[9] != 6 || (get16(ip + 6) & 0x3fff))
			return;
		p->tcp_at = (uint32_t)(ip[0] & 15) * 4;
		memcpy(src, ip + 12, 4);
		memcpy(dst, ip + 16, 4);
	}
	if (p->ip.len < p->tcp_at + 20)
		return;
	t = ip + p->tcp_at;
	header = (uint32_t)(t[12] >> 4) * 4;
	if (header < 20 || p->ip.len < p->tcp_at + header)
		return;
	p->seq = get32(t + 4);
	p->ack = get32(t + 8);
	p->flags = t[13];
	p->payload = part(p->ip, p->tcp_at + header, p->ip.len - p->tcp_at - header);
	p->flow = flow_of(w, p, src, dst, (uint16_t)get16(t), (uint16_t)get16(t + 2));
}

/* Where the network packet begins; UINT32_MAX: it is none, or on a link that is not known here. */
static inline uint32_t ip_at(struct packet *p, struct span f)
{
	uint32_t at = 14, type;

	switch (p->link) {
	case 101: case 228: case 229:
		return 0;
	case 0: case 108:
		return 4;
	case 113:
		return f.len >= 16 && (get16(f.p + 14) == 0x800 || get16(f.p + 14) == 0x86dd) ? 16 : UINT32_MAX;
	case 276:
		return f.len >= 20 && (get16(f.p) == 0x800 || get16(f.p) == 0x86dd) ? 20 : UINT32_MAX;
	case 1:
		if (f.len < 14)
			return UINT32_MAX;
		memcpy(p->mac, f.p, 12);
		type = get16(f.p + 12);
		while ((type == 0x8100 || type == 0x88a8 || type == 0x9100) && at + 4 <= f.len) {
			type = get16(f.p + at + 2);
			at += 4;
		}
		return type == 0x800 || type == 0x86dd ? at : UINT32_MAX;
	}
	return UINT32_MAX;
}

static inline void take_packet(struct rewrite *w, const struct frame *frame)
{
	struct packet *p = arena_alloc(&w->arena, sizeof(*p));
	struct span f = joined(w, (struct span){ frame->data, frame->caplen }, NOTHING, NOTHING);
	uint32_t at, total;

	*p = (struct packet){ .time_ns = frame->time_ns, .number = frame->number, .link = frame->link,
	                      .mac = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2 } };
	p->cut = frame->origlen > frame->caplen ? frame->origlen - frame->caplen : 0;
	p->head = f;
	add(&w->in, p);
	at = ip_at(p, f);
	if (at == UINT32_MAX || f.len < at + 20)
		return;
	if (f.p[at] >> 4 == 4)
		total = get16(f.p + at + 2);
	else if (f.p[at] >> 4 == 6 && f.len >= at + 40)
		total = get16(f.p + at + 4) ? get16(f.p + at + 4) + 40u : 0;
	else
		return;
	if (!total || total > f.len - at)
		total = f.len - at;
	p->head = part(f, 0, at);
	p->ip = part(f, at, total);
	p->tail = part(f, at + total, f.len - at - total);
	if (p->cut && p->tail.len)
		p->tail = NOTHING, p->cut = 0;
	take_tcp(w, p);
}

#endif
