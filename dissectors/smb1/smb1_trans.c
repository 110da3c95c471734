/* SMB1 transactions: what frames them.  MS-CIFS 2.2.4.33, 2.2.4.34, 2.2.4.46, 2.2.4.47, 2.2.4.62, 2.2.4.63.
 * Parameters and data are read where one message holds them all.  Of a transaction in several messages each tells what it
 * holds (smb_msg.split); the layer above gathers it, and has the whole read by smb_whole. */
#include "smb1_trans.h"

/* Where a message's parts lie, and of how much. */
struct parts {
	uint32_t tpc, tdc, pc, po, pd, dc, off, disp;
};

enum { TRANSACTION = 0x25, TRANSACTION2 = 0x32, NT_TRANSACT = 0xa0 };
enum { TRANS_TRANSACT_NMPIPE = 0x26 };

static void padding_to(struct smb1_body *s, uint32_t off)
{
	uint64_t to = (uint64_t)s->d.base + off;

	if (to > s->b.at && to <= s->b.lim)
		d_bytes(&s->b, smb1_padding, (uint32_t)to - s->b.at);
}

/* len bytes at off from the header; false: none, or not where they can be. */
static bool part_at(struct smb1_body *s, uint32_t off, uint32_t len, struct dx *part)
{
	padding_to(s, off);
	if (!len)
		return false;
	if (s->b.at != (uint64_t)s->d.base + off) {
		d_note(&s->b, NOTE_odd_offset);
		return false;
	}
	return d_part(&s->b, len, part);
}

/* How a family of subcommands reads its parameters and data; NULL: shown as bytes. */
struct family {
	void (*parameters)(struct dx *, struct smb_msg *), (*data)(struct dx *, struct smb_msg *);
	/* in place of data, where it takes the parameters to read it */
	void (*both)(struct dx *, const struct dx *parameters, struct smb_msg *);
};
static const struct family trans2 = { smb1_trans2_parameters, smb1_trans2_data, NULL },
                           nt = { smb1_nt_parameters, smb1_nt_data, NULL }, bare,
                           rap_ask = { rap_request, NULL, NULL }, rap_tell = { rap_answer, NULL, rap_answer_data };

/* What goes through a pipe in one exchange, MS-CIFS 2.2.5.6: as good as a WRITE and a READ. */
static void pipe_content(struct dx *d, struct smb_msg *m)
{
	m->u.rw.payload = d_payload(d, smb1_pipe_data, d_rest(d));
}

static const struct family through_pipe = { NULL, pipe_content, NULL },
                           pipe = { smb1_pipe_parameters, smb1_pipe_content, NULL };

/* A payload shorter than its length, or none, tells that the rest is in other messages. */
static const struct family *transaction_family(struct smb_msg *m, uint32_t total)
{
	if (m->asked.known && (m->asked.code & RAP_CALL))
		return m->response ? &rap_tell : &rap_ask;
	if (m->asked.known && smb1_pipe_sub(m->asked.sub))
		return &pipe;
	if (!m->asked.known || m->asked.sub != TRANS_TRANSACT_NMPIPE)
		return &bare;
	m->u.rw.length = total;
	return &through_pipe;
}

static void undecoded(struct dx *data)
{
	if (!d_rest(data))
		return;
	d_note(data, NOTE_undecoded);
	(void)d_some(data, smb1_trans_data, d_rest(data));
}

/* Where len bytes at off from the header lie; nowhere, if the PDU has no such place. */
static struct extent inside(const struct smb1_body *s, uint32_t off, uint32_t len)
{
	uint64_t at = (uint64_t)s->d.base + off;

	return at + len <= s->d.lim ? (struct extent){ (uint32_t)at, len } : (struct extent){ 0 };
}

/* What this message holds of a transaction that lies in several. */
static void split(struct smb1_body *s, struct smb_msg *m, const struct parts *t)
{
	struct smb_split *p = arena_alloc(s->d.run->arena, sizeof(*p));

	p->parameters = (struct smb_block){ t->tpc, t->pd, inside(s, t->po, t->pc) };
	p->data = (struct smb_block){ t->tdc, t->disp, inside(s, t->off, t->dc) };
	m->split = p;
}

static void blocks(struct smb1_body *s, struct smb_msg *m, const struct parts *t, const struct family *f)
{
	bool parameters = t->pd == 0 && t->pc >= t->tpc, data = t->disp == 0 && t->dc >= t->tdc;
	struct dx part, params = { 0 };

	if (!m->split && (!parameters || !data))
		split(s, m, t);
	if (part_at(s, t->po, t->pc, &part)) {
		params = part;
		if (f->parameters && parameters)
			f->parameters(&part, m);
		d_tail(&part, smb1_trans_parameters);
	}
	if (!part_at(s, t->off, t->dc, &part))
		return;
	if (f->data && data)
		f->data(&part, m);
	else if (f->both && data && parameters)
		f->both(&part, &params, m);
	/* Of one in several messages the last tells what it holds. */
	if (m->split)
		(void)d_some(&part, smb1_trans_data, d_rest(&part));
	else
		undecoded(&part);
}

