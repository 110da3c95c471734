/* A pipe's bytes in messages and gaps, gathered into DCE/RPC PDUs: each consists of the parts it names.
 * Input: whether it is read from its start (1), then messages: kind (1), length (2), bytes. */
#include "fuzz.h"
#include "rpc/dcerpc.h"
#include "session/unit.h"

enum { MESSAGES = 512, FIRST_OFF = 84 };

struct target {
	struct span said[MESSAGES];
	uint32_t n;                /* messages so far */
	uint32_t last_command, last_end;
};

static void on_unit(void *arg, const struct unit *u)
{
	struct target *t = arg;
	uint32_t at = 0;

	must(u->n_parts >= 1 && u->bytes.len >= DCERPC_HEADER);
	must(dcerpc_frag_len(u->bytes.p, u->bytes.len) == u->bytes.len);
	for (uint32_t i = 0; i < u->n_parts; i++) {
		const struct unit_part *part = &u->parts[i];
		struct span said;

		must(part->command < t->n && part->len > 0);
		said = t->said[part->command];
		must(part->off >= FIRST_OFF && part->off - FIRST_OFF + part->len <= said.len);
		must(part->len <= u->bytes.len - at);
		must(memcmp(u->bytes.p + at, said.p + (part->off - FIRST_OFF), part->len) == 0);
		/* Forward only, no byte twice. */
		must(part->command > t->last_command || part->off >= t->last_end);
		t->last_command = part->command;
		t->last_end = part->off + part->len;
		at += part->len;
	}
	must(at == u->bytes.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct input in = { p, n };
	struct target t = { .n = 0 };
	struct units units;
	struct unit_stream *s;

	unit_init(&units);
	s = unit_open(input_uint(&in, 1) & 1);
	while (in.n >= 3 && t.n < MESSAGES) {
		unsigned kind = (unsigned)input_uint(&in, 1);
		struct unit_part part = { .command = t.n, .off = FIRST_OFF, .response = false };
		uint8_t *bytes;

		if ((kind & 7) == 7)
			unit_gap(&units, s);
		t.said[t.n] = input_span(&in, input_uint(&in, 2));
		part.len = t.said[t.n].len;
		bytes = input_copy(t.said[t.n++]);
		unit_feed(&units, s, &part, bytes, on_unit, &t);
		free(bytes);
	}
	unit_close(&units, s);
	must(units.held == 0 && list_empty(&units.holding));
	return 0;
}
