/* SMB1 header, AndX chains and the command table.  MS-CIFS 2.2.3, 2.2.3.4, 2.2.4; MS-SMB 2.2.3.1. */
#include "smb1.h"

#include "base/limits.h"
#include "names.h"

enum { FLAGS_REPLY = 0x80 };
enum { FLAGS2_SIGNED = 0x0004, FLAGS2_NT_STATUS = 0x4000, FLAGS2_UNICODE = 0x8000 };
enum { NO_ANDX_COMMAND = 0xff, HEADER = 32 };

/* Commands without a row are shown as words and bytes. */
static const struct smb1_cmd *const commands[256] = {
	[0x00] = &smb1_directory, [0x01] = &smb1_directory, [0x02] = &smb1_open, [0x03] = &smb1_create,
	[0x04] = &smb1_close, [0x05] = &smb1_flush, [0x06] = &smb1_delete, [0x07] = &smb1_rename,
	[0x08] = &smb1_query_info, [0x09] = &smb1_set_info, [0x0a] = &smb1_read, [0x0b] = &smb1_write,
	[0x0c] = &smb1_byte_range, [0x0d] = &smb1_byte_range, [0x0e] = &smb1_create_temporary, [0x0f] = &smb1_create,
	[0x10] = &smb1_directory, [0x11] = &smb1_empty, [0x12] = &smb1_seek, [0x13] = &smb1_read,
	[0x14] = &smb1_write, [0x1a] = &smb1_read_raw, [0x1b] = &smb1_read_mpx, [0x1d] = &smb1_write_raw, [0x1e] = &smb1_write_mpx, [0x20] = &smb1_write_complete,
	[0x22] = &smb1_set_info2, [0x23] = &smb1_query_info2, [0x24] = &smb1_locking, [0x25] = &smb1_transaction,
	[0x26] = &smb1_secondary, [0x27] = &smb1_ioctl, [0x29] = &smb1_copy, [0x2a] = &smb1_copy, [0x2b] = &smb1_echo,
	[0x2c] = &smb1_write_and_close, [0x2d] = &smb1_open_andx, [0x2e] = &smb1_read_andx, [0x2f] = &smb1_write_andx,
	[0x31] = &smb1_close, [0x32] = &smb1_transaction2, [0x33] = &smb1_secondary, [0x34] = &smb1_find_close2,
	[0x35] = &smb1_notify_close,
	[0x70] = &smb1_tree_connect, [0x71] = &smb1_tree_disconnect, [0x72] = &smb1_negotiate,
	[0x73] = &smb1_session_setup, [0x74] = &smb1_logoff, [0x75] = &smb1_tree_connect_andx,
	[0x80] = &smb1_query_disk, [0x81] = &smb1_search, [0x82] = &smb1_search, [0x83] = &smb1_search,
	[0x84] = &smb1_search, [0xa0] = &smb1_nt_transact, [0xa1] = &smb1_nt_secondary, [0xa2] = &smb1_nt_create,
	[0xa4] = &smb1_cancel, [0xa5] = &smb1_nt_rename, [0xc0] = &smb1_open_print, [0xc1] = &smb1_write_print,
	[0xc2] = &smb1_close_print, [0xc3] = &smb1_print_queue, [0xd0] = &smb1_messenger, [0xd1] = &smb1_messenger,
	[0xd2] = &smb1_messenger, [0xd3] = &smb1_messenger, [0xd4] = &smb1_machine_name, [0xd5] = &smb1_send_start,
	[0xd6] = &smb1_messenger, [0xd7] = &smb1_messenger,
};

static const struct dos_error {
	uint8_t class;
	uint16_t code;
	uint32_t status;
} dos_errors[] = {
#define DOSERR(class, code, status) { class, code, status },
#include "doserr_map.def"
#undef DOSERR
};

