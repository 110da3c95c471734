/* The last bytes delivered, in one ring for all connections: a retransmission is compared with them. */
#include "stream/tcp_private.h"
#include "base/mem.h"

/* Retransmissions come within a round trip or a few; this is 8 ms of a full 1 Gbit/s link, or thousands of
 * small messages, and stays in the processor's cache. */
#define RING     (1u << 20)
#define RECORDS  64u               /* looked at, at most */

/* Positions count from 1 (0: none) and a record does not wrap: its bytes follow it. */
struct record {
	uint64_t before;           /* position of the same side's record before this one */
	int64_t off;
	uint32_t len;
};

static struct record *record_at(const struct history *y, uint64_t position)
{
	return (struct record *)(void *)(y->ring + (position - 1) % RING);
}

void history_add(struct history *y, struct side *d, int64_t off, const uint8_t *p, uint32_t len)
{
	uint32_t need = (uint32_t)(sizeof(struct record) + len + 7) & ~7u;
	uint64_t place;
	struct record *r;

	if (need > RING / 4)
		return;
	if (unlikely(!y->ring)) {
		y->ring = xcalloc(1, RING);
		y->head = 1;
	}
	place = (y->head - 1) % RING;
	if (place + need > RING)
		y->head += RING - place;
	r = record_at(y, y->head);
	*r = (struct record){ d->history, off, len };
	memcpy(r + 1, p, len);
	d->history = y->head;
	y->head += need;
}

uint32_t history_compare(const struct history *y, const struct side *d, int64_t off, const uint8_t *p, uint32_t len)
{
	uint64_t at = d->history;
	uint32_t differ = 0;

	for (uint32_t n = 0; at && at + RING > y->head && n < RECORDS; n++) {
		const struct record *r = record_at(y, at);
		int64_t from = off > r->off ? off : r->off;
		int64_t end = off + len < r->off + r->len ? off + len : r->off + r->len;
		const uint8_t *ours = (const uint8_t *)(r + 1);

		if (from < end && memcmp(ours + (from - r->off), p + (from - off), (size_t)(end - from)) != 0)
			for (int64_t i = from; i < end; i++)
				differ += ours[i - r->off] != p[i - off];
		if (r->off <= off)
			break;
		at = r->before;
	}
	return differ;
}

void history_free(struct history *y)
{
	free(y->ring);
}
