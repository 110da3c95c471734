/* DCE/RPC over connections: one PDU.  C706 12.6, MS-RPCE 2.2.2. */
#ifndef DISSECTORS_DCERPC_H
#define DISSECTORS_DCERPC_H

#include "dissect.h"

/* The common header: every PDU has it (C706 12.6.3.1). */
#define DCERPC_HEADER 16u

/* dcerpc_frag_len tells how long the PDU is that begins at p, of which have bytes are there: its frag_length,
 * in the byte order it declares.  0: these bytes begin no PDU; UINT32_MAX: too few of them to tell. */
uint32_t dcerpc_frag_len(const uint8_t *p, uint32_t have);

/* dcerpc_dissect reads the PDU that fills d: header, body, authentication.  Stub data stays bytes, with the
 * verification trailer (MS-RPCE 2.2.2.13) in it; sealed stub data is noted as encrypted. */
void dcerpc_dissect(struct dx *d);

#endif