/* The NTSTATUS that says the same as an error class and code (MS-CIFS 2.2.2.4). */
static uint32_t dos_to_nt(uint8_t class, uint16_t code)
{
	for (size_t i = 0; i < COUNT(dos_errors); i++)
		if (dos_errors[i].class == class && dos_errors[i].code == code)
			return dos_errors[i].status;
	return class ? 0xC0000001u : 0;      /* STATUS_UNSUCCESSFUL: an error, if an unknown one */
}

static void status(struct dx *d, struct smb_msg *m, bool nt)
{
	if (nt) {
		m->status = (uint32_t)d_get(d, smb1_nt_status);
		return;
	}
	m->dos_status = true;
	m->dos_class = (uint8_t)d_get(d, smb1_error_class);
	d_bytes(d, smb1_reserved, 1);
	switch (m->dos_class) {
	case 1:  m->dos_code = (uint16_t)d_get(d, smb1_error_code_dos); break;
	case 2:  m->dos_code = (uint16_t)d_get(d, smb1_error_code_srv); break;
	case 3:  m->dos_code = (uint16_t)d_get(d, smb1_error_code_hrd); break;
	default: m->dos_code = (uint16_t)d_get(d, smb1_error_code);
	}
	m->status = dos_to_nt(m->dos_class, m->dos_code);
}

/* MS-CIFS 2.2.3.1; what the status means stands in Flags2, behind it. */
static void header(struct dx *d, struct smb_msg *m)
{
	bool whole = d->end - d->at >= 12;
	uint32_t flags, flags2, pid;

	d_get(d, smb1_server_component);
	m->command = (uint16_t)d_get(d, smb1_cmd);
	status(d, m, !whole || (d->bytes[d->at + 6] & (FLAGS2_NT_STATUS >> 8)));
	flags = (uint32_t)d_get(d, smb1_flags);
	flags2 = (uint32_t)d_get(d, smb1_flags2);
	m->flags = flags | flags2 << 16;
	m->response = flags & FLAGS_REPLY;
	m->is_signed = flags2 & FLAGS2_SIGNED;
	if (m->response) {
		m->has_status = whole;
	} else {
		m->status = 0;
		m->dos_status = false;
		m->dos_class = 0;
		m->dos_code = 0;
	}
	pid = (uint32_t)d_get(d, smb1_pid_high) << 16;
	d_bytes(d, smb1_signature, 8);
	d_bytes(d, smb1_reserved, 2);
	m->tree_id = (uint32_t)d_get(d, smb1_tid);
	pid |= (uint32_t)d_get(d, smb1_pid);
	m->session_id = d_get(d, smb1_uid);
	m->message_id = (uint64_t)pid << 16 | d_get(d, smb1_mid);
}

void smb1_fid(struct smb_msg *m, uint64_t fid)
{
	m->fid.v = fid;
	m->fid.known = true;
	/* In a chain behind an open the field means nothing (MS-CIFS 2.2.3.4). */
	if (!m->response && !m->fid.related) {
		m->asked.fid = (uint16_t)fid;
		m->asked.has_fid = true;
	}
}

void smb1_bytes(struct smb1_body *s, uint32_t at_least)
{
	uint32_t n;

	if (s->in_bytes)
		return;
	s->in_bytes = true;
	d_tail(&s->w, undecoded);
	s->bcc = (uint16_t)d_get(&s->d, smb1_bcc);
	n = s->bcc > at_least ? s->bcc : min_u32(at_least, d_rest(&s->d));
	(void)d_part(&s->d, n, &s->b);
	s->b.base = s->d.base;
}

uint32_t smb1_reach(const struct smb1_body *s, uint32_t off, uint32_t n)
{
	uint64_t end = (uint64_t)s->d.base + off + n, from = (uint64_t)s->d.at + 2;

	return end > from && end <= s->d.lim ? (uint32_t)(end - from) : 0;
}

void smb1_other(struct smb1_body *s)
{
	d_note(&s->w, NOTE_word_count);
	d_tail(&s->w, smb1_word_parameters);
	smb1_bytes(s, 0);
	d_tail(&s->b, smb1_byte_parameters);
}

