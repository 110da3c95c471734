/* DCE/RPC over connections: one PDU, and what it has to do with others.  C706 12.6, MS-RPCE 2.2.2. */
#ifndef DISSECTORS_DCERPC_H
#define DISSECTORS_DCERPC_H

#include "dissect.h"
#include "rpc/rpc.h"

/* The common header: every PDU has it (C706 12.6.3.1). */
#define DCERPC_HEADER 16u

/* dcerpc_frag_len tells how long the PDU is that begins at p, of which have bytes are there: its frag_length,
 * in the byte order it declares.  0: these bytes begin no PDU; UINT32_MAX: too few of them to tell. */
uint32_t dcerpc_frag_len(const uint8_t *p, uint32_t have);

/* Packet types, C706 12.6.4, MS-RPCE 2.2.2.5 (AUTH3). */
enum rpc_type { RPC_REQUEST = 0, RPC_RESPONSE = 2, RPC_FAULT = 3, RPC_BIND = 11, RPC_BIND_ACK = 12, RPC_BIND_NAK = 13,
                RPC_ALTER = 14, RPC_ALTER_RESP = 15, RPC_AUTH3 = 16, RPC_SHUTDOWN = 17, RPC_CANCEL = 18, RPC_ORPHANED = 19,
                RPC_RTS = 20 };

/* pfc_flags, C706 12.6.3.1 */
enum { RPC_FIRST_FRAG = 0x01, RPC_LAST_FRAG = 0x02, RPC_OBJECT = 0x80 };

/* Of a PDU what others of its pipe are followed by. */
struct rpc_msg {
	uint8_t type, flags;       /* enum rpc_type; pfc_flags */
	uint8_t auth_type, auth_level;     /* MS-RPCE 2.2.1.1.7, 2.2.1.1.8; 0: no authentication */
	bool be;                   /* integers are big-endian */
	bool sealed;               /* the stub is encrypted */
	uint16_t context;          /* presentation context; of requests, answers and faults, as the next two */
	uint16_t opnum;            /* of requests */
	uint32_t status;           /* of faults */
	uint32_t level;            /* what rpc_stub returned; told when the PDU has been read */
	uint32_t call;             /* call_id */
	struct extent stub;        /* in the PDU */
};

/* Transfer syntaxes: NDR (C706 14), NDR64 (MS-RPCE 2.2.5), another one. */
enum { RPC_NDR = 1, RPC_NDR64 = 2, RPC_OTHER_SYNTAX = 4 };

/* A presentation context as bind or alter_context proposes it, or what became of one in their answers. */
struct rpc_item {
	uint8_t uuid[16];          /* proposed: the interface, as on a little-endian wire */
	uint16_t version, minor;
	uint16_t context;          /* proposed: its number */
	uint16_t index;            /* position among the items: answers have them in the order of the proposals */
	uint8_t syntaxes;          /* bits of those proposed; of the one agreed on */
	bool accepted;             /* answers: it may be used */
};

/* Stub data joined from the PDUs of a call. */
struct rpc_whole {
	const uint8_t *bytes;      /* live in the run's arena */
	uint32_t len, n;
	const struct rpc_fragment {
		uint32_t frame, len;   /* frame in which its PDU ended */
	} *fragments;
};

/* What a request, an answer or a fault needs from before. */
struct rpc_known {
	struct rpc_ctx ctx;
	uint32_t request_frame;    /* of an answer: where its request began; 0: not seen */
	int64_t since_ns;          /* and how long before */
	struct rpc_whole whole;    /* bytes NULL: the stub is in this PDU alone */
	struct rpc_facts *facts;   /* what the stub says goes there; NULL: nobody wants it */
};

struct rpc_hooks {
	/* A request, an answer or a fault is read up to its stub: fill known (zeroed).  False: the stub is a fragment. */
	bool (*on_call)(void *arg, const struct rpc_msg *, struct rpc_known *);
	/* A presentation context has been read, or what became of one.  May be NULL. */
	void (*on_item)(void *arg, const struct rpc_msg *, const struct rpc_item *);
	void *arg;
};

/* dcerpc_dissect reads the PDU that fills d: header, body, stub, authentication, and fills m (zeroed).  What of a stub cannot
 * be read (a fragment, an unknown interface, sealed) stays bytes; without hooks all stubs do.  The verification trailer of a
 * request (MS-RPCE 2.2.2.13) is no part of its stub. */
void dcerpc_dissect(struct dx *d, struct rpc_msg *m, const struct rpc_hooks *);

/* rpc_trailer_at tells where in the stub data d a verification trailer begins: how many bytes precede it; all of them where
 * there is none.  rpc_trailer reads it. */
uint32_t rpc_trailer_at(const struct dx *d);
void rpc_trailer(struct dx *d);

#endif
