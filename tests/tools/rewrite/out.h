/* Writing captures: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng; gzip RFC 1952, zstd RFC 8878. */
#ifndef REWRITE_OUT_H
#define REWRITE_OUT_H

#include <errno.h>
#include <stdio.h>
#include <zlib.h>
#include <zstd.h>

#include "packet.h"
#include "wrap.h"

/* A file in memory, in one byte order. */
struct file {
	uint8_t *p;
	uint32_t len, cap;
	bool swapped;
};

static inline void put(struct file *f, const void *p, uint32_t n)
{
	while (f->cap < f->len + n || !f->p) {
		f->cap = f->cap ? f->cap * 2 : 65536;
		f->p = xrealloc(f->p, f->cap);
	}
	if (n)
		memcpy(f->p + f->len, p, n);
	f->len += n;
}

static inline void number_out(struct file *f, uint64_t v, uint32_t bytes)
{
	for (uint32_t i = 0; i < bytes; i++) {
		uint8_t b = (uint8_t)(v >> 8 * (f->swapped ? bytes - 1 - i : i));

		put(f, &b, 1);
	}
}

static inline void pad_out(struct file *f)
{
	static const uint8_t zeros[4];

	put(f, zeros, (4 - f->len % 4) % 4);
}

static inline uint32_t wire_length(const struct packet *p)
{
	return p->head.len + p->ip.len + p->tail.len + p->cut;
}

static inline uint32_t captured_length(const struct rewrite *w, const struct packet *p)
{
	uint32_t n = wire_length(p) - p->cut;

	return w->snap && w->snap < n ? w->snap : n;
}

static inline void packet_out(struct file *f, const struct rewrite *w, const struct packet *p)
{
	uint32_t left = captured_length(w, p);
	const struct span parts[] = { p->head, p->ip, p->tail };

	for (uint32_t i = 0; i < COUNT(parts); i++) {
		uint32_t n = min_u32(left, parts[i].len);

		put(f, parts[i].p, n);
		left -= n;
	}
}

static inline void as_pcap(struct file *f, const struct rewrite *w, const struct list *l, bool nano)
{
	number_out(f, nano ? 0xa1b23c4d : 0xa1b2c3d4, 4);
	number_out(f, 2, 2);
	number_out(f, 4, 2);
	number_out(f, 0, 8);
	number_out(f, w->snap ? w->snap : 262144, 4);
	number_out(f, l->n ? l->p[0]->link : 1, 4);
	for (uint32_t i = 0; i < l->n; i++) {
		const struct packet *p = l->p[i];

		number_out(f, (uint64_t)(p->time_ns / 1000000000), 4);
		number_out(f, (uint64_t)(p->time_ns % 1000000000) / (nano ? 1 : 1000), 4);
		number_out(f, captured_length(w, p), 4);
		number_out(f, wire_length(p), 4);
		packet_out(f, w, p);
	}
}

/* Blocks of pcapng carry their length in front and behind. */
static inline uint32_t block_begin(struct file *f, uint32_t type)
{
	uint32_t at = f->len;

	number_out(f, type, 4);
	number_out(f, 0, 4);
	return at;
}

static inline void block_end(struct file *f, uint32_t at)
{
	uint32_t len, whole;

	pad_out(f);
	len = f->len - at + 4;
	number_out(f, len, 4);
	whole = f->len;
	f->len = at + 4;
	number_out(f, len, 4);
	f->len = whole;
}

static inline void section_out(struct file *f)
{
	uint32_t at = block_begin(f, 0x0a0d0d0a);

	number_out(f, 0x1a2b3c4d, 4);
	number_out(f, 1, 2);
	number_out(f, 0, 2);
	number_out(f, UINT64_MAX, 8);
	block_end(f, at);
}

struct port {
	uint16_t link;
	uint8_t resolution;
};

