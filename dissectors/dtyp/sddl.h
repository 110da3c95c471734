/* What the files that write SDDL share.  MS-DTYP 2.5.1. */
#ifndef DISSECTORS_DTYP_SDDL_H
#define DISSECTORS_DTYP_SDDL_H

#include "base/text.h"
#include "dtyp.h"

/* sddl_sid_length is how many bytes a SID takes at the start of s; 0: it is none.  sddl_sid writes it, by its two letters where
 * it has them (2.4.2.4); nothing if it is none. */
uint32_t sddl_sid_length(struct span s);
void sddl_sid(struct text_out *o, struct span s);

/* sddl_condition writes the expression of a conditional ACE, all of s, in infix form with its outer parentheses (2.4.4.17,
 * 2.5.1.1 cond-expr); sddl_claim the attribute of a resource attribute ACE (2.4.10.1, attribute-data) with its own.  False: the
 * bytes are none, or the grammar has no way to write them; nothing was written then. */
bool sddl_condition(struct text_out *o, struct span s);
bool sddl_claim(struct text_out *o, struct span s);

#endif
