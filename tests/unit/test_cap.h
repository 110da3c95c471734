/* Builds capture files in memory, byte by byte, for the tests of src/capture. */
#ifndef TESTS_TEST_CAP_H
#define TESTS_TEST_CAP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "capture/cap.h"

/* Bytes being built, in one byte order. */
struct image {
	uint8_t *p;
	size_t n, cap;
	bool big;
};

static inline void add(struct image *m, const void *p, size_t n)
{
	if (m->n + n > m->cap) {
		m->cap = (m->n + n) * 2;
		m->p = xrealloc(m->p, m->cap);
	}
	memcpy(m->p + m->n, p, n);
	m->n += n;
}

/* add_int appends the n lowest bytes of v. */
static inline void add_int(struct image *m, uint64_t v, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		uint8_t b = (uint8_t)(v >> 8 * (m->big ? n - 1 - i : i));

		add(m, &b, 1);
	}
}

static inline void add_pcap_header(struct image *m, uint32_t magic, uint32_t link)
{
	add_int(m, magic, 4);
	add_int(m, 2, 2);
	add_int(m, 4, 2);
	add_int(m, 0, 8);
	add_int(m, 65535, 4);
	add_int(m, link, 4);
}

/* A packet's bytes are its seed and what follows it. */
static inline void add_data(struct image *m, uint8_t seed, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		uint8_t b = (uint8_t)(seed + i);

		add(m, &b, 1);
	}
}

static inline void add_pcap_packet(struct image *m, uint32_t s, uint32_t frac, uint32_t caplen, uint32_t len, uint8_t seed)
{
	add_int(m, s, 4);
	add_int(m, frac, 4);
	add_int(m, caplen, 4);
	add_int(m, len, 4);
	add_data(m, seed, caplen);
}

/* add_block appends a pcapng block around a body. */
static inline void add_block(struct image *m, uint32_t type, const struct image *body)
{
	size_t padded = (body->n + 3) & ~(size_t)3;

	add_int(m, type, 4);
	add_int(m, padded + 12, 4);
	add(m, body->p, body->n);
	add_int(m, 0, (unsigned)(padded - body->n));
	add_int(m, padded + 12, 4);
}

static inline void add_section(struct image *m)
{
	struct image b = { .big = m->big };

	add_int(&b, 0x1a2b3c4d, 4);
	add_int(&b, 1, 2);
	add_int(&b, 0, 2);
	add_int(&b, UINT64_MAX, 8);
	add_block(m, 0x0a0d0d0a, &b);
	free(b.p);
}

/* tsresol < 0: no option. */
static inline void add_interface(struct image *m, uint16_t link, uint32_t snaplen, const char *name, int tsresol, int64_t offset)
{
	struct image b = { .big = m->big };

	add_int(&b, link, 2);
	add_int(&b, 0, 2);
	add_int(&b, snaplen, 4);
	if (name) {
		add_int(&b, 2, 2);
		add_int(&b, strlen(name), 2);
		add(&b, name, strlen(name));
		add_int(&b, 0, -strlen(name) & 3);
	}
	if (tsresol >= 0) {
		add_int(&b, 9, 2);
		add_int(&b, 1, 2);
		add_int(&b, (uint64_t)tsresol << (m->big ? 24 : 0), 4);
	}
	if (offset) {
		add_int(&b, 14, 2);
		add_int(&b, 8, 2);
		add_int(&b, (uint64_t)offset, 8);
	}
	add_int(&b, 0, 4);
	add_block(m, 1, &b);
	free(b.p);
}

static inline void add_enhanced(struct image *m, uint32_t id, uint64_t ticks, uint32_t caplen, uint32_t len, uint8_t seed)
{
	struct image b = { .big = m->big };

	add_int(&b, id, 4);
	add_int(&b, ticks >> 32, 4);
	add_int(&b, ticks & 0xffffffff, 4);
	add_int(&b, caplen, 4);
	add_int(&b, len, 4);
	add_data(&b, seed, caplen);
	add_block(m, 6, &b);
	free(b.p);
}

/* temp_path gives a name of a file that does not exist yet in a folder of this process; freed by the caller. */
static inline char *temp_path(const char *name)
{
	const char *dir = getenv("TMPDIR");
	char *path = xmalloc(512);

	snprintf(path, 512, "%s/smbscope-%ld-%s", dir ? dir : "/tmp", (long)getpid(), name);
	return path;
}

static inline void save(const char *path, const void *p, size_t n)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static inline bool data_is(const struct frame *frame, uint8_t seed)
{
	for (uint32_t i = 0; i < frame->caplen; i++)
		if (frame->data[i] != (uint8_t)(seed + i))
			return false;
	return true;
}

#endif
