/* Captures written again: in another container, or with their TCP segments cut smaller.
 * pcap: draft-ietf-opsawg-pcap; pcapng: draft-ietf-opsawg-pcapng; RFC 791, 8200, 9293. */
#ifndef TESTS_PROPS_CONVERT_H
#define TESTS_PROPS_CONVERT_H

#include <zlib.h>

#include "capture/cap.h"
#include "common.h"
#include "stream/frame.h"

static void must(bool ok, const char *what)
{
	if (!ok) {
		perror(what);
		exit(2);
	}
}

static void put(FILE *f, const void *p, size_t n)
{
	must(!n || fwrite(p, 1, n, f) == n, "writing a capture");
}

static void put32(FILE *f, uint32_t v)
{
	put(f, &v, 4);
}

/* --- pcapng --- */

static void block(FILE *f, uint32_t type, const void *fixed, uint32_t n_fixed, const void *data, uint32_t n_data,
                  const void *options, uint32_t n_options)
{
	uint32_t pad = -n_data & 3u, total = 12 + n_fixed + n_data + pad + n_options, zero = 0;

	put32(f, type);
	put32(f, total);
	put(f, fixed, n_fixed);
	put(f, data, n_data);
	put(f, &zero, pad);
	put(f, options, n_options);
	put32(f, total);
}

static void interface_block(FILE *f, const struct cap_interface *i)
{
	const uint16_t fixed[4] = { i->link, 0, 0, 0 };              /* no snap length */
	const uint8_t options[12] = { 9, 0, 1, 0, 9, 0, 0, 0 };      /* if_tsresol 10^-9; end of options */

	block(f, 1, fixed, sizeof(fixed), NULL, 0, options, sizeof(options));
}

static void write_pcapng(const char *from, const char *to)
{
	const uint32_t section[4] = { 0x1a2b3c4d, 1, UINT32_MAX, UINT32_MAX };
	struct err e = { 0 };
	struct cap_file *c = cap_file_open(from, false, &e);
	FILE *f = fopen(to, "wb");
	struct frame fr;
	uint32_t known = 0;

	must(c && f, to);
	block(f, 0x0a0d0d0a, section, sizeof(section), NULL, 0, NULL, 0);
	while (cap_file_next(c, &fr, &e) == CAP_FRAME) {
		while (known < cap_file_interfaces(c))
			interface_block(f, cap_file_interface(c, known++));
		const uint32_t fixed[5] = { fr.interface, (uint32_t)((uint64_t)fr.time_ns >> 32), (uint32_t)fr.time_ns,
		                            fr.caplen, fr.origlen };

		block(f, 6, fixed, sizeof(fixed), fr.data, fr.caplen, NULL, 0);
	}
	cap_file_close(c);
	must(fclose(f) == 0, to);
}

/* --- gzip: the file's bytes, uncompressed if they were compressed already --- */

static void write_gzip(const char *from, const char *to)
{
	gzFile in = gzopen(from, "rb"), out = gzopen(to, "wb");
	char buf[65536];
	int n;

	must(in && out, to);
	while ((n = gzread(in, buf, sizeof(buf))) > 0)
		must(gzwrite(out, buf, (unsigned)n) == n, to);
	gzclose(in);
	must(gzclose(out) == Z_OK, to);
}

/* --- smaller segments --- */

struct recut {
	FILE *f;
	uint32_t most;             /* payload bytes of a segment */
	uint64_t frames;
};

