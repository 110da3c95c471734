/* SMB1 reads and writes.  MS-CIFS 2.2.4.11, 2.2.4.12, 2.2.4.20, 2.2.4.21, 2.2.4.28, 2.2.4.40,
 * 2.2.4.42, 2.2.4.43; MS-SMB 2.2.4.2, 2.2.4.3. */
#include "smb1.h"

enum { WRITE_RAW_MODE = 0x4, WRITE_MESSAGE_START = 0x8 };

void smb1_content(struct dx *d, struct smb_msg *m, uint32_t n)
{
	m->u.rw.payload = m->ctx.object == OBJECT_PIPE ? d_payload(d, smb1_pipe_data, n) : d_payload(d, smb1_file_data, n);
}

void smb1_content_at(struct smb1_body *s, struct smb_msg *m, uint32_t off, uint32_t n)
{
	if (!smb1_skip_to(s, off)) {
		if (n)
			d_note(&s->b, NOTE_odd_offset);
	} else if (n) {
		smb1_content(&s->b, m, n);
	}
}

/* MS-SMB 2.2.4.2.1: WordCount 10 or 12. */
static void read_request(struct smb1_body *s, struct smb_msg *m)
{
	struct dx *w = &s->w;
	uint32_t high;

	if (s->wct != 10 && s->wct != 12) {
		smb1_other(s);
		return;
	}
	smb1_fid(m, d_get(w, smb1_fid));
	m->u.rw.offset = d_get(w, smb1_offset);
	m->u.rw.length = (uint32_t)d_get(w, smb1_maxcount_low);
	d_get(w, smb1_mincount);
	/* For a pipe it is a timeout in milliseconds, or -1; a count's high word fits 16 bits. */
	high = (uint32_t)d_get(w, smb1_maxcount_high);
	if (high <= 0xffff && m->ctx.object != OBJECT_PIPE)
		m->u.rw.length |= high << 16;
	d_get(w, smb1_remaining);
	if (s->wct == 12)
		m->u.rw.offset |= d_get(w, smb1_offset_high) << 32;
}

/* MS-SMB 2.2.4.2.2 */
static void read_response(struct smb1_body *s, struct smb_msg *m)
{
	struct dx *w = &s->w;
	uint32_t off;

	if (s->wct != 12) {
		smb1_other(s);
		return;
	}
	d_get(w, smb1_remaining);
	d_get(w, smb1_dcm);
	d_bytes(w, smb1_reserved, 2);
	m->u.rw.length = (uint32_t)d_get(w, smb1_data_len_low);
	off = (uint32_t)d_get(w, smb1_data_offset);
	m->u.rw.length |= (uint32_t)d_get(w, smb1_data_len_high) << 16;
	d_bytes(w, smb1_reserved, 8);
	smb1_bytes(s, smb1_reach(s, off, m->u.rw.length));
	smb1_content_at(s, m, off, m->u.rw.length);
}

/* MS-SMB 2.2.4.3.1: WordCount 12 or 14. */
static void write_request(struct smb1_body *s, struct smb_msg *m)
{
	struct dx *w = &s->w;
	uint32_t off, mode, n;

	if (s->wct != 12 && s->wct != 14) {
		smb1_other(s);
		return;
	}
	smb1_fid(m, d_get(w, smb1_fid));
	m->u.rw.offset = d_get(w, smb1_offset);
	d_bytes(w, smb1_reserved, 4);
	mode = (uint32_t)d_get(w, smb1_write_mode);
	d_get(w, smb1_remaining);
	n = (uint32_t)d_get(w, smb1_data_len_high) << 16;
	n |= (uint32_t)d_get(w, smb1_data_len_low);
	off = (uint32_t)d_get(w, smb1_data_offset);
	if (s->wct == 14)
		m->u.rw.offset |= d_get(w, smb1_offset_high) << 32;
	m->u.rw.length = n;
	smb1_bytes(s, smb1_reach(s, off, n));
	/* The first part of a pipe's message, raw: the message's length stands before its data. */
	if ((mode & (WRITE_RAW_MODE | WRITE_MESSAGE_START)) == (WRITE_RAW_MODE | WRITE_MESSAGE_START) && n >= 2 &&
	    smb1_skip_to(s, off)) {
		d_get(&s->b, smb1_pipe_write_len);
		off += 2;
		n -= 2;
	}
	smb1_content_at(s, m, off, n);
}

