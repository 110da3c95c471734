/* What carries frames and packets inside others: MPLS (RFC 3032, RFC 4448), PPP (RFC 1661, RFC 2516), HDLC,
 * GRE (RFC 2784, RFC 2890, RFC 2637), ERSPAN (draft-foschiano-erspan-03), VXLAN (RFC 7348), GENEVE (RFC 8926),
 * GTP-U (3GPP TS 29.281 5.1), EtherIP (RFC 3378), 802.11 data frames (IEEE 802.11 9.3.2), radiotap, NFLOG. */
#include "stream/frame_private.h"
#include "base/limits.h"

void layer_mpls(struct walk *w)
{
	const uint8_t *p;

	if (!layer_deeper(w))
		return;
	for (uint32_t labels = 0; labels < LIMIT_LAYERS; labels++) {
		p = walk_take(w, 4);
		if (!p)
			return;
		if (!(p[2] & 1))
			continue;
		if (!w->captured)
			return;
		/* Below the last label nothing says what comes; the first nibble does by custom
		 * (RFC 4928): 4 and 6 are IP, 0 the control word of an Ethernet pseudowire. */
		switch (w->p[0] >> 4) {
		case 4: case 6:
			layer_ip(w);
			return;
		case 0:
			if (walk_take(w, 4))
				layer_ethernet(w);
			return;
		}
		layer_ethernet(w);
		return;
	}
	layer_skipped(w);
}

static const struct layer_row ppp_protocols[] = {
	{ 0x0021, layer_ipv4 }, { 0x0057, layer_ipv6 }, { 0x0281, layer_mpls }, { 0x0283, layer_mpls },
};

/* Address and control (ff 03) and the protocol's first byte may be left out (RFC 1661 6.5, 6.6). */
void layer_ppp(struct walk *w)
{
	uint32_t protocol;

	if (w->captured >= 2 && w->p[0] == 0xff && w->p[1] == 0x03)
		walk_take(w, 2);
	if (w->captured < 2)
		return;
	if (w->p[0] & 1) {
		protocol = w->p[0];
		walk_take(w, 1);
	} else {
		protocol = be16(w->p);
		walk_take(w, 2);
	}
	for (size_t i = 0; i < COUNT(ppp_protocols); i++) {
		if (ppp_protocols[i].number == protocol) {
			ppp_protocols[i].fn(w);
			return;
		}
	}
	if (protocol < 0x4000)                /* 4000-ffff: the link's own control */
		layer_skipped(w);
}

void layer_pppoe(struct walk *w)
{
	const uint8_t *p = walk_take(w, 6);

	if (!p || p[0] != 0x11 || p[1] != 0)   /* another code is discovery */
		return;
	walk_limit(w, be16(p + 4));
	layer_ppp(w);
}

void layer_cisco_hdlc(struct walk *w)
{
	const uint8_t *p = walk_take(w, 4);

	if (p)
		layer_ethertype(w, be16(p + 2));
}

/* ERSPAN: I has no header and no sequence number in GRE, II 8 bytes, III 12 and perhaps 8 more. */
static void layer_erspan(struct walk *w, bool third, bool sequence)
{
	const uint8_t *p;

	if (third) {
		p = walk_take(w, 12);
		if (!p || ((p[11] & 1) && !walk_take(w, 8)))
			return;
	} else if (sequence && !walk_take(w, 8)) {
		return;
	}
	layer_ethernet(w);
}

void layer_gre(struct walk *w)
{
	const uint8_t *p = walk_take(w, 4);
	uint32_t flags, type;

	if (!p || !layer_deeper(w))
		return;
	flags = be16(p);
	type = be16(p + 2);
	if (flags & 0x4000) {                 /* source routes of RFC 1701: gone since RFC 2784 */
		layer_skipped(w);
		return;
	}
	if ((flags & 0x8000) && !walk_take(w, 4))
		return;
	if ((flags & 0x2000) && !walk_take(w, 4))
		return;
	if ((flags & 0x1000) && !walk_take(w, 4))
		return;
	if ((flags & 7) == 1 && (flags & 0x0080) && !walk_take(w, 4))
		return;
	if (type == 0x88be || type == 0x22eb)
		layer_erspan(w, type == 0x22eb, flags & 0x1000);
	else if (type > 1500)
		layer_ethertype(w, type);
}

void layer_etherip(struct walk *w)
{
	const uint8_t *p = walk_take(w, 2);

	if (p && p[0] == 0x30)
		layer_ethernet(w);
}

static void layer_vxlan(struct walk *w)
{
	const uint8_t *p = walk_take(w, 8);

	if (p && (p[0] & 0x08) && p[7] == 0)
		layer_ethernet(w);
}

static void layer_geneve(struct walk *w)
{
	const uint8_t *p = walk_take(w, 8);

	if (p && p[0] >> 6 == 0 && walk_take(w, (uint32_t)(p[0] & 0x3f) * 4) && be16(p + 2) > 1500)
		layer_ethertype(w, be16(p + 2));
}

