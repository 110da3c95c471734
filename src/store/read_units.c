/* Reading a case: units, the bytes gathered from several messages. */
#include "store/store_private.h"

static const char ends_form[] =
	"SELECT DISTINCT unit_part.unit_id FROM unit_part WHERE unit_part.command_id = :command AND unit_part.direction = :side "
	"ORDER BY unit_part.unit_id";
static const char parts_form[] =
	"SELECT unit_part.command_id, unit_part.direction, unit_part.off, unit_part.len FROM unit_part "
	"WHERE unit_part.unit_part_id BETWEEN :unit << 31 AND (:unit << 31) + 2147483647 ORDER BY unit_part.unit_part_id";

static bool number(struct store_query *q, const char *name, int64_t v)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)v);
	return store_bind(q, name, text);
}

/* The parts of one unit, in an array that grows in the arena.  1, 0: it ends elsewhere, -1. */
static int read_parts(struct store_query *q, int64_t command, bool response, struct arena *arena, struct stored_unit *u,
                      struct err *err)
{
	uint32_t cap = 0;
	int rc;

	while ((rc = store_step(q, err)) > 0) {
		if (u->n_parts == cap) {
			struct stored_part *more = arena_alloc(arena, (cap ? 2 * cap : 4) * sizeof(*more));

			if (cap)
				memcpy(more, u->parts, cap * sizeof(*more));
			u->parts = more;
			cap = cap ? 2 * cap : 4;
		}
		u->parts[u->n_parts++] = (struct stored_part){ store_int(q, 0), (uint32_t)store_int(q, 2), (uint32_t)store_int(q, 3),
		                                               store_int(q, 1) != 0 };
	}
	if (rc < 0)
		return -1;
	return u->n_parts && u->parts[u->n_parts - 1].command == command && u->parts[u->n_parts - 1].response == response;
}

int store_units(struct store *s, int64_t command, bool response, struct arena *arena, struct stored_unit **units, struct err *err)
{
	struct store_query *ends, *parts = NULL;
	struct stored_unit **last = units;
	int rc = -1;

	*units = NULL;
	ends = store_query(s, ends_form, err);
	if (!ends || !(parts = store_query(s, parts_form, err)))
		goto out;
	number(ends, "command", command);
	number(ends, "side", response);
	while ((rc = store_step(ends, err)) > 0) {
		struct stored_unit *u = arena_alloc(arena, sizeof(*u));
		int got;

		store_reset(parts);
		number(parts, "unit", store_int(ends, 0));
		got = read_parts(parts, command, response, arena, u, err);
		if (got < 0) {
			rc = -1;
			break;
		}
		if (got) {
			*last = u;
			last = &u->next;
		}
	}
out:
	store_done(parts);
	store_done(ends);
	return rc;
}