static void counts16(struct dx *w, struct parts *t)
{
	t->pc = (uint32_t)d_get(w, smb1_pc);
	t->po = (uint32_t)d_get(w, smb1_po);
}

/* The words a TRANSACTION and a TRANSACTION2 begin with; returns SetupCount. */
static uint32_t request_words(struct dx *w, struct parts *t)
{
	uint32_t setup;

	t->tpc = (uint32_t)d_get(w, smb1_tpc);
	t->tdc = (uint32_t)d_get(w, smb1_tdc);
	d_get(w, smb1_mpc);
	d_get(w, smb1_mdc);
	d_get(w, smb1_msc);
	d_bytes(w, smb1_reserved, 1);
	d_get(w, smb1_trans_flags);
	d_get(w, smb1_timeout);
	d_bytes(w, smb1_reserved, 2);
	counts16(w, t);
	t->dc = (uint32_t)d_get(w, smb1_dc);
	t->off = (uint32_t)d_get(w, smb1_data_offset);
	setup = (uint32_t)d_get(w, smb1_sc);
	d_bytes(w, smb1_reserved, 1);
	return setup;
}

static void response_words(struct smb1_body *s, struct parts *t)
{
	struct dx *w = &s->w;

	t->tpc = (uint32_t)d_get(w, smb1_tpc);
	t->tdc = (uint32_t)d_get(w, smb1_tdc);
	d_bytes(w, smb1_reserved, 2);
	counts16(w, t);
	t->pd = (uint32_t)d_get(w, smb1_pd);
	t->dc = (uint32_t)d_get(w, smb1_dc);
	t->off = (uint32_t)d_get(w, smb1_data_offset);
	t->disp = (uint32_t)d_get(w, smb1_data_disp);
	d_get(w, smb1_sc);
	d_bytes(w, smb1_reserved, 1);
	d_tail(w, smb1_setup_words);
	smb1_bytes(s, 0);
}

/* A name as PIPE\ or MAILSLOT\ begins it, in the message's encoding. */
static bool begins(struct smb_text name, const char *with)
{
	uint32_t width = name.unicode ? 2 : 1;

	for (uint32_t i = 0; with[i]; i++) {
		uint32_t at = i * width;

		if (at + width > name.bytes.len || (name.bytes.p[at] & ~0x20) != (uint8_t)(with[i] & ~0x20))
			return false;
	}
	return true;
}

static void setup(struct dx *w, struct smb_msg *m, uint32_t n, bool mailslot)
{
	if (mailslot && n == 3) {
		m->asked.sub = d_get(w, smb1_mailslot_opcode) == 1 ? MAILSLOT_WRITE : 0;
		d_get(w, smb1_mailslot_priority);
		d_get(w, smb1_mailslot_class);
	} else if (n) {
		m->asked.sub = (uint16_t)d_get(w, smb1_pipe_function);
		/* The functions that find a pipe by name have a priority there (MS-CIFS 2.2.5.10, 2.2.5.11). */
		if (m->asked.sub == 0x53 || m->asked.sub == 0x54)
			d_get(w, smb1_pipe_priority);
		else if (n > 1)
			smb1_fid(m, d_get(w, smb1_fid));
	}
	d_tail(w, smb1_setup_words);
}

/* MS-CIFS 2.2.4.33.1: the name that tells what the setup words mean stands behind them. */
static void transaction_request(struct smb1_body *s, struct smb_msg *m)
{
	struct parts t = { 0 };
	struct dx ahead;
	uint32_t n;
	bool mailslot = false, lanman = false;

	if (s->wct < 14) {
		smb1_other(s);
		return;
	}
	n = request_words(&s->w, &t);
	ahead = s->d;
	if (ahead.end - ahead.at > 2) {
		struct sink *sink = s->d.run->sink;
		struct smb_text name;

		s->d.run->sink = NULL;
		(void)dx_take(&ahead, 2);
		name = smb1_text(&ahead, d_string(&ahead, smb1_trans_name));
		mailslot = begins(name, "\\MAILSLOT\\");
		lanman = n == 0 && begins(name, "\\PIPE\\LANMAN");
		s->d.run->sink = sink;
	}
	m->asked.known = true;
	m->asked.command = TRANSACTION;
	m->asked.code = lanman ? RAP_CALL : 0;
	setup(&s->w, m, n, mailslot);
	smb1_bytes(s, 0);
	(void)d_string(&s->b, smb1_trans_name);
	blocks(s, m, &t, transaction_family(m, t.tdc));
}

