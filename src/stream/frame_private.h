/* How the layers of a frame are walked; shared by frame.c, frame_ip.c, frame_tunnel.c, ipfrag.c. */
#ifndef STREAM_FRAME_PRIVATE_H
#define STREAM_FRAME_PRIVATE_H

#include "stream/frame.h"

/* Where a stretch of a reassembled datagram came from. */
struct piece {
	uint64_t at;               /* file offset of its first byte */
	uint32_t off, len;         /* in the datagram */
	uint32_t captured;         /* of len; the rest was cut by the snap length */
	struct moment own;
};

/* A place in a frame: what is left of it, and what was met on the way.  Each layer moves it on and
 * hands it to the next one. */
struct walk {
	struct frames *f;
	const uint8_t *p;
	uint32_t captured, len;    /* bytes from p: readable, on the wire */
	uint32_t layers;
	uint64_t at;               /* file offset of p; pieces: offset of p in the datagram */
	const struct piece *pieces;   /* NULL: p lies in the frame itself */
	uint32_t n_pieces;
	struct moment when;
	const uint8_t *eth;        /* destination, source; NULL none */
	struct addr src, dst;
};

typedef void layer_fn(struct walk *);

struct layer_row {
	uint16_t number;
	layer_fn *fn;
};

struct ipfrag;
struct frames {
	segment_fn *told;
	void *arg;
	struct ipfrag *frag;
	struct frame_counts counts;
};

/* walk_take moves past n bytes and returns them; NULL, and nothing moved, when they are not there. */
static inline const uint8_t *walk_take(struct walk *w, uint32_t n)
{
	const uint8_t *p = w->p;

	if (unlikely(w->captured < n))
		return NULL;
	w->p += n;
	w->at += n;
	w->captured -= n;
	w->len -= n;
	return p;
}

/* walk_limit cuts what follows the inner length: padding, trailers, check sequences. */
static inline void walk_limit(struct walk *w, uint32_t len)
{
	if (len < w->len)
		w->len = len;
	if (w->captured > w->len)
		w->captured = w->len;
}

static inline uint32_t be16(const uint8_t *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

static inline uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline uint32_t le32(const uint8_t *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

/* Entries: each decodes from w->p on, or counts the frame as skipped. */
layer_fn layer_ethernet, layer_ipv4, layer_ipv6, layer_ip, layer_mpls, layer_pppoe, layer_ppp, layer_cisco_hdlc,
	layer_gre, layer_udp, layer_etherip, layer_wlan, layer_radiotap, layer_nflog, layer_skipped;
/* layer_ethertype goes on by an ethertype; values up to 1500 are an 802.3 length. */
void layer_ethertype(struct walk *, uint32_t type);
/* layer_llc reads an 802.2 header; SNAP with an ethertype goes on. */
layer_fn layer_llc;
/* layer_protocol goes on by an IP protocol number; w->src and w->dst are set, len is the datagram's. */
void layer_protocol(struct walk *, uint32_t protocol);
/* layer_deeper counts a level of nesting; false: too many. */
bool layer_deeper(struct walk *);

/* --- ipfrag.c: RFC 791 3.2, RFC 8200 4.5 --- */

struct fragment_key {
	struct addr src, dst;
	uint32_t id;
	uint32_t protocol;         /* IPv4: the protocol; IPv6: UINT32_MAX */
};

struct ipfrag *ipfrag_new(void);
/* ipfrag_add keeps a copy of the fragment at w (its payload, off bytes into the datagram; more: not the
 * last).  protocol: what the datagram carries, asked of the first fragment.  True: the datagram is whole;
 * *w is then a walk over it with its pieces and *protocol set, valid until ipfrag_done. */
bool ipfrag_add(struct ipfrag *, const struct fragment_key *, struct walk *w, uint32_t off, bool more,
                uint32_t *protocol);
void ipfrag_done(struct ipfrag *);
uint64_t ipfrag_dropped(const struct ipfrag *);   /* fragments given up, or waiting in vain so far */
void ipfrag_free(struct ipfrag *);

#endif
