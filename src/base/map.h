/* Hash map of objects that carry their own key and links, ordered by last use.
 *
 * Keys are bytes of one length, compared as bytes: zero a key's padding.  The map owns nothing and
 * allocates only its slots; an object is in one map at most, and must leave it before it is freed or
 * its key changes.  The caller keeps the cap: it gives up the oldest before it inserts.  What a map answers never depends on the hash: the only order there
 * is, is that of use.
 *
 *	struct flow { struct map_node node; struct flow_key key; ... };        // the node comes first
 *	struct map flows;
 *
 *	map_init(&flows, offsetof(struct flow, key), sizeof(struct flow_key));
 *	f = map_find(&flows, &key);
 *	if (!f) {
 *		while (map_count(&flows) >= LIMIT_FLOWS)
 *			flow_give_up(map_oldest(&flows));     // calls map_remove
 *		...
 *		map_insert(&flows, f);
 *	}
 *	map_touch(&flows, f);
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/span.h"

/* First member of an object; zero while it is in no map. */
struct map_node {
	struct map_node *chain;            /* next of the same slot */
	struct map_node *newer, *older;
	uint32_t hash;
};

struct map {
	struct map_node **slots;
	struct map_node *newest, *oldest;
	uint32_t n, mask;                  /* objects; slots - 1 */
	uint32_t key, key_len;             /* where an object has its key */
};

/* map_init: the key is key_len bytes at key_off of each object. */
void map_init(struct map *, size_t key_off, size_t key_len);
/* map_find returns the object with this key, NULL if there is none; does not count as a use. */
void *map_find(const struct map *, const void *key);
/* map_insert adds an object, as the newest; its key is in no other one of the map. */
void map_insert(struct map *, void *object);
/* map_touch makes it the newest. */
void map_touch(struct map *, void *object);
/* map_remove takes it out; nothing else happens to it. */
void map_remove(struct map *, void *object);
/* map_oldest returns the least recently used object, map_newer the next one after it towards the
 * newest: for (o = map_oldest(m); o; o = map_newer(o)).  NULL at the end. */
void *map_oldest(const struct map *);
void *map_newer(const void *object);
static inline uint32_t map_count(const struct map *m)
{
	return m->n;
}
/* map_free releases the slots; the objects are the caller's. */
void map_free(struct map *);

/* map_hash spreads n bytes over 32 bits, the same on every run and machine. */
uint32_t map_hash(const void *bytes, size_t n);

#endif
