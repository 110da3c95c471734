/* Calls: what the stub data of a request or an answer says.  C706 14 (NDR), MS-RPCE 2.2.4, 2.2.5 (NDR64). */
#include "rpc/rpc.h"

void rpc_stub(struct dx *d, const struct rpc_ctx *ctx UNUSED, struct rpc_form form UNUSED)
{
	if (d_rest(d))
		(void)d_some(d, rpc_stub, d_rest(d));
}

const char *rpc_interface_name(const uint8_t uuid[16] UNUSED, unsigned version UNUSED)
{
	return NULL;
}

const char *rpc_operation_name(const uint8_t uuid[16] UNUSED, unsigned version UNUSED, unsigned opnum UNUSED)
{
	return NULL;
}
