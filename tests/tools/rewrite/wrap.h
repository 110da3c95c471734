/* Kinds that put packets into other links and tunnels, and IP into fragments.  IEEE 802.1Q, RFC 3032, RFC 4448,
 * RFC 2516, RFC 1661, IEEE 802.11 9.3.2, draft-foschiano-erspan-03, RFC 2784, RFC 2890, RFC 7348, RFC 8926,
 * RFC 3378, RFC 2003, RFC 4213, RFC 2473, 3GPP TS 29.281, RFC 791 3.2, RFC 8200 4.5; LINKTYPE_ numbers. */
#ifndef REWRITE_WRAP_H
#define REWRITE_WRAP_H

#include "packet.h"
#include "tcp.h"

#define BYTES(...)  ((struct span){ (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }) })
#define TYPE(t)     (uint8_t)((t) >> 8), (uint8_t)(t)

static inline uint32_t ethertype(const struct packet *p)
{
	return is_v6(p) ? 0x86dd : 0x800;
}

/* The addresses of an Ethernet header, and the tags behind them: all of it but the type. */
static inline struct span addresses(const struct packet *p)
{
	uint32_t at = 12;

	if (p->link != 1)
		return (struct span){ p->mac, 12 };
	while (at + 6 <= p->head.len && (get16(p->head.p + at) == 0x8100 || get16(p->head.p + at) == 0x88a8))
		at += 4;
	return part(p->head, 0, at);
}

static inline struct span ethernet(struct rewrite *w, const struct packet *p, uint32_t type)
{
	return joined(w, addresses(p), BYTES(TYPE(type)), NOTHING);
}

/* The Ethernet frame that p is, or would be. */
static inline struct span ethernet_frame(struct rewrite *w, const struct packet *p)
{
	return joined(w, ethernet(w, p, ethertype(p)), p->ip, NOTHING);
}

static inline void set_link(struct rewrite *w, struct packet *p, uint16_t link, struct span head)
{
	p->head = joined(w, head, NOTHING, NOTHING);
	p->link = link;
	p->tail = NOTHING;
}

typedef void wrap_fn(struct rewrite *w, struct packet *p, uint32_t n);

/* wrap_all does it to every IP packet; others have no place on another link and go. */
static inline uint32_t wrap_all(struct rewrite *w, wrap_fn *fn, uint32_t n)
{
	uint32_t changed = 0;

	for (uint32_t i = 0; i < w->in.n; i++) {
		struct packet *p = w->in.p[i];

		if (!p->ip.len)
			continue;
		p = copied(w, p);
		fn(w, p, n);
		emit(w, p);
		changed++;
	}
	return changed;
}

/* --- links --- */

static inline void wrap_vlan(struct rewrite *w, struct packet *p, uint32_t id)
{
	set_link(w, p, 1, joined(w, addresses(p), BYTES(0x81, 0, TYPE(id), TYPE(ethertype(p))), NOTHING));
}

static inline void wrap_qinq(struct rewrite *w, struct packet *p, uint32_t id)
{
	set_link(w, p, 1, joined(w, addresses(p), BYTES(0x88, 0xa8, TYPE(id), 0x81, 0, 0x20, 7, TYPE(ethertype(p))), NOTHING));
}

static inline void wrap_mpls(struct rewrite *w, struct packet *p, uint32_t label)
{
	set_link(w, p, 1, joined(w, ethernet(w, p, 0x8847),
	         BYTES(0, 1, 0x40, 63, (uint8_t)(label >> 12), (uint8_t)(label >> 4), (uint8_t)(label << 4 | 1), 64), NOTHING));
}

static inline void wrap_mplspw(struct rewrite *w, struct packet *p, uint32_t label)
{
	struct span inner = ethernet(w, p, ethertype(p));

	set_link(w, p, 1, joined(w, (struct span){ p->mac, 12 }, BYTES(0x88, 0x47, (uint8_t)(label >> 12), (uint8_t)(label >> 4),
	         (uint8_t)(label << 4 | 1), 64, 0, 0, 0, 0), inner));
}

static inline void wrap_pppoe(struct rewrite *w, struct packet *p, uint32_t session)
{
	set_link(w, p, 1, joined(w, ethernet(w, p, 0x8864), BYTES(0x11, 0, TYPE(session), TYPE(p->ip.len + 2), 0,
	         is_v6(p) ? 0x57 : 0x21), NOTHING));
}

static inline void wrap_ppp(struct rewrite *w, struct packet *p, uint32_t n UNUSED)
{
	set_link(w, p, 9, BYTES(0xff, 3, 0, is_v6(p) ? 0x57 : 0x21));
}

static inline void wrap_sll(struct rewrite *w, struct packet *p, uint32_t n UNUSED)
{
	set_link(w, p, 113, joined(w, BYTES(0, p->dir == CLIENT ? 4 : 0, 0, 1, 0, 6), part((struct span){ p->mac, 12 }, 6, 6),
	                           BYTES(0, 0, TYPE(ethertype(p)))));
}