static void transaction_response(struct smb1_body *s, struct smb_msg *m)
{
	struct parts t = { 0 };

	if (s->wct < 10) {
		smb1_other(s);
		return;
	}
	response_words(s, &t);
	blocks(s, m, &t, transaction_family(m, t.tdc));
}

/* MS-CIFS 2.2.4.46.1 */
static void transaction2_request(struct smb1_body *s, struct smb_msg *m)
{
	struct parts t = { 0 };

	if (s->wct < 14) {
		smb1_other(s);
		return;
	}
	if (request_words(&s->w, &t)) {
		m->asked.sub = (uint16_t)d_get(&s->w, smb1_trans2_cmd);
		m->asked.known = true;
	}
	m->asked.command = TRANSACTION2;
	d_tail(&s->w, smb1_setup_words);
	smb1_bytes(s, 0);
	blocks(s, m, &t, m->asked.known ? &trans2 : &bare);
}

static void transaction2_response(struct smb1_body *s, struct smb_msg *m)
{
	struct parts t = { 0 };

	if (s->wct < 10) {
		smb1_other(s);
		return;
	}
	response_words(s, &t);
	blocks(s, m, &t, m->asked.known ? &trans2 : &bare);
}

static void nt_setup(struct dx *w, struct smb_msg *m, uint32_t bytes)
{
	switch (m->asked.sub) {
	case 2:                              /* NT_TRANSACT_IOCTL, MS-CIFS 2.2.7.2.1 */
		if (bytes < 8)
			break;
		m->asked.code = (uint32_t)d_get(w, smb1_ioctl_function);
		smb1_fid(m, d_get(w, smb1_fid));
		d_get(w, smb1_isfsctl);
		d_get(w, smb1_ioctl_filter);
		break;
	case 4:                              /* NT_TRANSACT_NOTIFY_CHANGE, 2.2.7.4.1 */
		if (bytes < 8)
			break;
		d_get(w, smb1_notify_filter);
		smb1_fid(m, d_get(w, smb1_fid));
		d_get(w, smb1_watch_tree);
		d_bytes(w, smb1_reserved, 1);
		break;
	}
	d_tail(w, smb1_setup_words);
}

/* MS-CIFS 2.2.4.62.1 */
static void nt_request(struct smb1_body *s, struct smb_msg *m)
{
	struct parts t = { 0 };
	struct dx *w = &s->w;
	uint32_t n;

	if (s->wct < 19) {
		smb1_other(s);
		return;
	}
	d_get(w, smb1_msc);
	d_bytes(w, smb1_reserved, 2);
	t.tpc = (uint32_t)d_get(w, smb1_tpc32);
	t.tdc = (uint32_t)d_get(w, smb1_tdc32);
	d_get(w, smb1_mpc32);
	d_get(w, smb1_mdc32);
	t.pc = (uint32_t)d_get(w, smb1_pc32);
	t.po = (uint32_t)d_get(w, smb1_po32);
	t.dc = (uint32_t)d_get(w, smb1_dc32);
	t.off = (uint32_t)d_get(w, smb1_data_offset32);
	n = (uint32_t)d_get(w, smb1_sc);
	m->asked.sub = (uint16_t)d_get(w, smb1_nt_function);
	m->asked.known = true;
	m->asked.command = NT_TRANSACT;
	nt_setup(w, m, 2 * n);
	smb1_bytes(s, 0);
	blocks(s, m, &t, &nt);
}

/* MS-CIFS 2.2.4.62.2 */
static void nt_response(struct smb1_body *s, struct smb_msg *m)
{
	struct parts t = { 0 };
	struct dx *w = &s->w;

	if (s->wct < 18) {
		smb1_other(s);
		return;
	}
	d_bytes(w, smb1_reserved, 3);
	t.tpc = (uint32_t)d_get(w, smb1_tpc32);
	t.tdc = (uint32_t)d_get(w, smb1_tdc32);
	t.pc = (uint32_t)d_get(w, smb1_pc32);
	t.po = (uint32_t)d_get(w, smb1_po32);
	t.pd = (uint32_t)d_get(w, smb1_pd32);
	t.dc = (uint32_t)d_get(w, smb1_dc32);
	t.off = (uint32_t)d_get(w, smb1_data_offset32);
	t.disp = (uint32_t)d_get(w, smb1_data_disp32);
	d_get(w, smb1_sc);
	d_tail(w, smb1_setup_words);
	smb1_bytes(s, 0);
	blocks(s, m, &t, m->asked.known ? &nt : &bare);
}

