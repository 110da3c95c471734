/* A security blob: SPNEGO, NTLMSSP, Kerberos.  RFC 4178, MS-NLMP, RFC 4120, RFC 4121. */
#include "fuzz_dissect.h"

static void read_blob(struct dx *d, struct smb_msg *m, unsigned which UNUSED)
{
	spnego_dissect(d, m);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	fuzz_part_twice(p, n, read_blob);
	return 0;
}