static inline void wrap_sll2(struct rewrite *w, struct packet *p, uint32_t interface)
{
	set_link(w, p, 276, joined(w, BYTES(TYPE(ethertype(p)), 0, 0, 0, 0, TYPE(interface), 0, 1, p->dir == CLIENT ? 4 : 0, 6),
	                           part((struct span){ p->mac, 12 }, 6, 6), BYTES(0, 0)));
}

static inline void wrap_raw(struct rewrite *w, struct packet *p, uint32_t n UNUSED)
{
	set_link(w, p, 101, NOTHING);
}

static inline void wrap_null(struct rewrite *w, struct packet *p, uint32_t n UNUSED)
{
	set_link(w, p, 0, BYTES(is_v6(p) ? 30 : 2, 0, 0, 0));
}

static inline void wrap_loop(struct rewrite *w, struct packet *p, uint32_t n UNUSED)
{
	set_link(w, p, 108, BYTES(0, 0, 0, is_v6(p) ? 24 : 2));
}

/* A data frame with quality of service, to or from the access point. */
static inline struct span wlan_header(struct rewrite *w, const struct packet *p)
{
	return joined(w, BYTES(0x88, p->dir == CLIENT ? 1 : 2, 0x2c, 0, 2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 8, 2, 0, 0, 0, 0, 7,
	                       0x10, 0, 0, 0, 0xaa, 0xaa, 3, 0, 0, 0), BYTES(TYPE(ethertype(p))), NOTHING);
}

static inline void wrap_wlan(struct rewrite *w, struct packet *p, uint32_t n UNUSED)
{
	set_link(w, p, 105, wlan_header(w, p));
}

/* Radiotap that tells of a check sequence at the end. */
static inline void wrap_radiotap(struct rewrite *w, struct packet *p, uint32_t n UNUSED)
{
	set_link(w, p, 127, joined(w, BYTES(0, 0, 18, 0, 0x03, 0, 0, 0), BYTES(1, 2, 3, 4, 5, 6, 7, 8, 0x10, 0),
	                           wlan_header(w, p)));
	p->tail = joined(w, BYTES(0xde, 0xad, 0xbe, 0xef), NOTHING, NOTHING);
}

static inline void wrap_nflog(struct rewrite *w, struct packet *p, uint32_t group)
{
	uint32_t n = p->ip.len + 4, padded = (4 - n % 4) % 4;
	static const uint8_t zeros[4];

	set_link(w, p, 239, joined(w, BYTES(is_v6(p) ? 10 : 2, 0, TYPE(group)), BYTES(8, 0, 1, 0, TYPE(ethertype(p)), 3, 0, 5, 0, 10, 0,
	         0, 0, 0, 0), BYTES((uint8_t)n, (uint8_t)(n >> 8), 9, 0)));
	p->tail = (struct span){ zeros, padded };
}

/* --- tunnels --- */

static inline uint8_t *outer(struct rewrite *w, struct packet *p, uint32_t header, struct span a, struct span b)
{
	struct span space = { room(w, header), header };
	uint8_t *ip;

	p->ip = joined(w, space, a, b);
	p->flow = NULL;
	ip = (uint8_t *)(uintptr_t)p->ip.p;
	ip[0] = header == 40 ? 0x60 : 0x45;
	return ip;
}

/* in_ipv4 makes p an IPv4 packet of the protocol, with a and b as its payload. */
static inline void in_ipv4(struct rewrite *w, struct packet *p, uint8_t protocol, struct span a, struct span b)
{
	struct span mac = joined(w, (struct span){ p->mac, 12 }, BYTES(8, 0), NOTHING);
	uint8_t *ip = outer(w, p, 20, a, b);

	put16(ip + 4, ++w->fragment_id);
	ip[8] = 63;
	ip[9] = protocol;
	put32(ip + 12, 0xc6336401);            /* 198.51.100.1 and .2, RFC 5737 */
	put32(ip + 16, 0xc6336402);
	if (p->dir != CLIENT) {
		ip[15] = 2;
		ip[19] = 1;
	}
	finish_ip(ip, p->ip.len);
	set_link(w, p, 1, mac);
}

static inline void in_ipv6(struct rewrite *w, struct packet *p, uint8_t protocol, struct span a)
{
	struct span mac = joined(w, (struct span){ p->mac, 12 }, BYTES(0x86, 0xdd), NOTHING);
	uint8_t *ip = outer(w, p, 40, a, NOTHING);

	ip[6] = protocol;
	ip[7] = 63;
	put32(ip + 8, 0x20010db8);
	put32(ip + 24, 0x20010db8);
	ip[23] = p->dir == CLIENT ? 1 : 2;
	ip[39] = p->dir == CLIENT ? 2 : 1;
	finish_ip(ip, p->ip.len);
	set_link(w, p, 1, mac);
}

