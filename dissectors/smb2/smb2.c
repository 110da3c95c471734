/* SMB2 header, compounds and the command table.  MS-SMB2 2.2.1, 3.2.5.1, 3.3.5.2.7. */
#include "smb2.h"

#include "base/limits.h"

enum { FLAG_RESPONSE = 0x1, FLAG_ASYNC = 0x2, FLAG_RELATED = 0x4, FLAG_SIGNED = 0x8 };
enum { STATUS_PENDING = 0x00000103 };

static const struct smb2_cmd *const commands[] = {
	&smb2_negotiate, &smb2_session_setup, &smb2_logoff, &smb2_tree_connect, &smb2_tree_disconnect,
	&smb2_create, &smb2_close, &smb2_flush, &smb2_read, &smb2_write, &smb2_lock, &smb2_ioctl, &smb2_cancel,
	&smb2_echo, &smb2_query_directory, &smb2_change_notify, &smb2_query_info, &smb2_set_info,
	&smb2_oplock_break, &smb2_notification,
};

void smb2_fileid(struct dx *d, struct smb_msg *m)
{
	struct span id = d_bytes(d, smb2_fid, 16);

	if (!id.p)
		return;
	m->fid.p = dx_load(id.p, FT_U64);
	m->fid.v = dx_load(id.p + 8, FT_U64);
	m->fid.known = true;
	m->fid.related = m->fid.p == UINT64_MAX && m->fid.v == UINT64_MAX;
}

void smb2_empty(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, smb2_buffer_code);
	d_bytes(d, smb2_reserved, 2);
}

bool smb2_part(const struct dx *d, uint32_t off, uint32_t len, struct dx *part)
{
	uint32_t from = d->run->high > d->at ? d->run->high : d->at;

	if (len && off < d->at - d->base)
		d_note(d, NOTE_odd_offset);
	if (!d_sub(d, off, len, part))
		return false;
	d_between(part, from);
	return true;
}

/* Whether the answer is the error body instead of the command's own (MS-SMB2 3.3.4.4). */
static bool is_error_body(const struct dx *d, const struct smb_msg *m, const struct smb2_cmd *c)
{
	if (!m->status || dx_peek(d, FT_U16) != 9)
		return false;
	switch (m->status) {
	case 0x0000010C:                     /* STATUS_NOTIFY_ENUM_DIR: an answer without records */
		return c != &smb2_change_notify;
	case 0xC0000016:                     /* STATUS_MORE_PROCESSING_REQUIRED */
		return m->op != OP_SESSION_SETUP;
	case 0x80000005:                     /* STATUS_BUFFER_OVERFLOW: partial data of a query or pipe */
		return c->res_size != 9 && c->res_size != 17 && c->res_size != 49;
	}
	return true;
}

static void body(struct dx *d, struct smb_msg *m, const struct smb2_cmd *c)
{
	uint16_t size = (uint16_t)d_peek(d, U16), want;
	smb2_body_fn *read;

	if (m->response && is_error_body(d, m, c)) {
		if (c == &smb2_query_info || c == &smb2_set_info)
			smb2_asked_kind(d, m);
		else if (c == &smb2_query_directory)
			smb2_asked_listing(d, m);
		smb2_error(d, m);
		return;
	}
	read = m->response ? c->response : c->request;
	want = m->response ? c->res_size : c->req_size;
	if (!read) {
		d_note(d, NOTE_undecoded);
		d_tail(d, smb2_unknown_body);
		return;
	}
	if (want && size != want && d->end - d->at >= 2)
		d_note(d, NOTE_structure_size);
	read(d, m);
}

/* MS-SMB2 2.2.1.1 and 2.2.1.2; d.base is the header's start. */
static void header(struct dx *d, struct smb_msg *m, uint32_t *next)
{
	uint32_t flags;

	/* The direction stands in Flags, after fields that depend on it. */
	m->response = d->end - d->at >= 20 && (d->bytes[d->at + 16] & FLAG_RESPONSE);
	d_get(d, smb2_protocol_id);
	d_get(d, smb2_header_len);
	d_get(d, smb2_credit_charge);
	if (m->response) {
		m->status = (uint32_t)d_get(d, smb2_nt_status);
		m->has_status = true;
	} else {
		d_get(d, smb2_channel_sequence);
		d_bytes(d, smb2_reserved, 2);
	}
	m->command = (uint16_t)d_get(d, smb2_cmd);
	if (m->response)
		d_get(d, smb2_credits_granted);
	else
		d_get(d, smb2_credits_requested);
	m->flags = flags = (uint32_t)d_get(d, smb2_flags);
	m->async = flags & FLAG_ASYNC;
	m->related = flags & FLAG_RELATED;
	m->is_signed = flags & FLAG_SIGNED;
	*next = (uint32_t)d_get(d, smb2_chain_offset);
	m->message_id = d_get(d, smb2_msg_id);
	if (m->async) {
		m->async_id = d_get(d, smb2_aid);
	} else {
		d_get(d, smb2_pid);
		m->tree_id = (uint32_t)d_get(d, smb2_tid);
	}
	m->session_id = d_get(d, smb2_sesid);
	d_bytes(d, smb2_signature, 16);
}

