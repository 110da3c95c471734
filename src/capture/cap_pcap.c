/* pcap files: draft-ietf-opsawg-pcap; variants as libpcap and older systems wrote them. */
#include "capture/cap_private.h"

#define MAGIC_US        0xa1b2c3d4u
#define MAGIC_NS        0xa1b23c4du
#define MAGIC_MODIFIED  0xa1b2cd34u  /* eight more bytes in each record: interface, protocol, packet type */

#define FILE_HEADER     24u
#define RECORD_HEADER   16u

static uint32_t native_u32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, 4);
	return v;
}

static bool is_magic(uint32_t v)
{
	return v == MAGIC_US || v == MAGIC_NS || v == MAGIC_MODIFIED;
}

bool cap_pcap_magic(const uint8_t *p)
{
	return is_magic(native_u32(p)) || is_magic(__builtin_bswap32(native_u32(p)));
}

/* Before version 2.3 the length on the wire came first; 2.3 was written both ways, and DG/UX calls itself 543. */
static uint8_t length_order(uint16_t major, uint16_t minor)
{
	if (major == 543 || (major == 2 && minor < 3))
		return 1;
	return major == 2 && minor == 3 ? 2 : 0;
}

enum cap_result cap_pcap_start(struct cap_file *f, struct err *err)
{
	size_t got;
	const uint8_t *p = cap_look(f, 0, FILE_HEADER, &got);
	uint32_t magic;
	struct cap_iface *iface;

	if (got < FILE_HEADER)
		return cap_short(f, got, "the file header", err);
	f->swapped = !is_magic(native_u32(p));
	magic = cap_u32(f, p);
	iface = cap_add_interface(f);
	iface->shown.snaplen = cap_u32(f, p + 16);
	iface->shown.link = cap_link(cap_u32(f, p + 20));
	cap_clock_set(&iface->clock, magic == MAGIC_NS ? 9 : 6);
	iface->shown.tick_ns = magic == MAGIC_NS ? 1 : 1000;
	f->record_header = magic == MAGIC_MODIFIED ? RECORD_HEADER + 8 : RECORD_HEADER;
	f->swap_lengths = length_order(cap_u16(f, p + 4), cap_u16(f, p + 6));
	f->pos = FILE_HEADER;
	return CAP_FRAME;
}

enum cap_result cap_pcap_next(struct cap_file *f, struct frame *frame, struct err *err)
{
	struct cap_iface *iface = &f->iface[0];
	size_t got, want = f->record_header;
	const uint8_t *p = cap_look(f, f->pos, want, &got);
	uint32_t caplen, origlen;

	if (unlikely(got < want))
		return cap_short(f, got, "the header of packet", err);
	caplen = cap_u32(f, p + 8);
	origlen = cap_u32(f, p + 12);
	if (unlikely(f->swap_lengths) && (f->swap_lengths == 1 || caplen > origlen)) {
		uint32_t t = caplen;

		caplen = origlen;
		origlen = t;
	}
	if (unlikely(caplen > CAP_RECORD_MAX))
		return cap_broken(f, err, "packet %u at offset %llu claims %u bytes: the file is damaged here",
				  f->number + 1, (unsigned long long)f->pos, caplen);
	frame->time_ns = (int64_t)cap_u32(f, p) * 1000000000 + (int64_t)cap_u32(f, p + 4) * iface->shown.tick_ns;
	p = cap_look(f, f->pos, want + caplen, &got);
	if (unlikely(got < want + caplen)) {
		if (f->follow || got <= want)
			return cap_short(f, got, "packet", err);
		cap_cut(f, got - want, caplen);
		caplen = (uint32_t)(got - want);
	}
	frame->data = p + want;
	frame->at = f->pos + want;
	frame->caplen = caplen;
	frame->origlen = origlen < caplen ? caplen : origlen;
	frame->link = iface->shown.link;
	frame->interface = 0;
	f->pos += want + caplen;
	return CAP_FRAME;
}
