/* Links: from a frame to the IP packet in it.  IEEE 802.3, 802.1Q, 802.2; pcap-linktype(7). */
#include "stream/frame_private.h"
#include "base/limits.h"
#include "base/mem.h"

#include <arpa/inet.h>

static const struct addr v4_prefix = { { [10] = 0xff, [11] = 0xff } };

bool addr_is_v4(const struct addr *a)
{
	return memcmp(a->bytes, v4_prefix.bytes, 12) == 0;
}

void addr_text(const struct addr *a, char out[46])
{
	if (addr_is_v4(a))
		inet_ntop(AF_INET, a->bytes + 12, out, 46);
	else
		inet_ntop(AF_INET6, a->bytes, out, 46);
}

void layer_skipped(struct walk *w)
{
	w->f->counts.skipped++;
}

/* Understood, and never TCP. */
static void layer_other(struct walk *w UNUSED)
{
}

bool layer_deeper(struct walk *w)
{
	if (++w->layers <= LIMIT_LAYERS)
		return true;
	w->f->counts.skipped++;
	return false;
}

static void layer_vlan(struct walk *w)
{
	const uint8_t *p = walk_take(w, 4);

	if (p && layer_deeper(w))
		layer_ethertype(w, be16(p + 2));
}

/* Ethertypes (IEEE registry), the usual ones first: the table is searched in order. */
static const struct layer_row ethertypes[] = {
	{ 0x0800, layer_ipv4 }, { 0x86dd, layer_ipv6 }, { 0x8100, layer_vlan }, { 0x88a8, layer_vlan },
	{ 0x9100, layer_vlan }, { 0x9200, layer_vlan }, { 0x0806, layer_other }, { 0x8847, layer_mpls },
	{ 0x8848, layer_mpls }, { 0x8864, layer_pppoe }, { 0x8863, layer_other }, { 0x6558, layer_ethernet },
	{ 0x880b, layer_ppp }, { 0x88cc, layer_other }, { 0x888e, layer_other }, { 0x8035, layer_other },
	{ 0x9000, layer_other },
};

void layer_ethertype(struct walk *w, uint32_t type)
{
	if (type <= 1500) {
		walk_limit(w, type);
		layer_llc(w);
		return;
	}
	for (size_t i = 0; i < COUNT(ethertypes); i++) {
		if (ethertypes[i].number == type) {
			ethertypes[i].fn(w);
			return;
		}
	}
	layer_skipped(w);
}

void layer_llc(struct walk *w)
{
	const uint8_t *p = walk_take(w, 3);

	if (!p)
		return;
	if (p[0] != 0xaa || p[1] != 0xaa || p[2] != 0x03) {
		layer_skipped(w);
		return;
	}
	p = walk_take(w, 5);
	if (p && be16(p + 3) > 1500)
		layer_ethertype(w, be16(p + 3));
}

void layer_ethernet(struct walk *w)
{
	const uint8_t *p = walk_take(w, 14);

	if (!p || !layer_deeper(w))
		return;
	w->eth = p;
	layer_ethertype(w, be16(p + 12));
}

/* Linux cooked, v1 and v2: the protocol is an ethertype; below 0x600 Linux's own numbers. */
static void layer_cooked(struct walk *w, uint32_t protocol)
{
	if (protocol == 4)
		layer_llc(w);
	else if (protocol <= 1500)
		layer_skipped(w);
	else
		layer_ethertype(w, protocol);
}

static void layer_sll(struct walk *w)
{
	const uint8_t *p = walk_take(w, 16);

	if (p)
		layer_cooked(w, be16(p + 14));
}

static void layer_sll2(struct walk *w)
{
	const uint8_t *p = walk_take(w, 20);

	if (p)
		layer_cooked(w, be16(p));
}

/* BSD loopback: an address family, in the byte order of a machine we do not know (NULL) or the
 * network's (LOOP).  The families of the BSDs, Darwin, Linux and Windows. */
static void layer_null(struct walk *w)
{
	const uint8_t *p = walk_take(w, 4);
	uint32_t family;

	if (!p)
		return;
	family = p[0] | p[1] ? le32(p) : be32(p);
	switch (family) {
	case 2:
		layer_ipv4(w);
		return;
	case 10: case 23: case 24: case 28: case 30:
		layer_ipv6(w);
		return;
	}
	layer_skipped(w);
}

void layer_ip(struct walk *w)
{
	if (!w->captured)
		return;
	switch (w->p[0] >> 4) {
	case 4:
		layer_ipv4(w);
		return;
	case 6:
		layer_ipv6(w);
		return;
	}
	layer_skipped(w);
}

/* LINKTYPE_ numbers.  12 and 14 are DLT_RAW of some systems, found in files that should have 101. */
static const struct layer_row links[] = {
	{ 1, layer_ethernet }, { 113, layer_sll }, { 276, layer_sll2 }, { 101, layer_ip }, { 228, layer_ipv4 },
	{ 229, layer_ipv6 }, { 0, layer_null }, { 108, layer_null }, { 12, layer_ip }, { 14, layer_ip },
	{ 9, layer_ppp }, { 50, layer_ppp }, { 51, layer_pppoe }, { 104, layer_cisco_hdlc }, { 105, layer_wlan },
	{ 127, layer_radiotap }, { 219, layer_mpls }, { 239, layer_nflog },
};

struct frames *frames_new(segment_fn *told, void *arg)
{
	struct frames *f = xcalloc(1, sizeof(*f));

	f->told = told;
	f->arg = arg;
	f->frag = ipfrag_new();
	return f;
}

void frames_feed(struct frames *f, const struct frame_in *in)
{
	struct walk w = { .f = f, .p = in->data, .captured = in->caplen, .len = in->origlen, .at = in->at,
	                  .when = in->when };
	uint64_t skipped = f->counts.skipped;

	if (in->caplen < in->origlen)
		f->counts.truncated++;
	else
		w.len = in->caplen;
	for (size_t i = 0; i < COUNT(links); i++) {
		if (links[i].number == in->link) {
			links[i].fn(&w);
			/* Several packets of one frame may not be understood; frames are counted. */
			if (f->counts.skipped > skipped)
				f->counts.skipped = skipped + 1;
			return;
		}
	}
	f->counts.skipped++;
}

const struct frame_counts *frames_counts(const struct frames *f)
{
	/* The table of fragments counts for itself; the sum is made when it is asked for. */
	((struct frames *)(uintptr_t)f)->counts.fragments_dropped = ipfrag_dropped(f->frag);
	return &f->counts;
}

void frames_free(struct frames *f)
{
	if (!f)
		return;
	ipfrag_free(f->frag);
	free(f);
}
