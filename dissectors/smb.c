/* A session-layer packet and which protocol it carries.  RFC 1002 4.3, MS-SMB2 2.1, MS-SMB 2.1. */
#include "smb.h"

#include "nbss/nbss.h"

/* Magics, read as a little-endian 32-bit number. */
#define MAGIC_SMB1       0x424d53ffu
#define MAGIC_SMB2       0x424d53feu
#define MAGIC_TRANSFORM  0x424d53fdu
#define MAGIC_COMPRESSED 0x424d53fcu

void smb_message_end(struct smb_walk *w, struct smb_msg *m)
{
	if (!m->undecoded)
		m->undecoded = w->run->note;
	if (!m->undecoded && w->run->flags)
		m->undecoded = w->run->flags & DX_MALFORMED ? NOTE_malformed : NOTE_not_captured;
	w->hooks->on_message(w->hooks->arg, m, w->run);
}

/* A packet that carries no message: shown as it is. */
static void other(struct smb_walk *w, struct dx *d, enum smb_kind kind, unsigned type)
{
	struct smb_msg m = { .kind = (uint8_t)kind, .command = (uint16_t)type, .direction = w->pdu->direction,
	                     .off = d->at, .len = d_rest(d) };

	if (!w->hooks->on_header(w->hooks->arg, &m))
		return;
	if (smb1_raw(w, d, &m))
		return;
	if (kind == SMB_SESSION) {
		nbss_body(d, type, &m);
	} else {
		d_note(d, NOTE_unknown_protocol);
		d_tail(d, nbss_continuation_data);
	}
	smb_message_end(w, &m);
}

void smb_dissect(const struct pdu *pdu, struct dx_run *run, const struct smb_hooks *hooks)
{
	struct smb_walk w = { run, hooks, pdu };
	struct dx d;
	unsigned type;

	dx_begin(run, pdu);
	d = dx_open(run, 0, 0, pdu->len);
	d_push(&d, nbss);
	type = nbss_header(&d, pdu->netbios);
	d.base = d.at;
	if (type != NBSS_MESSAGE) {
		other(&w, &d, SMB_SESSION, type);
		d_pop(&d);
		return;
	}
	d_pop_part(&d);     /* the message is the packet's (RFC 1002 4.3.6), though its fields are another protocol's */
	switch (d_peek(&d, U32)) {
	case MAGIC_SMB1:
		smb1_dissect(&w, d);
		break;
	case MAGIC_SMB2:
	case MAGIC_TRANSFORM:
	case MAGIC_COMPRESSED:
		smb2_dissect(&w, d);
		break;
	default:
		other(&w, &d, SMB_UNKNOWN, NBSS_MESSAGE);
	}
}

bool smb_plausible(const uint8_t *p, uint32_t have)
{
	uint32_t len;

	if (have < 8)
		return false;
	len = (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
	if (p[0] != NBSS_MESSAGE || memcmp(p + 5, "SMB", 3) != 0)
		return false;
	switch (p[4]) {
	case 0xff: return len >= 35;
	case 0xfe: return len >= 66 && (have < 10 || (p[8] == 64 && p[9] == 0));
	case 0xfd: return len >= 52;
	case 0xfc: return len >= 16;
	}
	return false;
}

/* SMB2 header 64 bytes after the 4 of the session layer; READ response DataOffset at 2 of the body,
 * WRITE request DataOffset at 2 (MS-SMB2 2.2.20, 2.2.21). */
static uint32_t smb2_payload_start(const uint8_t *p, uint32_t have, uint32_t len)
{
	uint32_t offset, data, flags, next, command;

	if (have < 4 + 64 + 16)
		return 0;
	command = (uint32_t)dx_load(p + 4 + 12, FT_U16);
	flags = (uint32_t)dx_load(p + 4 + 16, FT_U32);
	next = (uint32_t)dx_load(p + 4 + 20, FT_U32);
	if (next)
		return len;
	if (command == 8 && (flags & 1)) {
		offset = p[4 + 64 + 2];
		data = (uint32_t)dx_load(p + 4 + 64 + 4, FT_U32);
	} else if (command == 9 && !(flags & 1)) {
		offset = (uint32_t)dx_load(p + 4 + 64 + 2, FT_U16);
		data = (uint32_t)dx_load(p + 4 + 64 + 4, FT_U32);
	} else {
		return len;
	}
	if (offset < 64 + 16 || offset > 4096 || data < 4096 || (uint64_t)offset + 4 + data != len)
		return len;
	return offset + 4;
}

uint32_t smb_payload_start(const uint8_t *p, uint32_t have, uint32_t len)
{
	uint32_t start;

	if (have < 8)
		return 0;
	switch (dx_load(p + 4, FT_U32)) {
	case MAGIC_SMB2:
		return smb2_payload_start(p, have, len);
	case MAGIC_SMB1:
		if (!smb1_payload(p + 4, have - 4, &start))
			return 0;
		return start && start < len - 4 ? start + 4 : len;
	}
	return len;
}
