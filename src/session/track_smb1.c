/* SMB1: exchanges that are more than a request and its answer.  MS-CIFS 2.2.4.34, 2.2.4.47, 2.2.4.63, 3.2.5.1.4
 * (transactions in several messages); 2.2.4.22, 2.2.4.25, 3.2.4.15 (raw mode); 2.2.4.1 (directories, made by their path). */
#include "session/track_private.h"

#include "base/limits.h"

enum { READ_RAW = 0x1a, WRITE_RAW = 0x1d };

bool track_is_secondary(const struct smb_msg *m)
{
	return m->protocol == 1 && !m->response && (m->command == 0x26 || m->command == 0x33 || m->command == 0xa1);
}

void track_asked(struct track_conn *c, const struct smb_msg *m, struct pending *p)
{
	if (m->asked.command == READ_RAW)
		c->raw[FROM_SERVER] = p;
}

void track_primary(struct track *t, struct track_conn *c, struct smb_msg *m, struct pending *p)
{
	trans_add(t, &p->trans[0], m);
	trans_place(p->trans[0], p->row.command, false);
	p->op = OP_TRANSACT;
	/* Where the setup words name the open, no later message does; and an error may come before the rest. */
	if (m->fid.known && m->op != OP_OPEN)
		open_of_request(t, c, m, p);
	else if (m->path.there && m->op != OP_OPEN)
		path_of_request(t, m, p);
}

void track_make(struct track *t, struct track_conn *c, struct smb_msg *m, struct pending *p)
{
	char buf[LIMIT_TEXT];

	buf[text_of(&m->path, buf)] = '\0';
	p->open = directory_request(t, c, p, path_relative(m, buf, (m->flags & 0x10000000) != 0), true);
}

static void more_of(struct track *t, struct track_conn *c, struct smb_msg *m, struct pending *p, struct unit_part *here)
{
	const uint16_t command = m->command;

	if (!p->trans[0] || trans_complete(p->trans[0]))
		return;
	p->row.request_bytes += m->len;
	p->asked_at = t->pdu->last;
	if (!trans_add(t, &p->trans[0], m)) {
		trans_place(p->trans[0], here->command, false);
		return;
	}
	trans_place(p->trans[0], here->command, false);
	m->command = p->command;
	trans_tell(t, p->trans[0], m, p, here);
	p->asked = m->asked;
	p->op = m->op;
	p->row.info = intern_z(t, smb_info_name(m));
	request_facts(t, c, m, p);
	track_units(t, m, p, here);
	m->command = command;
}

void track_secondary(struct track *t, struct track_conn *c, struct smb_msg *m)
{
	struct pending *p = pending_primary(t, c, m);
	struct unit_part here = { .command = -(int64_t)message_put(t, c, m, p ? p->row.command : 0, NULL) };

	if (p) {
		more_of(t, c, m, p, &here);
		names_of(t, m, p);
	}
}

/* A part of an SMB1 answer, or the leave to send the rest of the request (MS-CIFS 3.2.5.1.4); false: the answer is all
 * there, and m tells it. */
static bool goes_on(struct track *t, struct track_conn *c, struct smb_msg *m, struct pending *p)
{
	struct unit_part here = { .command = p->row.command, .response = true };

	if (m->split) {
		if (trans_add(t, &p->trans[1], m)) {
			trans_place(p->trans[1], here.command, true);
			trans_tell(t, p->trans[1], m, p, &here);
			return false;
		}
		if (!p->in_map && !pending_wait(t, p))
			return false;
		if (m->has_status)
			p->row.status = m->status;
	} else if (!(m->bare && !m->status && p->trans[0] && !trans_complete(p->trans[0]))) {
		return false;
	}
	here.command = -(int64_t)message_put(t, c, m, p->row.command, NULL);
	if (m->split)
		trans_place(p->trans[1], here.command, false);
	generated(t, m, p);
	return true;
}

/* The server is ready for the rest of a WRITE_RAW, if it is one's answer.  Where the client does not want to know how it
 * ended (MS-CIFS 2.2.4.25.1, WriteMode), this is the answer. */
static bool write_raw_goes_on(struct track *t, struct track_conn *c, struct smb_msg *m, struct pending *p)
{
	if (m->protocol != 1 || m->command != WRITE_RAW || m->status || m->bare || !p->row.has_request)
		return false;
	c->raw[FROM_CLIENT] = p;
	if (p->asked.detail & SMB1_WRITE_THROUGH) {
		message_put(t, c, m, p->row.command, NULL);
	} else {
		pending_answer(t, m, p);
		m->u.rw.length = p->row.length > 0 ? (uint32_t)p->row.length : 0;
		write_response(t, m, p);
	}
	generated(t, m, p);
	return true;
}

bool track_goes_on(struct track *t, struct track_conn *c, struct smb_msg *m, struct pending *p)
{
	return goes_on(t, c, m, p) || write_raw_goes_on(t, c, m, p);
}

void track_raw(struct track *t, struct track_conn *c, struct smb_msg *m)
{
	struct pending *p = t->current;

	c->raw[m->direction] = NULL;
	if (m->response) {
		response(t, c, m);
		return;
	}
	message_put(t, c, m, p->row.command, NULL);
	names_of(t, m, p);
	p->payload_missing += holes_in(t->pdu, m->u.rw.payload);
	content_write_more(t, p, m->u.rw.payload);
	if (!(p->asked.detail & SMB1_WRITE_THROUGH)) {
		content_written(t, p, (uint32_t)p->row.length);
		pending_done(t, p);
	}
}
