/* The verification trailer behind a request's stub data.  MS-RPCE 2.2.2.13.  Its integers are taken as little-endian, as all
 * of MS-RPCE's own; no capture at hand has one in a big-endian PDU. */
#include "dcerpc.h"

enum { COMMAND_BITMASK_1 = 1, COMMAND_PCONTEXT = 2, COMMAND_HEADER2 = 3, COMMAND = 0x3fff, COMMAND_END = 0x4000 };
enum { SIGNATURE = 8, COMMAND_HEADER = 4 };

static bool signed_at(const uint8_t *p)
{
	static const uint8_t signature[SIGNATURE] = { 0x8a, 0xe3, 0x13, 0x71, 0x02, 0xf4, 0x36, 0x71 };

	return p[0] == signature[0] && memcmp(p, signature, SIGNATURE) == 0;
}

/* Whether commands fill the n bytes at p: stub data may have the signature's bytes in it by chance or design. */
static bool commands(const uint8_t *p, uint32_t n)
{
	uint32_t at = 0;

	while (n - at >= COMMAND_HEADER) {
		uint32_t command = (uint32_t)dx_load(p + at, FT_U16), len = (uint32_t)dx_load(p + at + 2, FT_U16);

		at += COMMAND_HEADER;
		if (len > n - at)
			return false;
		at += len;
		if (command & COMMAND_END)
			return at == n;
	}
	return false;
}

uint32_t rpc_trailer_at(const struct dx *d)
{
	const uint8_t *p = d->bytes + d->at;
	uint32_t n = d_rest(d);

	if (d->end != d->lim)
		return n;
	for (uint32_t at = 0; n - at >= SIGNATURE + COMMAND_HEADER; at += 4)
		if (signed_at(p + at) && commands(p + at + SIGNATURE, n - at - SIGNATURE))
			return at;
	return n;
}

/* RPC_SYNTAX_IDENTIFIER: the version's halves are major and minor (C706 12.6.3.1, p_syntax_id_t). */
static void syntax_id(struct dx *d)
{
	d_bytes(d, rpc_vt_uuid, 16);
	d_get(d, rpc_vt_version);
}

/* MS-RPCE 2.2.2.13.3: the header of the request once more. */
static void header2(struct dx *d)
{
	d_get(d, rpc_type);
	d_bytes(d, rpc_reserved, 3);
	d_bytes(d, rpc_drep, 4);
	d_get(d, rpc_call_id);
	d_get(d, rpc_ctx_id);
	d_get(d, rpc_opnum);
}

static void command(struct dx *d)
{
	struct dx body;
	unsigned what;

	d_push(d, rpc_vt_item);
	what = (unsigned)d_get(d, rpc_vt_command) & COMMAND;
	if (d_part(d, (uint32_t)d_get(d, rpc_vt_length), &body)) {
		if (what == COMMAND_BITMASK_1) {
			d_get(&body, rpc_vt_bitmask);
		} else if (what == COMMAND_PCONTEXT) {
			syntax_id(&body);
			syntax_id(&body);
		} else if (what == COMMAND_HEADER2) {
			header2(&body);
		}
		d_tail(&body, rpc_vt_unknown);
	}
	d_pop(d);
}

void rpc_trailer(struct dx *d)
{
	d_push(d, rpc_vt);
	d_bytes(d, rpc_vt_signature, SIGNATURE);
	while (d_rest(d) && d_more(d))
		command(d);
	d_pop(d);
}
