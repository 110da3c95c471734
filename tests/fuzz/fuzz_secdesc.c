/* Security descriptors and SIDs.  MS-DTYP 2.4. */
#include "dtyp/dtyp.h"
#include "fuzz_dissect.h"

static void read_descriptor(struct dx *d, struct smb_msg *m UNUSED, unsigned which)
{
	if (which & 1)
		dtyp_sid(d);
	else
		dtyp_secdesc(d);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	fuzz_part_twice(p, n, read_descriptor);
	return 0;
}
