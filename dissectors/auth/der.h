/* Reading BER, of which DER is a part.  X.690 8.1. */
#ifndef DISSECTORS_DER_H
#define DISSECTORS_DER_H

#include "dissect.h"

/* Identifier octets (X.690 8.1.2).  Numbers above 30 take several; none of them is matched here. */
enum { DER_INTEGER = 0x02, DER_BIT_STRING = 0x03, DER_OCTET_STRING = 0x04, DER_OID = 0x06, DER_ENUMERATED = 0x0a,
       DER_GENERALIZED_TIME = 0x18, DER_GENERAL_STRING = 0x1b, DER_SEQUENCE = 0x30 };
/* Constructed elements with a tag of their own. */
#define DER_APPLICATION(n) (0x60u | (n))
#define DER_CONTEXT(n)     (0xa0u | (n))

/* der_next takes the next element of d: its identifier's first octet into *tag, its contents as a
 * part.  False at the end, or where no element can be read (which is flagged).  Lengths beyond d are
 * flagged and clipped; the end-of-contents octets of an indefinite length are not in the part. */
bool der_next(struct dx *d, unsigned *tag, struct dx *part);
/* der_open is der_next where only one identifier will do: on another nothing is taken, and it is false. */
bool der_open(struct dx *d, unsigned tag, struct dx *part);
/* der_uint reads all of part, an INTEGER's or ENUMERATED's contents, as the UINT field id and
 * returns its value, sign-extended; 0 if it is empty. */
#define der_uint(part, id) der_number((part), F_##id + 0 * sizeof(char[(int)FW_##id == (int)FT_UINT ? 1 : -1]))
int64_t der_number(struct dx *part, enum field_id id);
/* der_show tells all of part as the span-typed field id, and leaves it to be read in detail. */
#define der_show(part, id) do { \
	struct dx whole_ = *(part); \
	(void)d_some(&whole_, id, d_rest(&whole_)); \
} while (0)
/* der_pop closes the group that was opened at the start of part, at part's end. */
void der_pop(struct dx *part);

#endif
