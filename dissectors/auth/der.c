/* Reading BER elements.  X.690 8.1. */
#include "der.h"

#include "base/limits.h"

enum { INDEFINITE = 0x80, CONSTRUCTED = 0x20, NUMBER_FOLLOWS = 0x1f };

/* One octet that no field shows.  False and flagged: it is not there. */
static bool octet(struct dx *d, unsigned *value)
{
	const uint8_t *p = dx_take(d, 1);

	*value = p ? *p : 0;
	return p;
}

/* Reads identifier and length octets.  A length that 32 bits cannot hold is as good as the largest. */
static bool head(struct dx *d, unsigned *tag, uint32_t *len, bool *indefinite)
{
	unsigned n, more = 0x80;

	if (!octet(d, tag))
		return false;
	while ((*tag & NUMBER_FOLLOWS) == NUMBER_FOLLOWS && more & 0x80)
		if (!octet(d, &more))
			return false;
	if (!octet(d, &n))
		return false;
	*indefinite = n == INDEFINITE;
	*len = n & 0x80 ? 0 : n;
	for (n = n & 0x80 ? n & 0x7f : 0; n > 0; n--) {
		unsigned next;

		if (!octet(d, &next))
			return false;
		*len = *len >> 24 ? UINT32_MAX : *len << 8 | next;
	}
	return true;
}

/* Finds the end-of-contents octets of an indefinite element whose contents start at d; gives the
 * contents' length.  False: they are not there. */
static bool find_end(struct dx d, unsigned depth, uint32_t *len)
{
	const uint32_t start = d.at;
	bool indefinite;
	struct dx part;
	unsigned tag;
	uint32_t n;

	if (depth > LIMIT_DEPTH)
		return false;
	while (d.end - d.at >= 2) {
		*len = d.at - start;
		if (!head(&d, &tag, &n, &indefinite))
			return false;
		if (tag == 0 && n == 0 && !indefinite)
			return true;
		if (indefinite) {
			if (!(tag & CONSTRUCTED) || !find_end(d, depth + 1, &n))
				return false;
			n += 2;
		}
		if (n > d.end - d.at)
			return false;
		(void)d_part(&d, n, &part);
	}
	return false;
}

bool der_next(struct dx *d, unsigned *tag, struct dx *part)
{
	bool indefinite, found;
	struct dx end;
	uint32_t len;

	*tag = 0;
	if (!d_rest(d) || !d_more(d) || !head(d, tag, &len, &indefinite))
		return false;
	if (!indefinite) {
		(void)d_part(d, len, part);
		return true;
	}
	/* What is left belongs to an element without an end, and the end is missed behind it. */
	found = find_end(*d, 0, &len);
	(void)d_part(d, found ? len : d_rest(d), part);
	(void)d_part(d, found ? 2 : 0, &end);
	if (!found) {
		bool cut = part->end < part->lim;

		d->run->flags |= cut ? DX_NOT_CAPTURED : DX_MALFORMED;
		d_note(d, cut ? NOTE_not_captured : NOTE_malformed);
	}
	return true;
}

bool der_open(struct dx *d, unsigned tag, struct dx *part)
{
	unsigned found;

	if (d->at < d->end && d->bytes[d->at] != tag)
		return false;
	return der_next(d, &found, part);
}

int64_t der_number(struct dx *part, enum field_id id)
{
	uint32_t n = d_rest(part), at = part->at;
	const uint8_t *p = n ? dx_take(part, n) : NULL;
	uint64_t v;

	if (!p)
		return 0;
	v = p[0] & 0x80 ? UINT64_MAX : 0;
	for (uint32_t i = 0; i < n; i++)
		v = v << 8 | p[i];
	if (part->run->sink)
		dx_emit(part, id, p, at, n, v);
	return (int64_t)v;
}

void der_pop(struct dx *part)
{
	part->at = part->end = part->lim;
	d_pop(part);
}