static inline void in_udp(struct rewrite *w, struct packet *p, uint32_t port, struct span a, struct span b)
{
	uint32_t n = 8 + a.len + b.len;

	in_ipv4(w, p, 17, joined(w, BYTES(0xd4, 0x31, TYPE(port), TYPE(n), 0, 0), a, NOTHING), b);
}

static inline void wrap_gre(struct rewrite *w, struct packet *p, uint32_t key)
{
	in_ipv4(w, p, 47, BYTES(0x20, 0, TYPE(ethertype(p)), 0, 0, TYPE(key)), p->ip);
}

static inline void wrap_gretap(struct rewrite *w, struct packet *p, uint32_t n UNUSED)
{
	in_ipv4(w, p, 47, BYTES(0, 0, 0x65, 0x58), ethernet_frame(w, p));
}

static inline void wrap_erspan1(struct rewrite *w, struct packet *p, uint32_t n UNUSED)
{
	in_ipv4(w, p, 47, BYTES(0, 0, 0x88, 0xbe), ethernet_frame(w, p));
}

static inline void wrap_erspan2(struct rewrite *w, struct packet *p, uint32_t id)
{
	in_ipv4(w, p, 47, BYTES(0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 1, TYPE(id), 0, 0, 0, 5), ethernet_frame(w, p));
}

/* The last byte's lowest bit: a sub-header of 8 bytes follows. */
static inline void wrap_erspan3(struct rewrite *w, struct packet *p, uint32_t id)
{
	in_ipv4(w, p, 47, BYTES(0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 1, TYPE(id), 1, 2, 3, 4, 0, 0, 0, 1,
	                        0, 0, 0, 0, 0, 0, 0, 0), ethernet_frame(w, p));
}

static inline void wrap_etherip(struct rewrite *w, struct packet *p, uint32_t n UNUSED)
{
	in_ipv4(w, p, 97, BYTES(0x30, 0), ethernet_frame(w, p));
}

static inline void wrap_vxlan(struct rewrite *w, struct packet *p, uint32_t vni)
{
	in_udp(w, p, 4789, BYTES(8, 0, 0, 0, 0, TYPE(vni), 0), ethernet_frame(w, p));
}

static inline void wrap_geneve(struct rewrite *w, struct packet *p, uint32_t vni)
{
	in_udp(w, p, 6081, BYTES(2, 0, 0x65, 0x58, 0, TYPE(vni), 0, 1, 2, 0x80, 1, 0, 0, 0, 7), ethernet_frame(w, p));
}

/* With an extension header: that of 5G's user plane. */
static inline void wrap_gtpu(struct rewrite *w, struct packet *p, uint32_t teid)
{
	uint32_t n = p->ip.len + 8;

	in_udp(w, p, 2152, BYTES(0x34, 0xff, TYPE(n), 0, 0, TYPE(teid), 0, 0, 0, 0x85, 1, 0x10, 1, 0), p->ip);
}

static inline uint32_t wrap_ip(struct rewrite *w, uint32_t inner, uint32_t into)
{
	uint32_t changed = 0;

	for (uint32_t i = 0; i < w->in.n; i++) {
		struct packet *p = w->in.p[i];

		if (p->ip.len && (is_v6(p) ? 6u : 4u) == inner) {
			p = copied(w, p);
			if (into == 4)
				in_ipv4(w, p, inner == 4 ? 4 : 41, p->ip, NOTHING);
			else
				in_ipv6(w, p, inner == 4 ? 4 : 41, p->ip);
			changed++;
		}
		emit(w, p);
	}
	return changed;
}

static inline uint32_t kind_ipip(struct rewrite *w, const char *arg UNUSED)
{
	return wrap_ip(w, 4, 4);
}

static inline uint32_t kind_6in4(struct rewrite *w, const char *arg UNUSED)
{
	return wrap_ip(w, 6, 4);
}

static inline uint32_t kind_4in6(struct rewrite *w, const char *arg UNUSED)
{
	return wrap_ip(w, 4, 6);
}

static inline uint32_t kind_6in6(struct rewrite *w, const char *arg UNUSED)
{
	return wrap_ip(w, 6, 6);
}

/* --- IP --- */

