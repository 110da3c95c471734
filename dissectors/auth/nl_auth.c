/* The tokens of Netlogon's secure channel: what its two sides say of themselves, and the signatures of what they send.
 * MS-NRPC 2.2.1.3.1 NL_AUTH_MESSAGE, 2.2.1.3.2 NL_AUTH_SIGNATURE, 2.2.1.3.3 NL_AUTH_SHA2_SIGNATURE. */
#include "auth/auth.h"

enum { NB_DOMAIN = 0x01, NB_HOST = 0x02, DNS_DOMAIN = 0x04, DNS_HOST = 0x08, NB_HOST_UTF8 = 0x10, NOT_SEALED = 0xffff };

void nl_auth_message(struct dx *d)
{
	uint32_t flags;

	d_push(d, nl_message);
	d_get(d, nl_message_type);
	flags = (uint32_t)d_get(d, nl_message_flags);
	if (flags & NB_DOMAIN)
		(void)d_oem(d, nl_nb_domain);
	if (flags & NB_HOST)
		(void)d_oem(d, nl_nb_host);
	if (flags & DNS_DOMAIN)
		(void)d_oem(d, nl_dns_domain);
	if (flags & DNS_HOST)
		(void)d_oem(d, nl_dns_host);
	if (flags & NB_HOST_UTF8)
		(void)d_oem(d, nl_nb_host_utf8);
	d_pop(d);
}

void nl_auth_signature(struct dx *d)
{
	uint32_t seal;

	d_push(d, nl_verifier);
	d_get(d, nl_signature_algorithm);
	seal = (uint32_t)d_get(d, nl_seal_algorithm);
	d_bytes(d, nl_pad, 2);
	d_bytes(d, nl_flags, 2);
	d_bytes(d, nl_sequence, 8);
	d_bytes(d, nl_checksum, 8);
	if (seal != NOT_SEALED)
		d_bytes(d, nl_confounder, 8);
	d_tail(d, nl_reserved);
	d_pop(d);
}