/* What lies behind the body and the parts it pointed to: padding to the next element, the byte or the eight that stand
 * for an empty variable part (the odd StructureSize), or bytes nobody claims. */
static void rest(struct dx *d)
{
	uint32_t from = d->run->high > d->at ? d->run->high : d->at;
	struct dx tail = dx_open(d->run, d->src, from, d->lim - from);

	d_left(&tail);
}

/* One element: from its header to the next element's, or the end. */
static void element(struct smb_walk *w, struct dx *d, uint16_t index, uint32_t *next)
{
	struct smb_msg m = { .kind = SMB_PLAIN, .protocol = 2, .index = index, .direction = w->pdu->direction, .src = d->src,
	                     .off = d->at, .len = d_rest(d) };
	struct sink *sink = w->run->sink;
	struct dx h = *d;
	const struct smb2_cmd *c;
	bool whole;

	w->run->flags = 0;
	w->run->note = NOTE_none;
	w->run->high = 0;
	w->run->header = d->at;
	w->run->unicode = true;
	/* Facts first, told to nobody: whether the element is wanted is known after its header. */
	w->run->sink = NULL;
	header(&h, &m, next);
	w->run->sink = sink;
	w->run->flags = 0;
	w->run->note = NOTE_none;
	if (*next >= 64 + 2 && *next < m.len)   /* less leads into the header: the element has what is there */
		m.len = *next;
	m.last = !*next;
	c = m.command < COUNT(commands) ? commands[m.command] : NULL;
	m.op = c ? c->op : OP_OTHER;
	m.interim = m.response && m.async && m.status == STATUS_PENDING;
	if (!w->hooks->on_header(w->hooks->arg, &m))
		return;
	h = dx_open(w->run, d->src, m.off, m.len);
	whole = h.end - h.at >= 64;
	d_push(&h, smb2);
	/* Again for the listener, or for what is wrong with it. */
	if (sink || !whole)
		header(&h, &m, next);
	else
		h.at += 64;
	if (whole && c) {
		body(&h, &m, c);
	} else if (whole) {
		d_note(&h, NOTE_unknown_command);
		d_tail(&h, smb2_unknown_body);
	}
	rest(&h);
	smb_message_end(w, &m);
	h.at = h.lim;            /* the message ends there, whatever its parts were read by */
	d_pop(&h);
}

static void wrapped(struct smb_walk *w, struct dx d, enum smb_kind kind)
{
	struct smb_msg m = { .kind = (uint8_t)kind, .protocol = 2, .command = UINT16_MAX, .direction = w->pdu->direction,
	                     .off = d.at, .len = d_rest(&d), .response = w->pdu->direction == FROM_SERVER, .last = true };

	if (kind == SMB_ENCRYPTED && d.end - d.at >= 52)
		m.session_id = dx_load(d.bytes + d.at + 44, FT_U64);
	if (!w->hooks->on_header(w->hooks->arg, &m))
		return;
	d_push(&d, smb2);
	if (kind == SMB_ENCRYPTED)
		smb2_transform(&d, &m);
	else
		smb2_compressed(&d, &m);
	smb_message_end(w, &m);
	d_pop(&d);
}

/* Where the hole that took an element's NextCommand ends and the next header stands: elements begin at multiples of 8
 * (MS-SMB2 3.2.4.1.4).  The distance from d; 0: none is there. */
static uint32_t behind_hole(struct smb_walk *w, const struct dx *d)
{
	static const uint8_t start[] = { 0xfe, 'S', 'M', 'B', 64, 0 };

	for (uint32_t off = 72; off + 64 <= d_rest(d); off += 8) {
		struct dx e = dx_open(w->run, d->src, d->at + off, d_rest(d) - off);

		if (e.end - e.at >= 64 && memcmp(e.bytes + e.at, start, sizeof(start)) == 0)
			return off;
	}
	return 0;
}

void smb2_dissect(struct smb_walk *w, struct dx d)
{
	uint32_t next = 0;
	uint8_t first = (uint8_t)d_peek(&d, U8);

	if (first == 0xfd || first == 0xfc) {
		wrapped(w, d, first == 0xfd ? SMB_ENCRYPTED : SMB_COMPRESSED);
		return;
	}
	for (uint16_t index = 0; ; index++) {
		bool cut = d.end - d.at < 24;   /* NextCommand ends there */

		element(w, &d, index, &next);
		if (!next && cut)
			next = behind_hole(w, &d);
		if (!next)
			return;
		if (next < 64 + 2 || next >= d_rest(&d) || index >= LIMIT_COMPOUND)
			break;
		d = dx_open(w->run, d.src, d.at + next, d_rest(&d) - next);
	}
	/* NextCommand leads into the header, or out of the PDU: say so; nothing can follow. */
	d_note(&d, next < 66 ? NOTE_no_progress : NOTE_malformed);
}
