/* NetBIOS session service packets, RFC 1002 4.3, and direct TCP, MS-SMB2 2.1. */
#ifndef DISSECTORS_NBSS_H
#define DISSECTORS_NBSS_H

#include "dissect.h"

struct smb_msg;

enum { NBSS_MESSAGE = 0x00, NBSS_REQUEST = 0x81, NBSS_POSITIVE = 0x82, NBSS_NEGATIVE = 0x83,
       NBSS_RETARGET = 0x84, NBSS_KEEP_ALIVE = 0x85 };

/* nbss_header reads the 4-byte header (port 139: type, flags, 17-bit length) and returns the type. */
unsigned nbss_header(struct dx *d, bool netbios);
/* nbss_body reads what follows it, for all types but NBSS_MESSAGE.  The names of a session request
 * are left in m, decoded, as text in the arena: the called one as path, the calling one as
 * u.setup_req.account. */
void nbss_body(struct dx *d, unsigned type, struct smb_msg *m);
/* nbss_name decodes an encoded name (RFC 1001 14.1) of 32 letters at p into out: up to 15 characters,
 * trailing blanks cut, "<xx>" for the type byte appended.  False: not such a name. */
bool nbss_name(struct span encoded, char out[24]);

#endif
