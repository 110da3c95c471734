/* One DCE/RPC PDU, and how its length is told: alone, and with all that may be known of it from before.  C706 12.6,
 * MS-RPCE 2.2.2. */
#include "fuzz_dissect.h"
#include "rpc/dcerpc.h"

/* The whole of the stub is in this PDU, or was joined from several; the interface is known. */
static bool on_call(void *arg, const struct rpc_msg *m, struct rpc_known *k)
{
	static const struct rpc_fragment fragments[] = { { 1, 12 }, { 2, 4 } };
	static const uint8_t bytes[] = { 0x8a, 0xe3, 0x13, 0x71, 0x02, 0xf4, 0x36, 0x71, 1, 0x40, 4, 0, 1, 0, 0, 0 };
	struct dx *d = arg;

	must(m->stub.off <= d->lim && m->stub.len <= d->lim - m->stub.off);
	k->ctx = (struct rpc_ctx){ .known = true, .asked = m->call & 1, .ndr64 = m->call & 2, .opnum = m->opnum, .version = 1 };
	k->request_frame = m->call & 4;
	if (!(m->flags & RPC_FIRST_FRAG))
		k->whole = (struct rpc_whole){ bytes, sizeof(bytes), COUNT(fragments), fragments };
	return m->flags & RPC_LAST_FRAG;
}

static void read_rpc(struct dx *d, struct smb_msg *m UNUSED, unsigned which)
{
	const struct rpc_hooks hooks = { .on_call = on_call, .arg = d };

	dcerpc_dissect(d, &(struct rpc_msg){ 0 }, which & 1 ? &hooks : NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	for (uint32_t have = 0; have <= DCERPC_HEADER && have <= n; have++) {
		uint8_t *bytes = input_copy((struct span){ p, have });
		uint32_t len = dcerpc_frag_len(bytes, have);

		must(len == 0 || len == UINT32_MAX || (len >= DCERPC_HEADER && len <= 0xffff));
		free(bytes);
	}
	fuzz_part_twice(p, n, read_rpc);
	return 0;
}
