/* What of authentication is read outside of SPNEGO: NTLMSSP and its responses, Kerberos.  MS-NLMP, RFC 4120. */
#include "auth/auth.h"
#include "fuzz_dissect.h"

static void read_token(struct dx *d, struct smb_msg *m, unsigned which)
{
	struct smb_auth *auth = arena_alloc(d->run->arena, sizeof(*auth));

	m->auth = auth;
	switch (which % 5) {
	case 0:
		if (ntlmssp_is(d))
			ntlmssp_dissect(d, auth);
		break;
	case 1:
		ntlmssp_v2_response(d, auth);
		break;
	case 2:
		(void)ntlmssp_verifier(d);
		break;
	case 3:
		if (krb5_is(d))
			krb5_dissect(d, auth);
		break;
	case 4:
		krb5_token(d, auth);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	fuzz_part_twice(p, n, read_token);
	return 0;
}
