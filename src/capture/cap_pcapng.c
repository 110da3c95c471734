/* pcapng files: draft-ietf-opsawg-pcapng: sections, interfaces, packet and statistics blocks.
 * Name resolution, decryption secrets and unknown blocks are passed over. */
#include "capture/cap_private.h"

enum block_type {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET = 2,          /* obsolete */
	BLOCK_SIMPLE = 3,
	BLOCK_STATISTICS = 5,
	BLOCK_ENHANCED = 6,
	BLOCK_JOURNAL = 9,         /* systemd journal entry: Wireshark counts it as a frame */
};

enum option_code {
	OPTION_END = 0,
	IF_NAME = 2, IF_TSRESOL = 9, IF_TSOFFSET = 14,
	ISB_IFDROP = 5, ISB_OSDROP = 7,
};

#define BYTE_ORDER_MAGIC  0x1a2b3c4du
#define BLOCK_MIN         12u  /* type, length, length */
#define DATA_AT           28u  /* of an enhanced or obsolete packet block */

/* Any 64 bits may stand for a time.  What lies before 1824 or after 2116 is told as that, so that the
 * difference of any two times of frames fits in 64 bits; pcap's end in 2106. */
#define TIME_MAX          (INT64_MAX / 2)

/* One block: everything but packet and unknown blocks is wholly in the window. */
struct block {
	const uint8_t *p;
	uint64_t at;
	uint32_t type;
	uint32_t len;              /* as written in the block */
	uint32_t padded;           /* rounded up to 4: some writers forget the padding in their length */
	uint32_t body;             /* bytes between the first length and the last */
	size_t got;                /* bytes at p, len or fewer */
};

struct option {
	uint16_t code, len;
	const uint8_t *p;
};

static uint64_t u64(const struct cap_file *f, const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, 8);
	return f->swapped ? __builtin_bswap64(v) : v;
}

/* Steps to the next option from *off.  False at their end, or where they are cut. */
static bool next_option(const struct cap_file *f, const struct block *b, uint32_t *off, struct option *o)
{
	uint32_t end = 8 + b->body;

	if (*off > end || end - *off < 4)
		return false;
	o->code = cap_u16(f, b->p + *off);
	o->len = cap_u16(f, b->p + *off + 2);
	o->p = b->p + *off + 4;
	if (o->code == OPTION_END || o->len > end - *off - 4)
		return false;
	*off += 4 + ((o->len + 3u) & ~3u);
	return true;
}

static enum cap_result section(struct cap_file *f, const struct block *b, struct err *err)
{
	uint16_t major;

	if (b->body < 16)
		return cap_broken(f, err, "section header at offset %llu is too short", (unsigned long long)b->at);
	major = cap_u16(f, b->p + 12);
	if (major != 1)
		return cap_broken(f, err, "pcapng version %u at offset %llu is not known", major, (unsigned long long)b->at);
	f->section_iface = f->n_iface;
	return CAP_FRAME;
}

static void set_name(struct cap_interface *shown, const struct option *o)
{
	size_t n = o->len < sizeof(shown->name) - 1 ? o->len : sizeof(shown->name) - 1;

	/* A cut never leaves half a UTF-8 character. */
	if (n < o->len)
		while (n > 0 && (o->p[n] & 0xc0) == 0x80)
			n--;
	for (size_t i = 0; i < n && o->p[i]; i++)
		shown->name[i] = o->p[i] < 0x20 || o->p[i] == 0x7f ? '?' : (char)o->p[i];
}

static enum cap_result interface(struct cap_file *f, const struct block *b, struct err *err)
{
	struct cap_iface *iface;
	struct option o;
	uint32_t off = 16;
	uint8_t tsresol = 6;

	if (b->body < 8)
		return cap_broken(f, err, "interface block at offset %llu is too short", (unsigned long long)b->at);
	iface = cap_add_interface(f);
	if (!iface)
		return cap_broken(f, err, "more than %u interfaces", CAP_INTERFACES);
	iface->shown.link = cap_link(cap_u16(f, b->p + 8));
	iface->shown.snaplen = cap_u32(f, b->p + 12);
	while (next_option(f, b, &off, &o)) {
		if (o.code == IF_NAME)
			set_name(&iface->shown, &o);
		else if (o.code == IF_TSRESOL && o.len == 1)
			tsresol = o.p[0];
		else if (o.code == IF_TSOFFSET && o.len == 8)
			iface->clock.offset_s = (int64_t)u64(f, o.p);
	}
	cap_clock_set(&iface->clock, tsresol);
	if (iface->clock.binary)
		iface->shown.tick_ns = iface->clock.shift < 63 ? INT64_C(1000000000) >> iface->clock.shift : 0;
	else
		iface->shown.tick_ns = tsresol <= 9 ? (int64_t)iface->clock.multiply : 0;
	return CAP_FRAME;
}

