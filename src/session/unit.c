/* Bytes of a pipe into DCE/RPC PDUs.  C706 12.6.3.1. */
#include "session/unit.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"
#include "dissectors/rpc/dcerpc.h"

void unit_init(struct units *u)
{
	*u = (struct units){ 0 };
	list_init(&u->holding);
}

struct unit_stream *unit_open(bool from_start)
{
	struct unit_stream *s = xcalloc(1, sizeof(*s));

	s->state = from_start ? UNIT_START : UNIT_LOST;
	return s;
}

static uint64_t size_of(const struct unit_stream *s)
{
	return s->cap + (uint64_t)s->cap_parts * sizeof(*s->parts);
}

/* Lets go of what is held. */
static void drop(struct units *u, struct unit_stream *s)
{
	u->held -= size_of(s);
	list_remove(&s->link);
	free(s->bytes);
	free(s->parts);
	s->bytes = NULL;
	s->parts = NULL;
	s->n = s->cap = s->n_parts = s->cap_parts = s->need = 0;
}

void unit_close(struct units *u, struct unit_stream *s)
{
	if (!s)
		return;
	drop(u, s);
	free(s);
}

void unit_gap(struct units *u, struct unit_stream *s)
{
	drop(u, s);
	s->losses++;
	if (s->state != UNIT_OTHER)
		s->state = UNIT_LOST;
}

/* The stream that was fed longest ago loses what it holds, until all fit again. */
static void evict(struct units *u)
{
	while (u->held > LIMIT_UNIT_HELD_BYTES) {
		unit_gap(u, list_item(u->holding.next, struct unit_stream, link));
		u->evictions++;
	}
}

/* Takes up to want bytes of *part into the unit under way. */
static void hold(struct units *u, struct unit_stream *s, struct unit_part *part, const uint8_t **bytes, uint32_t want)
{
	uint32_t n = min_u32(want, part->len);

	u->held -= size_of(s);
	while (s->cap < s->n + n) {
		s->cap = s->cap ? 2 * s->cap : 256;
		s->bytes = xrealloc(s->bytes, s->cap);
	}
	memcpy(s->bytes + s->n, *bytes, n);
	s->n += n;
	/* The header is asked for in two goes: one part of the message all the same. */
	if (s->n_parts && s->parts[s->n_parts - 1].command == part->command &&
	    s->parts[s->n_parts - 1].response == part->response &&
	    s->parts[s->n_parts - 1].off + s->parts[s->n_parts - 1].len == part->off) {
		s->parts[s->n_parts - 1].len += n;
	} else {
		s->parts = mem_grow(s->parts, s->n_parts, &s->cap_parts, sizeof(*s->parts));
		s->parts[s->n_parts] = *part;
		s->parts[s->n_parts++].len = n;
	}
	u->held += size_of(s);
	list_remove(&s->link);
	list_append(&u->holding, &s->link);
	*bytes += n;
	part->off += n;
	part->len -= n;
}

/* What follows begins no PDU: the stream is lost, or was never RPC. */
static void stray(struct units *u, struct unit_stream *s)
{
	drop(u, s);
	s->losses++;
	s->state = s->state == UNIT_START ? UNIT_OTHER : UNIT_LOST;
}

/* Goes on with the unit under way; false: it turned out to be none. */
static bool go_on(struct units *u, struct unit_stream *s, struct unit_part *part, const uint8_t **bytes, unit_done_fn *done,
                  void *arg)
{
	if (!s->need) {
		uint32_t len;

		hold(u, s, part, bytes, DCERPC_HEADER - s->n);
		len = dcerpc_frag_len(s->bytes, s->n);
		if (!len) {
			stray(u, s);
			return false;
		}
		if (len == UINT32_MAX)
			return true;
		s->need = len;
	}
	if (s->n < s->need && part->len)
		hold(u, s, part, bytes, s->need - s->n);
	if (s->n == s->need) {
		struct unit whole = { s->parts, s->n_parts, { s->bytes, s->n } };

		s->state = UNIT_RPC;
		done(arg, &whole);
		drop(u, s);
	}
	return true;
}

void unit_feed(struct units *u, struct unit_stream *s, const struct unit_part *given, const uint8_t *bytes, unit_done_fn *done,
               void *arg)
{
	struct unit_part part = *given;

	while (part.len && s->state != UNIT_OTHER) {
		uint32_t len = s->n ? UINT32_MAX : dcerpc_frag_len(bytes, part.len);

		if (!len) {
			stray(u, s);
			break;
		}
		if (len <= part.len) {
			struct unit_part here = { part.command, part.off, len, part.response };
			struct unit whole = { &here, 1, { bytes, len } };

			s->state = UNIT_RPC;
			done(arg, &whole);
			bytes += len;
			part.off += len;
			part.len -= len;
		} else if (!go_on(u, s, &part, &bytes, done, arg)) {
			break;
		}
	}
	if (s->n_parts > LIMIT_UNIT_PARTS) {
		unit_gap(u, s);
		u->evictions++;
	}
	evict(u);
}
