/* Windows data types that several protocols carry: security identifiers and descriptors.  MS-DTYP 2.4. */
#ifndef DISSECTORS_DTYP_H
#define DISSECTORS_DTYP_H

#include "dissect.h"

/* dtyp_sid reads a SID (MS-DTYP 2.4.2.2) and stands behind it. */
void dtyp_sid(struct dx *d);
/* dtyp_secdesc reads a self-relative SECURITY_DESCRIPTOR (MS-DTYP 2.4.6) that is all of d. */
void dtyp_secdesc(struct dx *d);

#endif