static inline void interface_out(struct file *f, const struct rewrite *w, const struct port *o)
{
	uint32_t at = block_begin(f, 1);

	number_out(f, o->link, 2);
	number_out(f, 0, 2);
	number_out(f, w->snap, 4);
	number_out(f, 9, 2);
	number_out(f, 1, 2);
	put(f, &o->resolution, 1);
	pad_out(f);
	number_out(f, 0, 4);
	block_end(f, at);
}

/* Ticks of a resolution of if_tsresol: a power of ten, or with the top bit of two. */
static inline uint64_t ticks(int64_t ns, uint8_t resolution)
{
	uint64_t tick = 1;

	if (resolution & 0x80)
		return (uint64_t)(((unsigned __int128)(uint64_t)ns << (resolution & 0x7f)) / 1000000000);
	for (uint32_t i = resolution; i < 9; i++)
		tick *= 10;
	return (uint64_t)ns / tick;
}

/* One interface for each link type; with sections a new section half-way, in the other byte order. */
static inline void as_pcapng(struct file *f, const struct rewrite *w, const struct list *l, bool nano)
{
	struct port ports[16];
	uint32_t n = 0;

	section_out(f);
	for (uint32_t i = 0; i < l->n; i++) {
		const struct packet *p = l->p[i];
		uint32_t k, at;
		uint64_t when;

		if (w->sections && i == l->n / 2) {
			f->swapped = !f->swapped;
			section_out(f);
			n = 0;
		}
		for (k = 0; k < n && ports[k].link != p->link; k++)
			;
		if (k == n && n < COUNT(ports)) {
			static const uint8_t resolutions[] = { 6, 9, 0x94, 7 };

			ports[n++] = (struct port){ p->link, w->interfaces ? resolutions[k % 4] : nano ? 9 : 6 };
			interface_out(f, w, &ports[k]);
		}
		when = ticks(p->time_ns, ports[k].resolution);
		at = block_begin(f, 6);
		number_out(f, k, 4);
		number_out(f, when >> 32, 4);
		number_out(f, when, 4);
		number_out(f, captured_length(w, p), 4);
		number_out(f, wire_length(p), 4);
		packet_out(f, w, p);
		block_end(f, at);
	}
}

/* compressed replaces the file by its compressed form. */
static inline void compressed(struct file *f, bool zstd)
{
	size_t room_for = zstd ? ZSTD_compressBound(f->len) : compressBound(f->len) + 64, n;
	uint8_t *p = xmalloc(room_for);

	if (zstd) {
		n = ZSTD_compress(p, room_for, f->p, f->len, 3);
		if (ZSTD_isError(n))
			abort();
	} else {
		z_stream z = { .next_in = f->p, .avail_in = f->len, .next_out = p, .avail_out = (uInt)room_for };

		if (deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK || deflate(&z, Z_FINISH) != Z_STREAM_END)
			abort();
		n = z.total_out;
		deflateEnd(&z);
	}
	free(f->p);
	f->p = p;
	f->len = (uint32_t)n;
}

/* write_file writes the packets of l as path; 0, or -1 with a message. */
static inline int write_file(const struct rewrite *w, const struct list *l, const char *path)
{
	struct file f = { .swapped = w->swapped };
	bool nano = w->nano, mixed = false;
	FILE *out = fopen(path, "wb");
	int wrong;

	for (uint32_t i = 0; i < l->n; i++) {
		nano |= l->p[i]->time_ns % 1000 != 0;
		mixed |= l->p[i]->link != l->p[0]->link;
	}
	if (w->pcapng || w->sections || mixed)
		as_pcapng(&f, w, l, nano);
	else
		as_pcap(&f, w, l, nano);
	if (w->gzip || w->zstd)
		compressed(&f, w->zstd);
	wrong = !out || fwrite(f.p, 1, f.len, out) != f.len;
	wrong |= out && fclose(out) != 0;
	if (wrong)
		fprintf(stderr, "rewrite: %s: %s\n", path, strerror(errno));
	free(f.p);
	return wrong ? -1 : 0;
}

#endif