/* Numbers of the newest statistics block count; a wrong interface is passed over. */
static void statistics(struct cap_file *f, const struct block *b)
{
	struct option o;
	uint32_t off = 20, id;
	uint64_t dropped = 0;
	bool known = false;

	if (b->body < 12)
		return;
	id = cap_u32(f, b->p + 8);
	if (id >= f->n_iface - f->section_iface)
		return;
	while (next_option(f, b, &off, &o)) {
		if ((o.code != ISB_IFDROP && o.code != ISB_OSDROP) || o.len != 8)
			continue;
		dropped += u64(f, o.p);
		known = true;
	}
	if (known)
		f->iface[f->section_iface + id].shown.dropped = dropped;
}

/* Hands out a packet whose data is at offset data of its block. */
static enum cap_result packet(struct cap_file *f, const struct block *b, struct frame *frame, uint32_t id,
			      uint32_t data, struct err *err)
{
	const struct cap_iface *iface;
	uint32_t room = 8 + b->body - data;

	if (id >= f->n_iface - f->section_iface)
		return cap_broken(f, err, "packet %u at offset %llu is of interface %u, which was not described",
				  f->number + 1, (unsigned long long)b->at, id);
	if (frame->caplen > room)
		return cap_broken(f, err, "packet %u at offset %llu claims %u bytes, its block has %u",
				  f->number + 1, (unsigned long long)b->at, frame->caplen, room);
	if (b->got < (size_t)data + frame->caplen) {
		if (f->follow || b->got <= data)
			return cap_short(f, b->got, "packet", err);
		cap_cut(f, b->got - data, frame->caplen);
		frame->caplen = (uint32_t)(b->got - data);
	} else if (b->got < b->padded) {
		/* The packet is whole, what is behind it is not. */
		if (f->follow)
			return cap_short(f, b->got, "packet", err);
		cap_cut(f, b->got, b->padded);
	}
	iface = &f->iface[f->section_iface + id];
	frame->data = b->p + data;
	frame->at = b->at + data;
	if (frame->origlen < frame->caplen)
		frame->origlen = frame->caplen;
	frame->link = iface->shown.link;
	frame->interface = f->section_iface + id;
	return CAP_FRAME;
}

static int64_t within_times(int64_t ns)
{
	return ns > TIME_MAX ? TIME_MAX : ns < -TIME_MAX ? -TIME_MAX : ns;
}

static enum cap_result enhanced(struct cap_file *f, const struct block *b, struct frame *frame, struct err *err)
{
	uint32_t id;
	uint64_t ticks;

	if (b->body < 20)
		return cap_broken(f, err, "packet block at offset %llu is too short", (unsigned long long)b->at);
	if (b->got < DATA_AT)
		return cap_short(f, b->got, "the header of packet", err);
	id = cap_u32(f, b->p + 8);
	if (b->type == BLOCK_PACKET) {
		uint16_t drops = cap_u16(f, b->p + 10);

		id = cap_u16(f, b->p + 8);
		if (drops != 0xffff && id < f->n_iface - f->section_iface && b->got >= b->padded) {
			uint64_t *dropped = &f->iface[f->section_iface + id].shown.dropped;

			*dropped = (*dropped == UINT64_MAX ? 0 : *dropped) + drops;
		}
	}
	ticks = (uint64_t)cap_u32(f, b->p + 12) << 32 | cap_u32(f, b->p + 16);
	frame->caplen = cap_u32(f, b->p + 20);
	frame->origlen = cap_u32(f, b->p + 24);
	if (id < f->n_iface - f->section_iface)
		frame->time_ns = within_times(cap_clock_ns(&f->iface[f->section_iface + id].clock, ticks));
	return packet(f, b, frame, id, DATA_AT, err);
}

/* A simple packet block has no time: the one of the packet before stands in. */
static enum cap_result simple(struct cap_file *f, const struct block *b, struct frame *frame, struct err *err)
{
	uint32_t room = b->body - 4, snaplen;

