/* Bytes in stub data that no interface definition describes: what show(…) of an *.idl names.  All read what fills d. */
#ifndef DISSECTORS_RPC_PARTS_H
#define DISSECTORS_RPC_PARTS_H

#include "dissect.h"

/* epm_tower reads a protocol tower (C706 appendix L, MS-RPCE 2.2.1.2.4). */
void epm_tower(struct dx *d);

#endif
