/* Reading a case: units, the bytes gathered from several messages. */
#include "store/store_private.h"

static const char ends_form[] =
	"SELECT DISTINCT unit_part.unit_id FROM unit_part WHERE unit_part.command_id = :command AND unit_part.direction = :side "
	"ORDER BY unit_part.unit_id";
static const char parts_form[] =
	"SELECT unit_part.command_id, unit_part.direction, unit_part.off, unit_part.len, unit_part.kind, "
	"rpc_context.uuid, rpc_context.version, rpc_context.opnum, rpc_context.ndr64, unit_part.request_frame, unit_part.request_time_ns, "
	"rpc_context.level "
	"FROM unit_part LEFT JOIN rpc_context ON rpc_context.rpc_context_id = unit_part.rpc_context_id "
	"WHERE unit_part.unit_part_id BETWEEN :unit << 31 AND (:unit << 31) + 2147483647 ORDER BY unit_part.unit_part_id";

static bool number(struct store_query *q, const char *name, int64_t v)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)v);
	return store_bind(q, name, text);
}

/* What a call's PDU needs from before: it stands with the first part. */
static void read_known(struct store_query *q, struct stored_unit *u)
{
	struct span uuid = store_blob(q, 5);

	u->rpc.known = uuid.len == sizeof(u->rpc.uuid);
	if (u->rpc.known)
		memcpy(u->rpc.uuid, uuid.p, sizeof(u->rpc.uuid));
	u->rpc.version = (uint16_t)store_int(q, 6);
	u->rpc.asked = !store_is_null(q, 7);
	u->rpc.opnum = (uint16_t)store_int(q, 7);
	u->rpc.ndr64 = store_int(q, 8) != 0;
	u->request_frame = (uint32_t)store_int(q, 9);
	u->request_time_ns = store_int(q, 10);
	u->rpc.level = (uint32_t)store_int(q, 11);
}

/* The parts of one unit, in an array that grows in the arena.  0, -1. */
static int read_parts(struct store_query *q, struct arena *arena, struct stored_unit *u, struct err *err)
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
		                                               store_int(q, 1) != 0, store_int(q, 4) == UNIT_STUB_MORE };
		u->kind = (uint8_t)store_int(q, 4);
		if (u->n_parts == 1)
			read_known(q, u);
	}
	return rc;
}

static bool ends_in(const struct stored_unit *u, int64_t command, bool response)
{
	const struct stored_part *last = &u->parts[u->n_parts - 1];

	return last->command == command && last->response == response;
}

/* asked: those of transactions, wherever they end; else those that end in the message. */
static int read_units(struct store *s, int64_t command, bool response, bool asked, struct arena *arena,
                      struct stored_unit **units, struct err *err)
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

		store_reset(parts);
		number(parts, "unit", store_int(ends, 0));
		rc = read_parts(parts, arena, u, err);
		if (rc < 0)
			break;
		if (u->n_parts && (asked ? u->kind == UNIT_PARAMETERS || u->kind == UNIT_DATA : ends_in(u, command, response))) {
			*last = u;
			last = &u->next;
		}
	}
out:
	store_done(parts);
	store_done(ends);
	return rc;
}

int store_units(struct store *s, int64_t command, bool response, struct arena *arena, struct stored_unit **units, struct err *err)
{
	return read_units(s, command, response && command > 0, false, arena, units, err);
}

int store_asked(struct store *s, int64_t command, struct arena *arena, struct stored_unit **units, struct err *err)
{
	return read_units(s, command, false, true, arena, units, err);
}