/* More of a request: it is a part, whatever its counts say; its command is the next one to the request's. */
static void more(struct smb1_body *s, struct smb_msg *m, const struct parts *t)
{
	if (m->asked.known && m->asked.command != m->command - 1)
		d_note(&s->b, NOTE_transaction_kind);
	split(s, m, t);
	blocks(s, m, t, &bare);
}

/* More of a transaction's request: MS-CIFS 2.2.4.34.1, 2.2.4.47.1 (which adds the FID). */
static void secondary_request(struct smb1_body *s, struct smb_msg *m)
{
	struct parts t = { 0 };
	struct dx *w = &s->w;

	if (s->wct != 8 && s->wct != 9) {
		smb1_other(s);
		return;
	}
	t.tpc = (uint32_t)d_get(w, smb1_tpc);
	t.tdc = (uint32_t)d_get(w, smb1_tdc);
	counts16(w, &t);
	t.pd = (uint32_t)d_get(w, smb1_pd);
	t.dc = (uint32_t)d_get(w, smb1_dc);
	t.off = (uint32_t)d_get(w, smb1_data_offset);
	t.disp = (uint32_t)d_get(w, smb1_data_disp);
	if (s->wct == 9)
		d_get(w, smb1_fid);
	smb1_bytes(s, 0);
	more(s, m, &t);
}

/* MS-CIFS 2.2.4.63.1 */
static void nt_secondary_request(struct smb1_body *s, struct smb_msg *m)
{
	struct parts t = { 0 };
	struct dx *w = &s->w;

	if (s->wct != 18) {
		smb1_other(s);
		return;
	}
	d_bytes(w, smb1_reserved, 3);
	t.tpc = (uint32_t)d_get(w, smb1_tpc32);
	t.tdc = (uint32_t)d_get(w, smb1_tdc32);
	t.pc = (uint32_t)d_get(w, smb1_pc32);
	t.po = (uint32_t)d_get(w, smb1_po32);
	t.pd = (uint32_t)d_get(w, smb1_pd32);
	t.dc = (uint32_t)d_get(w, smb1_dc32);
	t.off = (uint32_t)d_get(w, smb1_data_offset32);
	t.disp = (uint32_t)d_get(w, smb1_data_disp32);
	d_bytes(w, smb1_reserved, 1);
	smb1_bytes(s, 0);
	more(s, m, &t);
}

static const struct family *family_of(struct smb_msg *m, uint32_t data)
{
	switch (m->asked.known ? m->asked.command : 0) {
	case TRANSACTION:
		return transaction_family(m, data);
	case TRANSACTION2:
		return &trans2;
	case NT_TRANSACT:
		return &nt;
	}
	return &bare;
}

/* The whole's parameters and data each begin on their own: what is aligned, is so from there. */
static void whole(struct smb_msg *m, struct dx *params, struct dx *data)
{
	const struct family *f = family_of(m, d_rest(data));
	const struct dx first = *params;

	params->run->header = params->at;
	if (f->parameters)
		f->parameters(params, m);
	d_tail(params, smb1_trans_parameters);
	data->run->header = data->at;
	if (f->both)
		f->both(data, &first, m);
	else if (f->data)
		f->data(data, m);
	undecoded(data);
}

uint16_t smb_whole(struct dx_run *run, struct smb_msg *m, const uint8_t *bytes, uint32_t parameters, uint32_t data)
{
	const uint32_t flags = run->flags, high = run->high, header = run->header;
	const uint16_t note = run->note;
	uint8_t src = dx_source(run, 0, SOURCE_REASSEMBLED, bytes, parameters + data);
	struct dx p = dx_open(run, src, 0, parameters), d = dx_open(run, src, parameters, data);
	uint16_t mine;

	run->flags = 0;
	run->note = NOTE_none;
	p.base = p.at;
	d.base = d.at;
	d_push(&p, smb1_whole);
	whole(m, &p, &d);
	d_pop(&d);
	mine = run->note;
	if (!mine && run->flags)
		mine = NOTE_malformed;
	run->flags = flags;
	run->high = high;
	run->header = header;
	run->note = note;
	return mine;
}

const struct smb1_cmd smb1_transaction = { transaction_request, transaction_response, OP_TRANSACT, false, false };
const struct smb1_cmd smb1_transaction2 = { transaction2_request, transaction2_response, OP_TRANSACT, false, false };
const struct smb1_cmd smb1_nt_transact = { nt_request, nt_response, OP_TRANSACT, false, false };
const struct smb1_cmd smb1_secondary = { secondary_request, NULL, OP_TRANSACT, false, true };
const struct smb1_cmd smb1_nt_secondary = { nt_secondary_request, NULL, OP_TRANSACT, false, true };
