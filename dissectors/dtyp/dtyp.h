/* Windows data types that several protocols carry: security identifiers and descriptors.  MS-DTYP 2.4. */
#ifndef DISSECTORS_DTYP_H
#define DISSECTORS_DTYP_H

#include "dissect.h"

/* dtyp_sid reads a SID (MS-DTYP 2.4.2.2) and stands behind it; dtyp_sid_parts tells only its parts, where the whole has
 * another name. */
void dtyp_sid(struct dx *d);
void dtyp_sid_parts(struct dx *d);
/* dtyp_acl reads an ACL (MS-DTYP 2.4.5). */
void dtyp_acl(struct dx *d);
/* dtyp_condition reads the conditional expression that is all of d (MS-DTYP 2.4.4.17); false: it is none.  dtyp_claim reads
 * a CLAIM_SECURITY_ATTRIBUTE_RELATIVE_V1 (2.4.10.1) that is all of d. */
bool dtyp_condition(struct dx *d);
void dtyp_claim(struct dx *d);
/* dtyp_is_object_ace: is an ACE type's mask followed by flags and up to two GUIDs (2.4.4.3)? */
static inline bool dtyp_is_object_ace(unsigned type)
{
	return (type >= 0x05 && type <= 0x08) || type == 0x0b || type == 0x0c || type == 0x0f || type == 0x10;
}
/* dtyp_wide is the length of the UTF-16 text at d with its NUL, as far as it goes; nothing is read. */
uint32_t dtyp_wide(const struct dx *d);
/* What the object-specific rights of an access mask mean (MS-DTYP 2.4.3). */
enum dtyp_rights { RIGHTS_ANY, RIGHTS_FILE, RIGHTS_DIRECTORY, RIGHTS_KEY, RIGHTS_PRINTER };
/* dtyp_secdesc reads a self-relative SECURITY_DESCRIPTOR (MS-DTYP 2.4.6) that is all of d; dtyp_secdesc_of that of a known
 * kind of object. */
void dtyp_secdesc_of(struct dx *d, enum dtyp_rights rights);
static inline void dtyp_secdesc(struct dx *d)
{
	dtyp_secdesc_of(d, RIGHTS_ANY);
}

/* dtyp_sddl writes the parts of a self-relative descriptor that information (MS-DTYP 2.4.7) names as SDDL (2.5.1), ended by
 * a NUL; returns the length written.  A damaged part ends early; where out is full the text ends. */
size_t dtyp_sddl(char *out, size_t size, struct span descriptor, uint32_t information);

#endif
