/* Allocation that ends the program when there is no memory left, and the arena.
 * Sizes that come from input are capped by limits.h before they get here. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include "base/span.h"

/* xmalloc, xcalloc, xrealloc, xstrdup: never NULL; released with free(). */
void *xmalloc(size_t n) __attribute__((malloc));
void *xcalloc(size_t n, size_t size) __attribute__((malloc));
void *xrealloc(void *p, size_t n);
char *xstrdup(const char *s) __attribute__((malloc));

/* mem_grow makes room for one element more than n in an array of elements of
 * the given size, doubling *cap when it is full; returns the array. */
void *mem_grow(void *array, uint32_t n, uint32_t *cap, size_t size);

/* Bump allocator: what it hands out lives until arena_reset or arena_free.
 * Zero-initialised is ready for use. */
struct arena_block;
struct arena {
	struct arena_block *first, *now;
	size_t used;            /* bytes handed out since the last reset, for the tests */
};

/* arena_alloc returns n zeroed bytes, aligned for any object. */
void *arena_alloc(struct arena *, size_t n);
/* arena_text returns s formatted, NUL-terminated, in the arena. */
char *arena_text(struct arena *, const char *format, ...) PRINTF(2, 3);
/* arena_reset forgets everything handed out; keeps the first block. */
void arena_reset(struct arena *);
/* arena_free releases the memory; the arena may be used again. */
void arena_free(struct arena *);

#endif
