/* The slices of a PDU as varints: small numbers for the usual case of one segment after another. */
#include "session/event.h"

static uint32_t put(uint8_t *out, uint32_t at, uint32_t max, uint64_t v)
{
	for (; at < max; v >>= 7) {
		out[at++] = (uint8_t)(v > 0x7f ? (v & 0x7f) | 0x80 : v);
		if (v <= 0x7f)
			return at;
	}
	return UINT32_MAX;
}

static bool get(struct span *in, uint64_t *v)
{
	*v = 0;
	for (unsigned shift = 0; shift < 64 && in->len; shift += 7) {
		uint8_t c = *in->p++;

		in->len--;
		*v |= (uint64_t)(c & 0x7f) << shift;
		if (!(c & 0x80))
			return true;
	}
	return false;
}

/* Offsets are told as the signed distance from the end of the slice before, zigzag. */
static uint64_t zigzag(int64_t v)
{
	return (uint64_t)v << 1 ^ (uint64_t)(v >> 63);
}

uint32_t where_encode(const struct slice *slices, uint32_t n, uint8_t *out, uint32_t max)
{
	uint32_t at = 0;
	uint64_t expected = 0;

	for (uint32_t i = 0; i < n && at != UINT32_MAX; i++) {
		const struct slice *s = &slices[i];

		at = put(out, at, max, s->capture);
		if (at != UINT32_MAX)
			at = put(out, at, max, s->capture == SLICE_HOLE ? s->at : zigzag((int64_t)(s->at - expected)));
		if (at != UINT32_MAX)
			at = put(out, at, max, s->len);
		if (s->capture != SLICE_HOLE)
			expected = s->at + s->len;
	}
	return at == UINT32_MAX ? 0 : at;
}

int where_decode(struct span blob, struct slice *out, uint32_t max)
{
	uint64_t expected = 0, capture, at, len;
	uint32_t n = 0;

	while (blob.len) {
		if (n == max || !get(&blob, &capture) || !get(&blob, &at) || !get(&blob, &len) ||
		    capture > UINT16_MAX || len > UINT32_MAX)
			return -1;
		if (capture != SLICE_HOLE) {
			at = expected + ((at >> 1) ^ (0 - (at & 1)));
			expected = at + len;
		}
		out[n++] = (struct slice){ .at = at, .len = (uint32_t)len, .capture = (uint16_t)capture };
	}
	return (int)n;
}
