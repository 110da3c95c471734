/* One DCE/RPC PDU, and how its length is told.  C706 12.6, MS-RPCE 2.2.2. */
#include "fuzz_dissect.h"
#include "rpc/dcerpc.h"

static void read_rpc(struct dx *d, struct smb_msg *m UNUSED, unsigned which UNUSED)
{
	dcerpc_dissect(d, &(struct rpc_msg){ 0 }, NULL);
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
