/* SMB1 raw mode: file content in session packets without a header.  MS-CIFS 2.2.4.22, 2.2.4.25, 3.2.4.15, 3.3.5.24. */
#include "smb1.h"

enum { READ_RAW = 0x1a, WRITE_RAW = 0x1d };

/* 2.2.4.22.1; its answer has no header. */
static void read_raw_request(struct smb1_body *s, struct smb_msg *m)
{
	struct dx *w = &s->w;

	if (s->wct != 8 && s->wct != 10) {
		smb1_other(s);
		return;
	}
	m->asked.command = READ_RAW;
	smb1_fid(m, d_get(w, smb1_fid));
	m->u.rw.offset = d_get(w, smb1_offset);
	m->u.rw.length = (uint32_t)d_get(w, smb1_maxcount);
	d_get(w, smb1_mincount);
	d_get(w, smb1_timeout);
	d_bytes(w, smb1_reserved, 2);
	if (s->wct == 10)
		m->u.rw.offset |= d_get(w, smb1_offset_high) << 32;
}

/* 2.2.4.25.1: the first part of the data; the rest follows without a header, once the server has said so. */
static void write_raw_request(struct smb1_body *s, struct smb_msg *m)
{
	struct dx *w = &s->w;
	uint32_t n, off;

	if (s->wct != 12 && s->wct != 14) {
		smb1_other(s);
		return;
	}
	m->asked.command = WRITE_RAW;
	smb1_fid(m, d_get(w, smb1_fid));
	m->u.rw.length = (uint32_t)d_get(w, smb1_total_data_len);
	d_bytes(w, smb1_reserved, 2);
	m->u.rw.offset = d_get(w, smb1_offset);
	d_get(w, smb1_timeout);
	m->asked.detail = d_get(w, smb1_raw_write_mode) & SMB1_WRITE_THROUGH;
	d_bytes(w, smb1_reserved, 4);
	n = (uint32_t)d_get(w, smb1_data_len);
	off = (uint32_t)d_get(w, smb1_data_offset);
	if (s->wct == 14)
		m->u.rw.offset |= d_get(w, smb1_offset_high) << 32;
	smb1_bytes(s, 0);
	smb1_content_at(s, m, off, n);
}

/* 2.2.4.25.2: the leave to send the rest; what the file has been told as written comes in WRITE_COMPLETE. */
static void write_raw_response(struct smb1_body *s, struct smb_msg *m UNUSED)
{
	if (s->wct != 1) {
		smb1_other(s);
		return;
	}
	d_get(&s->w, smb1_remaining);
}

bool smb1_raw(struct smb_walk *w, struct dx *d, struct smb_msg *m)
{
	bool answer = m->direction == FROM_SERVER;

	if (m->kind != SMB_UNKNOWN || !m->asked.known || m->asked.command != (answer ? READ_RAW : WRITE_RAW))
		return false;
	m->kind = SMB_RAW;
	m->protocol = 1;
	m->command = m->asked.command;
	m->op = answer ? OP_READ : OP_WRITE;
	m->response = answer;
	/* Nothing at all says that the read failed, or was at the end of the file; which, a READ will tell. */
	m->has_status = answer && d_rest(d);
	m->last = true;
	m->u.rw.length = d_rest(d);
	d_push(d, smb1);
	if (d_rest(d))
		smb1_content(d, m, d_rest(d));
	smb_message_end(w, m);
	d_pop(d);
	return true;
}

const struct smb1_cmd smb1_read_raw = { read_raw_request, NULL, OP_READ, false, true };
const struct smb1_cmd smb1_write_raw = { write_raw_request, write_raw_response, OP_WRITE, false, false };