bool smb1_skip_to(struct smb1_body *s, uint32_t off)
{
	uint64_t to = (uint64_t)s->d.base + off;

	if (to < s->b.at || to > s->b.lim)
		return false;
	if (to > s->b.at)
		d_bytes(&s->b, smb1_padding, (uint32_t)to - s->b.at);
	return s->b.at == to;
}

/* The block's words and bytes, by its command's row. */
static void body(struct smb1_body *s, struct smb_msg *m, const struct smb1_cmd *c)
{
	smb1_body_fn *read = !c ? NULL : m->response ? c->response : c->request;

	if (read && (s->wct || !m->response || (c->empty == SMB1_WORDLESS && !m->status))) {
		read(s, m);
	} else if (s->wct && !(c && c->empty)) {
		d_note(&s->w, read || (c && c->empty) ? NOTE_word_count : NOTE_undecoded);
		d_tail(&s->w, smb1_word_parameters);
	}
	smb1_bytes(s, 0);
	if (d_rest(&s->b)) {
		/* Bytes in an error response say nothing; elsewhere they are a body without a function. */
		if (!read && !(m->response && s->wct == 0))
			d_note(&s->b, NOTE_undecoded);
		if (c)
			d_tail(&s->b, smb1_extra_bytes);
		else
			d_tail(&s->b, smb1_byte_parameters);
	}
}

/* Where the chain stands. */
struct chain {
	struct dx d;            /* at the block */
	uint32_t header;        /* the header's offset in the source */
	uint16_t index;
	uint8_t command;        /* of the block */
	bool shown;             /* the header's fields were told */
	bool opened;            /* a block before this one opens what the later ones use */
};

/* AndXCommand and AndXOffset of a block, read for nobody.  False: the chain ends here. */
static bool next_block(const struct chain *c, const struct smb1_cmd *row, uint8_t *command, uint32_t *off)
{
	const uint8_t *p = c->d.bytes + c->d.at;

	/* A response cut by an error has no words, so no AndX either. */
	if (!row || !row->andx || c->d.end - c->d.at < 5 || p[0] < 2 || p[1] == NO_ANDX_COMMAND)
		return false;
	*command = p[1];
	*off = (uint32_t)dx_load(p + 3, FT_U16);
	return true;
}

static void andx(struct smb1_body *s)
{
	d_get(&s->w, smb1_cmd);
	d_bytes(&s->w, smb1_reserved, 1);
	d_get(&s->w, smb1_andxoffset);
}

/* What lies behind the block: bytes nobody claims. */
static void rest(struct dx *d, const struct smb_msg *m, uint32_t end)
{
	uint32_t from = d->run->high > d->at ? d->run->high : d->at;
	struct dx tail;

	if (from >= end)
		return;
	tail = dx_open(d->run, d->src, from, end - from);
	if (!m->last)
		(void)d_some(&tail, padding, d_rest(&tail));
	else
		(void)d_some(&tail, undecoded, d_rest(&tail));
}

/* Reads one block that is wanted. m has the header's facts; end: where the next block begins. */
static void block(struct smb_walk *w, struct chain *c, struct smb_msg *m, uint32_t end)
{
	const struct smb1_cmd *row = commands[m->command & 0xff];
	struct smb1_body s = { .d = c->d };
	struct dx h = dx_open(w->run, c->d.src, c->header, HEADER);
	struct smb_msg again = *m;

	if (c->shown)
		h = s.d;
	d_push(&h, smb1);
	/* With nobody listening it need not be read again; what it lacks has to be flagged all the same. */
	if (!c->shown && (w->run->sink || h.end - h.at < HEADER))
		header(&h, &again);
	c->shown = true;
	if (d_rest(&s.d) == 0 && s.d.lim - c->header < HEADER)
		(void)dx_overrun(&s.d, HEADER - (s.d.lim - c->header));
	if (!name_smb1_command(m->command) || m->command >= 0xfe)
		d_note(&s.d, NOTE_unknown_command);
	s.wct = (uint8_t)d_get(&s.d, smb1_wct);
	m->bare = s.wct == 0;
	(void)d_part(&s.d, 2u * s.wct, &s.w);
	if (row && row->andx && s.wct >= 2)
		andx(&s);
	body(&s, m, row);
	rest(&s.d, m, end);
	if (m->response && m->asked.has_fid && !m->fid.known)
		d_gen(w->run, smb1_fid, m->asked.fid);
	smb_message_end(w, m);
	d_pop(&s.d);
}