/* MS-SMB 2.2.4.3.2 */
static void write_response(struct smb1_body *s, struct smb_msg *m)
{
	struct dx *w = &s->w;

	if (s->wct != 6) {
		smb1_other(s);
		return;
	}
	m->u.rw.length = (uint32_t)d_get(w, smb1_count_low);
	d_get(w, smb1_remaining);
	m->u.rw.length |= (uint32_t)d_get(w, smb1_count_high) << 16;
	d_bytes(w, smb1_reserved, 2);
}

/* FID, count, offset, as READ, WRITE and their kin begin (MS-CIFS 2.2.4.11.1). */
static void core_words(struct smb1_body *s, struct smb_msg *m)
{
	smb1_fid(m, d_get(&s->w, smb1_fid));
	m->u.rw.length = (uint32_t)d_get(&s->w, smb1_count);
	m->u.rw.offset = d_get(&s->w, smb1_offset);
}

static void block(struct smb1_body *s, struct smb_msg *m)
{
	smb1_bytes(s, 0);
	d_get(&s->b, smb1_buffer_format);
	smb1_content(&s->b, m, (uint32_t)d_get(&s->b, smb1_data_len));
}

static void core_read_request(struct smb1_body *s, struct smb_msg *m)
{
	if (s->wct != 5) {
		smb1_other(s);
		return;
	}
	core_words(s, m);
	d_get(&s->w, smb1_remaining);
}

static void core_read_response(struct smb1_body *s, struct smb_msg *m)
{
	if (s->wct != 5) {
		smb1_other(s);
		return;
	}
	m->u.rw.length = (uint32_t)d_get(&s->w, smb1_count);
	d_bytes(&s->w, smb1_reserved, 8);
	block(s, m);
}

static void core_write_request(struct smb1_body *s, struct smb_msg *m)
{
	if (s->wct != 5) {
		smb1_other(s);
		return;
	}
	core_words(s, m);
	d_get(&s->w, smb1_remaining);
	block(s, m);
}

/* WRITE, WRITE_AND_UNLOCK, WRITE_AND_CLOSE, WRITE_COMPLETE: the count written. */
static void core_write_response(struct smb1_body *s, struct smb_msg *m)
{
	if (s->wct != 1) {
		smb1_other(s);
		return;
	}
	m->u.rw.length = (uint32_t)d_get(&s->w, smb1_count);
}

/* MS-CIFS 2.2.4.40.1: WordCount 6 or 12; one byte of padding before the data. */
static void write_close_request(struct smb1_body *s, struct smb_msg *m)
{
	if (s->wct != 6 && s->wct != 12) {
		smb1_other(s);
		return;
	}
	core_words(s, m);
	d_get(&s->w, smb1_last_write_utime);
	if (s->wct == 12)
		d_bytes(&s->w, smb1_reserved, 12);
	smb1_bytes(s, 0);
	if (d_rest(&s->b) > m->u.rw.length)
		d_bytes(&s->b, smb1_padding, d_rest(&s->b) - m->u.rw.length);
	smb1_content(&s->b, m, m->u.rw.length);
}

const struct smb1_cmd smb1_read_andx = { read_request, read_response, OP_READ, true, false };
const struct smb1_cmd smb1_write_andx = { write_request, write_response, OP_WRITE, true, false };
const struct smb1_cmd smb1_read = { core_read_request, core_read_response, OP_READ, false, false };
const struct smb1_cmd smb1_write = { core_write_request, core_write_response, OP_WRITE, false, false };
const struct smb1_cmd smb1_write_and_close = { write_close_request, core_write_response, OP_WRITE, false, false };
const struct smb1_cmd smb1_write_complete = { NULL, core_write_response, OP_WRITE, false, true };
