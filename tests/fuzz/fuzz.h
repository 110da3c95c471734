/* What the fuzz targets share: the entry, and reading an input piece by piece.
 *
 * A target takes bytes as an attacker would put them on the wire or in a file; the first ones choose what the wire
 * does not say (context, lengths, order).  What has to hold for every input is checked with must(). */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/span.h"

/* libFuzzer's entry; replay.c calls it, too. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* must ends the program when something that always holds does not. */
#define must(ok) do { \
	if (!(ok)) { \
		fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #ok); \
		abort(); \
	} \
} while (0)

/* The part of an input that is not read yet. */
struct input {
	const uint8_t *p;
	size_t n;
};

/* input_uint takes the next `width` bytes as a little-endian number; what is not there counts as zeros. */
static inline uint64_t input_uint(struct input *in, unsigned width)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < width && in->n; i++, in->p++, in->n--)
		v |= (uint64_t)*in->p << 8 * i;
	return v;
}

/* input_span takes up to n bytes. */
static inline struct span input_span(struct input *in, size_t n)
{
	struct span s = { in->p, (uint32_t)(n < in->n ? n : in->n) };

	in->p += s.len;
	in->n -= s.len;
	return s;
}

/* input_copy puts them into a block of exactly their size: a read beyond it is seen.  Released with free(). */
static inline uint8_t *input_copy(struct span s)
{
	uint8_t *p = xmalloc(s.len);

	if (s.len)
		memcpy(p, s.p, s.len);
	return p;
}

/* input_touch reads every byte. */
static inline void input_touch(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		(void)*(const volatile uint8_t *)(p + i);
}

#endif