void smb1_dissect(struct smb_walk *w, struct dx d)
{
	struct chain c = { .header = d.at };
	struct smb_msg facts = { .kind = SMB_PLAIN, .protocol = 1, .direction = w->pdu->direction, .off = d.at };
	struct sink *sink = w->run->sink;
	uint32_t end, off = 0;
	uint8_t command = 0;
	bool more;

	d.base = d.at;
	w->run->header = d.at;
	w->run->sink = NULL;
	c.d = d;
	header(&c.d, &facts);
	w->run->sink = sink;
	w->run->unicode = facts.flags >> 16 & FLAGS2_UNICODE;
	/* Wherever the header was cut, the first block begins behind it. */
	c.d = dx_open(w->run, d.src, d.at + min_u32(HEADER, d_rest(&d)), d_rest(&d));
	c.d.lim = d.lim;
	c.d.base = d.base;
	c.command = (uint8_t)facts.command;
	for (;;) {
		const struct smb1_cmd *row = commands[c.command];
		struct smb_msg m = facts;

		w->run->flags = 0;
		w->run->note = NOTE_none;
		w->run->high = 0;
		more = next_block(&c, row, &command, &off);
		end = d.lim;
		if (more && (uint64_t)c.header + off > c.d.at && (uint64_t)c.header + off < d.lim)
			end = c.header + off;
		m.command = c.command;
		m.op = row ? row->op : OP_OTHER;
		m.index = c.index;
		m.last = end == d.lim;
		m.related = c.index > 0;
		m.fid.related = c.opened;
		if (c.index)
			m.off = c.d.at;
		m.len = end - m.off;
		if (w->hooks->on_header(w->hooks->arg, &m))
			block(w, &c, &m, end);
		if (!more)
			return;
		if (end == d.lim || c.index >= LIMIT_COMPOUND)
			break;
		c.opened |= m.op == OP_OPEN;
		c.index++;
		c.command = command;
		c.d = dx_open(w->run, d.src, end, d.lim - end);
		c.d.base = d.base;
	}
	/* AndXOffset leads back, or out of the PDU: nothing can follow. */
	if (c.index >= LIMIT_COMPOUND)
		d_note(&c.d, NOTE_limit);
	else
		d_note(&c.d, (uint64_t)c.header + off >= d.lim ? NOTE_malformed : NOTE_no_progress);
}

/* MS-CIFS 2.2.4.42.2, 2.2.4.43.1: words begin behind WordCount, at 33 of the header. */
bool smb1_payload(const uint8_t *p, uint32_t have, uint32_t *start)
{
	uint32_t words = HEADER + 1, at, wct;
	bool reply;

	*start = 0;
	if (have < words)
		return false;
	reply = p[9] & FLAGS_REPLY;
	wct = p[HEADER];
	if (p[4] == 0x2e && reply && wct == 12) {
		at = words + 12;
	} else if (p[4] == 0x2f && !reply && (wct == 12 || wct == 14)) {
		at = words + 22;
	} else {
		return true;
	}
	if (have < words + 2 * wct)
		return false;
	/* Another block behind this one, or a pipe's message with its length before the data: the whole. */
	if (p[words] != NO_ANDX_COMMAND || (!reply && (p[words + 14] & 0x0c) == 0x0c))
		return true;
	at = (uint32_t)dx_load(p + at, FT_U16);
	if (at >= words + 2 * wct + 2)
		*start = at;
	return true;
}