static void layer_gtp(struct walk *w)
{
	const uint8_t *p = walk_take(w, 8), *x;

	if (!p || (p[0] & 0xf0) != 0x30 || p[1] != 0xff)
		return;
	walk_limit(w, be16(p + 2));
	if (p[0] & 7) {
		x = walk_take(w, 4);
		while (x && x[3]) {            /* extension headers: length in words of 4 first, the next one's type last */
			uint32_t n = w->captured ? (uint32_t)w->p[0] * 4 : 0;

			x = n ? walk_take(w, n) : NULL;
			if (x)
				x += n - 4;
		}
		if (!x)
			return;
	}
	layer_ip(w);
}

/* By destination port; 8472 is what Linux used for VXLAN before it had a number. */
static const struct layer_row udp_ports[] = {
	{ 4789, layer_vxlan }, { 8472, layer_vxlan }, { 6081, layer_geneve }, { 2152, layer_gtp },
};

void layer_udp(struct walk *w)
{
	const uint8_t *p = walk_take(w, 8);
	uint32_t port;

	if (!p)
		return;
	port = be16(p + 2);
	for (size_t i = 0; i < COUNT(udp_ports); i++) {
		if (udp_ports[i].number != port)
			continue;
		if (be16(p + 4) >= 8)
			walk_limit(w, be16(p + 4) - 8);
		if (layer_deeper(w))
			udp_ports[i].fn(w);
		return;
	}
}

/* An A-MSDU: frames of their own, each with addresses and length, padded to 4 but for the last. */
static void aggregated(struct walk *w)
{
	for (uint32_t i = 0; i < 64 && w->captured; i++) {
		const uint8_t *p = walk_take(w, 14);
		struct walk one;
		uint32_t n;

		if (!p)
			return;
		n = be16(p + 12);
		one = *w;
		one.eth = p;
		walk_limit(&one, n);
		layer_llc(&one);
		n = (n + 14 + 3) / 4 * 4 - 14;
		if (n >= w->len || !walk_take(w, n))
			return;
	}
}

/* padded: the header is followed by zeros up to a multiple of 4 (a flag of radiotap). */
static void wlan(struct walk *w, bool padded)
{
	const uint8_t *h = w->p;
	uint32_t n = 24;
	bool to_ds, from_ds, qos;

	if (w->captured < 24 || !layer_deeper(w))
		return;
	to_ds = h[1] & 1;
	from_ds = h[1] & 2;
	qos = h[0] & 0x80;
	if ((h[0] & 0x0f) != 0x08)             /* management, control, another version */
		return;
	if ((h[0] & 0x40) || (h[1] & 0x40)) {  /* without data; encrypted */
		if (h[1] & 0x40)
			layer_skipped(w);
		return;
	}
	if (to_ds && from_ds)
		n += 6;
	if (qos)
		n += h[1] & 0x80 ? 6 : 2;
	if (padded)
		n = (n + 3) & ~3u;
	if (!walk_take(w, n))
		return;
	if (qos && (h[to_ds && from_ds ? 30 : 24] & 0x80))
		aggregated(w);
	else
		layer_llc(w);
}

void layer_wlan(struct walk *w)
{
	wlan(w, false);
}

/* Radiotap: its flags are the second field, behind a time stamp of 8 bytes aligned to 8. */
void layer_radiotap(struct walk *w)
{
	const uint8_t *p = w->p;
	uint32_t n, present, at = 8, flags = 0;

	if (w->captured < 8)
		return;
	n = (uint32_t)p[2] | (uint32_t)p[3] << 8;
	present = le32(p + 4);
	if (n < 8 || !walk_take(w, n))
		return;
	for (uint32_t more = present; more >> 31 && at + 4 <= n; at += 4)
		more = le32(p + at);
	if (present & 1)
		at = ((at + 7) & ~7u) + 8;
	if ((present & 2) && at < n)
		flags = p[at];
	if ((flags & 0x10) && w->len >= 4)      /* a check sequence at the end */
		walk_limit(w, w->len - 4);
	wlan(w, flags & 0x20);
}

/* NFLOG: attributes of length and type in the byte order of the machine that captured; type 9 is the packet. */
void layer_nflog(struct walk *w)
{
	const uint8_t *p = walk_take(w, 4);

	if (!p || p[1] != 0)
		return;
	for (uint32_t i = 0; i < 64 && w->captured >= 4; i++) {
		uint32_t n = (uint32_t)w->p[0] | (uint32_t)w->p[1] << 8, type = (uint32_t)w->p[2] | (uint32_t)w->p[3] << 8;

		if (type & 0xff00 && !(type & 0x00ff)) {
			n = be16(w->p);
			type = be16(w->p + 2);
		}
		if (n < 4)
			return;
		if ((type & 0x7fff) == 9) {
			walk_take(w, 4);
			walk_limit(w, n - 4);
			layer_ip(w);
			return;
		}
		if (!walk_take(w, (n + 3) & ~3u))
			return;
	}
}
