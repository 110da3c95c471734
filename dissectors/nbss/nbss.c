/* NetBIOS session service packets.  RFC 1002 4.3, RFC 1001 14.1, MS-SMB2 2.1. */
#include "nbss.h"

#include <stdio.h>

#include "smb.h"

enum { NAME_LETTERS = 32, NAME_BYTES = 16, LABEL_POINTER = 0xc0 };

/* A message on port 139 that carries SMB is framed as on 445: its flags byte is the length's
 * highest, of which only bit 0 is ever set (RFC 1002 4.3.1), so both readings agree. */
static bool carries_smb(const struct dx *d)
{
	return d->end - d->at >= 8 && memcmp(d->bytes + d->at + 5, "SMB", 3) == 0;
}

unsigned nbss_header(struct dx *d, bool netbios)
{
	bool with_flags = netbios && (d_peek(d, U8) != NBSS_MESSAGE || !carries_smb(d));
	unsigned type = (unsigned)d_get(d, nbss_type);
	struct dx flags = *d;

	if (with_flags && d->end - d->at >= 3)
		d_get(&flags, nbss_flags);
	d_get(d, nbss_length);
	return type;
}

bool nbss_name(struct span encoded, char out[24])
{
	uint8_t name[NAME_BYTES];
	unsigned n = NAME_BYTES - 1;

	out[0] = 0;
	if (encoded.len < NAME_LETTERS)
		return false;
	for (unsigned i = 0; i < NAME_BYTES; i++) {
		unsigned high = encoded.p[2 * i] - 'A', low = encoded.p[2 * i + 1] - 'A';

		if (high > 15 || low > 15)
			return false;
		name[i] = (uint8_t)(high << 4 | low);
	}
	while (n > 0 && name[n - 1] == ' ')
		n--;
	/* Names are 8-bit of any code page; what is not printable ASCII would not be UTF-8. */
	for (unsigned i = 0; i < n; i++)
		out[i] = name[i] >= 0x20 && name[i] < 0x7f ? (char)name[i] : '.';
	snprintf(out + n, 24 - n, "<%02x>", name[NAME_BYTES - 1]);
	return true;
}

/* The length of an encoded name: its labels (the scope's too) up to the empty one or a pointer. */
static uint32_t name_length(const struct dx *d)
{
	uint32_t at = d->at;

	while (at < d->end) {
		uint8_t label = d->bytes[at];

		if (label == 0)
			return at + 1 - d->at;
		if (label >= LABEL_POINTER)
			return at + 2 - d->at;
		at += 1 + label;
	}
	/* It goes on beyond the part, or beyond what was captured of it: reading it says which. */
	return at < d->lim ? d_rest(d) : at + 1 - d->at;
}

/* Decodes a name as it was read, its length octet first; NULL if it is not one. */
static const char *name_text(struct dx_run *run, struct span name)
{
	char text[24];

	if (name.len <= NAME_LETTERS || name.p[0] != NAME_LETTERS ||
	    !nbss_name((struct span){ name.p + 1, NAME_LETTERS }, text))
		return NULL;
	return arena_text(run->arena, "%s", text);
}

static struct smb_text fact(const char *text)
{
	return (struct smb_text){ .bytes = { (const uint8_t *)text, (uint32_t)strlen(text) }, .there = true };
}

/* RFC 1002 4.3.2 */
static void session_request(struct dx *d, struct smb_msg *m)
{
	struct span name = d_bytes(d, nbss_called_name, name_length(d));
	const char *text = name_text(d->run, name);

	if (text)
		m->path = fact(text);
	if (!name.p)
		return;
	text = name_text(d->run, d_bytes(d, nbss_calling_name, name_length(d)));
	if (text)
		m->u.setup_req.account = fact(text);
}

void nbss_body(struct dx *d, unsigned type, struct smb_msg *m)
{
	switch (type) {
	case NBSS_REQUEST:
		session_request(d, m);
		break;
	case NBSS_NEGATIVE:
		d_get(d, nbss_error_code);
		break;
	case NBSS_RETARGET:
		d_get(d, nbss_retarget_ip);
		d_get(d, nbss_retarget_port);
		break;
	}
	d_tail(d, nbss_continuation_data);
}
