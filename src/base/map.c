/* Intrusive hash map with least recently used order. */
#include "base/map.h"
#include "base/mem.h"

#include <endian.h>

#define FIRST_SLOTS 16u

/* Two 64-bit halves multiplied to 128 bits and folded: every bit of the key reaches every bit of the sum. */
static uint64_t fold(uint64_t a, uint64_t b)
{
	unsigned __int128 m = (unsigned __int128)a * b;

	return (uint64_t)m ^ (uint64_t)(m >> 64);
}

static uint64_t load64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, 8);
	return le64toh(v);
}

static uint32_t load32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, 4);
	return le32toh(v);
}

/* Fewer than eight bytes, all of them: some twice, so that each is loaded with a length known beforehand. */
static uint64_t load_few(const uint8_t *p, size_t n)
{
	if (n >= 4)
		return (uint64_t)load32(p) << 32 | load32(p + n - 4);
	return n ? (uint64_t)p[0] << 16 | (uint64_t)p[n / 2] << 8 | p[n - 1] : 0;
}

uint32_t map_hash(const void *bytes, size_t n)
{
	const uint8_t *p = bytes, *end = p + n;
	uint64_t h = 0x9e3779b97f4a7c15u ^ n;

	for (; end - p > 8; p += 8)
		h = fold(h ^ load64(p), 0xd6e8feb86659fd93u);
	h = fold(h ^ (n >= 8 ? load64(end - 8) : load_few(p, n)), 0xa0761d6478bd642fu);
	h = fold(h ^ 0xe7037ed1a0b428dbu, 0x8ebc6af09c88c6e3u);
	return (uint32_t)(h ^ h >> 32);
}

static const void *key_of(const struct map *m, const struct map_node *node)
{
	return (const uint8_t *)node + m->key;
}

void map_init(struct map *m, size_t key_off, size_t key_len)
{
	*m = (struct map){ .mask = FIRST_SLOTS - 1, .key = (uint32_t)key_off, .key_len = (uint32_t)key_len };
	m->slots = xcalloc(FIRST_SLOTS, sizeof(*m->slots));
}

void *map_find(const struct map *m, const void *key)
{
	struct map_node *n = m->newest;
	uint32_t hash;

	/* What was used last is asked for again more often than not: segments of one flow, commands of one open. */
	if (n && memcmp(key_of(m, n), key, m->key_len) == 0)
		return n;
	hash = map_hash(key, m->key_len);
	for (n = m->slots[hash & m->mask]; n; n = n->chain)
		if (n->hash == hash && memcmp(key_of(m, n), key, m->key_len) == 0)
			return n;
	return NULL;
}

static void grow(struct map *m)
{
	uint32_t mask = m->mask * 2 + 1;
	struct map_node **slots = xcalloc((size_t)mask + 1, sizeof(*slots));

	for (struct map_node *n = m->oldest; n; n = n->newer) {
		n->chain = slots[n->hash & mask];
		slots[n->hash & mask] = n;
	}
	free(m->slots);
	m->slots = slots;
	m->mask = mask;
}

static void link_newest(struct map *m, struct map_node *n)
{
	n->newer = NULL;
	n->older = m->newest;
	if (m->newest)
		m->newest->newer = n;
	else
		m->oldest = n;
	m->newest = n;
}

static void unlink_use(struct map *m, struct map_node *n)
{
	if (n->newer)
		n->newer->older = n->older;
	else
		m->newest = n->older;
	if (n->older)
		n->older->newer = n->newer;
	else
		m->oldest = n->newer;
}

void map_insert(struct map *m, void *object)
{
	struct map_node *n = object;

	if (m->n > m->mask && m->mask < UINT32_MAX / 2)
		grow(m);
	n->hash = map_hash(key_of(m, n), m->key_len);
	n->chain = m->slots[n->hash & m->mask];
	m->slots[n->hash & m->mask] = n;
	link_newest(m, n);
	m->n++;
}

void map_touch(struct map *m, void *object)
{
	struct map_node *n = object;

	if (m->newest == n)
		return;
	unlink_use(m, n);
	link_newest(m, n);
}

void map_remove(struct map *m, void *object)
{
	struct map_node *n = object, **at = &m->slots[n->hash & m->mask];

	while (*at != n)
		at = &(*at)->chain;
	*at = n->chain;
	unlink_use(m, n);
	*n = (struct map_node){ 0 };
	m->n--;
}

void *map_oldest(const struct map *m)
{
	return m->oldest;
}

void *map_newer(const void *object)
{
	return ((const struct map_node *)object)->newer;
}

void map_free(struct map *m)
{
	free(m->slots);
	*m = (struct map){ 0 };
}