/* A fragment: the header ip with n bytes of the payload from at on. */
static inline struct packet *fragment(struct rewrite *w, const struct packet *p, uint32_t header, uint32_t at, uint32_t n)
{
	bool more = header + at + n < p->ip.len;
	struct span payload = part(p->ip, header + at, n);
	struct packet *c = copied(w, p);
	uint8_t *ip;

	if (is_v6(p)) {
		c->ip = joined(w, part(p->ip, 0, header), BYTES(p->ip.p[6], 0, TYPE(at | more), 0, 1, TYPE(w->fragment_id)), payload);
		ip = (uint8_t *)(uintptr_t)c->ip.p;
		ip[6] = 44;
	} else {
		c->ip = joined(w, part(p->ip, 0, header), payload, NOTHING);
		ip = (uint8_t *)(uintptr_t)c->ip.p;
		put16(ip + 4, w->fragment_id);
		put16(ip + 6, at / 8 | (more ? 0x2000 : 0));
	}
	finish_ip(ip, c->ip.len);
	c->flow = NULL;
	c->tail = NOTHING;
	return c;
}

/* fragment=BYTES[:reverse|:double]: last one first; or each one twice. */
static inline uint32_t kind_fragment(struct rewrite *w, const char *arg)
{
	uint32_t n = number(arg, 0) & ~7u, changed = 0;
	bool reverse = after(arg) && strcmp(after(arg), "reverse") == 0;
	bool twice = after(arg) && strcmp(after(arg), "double") == 0;

	if (!n)
		return UINT32_MAX;
	for (uint32_t i = 0; i < w->in.n; i++) {
		struct packet *p = w->in.p[i];
		uint32_t header = is_v6(p) ? 40 : p->ip.len ? (uint32_t)(p->ip.p[0] & 15) * 4 : 0, len, count;

		len = p->ip.len > header ? p->ip.len - header : 0;
		if (!header || len <= n || p->cut || p->ip.len > 65535 || (!is_v6(p) && (get16(p->ip.p + 6) & 0x3fff))) {
			emit(w, p);
			continue;
		}
		count = (len + n - 1) / n;
		w->fragment_id++;
		for (uint32_t k = 0; k < count; k++) {
			uint32_t at = (reverse ? count - 1 - k : k) * n;
			struct packet *c = fragment(w, p, header, at, min_u32(n, len - at));

			emit(w, c);
			if (twice && k + 1 < count)
				emit(w, c);
		}
		changed++;
	}
	return changed;
}

/* options: IPv4 options, or hop-by-hop and destination options of IPv6. */
static inline void wrap_options(struct rewrite *w, struct packet *p, uint32_t n UNUSED)
{
	uint8_t *ip;

	if (p->cut || p->ip.len > 65000)
		return;
	if (is_v6(p))
		p->ip = joined(w, part(p->ip, 0, 40), BYTES(60, 0, 1, 4, 0, 0, 0, 0, p->ip.p[6], 0, 5, 2, 0, 0, 1, 0),
		               part(p->ip, 40, p->ip.len - 40));
	else
		p->ip = joined(w, part(p->ip, 0, 20), BYTES(1, 1, 1, 0), part(p->ip, 20, p->ip.len - 20));
	ip = (uint8_t *)(uintptr_t)p->ip.p;
	if (is_v6(p))
		ip[6] = 0;
	else
		ip[0]++;
	finish_ip(ip, p->ip.len);
	p->flow = NULL;
}

/* offload: lengths of zero, as where the card is to fill them in. */
static inline void wrap_offload(struct rewrite *w, struct packet *p, uint32_t n UNUSED)
{
	uint8_t *ip;

	p->ip = joined(w, p->ip, NOTHING, NOTHING);
	ip = (uint8_t *)(uintptr_t)p->ip.p;
	p->tail = NOTHING;
	if (is_v6(p)) {
		put16(ip + 4, 0);
	} else {
		finish_ip(ip, 65536);
	}
	p->flow = NULL;
}

/* pad: what follows the packet in the frame is no data. */
static inline void wrap_pad(struct rewrite *w, struct packet *p, uint32_t n)
{
	uint8_t *tail = room(w, n);

	memset(tail, 0x55, n);
	p->tail = (struct span){ tail, n };
}

/* --- of frames --- */

/* mirror: each frame twice, from two VLANs. */
static inline uint32_t kind_mirror(struct rewrite *w, const char *arg UNUSED)
{
	uint32_t changed = 0;

	for (uint32_t i = 0; i < w->in.n; i++) {
		for (uint32_t k = 0; k < 2 && w->in.p[i]->ip.len; k++) {
			struct packet *p = copied(w, w->in.p[i]);

			wrap_vlan(w, p, 100 + 100 * k);
			emit(w, p);
			changed++;
		}
	}
	return changed;
}

/* shift=SECONDS: the clock of another sensor; may be negative. */
static inline uint32_t kind_shift(struct rewrite *w, const char *arg)
{
	int64_t by = (int64_t)(strtod(arg ? arg : "0", NULL) * 1e9);

	for (uint32_t i = 0; i < w->in.n; i++) {
		struct packet *p = copied(w, w->in.p[i]);

		p->time_ns += by;
		emit(w, p);
	}
	return by ? w->in.n : 0;
}

#endif