	if (b->body < 4)
		return cap_broken(f, err, "packet block at offset %llu is too short", (unsigned long long)b->at);
	if (b->got < 12)
		return cap_short(f, b->got, "the header of packet", err);
	snaplen = f->n_iface > f->section_iface ? f->iface[f->section_iface].shown.snaplen : 0;
	frame->origlen = cap_u32(f, b->p + 8);
	frame->caplen = min_u32(frame->origlen, room);
	if (snaplen)
		frame->caplen = min_u32(frame->caplen, snaplen);
	frame->time_ns = f->last_time;
	return packet(f, b, frame, 0, 12, err);
}

/* Reads a block's type and lengths, and as much of it as is of use.  CAP_FRAME: b is filled. */
static enum cap_result read_block(struct cap_file *f, struct block *b, struct err *err)
{
	const uint8_t *p = cap_look(f, f->pos, BLOCK_MIN, &b->got);
	uint64_t rest;

	memset(b, 0, offsetof(struct block, got));
	if (b->got < BLOCK_MIN)
		return cap_short(f, b->got, "a block header before packet", err);
	b->at = f->pos;
	b->type = cap_u32(f, p);
	if (b->type == BLOCK_SECTION) {
		/* Its own byte-order magic rules from here on. */
		f->swapped = false;
		f->swapped = cap_u32(f, p + 8) != BYTE_ORDER_MAGIC;
		if (cap_u32(f, p + 8) != BYTE_ORDER_MAGIC)
			return cap_broken(f, err, "section header at offset %llu has no byte-order magic",
					  (unsigned long long)b->at);
	}
	b->len = cap_u32(f, p + 4);
	b->padded = (b->len + 3) & ~3u;
	if (b->len < BLOCK_MIN || b->padded < b->len)
		return cap_broken(f, err, "block at offset %llu has the impossible length %u",
				  (unsigned long long)b->at, b->len);
	b->body = b->padded - BLOCK_MIN;
	if (b->padded > CAP_RECORD_MAX + 65536u) {
		/* Of a known type this is damage; others are passed over without being read. */
		rest = source_bytes(f->source);
		if (b->type <= BLOCK_ENHANCED || b->type == BLOCK_SECTION || f->follow ||
		    (source_kind(f->source) == SOURCE_PLAIN && b->padded > rest - f->pos))
			return cap_broken(f, err, "block at offset %llu claims %u bytes: the file is damaged here",
					  (unsigned long long)b->at, b->len);
		p = cap_look(f, f->pos + b->padded - 4, 4, &b->got);
		if (b->got < 4)
			return cap_short(f, 1, "a block before packet", err);
		b->got = b->padded;
	} else {
		p = cap_look(f, f->pos, b->padded, &b->got);
		b->p = p;
		if (b->got < b->padded)
			return CAP_FRAME;
		p += b->padded - 4;
	}
	if (cap_u32(f, p) != b->len)
		return cap_broken(f, err, "block at offset %llu has two lengths, %u and %u: the file is damaged here",
				  (unsigned long long)b->at, b->len, cap_u32(f, p));
	return CAP_FRAME;
}

enum cap_result cap_pcapng_start(struct cap_file *f, struct err *err)
{
	struct block b;
	enum cap_result result = read_block(f, &b, err);

	if (result != CAP_FRAME)
		return result;
	if (b.got < b.padded)
		return cap_short(f, b.got, "the file header", err);
	result = section(f, &b, err);
	if (result == CAP_FRAME)
		f->pos += b.padded;
	return result;
}

enum cap_result cap_pcapng_next(struct cap_file *f, struct frame *frame, struct err *err)
{
	struct block b;
	enum cap_result result;

	for (;;) {
		result = read_block(f, &b, err);
		if (unlikely(result != CAP_FRAME))
			return result;
		if (b.type == BLOCK_ENHANCED || b.type == BLOCK_PACKET || b.type == BLOCK_SIMPLE) {
			result = b.type == BLOCK_SIMPLE ? simple(f, &b, frame, err) : enhanced(f, &b, frame, err);
			if (result == CAP_FRAME)
				f->pos += b.padded;
			return result;
		}
		if (b.got < b.padded)
			return cap_short(f, b.got, "a block before packet", err);
		if (b.type == BLOCK_SECTION)
			result = section(f, &b, err);
		else if (b.type == BLOCK_INTERFACE)
			result = interface(f, &b, err);
		else if (b.type == BLOCK_STATISTICS)
			statistics(f, &b);
		else if (b.type == BLOCK_JOURNAL)
			f->number++;
		if (result != CAP_FRAME)
			return result;
		f->pos += b.padded;
	}
}
