/* Allocation and the arena. */
#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define ARENA_BLOCK 65536

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	_Alignas(16) uint8_t bytes[];
};

static void *or_die(void *p)
{
	if (!p) {
		fputs("smbscope: out of memory\n", stderr);
		exit(4);
	}
	return p;
}

void *xmalloc(size_t n)
{
	return or_die(malloc(n ? n : 1));
}

void *xcalloc(size_t n, size_t size)
{
	return or_die(calloc(n ? n : 1, size ? size : 1));
}

void *xrealloc(void *p, size_t n)
{
	return or_die(realloc(p, n ? n : 1));
}

char *xstrdup(const char *s)
{
	return or_die(strdup(s));
}

void *mem_grow(void *array, uint32_t n, uint32_t *cap, size_t size)
{
	if (n < *cap)
		return array;
	*cap = *cap ? *cap * 2 : 8;
	return xrealloc(array, *cap * size);
}

static struct arena_block *block_new(size_t size)
{
	struct arena_block *b = xmalloc(sizeof(*b) + size);

	b->next = NULL;
	b->used = 0;
	b->size = size;
	return b;
}

void *arena_alloc(struct arena *a, size_t n)
{
	struct arena_block *b = a->now;
	void *p;

	n = (n + 15) & ~(size_t)15;
	if (!b || b->size - b->used < n) {
		struct arena_block *fresh = block_new(n > ARENA_BLOCK ? n : ARENA_BLOCK);

		if (b)
			b->next = fresh;
		else
			a->first = fresh;
		a->now = b = fresh;
	}
	p = b->bytes + b->used;
	b->used += n;
	a->used += n;
	return memset(p, 0, n);
}

char *arena_text(struct arena *a, const char *format, ...)
{
	va_list ap, again;
	char *s;
	int n;

	va_start(ap, format);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	s = arena_alloc(a, (size_t)n + 1);
	vsnprintf(s, (size_t)n + 1, format, again);
	va_end(again);
	return s;
}

static void blocks_free(struct arena_block *b)
{
	while (b) {
		struct arena_block *next = b->next;

		free(b);
		b = next;
	}
}

void arena_reset(struct arena *a)
{
	a->used = 0;
	if (!a->first)
		return;
	blocks_free(a->first->next);
	a->first->next = NULL;
	a->now = a->first;
	a->first->used = 0;
	if (a->first->size > ARENA_BLOCK)
		arena_free(a);
}

void arena_free(struct arena *a)
{
	blocks_free(a->first);
	*a = (struct arena){ 0 };
}
