/* Calls: what the stub data of a request or an answer says.  C706 14 (NDR), MS-RPCE 2.2.4, 2.2.5 (NDR64). */
#ifndef DISSECTORS_RPC_H
#define DISSECTORS_RPC_H

#include "dissect.h"

/* What stub data needs from before, to be read alone. */
struct rpc_ctx {
	uint8_t uuid[16];          /* the interface, as on a little-endian wire (MS-DTYP 2.3.4.2) */
	uint16_t version;          /* its major version */
	uint16_t opnum;
	uint32_t level;            /* in an answer: what rpc_stub returned for the request, 0 if it was not seen */
	bool known;                /* uuid and version are: the presentation context's bind was seen */
	bool asked;                /* opnum is: in an answer, the request was seen */
	bool ndr64;                /* transfer syntax, else NDR */
};

/* What a call says, for whoever keeps it: the caller gives a buffer of size bytes. */
struct rpc_facts {
	char *json;
	uint32_t size, len;        /* len of the text, a NUL behind it; 0: nothing could be read, or too much */
	bool has_result;           /* the operation returns a code, and it was read */
	uint32_t result;
	const char *result_name;   /* NULL: it has none */
	struct span handle;        /* context handle that a request names first, or an answer last; points into the stub */
	char name[256];            /* of a request: what it names: its first text or SID, else its first RID; empty: nothing */
};

/* How the PDUs of the stub write it. */
struct rpc_form {
	bool response;
	bool be;                   /* integers are big-endian */
	struct rpc_facts *facts;   /* to be filled; NULL: nobody wants them */
};

/* rpc_stub reads the stub data that fills d, which is whole and not sealed, and shows what it cannot read as bytes.  Returns
 * the information level or type that the call names, by which its answer is read; 0: none. */
uint32_t rpc_stub(struct dx *d, const struct rpc_ctx *, struct rpc_form);

/* rpc_interface_name returns the interface's name ("srvsvc"), NULL if it has none; rpc_operation_name the operation's
 * ("NetrShareEnum"). */
const char *rpc_interface_name(const uint8_t uuid[16], unsigned version);
const char *rpc_operation_name(const uint8_t uuid[16], unsigned version, unsigned opnum);

#endif
