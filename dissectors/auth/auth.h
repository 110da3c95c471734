/* Between the files that read authentication tokens.  RFC 4178, RFC 2743 3.1, MS-SPNG, MS-NLMP, RFC 4120, RFC 4121. */
#ifndef DISSECTORS_AUTH_H
#define DISSECTORS_AUTH_H

#include "smb.h"

/* ntlmssp_is tells whether an NTLMSSP message, or as much of one as there is, starts at d's next byte. */
bool ntlmssp_is(const struct dx *d);
/* ntlmssp_dissect reads the NTLMSSP message (MS-NLMP 2.2.1) that fills d into *auth, whose spans
 * then point into the message. */
void ntlmssp_dissect(struct dx *d, struct smb_auth *auth);
/* nl_auth_message reads what a side of Netlogon's secure channel says of itself (MS-NRPC 2.2.1.3.1), nl_auth_signature the
 * signature of a message that fills d (2.2.1.3.2, 2.2.1.3.3). */
void nl_auth_message(struct dx *d);
void nl_auth_signature(struct dx *d);
/* ntlmssp_v2_response reads the NTLMv2_RESPONSE (MS-NLMP 2.2.2.8; more than 24 bytes) that fills d:
 * time, client challenge and target go into *auth.  Returns AvFlags, 0 if it has none.  SMB1 without
 * extended security has such a response in its password field. */
uint32_t ntlmssp_v2_response(struct dx *d, struct smb_auth *auth);
/* ntlmssp_verifier reads the NTLMSSP_MESSAGE_SIGNATURE (MS-NLMP 2.2.2.9) that fills d.  False, and
 * nothing read, if it is none. */
bool ntlmssp_verifier(struct dx *d);

/* krb5_is tells whether d's next byte is the identifier of a message that krb5_dissect reads. */
bool krb5_is(const struct dx *d);
/* krb5_dissect reads a KRB_AP_REQ, KRB_AP_REP or KRB_ERROR (RFC 4120 5.5, 5.9); a ticket's realm and
 * service go into *auth as text in the run's arena. */
void krb5_dissect(struct dx *d, struct smb_auth *auth);
/* krb5_framed reads a GSS-API token of Kerberos behind its framing: token id and what it stands for
 * (RFC 4121 4.1, 4.2; RFC 1964 1.2). */
void krb5_framed(struct dx *d, struct smb_auth *auth);
/* krb5_token reads one that has no framing (RFC 4121 4.2.6), and shows it whole first, as Wireshark does. */
void krb5_token(struct dx *d, struct smb_auth *auth);

#endif