static void put16be(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void put32be(uint8_t *p, uint32_t v)
{
	put16be(p, v >> 16);
	put16be(p + 2, v);
}

static uint32_t sum16(uint32_t sum, const uint8_t *p, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		sum += i & 1 ? p[i] : (uint32_t)p[i] << 8;
	return sum;
}

static uint32_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

/* The IP header for n bytes of TCP, at p; its length. */
static uint32_t ip_header(uint8_t *p, const struct segment *s, uint32_t n)
{
	if (addr_is_v4(&s->src)) {
		memset(p, 0, 20);
		p[0] = 0x45;
		put16be(p + 2, 20 + n);
		p[8] = 64;
		p[9] = 6;
		memcpy(p + 12, s->src.bytes + 12, 4);
		memcpy(p + 16, s->dst.bytes + 12, 4);
		put16be(p + 10, fold(sum16(0, p, 20)));
		return 20;
	}
	memset(p, 0, 40);
	p[0] = 0x60;
	put16be(p + 4, n);
	p[6] = 6;
	p[7] = 64;
	memcpy(p + 8, s->src.bytes, 16);
	memcpy(p + 24, s->dst.bytes, 16);
	return 40;
}

/* One frame: bytes [from, from + n) of the segment's payload, `captured` of them in the capture. */
static void put_piece(struct recut *r, const struct segment *s, uint32_t from, uint32_t n, uint32_t captured)
{
	uint8_t head[14 + 40 + 20] = { 0 }, *tcp;
	uint32_t ip, sum;

	memcpy(head, s->eth_dst, 6);
	memcpy(head + 6, s->eth_src, 6);
	put16be(head + 12, addr_is_v4(&s->src) ? 0x0800 : 0x86dd);
	ip = ip_header(head + 14, s, 20 + n);
	tcp = head + 14 + ip;
	put16be(tcp, s->src_port);
	put16be(tcp + 2, s->dst_port);
	put32be(tcp + 4, s->seq + from + (from && s->flags & TCP_SYN ? 1 : 0));
	put32be(tcp + 8, s->ack);
	tcp[12] = 0x50;
	tcp[13] = (uint8_t)(s->flags & ~((from ? TCP_SYN : 0) | (from + n < s->len ? TCP_FIN | TCP_RST : 0)));
	put16be(tcp + 14, s->window);
	sum = sum16(0, s->src.bytes + (addr_is_v4(&s->src) ? 12 : 0), addr_is_v4(&s->src) ? 4 : 16);
	sum = sum16(sum, s->dst.bytes + (addr_is_v4(&s->dst) ? 12 : 0), addr_is_v4(&s->dst) ? 4 : 16);
	put16be(tcp + 16, fold(sum16(sum16(sum + 6 + 20 + n, tcp, 20), s->payload + from, captured)));
	put32(r->f, (uint32_t)(s->own.time_ns / 1000000000));
	put32(r->f, (uint32_t)(s->own.time_ns % 1000000000));
	put32(r->f, 14 + ip + 20 + captured);
	put32(r->f, 14 + ip + 20 + n);
	put(r->f, head, 14 + ip + 20);
	if (captured)
		put(r->f, s->payload + from, captured);
	r->frames++;
}

static void recut_segment(void *arg, const struct segment *s)
{
	struct recut *r = arg;
	uint32_t from = 0;

	do {
		uint32_t n = min_u32(r->most, s->len - from);

		put_piece(r, s, from, n, from < s->captured ? min_u32(n, s->captured - from) : 0);
		from += n;
	} while (from < s->len);
}

/* write_recut writes the TCP segments of a capture as frames of at most `most` payload bytes, each at the
 * time of the frame it was in.  Everything else is left out. */
static void write_recut(const char *from, const char *to, uint32_t most)
{
	const uint32_t header[6] = { 0xa1b23c4d, 2 | 4 << 16, 0, 0, 262144, 1 };
	struct recut r = { .f = fopen(to, "wb"), .most = most };
	struct frames *frames = frames_new(recut_segment, &r);
	struct err e = { 0 };
	struct cap_file *c = cap_file_open(from, false, &e);
	struct frame fr;

	must(c && r.f, to);
	put(r.f, header, sizeof(header));
	while (cap_file_next(c, &fr, &e) == CAP_FRAME)
		frames_feed(frames, &(struct frame_in){ fr.data, fr.caplen, fr.origlen, fr.at, fr.link,
		                                        { fr.time_ns, fr.number, 0 } });
	frames_free(frames);
	cap_file_close(c);
	must(fclose(r.f) == 0, to);
}

#endif
