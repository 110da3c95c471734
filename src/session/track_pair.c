/* Requests and their answers.  MS-SMB2 3.2.5.1, MS-CIFS 3.2.5.1; asynchronous ones MS-SMB2 3.3.4.2. */
#include "session/track_private.h"

#include <stdlib.h>

#include "base/limits.h"

/* Statuses that tell the normal course of things, not an error (DESIGN.md part 4, is_error). */
static bool is_error(uint32_t status)
{
	switch (status) {
	case 0x00000000:
	case 0x00000103:   /* STATUS_PENDING */
	case 0xC0000016:   /* STATUS_MORE_PROCESSING_REQUIRED */
	case 0x80000005:   /* STATUS_BUFFER_OVERFLOW */
	case 0x80000006:   /* STATUS_NO_MORE_FILES */
	case 0x0000010C:   /* STATUS_NOTIFY_ENUM_DIR */
	case 0xC0000011:   /* STATUS_END_OF_FILE */
		return false;
	}
	return true;
}

/* Where a PDU lies: one slice is its offset, more are a blob that *blob then owns. */
static void where_of(struct track *t, const struct pdu *pdu, uint16_t element, struct ev_where *w, uint8_t **blob)
{
	uint32_t n, need = pdu->n_slices * 24 + 8;

	free(*blob);
	*blob = NULL;
	*w = (struct ev_where){ .capture = pdu->first.capture, .element = element };
	if (!t->events || !pdu->n_slices)
		return;
	if (pdu->n_slices == 1 && pdu->slices[0].capture == pdu->first.capture && pdu->slices[0].len >= 4) {
		w->at = pdu->slices[0].at;
		return;
	}
	if (t->blob_cap < need) {
		t->blob = xrealloc(t->blob, need);
		t->blob_cap = need;
	}
	n = where_encode(pdu->slices, pdu->n_slices, t->blob, t->blob_cap);
	*blob = xmalloc(n);
	memcpy(*blob, t->blob, n);
	w->blob_len = n;
}

static void set_key(struct pending *p, const struct track_conn *c, const struct smb_msg *m)
{
	memset(&p->key, 0, sizeof(p->key));
	p->key.message_id = m->message_id;
	p->key.conn = c->row.connection;
	p->key.index = m->protocol == 1 ? 0x10000u | m->index : 0;
}

static void evict_one(struct track *t)
{
	struct pending *old = map_oldest(&t->waiting);

	t->evictions++;
	pending_done(t, old);
}

static struct pending *make(struct track *t, struct track_conn *c, const struct smb_msg *m)
{
	struct pending *p = t->spare;

	if (p) {
		t->spare = p->same;
		memset(p, 0, sizeof(*p));
	} else {
		p = xcalloc(1, sizeof(*p));
	}
	p->row = (struct ev_command){
		.command = ++t->next.command, .connection = c->row.connection, .code = (uint32_t)m->protocol << 16 | smb_command_code(m),
		.message_id = m->message_id, .latency_us = EV_NULL, .pending_us = EV_NULL, .transfer_us = EV_NULL,
		.status = EV_NULL, .dos_error = EV_NULL, .request_bytes = EV_NULL, .response_bytes = EV_NULL,
		.offset = EV_NULL, .length = EV_NULL, .data_bytes = EV_NULL, .missing_bytes = EV_NULL,
	};
	p->op = m->op;
	p->command = m->command;
	p->ctx = m->ctx;
	p->conn = c;
	set_key(p, c, m);
	list_append(&c->pendings, &p->link);
	t->n_pending++;
	return p;
}

/* The objects a message names by its header. */
static void find_objects(struct track *t, struct track_conn *c, struct smb_msg *m, struct pending *p)
{
	bool follows = m->protocol == 2 && m->related && m->index;
	struct track_session *s = follows && m->session_id == UINT64_MAX ? c->related_session
	                                                                  : session_find(t, c, m->session_id);

	if (!s && m->op != OP_NEGOTIATE && m->op != OP_SESSION_SETUP && m->session_id &&
	    (m->protocol == 2 ? m->session_id != UINT64_MAX : m->session_id != 0xffff))
		s = session_new(t, c, m->session_id);
	if (!s)
		return;
	p->session = s;
	session_ref(s);
	session_seen(t, s);
	if (!p->tree) {
		p->tree = follows && m->tree_id == UINT32_MAX ? c->related_tree : m->async ? NULL : tcon_find(t, c, s, m->tree_id);
		if (!p->tree && !m->async && !m->response && m->op != OP_TREE_CONNECT && m->op != OP_LOGOFF)
			p->tree = tcon_bind(t, c, s, m->tree_id);
		if (p->tree)
			p->tree->refs++;
	}
	if (p->tree)
		p->row.share = p->tree->row.share;
	p->row.session = session_main(s)->row.session;
	p->row.user = session_main(s)->row.user;
}

static void request_side(struct track *t, struct pending *p, const struct smb_msg *m)
{
	const struct pdu *pdu = t->pdu;

	p->row.has_request = true;
	p->row.request_frame = pdu->last.frame;
	p->row.request_time_ns = pdu->last.time_ns;
	p->row.request_bytes = m->len;
	p->asked_at = pdu->last;
	if (m->is_signed)
		p->row.flags |= CMD_SIGNATURE_UNVERIFIED;
	where_of(t, pdu, m->index, &p->row.request, &p->request_blob);
}

/* SMB1 has only 16 bits of MID, and a client may use one twice at once: answers then come in the order of the
 * requests.  But where the server's side has lost bytes since, or was not captured, the old answer may be among them. */
static bool waits_still(const struct track_conn *c, const struct pending *old, const struct smb_msg *m)
{
	return m->protocol == 1 && c->flow->seen[FROM_SERVER] && old->server_missing == c->flow->side[FROM_SERVER].missing;
}

struct pending *pending_new(struct track *t, struct track_conn *c, struct smb_msg *m)
{
	struct pending *p, *old;

	p = make(t, c, m);
	p->asked = m->asked;
	p->asked.known = true;
	p->row.undecoded = m->undecoded;
	p->row.info = intern_z(t, smb_info_name(m));
	find_objects(t, c, m, p);
	p->row.context = intern_ctx(t, &m->ctx);
	request_side(t, p, m);
	if (m->op == OP_CANCEL)          /* reuses the id of what it cancels (MS-SMB2 3.2.4.24) */
		return p;
	p->server_missing = c->flow->side[FROM_SERVER].missing;
	old = map_find(&t->waiting, &p->key);
	if (old && t->n_pending <= LIMIT_PENDING && waits_still(c, old, m)) {
		while (old->same)
			old = old->same;
		old->same = p;
		return p;
	}
	if (old)
		pending_done(t, old);        /* the id is used again: the old one was never answered */
	if (t->n_pending > LIMIT_PENDING && map_count(&t->waiting))
		evict_one(t);
	map_insert(&t->waiting, p);
	p->in_map = true;
	return p;
}

struct pending *pending_find(struct track *t, const struct track_conn *c, const struct smb_msg *m)
{
	struct pending key, *p;

	set_key(&key, c, m);
	p = map_find(&t->waiting, &key.key);
	if (!p || p->row.code >> 16 != m->protocol)
		return NULL;
	/* What WRITE_COMPLETE completes is a WRITE_RAW (MS-CIFS 2.2.4.28). */
	return p->command == m->command || (m->protocol == 1 && m->command == 0x20 && p->command == 0x1d) ? p : NULL;
}

struct pending *pending_orphan(struct track *t, struct track_conn *c, struct smb_msg *m)
{
	struct pending *p;

	/* What the server says of its own accord has no request (MS-SMB2 3.3.4.6). */
	if (m->message_id == UINT64_MAX || m->interim)
		return NULL;
	p = make(t, c, m);
	find_objects(t, c, m, p);
	p->row.context = intern_ctx(t, &m->ctx);
	return p;
}

struct pending *pending_primary(struct track *t, const struct track_conn *c, const struct smb_msg *m)
{
	struct pending key, *p;

	set_key(&key, c, m);
	p = map_find(&t->waiting, &key.key);
	if (!p || !p->row.has_request || p->row.code >> 16 != 1)
		return NULL;
	return p->command == 0x25 || p->command == 0x32 || p->command == 0xa0 ? p : NULL;
}

bool pending_wait(struct track *t, struct pending *p)
{
	if (map_find(&t->waiting, &p->key))
		return false;
	map_insert(&t->waiting, p);
	p->in_map = true;
	return true;
}

void pending_answer(struct track *t, struct smb_msg *m, struct pending *p)
{
	const struct pdu *pdu = t->pdu;
	struct ev_command *r = &p->row;
	int64_t first = p->trans[1] ? trans_first(p->trans[1])->time_ns : pdu->first.time_ns;

	r->has_response = true;
	r->response_frame = pdu->last.frame;
	r->response_time_ns = pdu->last.time_ns;
	r->response_bytes = p->trans[1] ? trans_bytes(p->trans[1]) : m->len;
	r->status = m->has_status ? (int64_t)m->status : EV_NULL;
	if (m->dos_status)
		r->dos_error = (int64_t)m->dos_class << 16 | m->dos_code;
	if (m->has_status && is_error(m->status))
		r->flags |= CMD_IS_ERROR;
	if (m->is_signed)
		r->flags |= CMD_SIGNATURE_UNVERIFIED;
	if (!r->undecoded)
		r->undecoded = m->undecoded;
	r->transfer_us = (pdu->last.time_ns - first) / 1000;
	if (r->has_request) {
		/* Captured in the wrong order, or by two clocks: nobody knows. */
		if (first >= p->asked_at.time_ns)
			r->latency_us = (first - p->asked_at.time_ns) / 1000;
		if (p->interim_ns)
			r->pending_us = (first - p->interim_ns) / 1000;
	} else {
		r->flags |= CMD_RESPONSE_ONLY;
	}
	where_of(t, pdu, m->index, &r->response, &p->response_blob);
	if (!p->session && m->protocol == 1 && m->op != OP_NEGOTIATE && m->op != OP_SESSION_SETUP)
		find_objects(t, t->conn, m, p);   /* AndX: the block before has just made it */
	if (p->session) {
		struct track_session *s = session_main(p->session);

		session_seen(t, p->session);
		s->row.commands++;
		s->row.errors += (r->flags & CMD_IS_ERROR) != 0;
		s->row.is_signed |= m->is_signed;
	}
}

void pending_streamed(struct track *t, struct pending *p, const struct pdu *pdu)
{
	struct ev_command *r = &p->row;

	if (pdu->direction == FROM_CLIENT) {
		r->request_frame = pdu->last.frame;
		r->request_time_ns = pdu->last.time_ns;
		p->asked_at = pdu->last;
		where_of(t, pdu, 0, &r->request, &p->request_blob);
		content_write_asked(t, p, pdu);
		return;
	}
	r->response_frame = pdu->last.frame;
	r->response_time_ns = pdu->last.time_ns;
	r->transfer_us = (pdu->last.time_ns - pdu->first.time_ns) / 1000;
	where_of(t, pdu, 0, &r->response, &p->response_blob);
	if (!r->status || r->status == 0x80000005)
		content_read(t, p, pdu);
	pending_done(t, p);
}

void pending_put(struct track *t, struct pending *p)
{
	struct ev_command *r = &p->row;
	uint32_t a = r->request.blob_len, b = r->response.blob_len;
	uint8_t *tail = NULL;

	if (!t->events)
		return;
	if (p->open) {
		r->open = p->open->row.open;
		r->path = p->open->row.path;
		r->file = p->open->row.file;
	} else if (p->search) {
		r->open = p->search->row.open;
		r->file = p->search->row.file;
	}
	if (p->payload_missing)
		r->missing_bytes = p->payload_missing;
	if (!(r->flags & CMD_SIGNATURE_UNVERIFIED))
		r->flags |= CMD_SIGNATURE_NONE;
	if (a && b) {
		tail = xmalloc(a + b);
		memcpy(tail, p->request_blob, a);
		memcpy(tail + a, p->response_blob, b);
	}
	t->events->put(t->events, EV_COMMAND, r, sizeof(*r), tail ? tail : a ? p->request_blob : p->response_blob, a + b);
	free(tail);
	preauth_put(t, p);
}

/* What a request asked for and no answer was seen of: told as far as the request goes. */
static void unanswered(struct track *t, struct pending *p)
{
	struct track_session *s = p->session;

	changes_put(t, p);
	if (s)
		session_main(s)->row.commands++;
	if (p->op == OP_TREE_CONNECT && p->tree && !p->tree->in_map)
		tcon_put(t, p->tree);
	if ((p->op == OP_OPEN || p->change == CHANGE_MAKE) && p->open && !p->open->in_map)
		open_end(t, p->open);
	if (p->search)
		open_end(t, p->search);
	if (p->op == OP_SESSION_SETUP && s && !s->in_map && s->logon) {
		logon_end(t, s, false, 0);
		session_put(t, s);
	}
	for (size_t i = 0; i < COUNT(p->conn->unbound); i++)
		if (p->conn->unbound[i] == p)
			p->conn->unbound[i] = NULL;
}

void pending_done(struct track *t, struct pending *p)
{
	if (!p->row.has_response)
		unanswered(t, p);
	pending_put(t, p);
	if (p->in_map)
		map_remove(&t->waiting, p);
	if (p->in_map && p->same) {
		map_insert(&t->waiting, p->same);
		p->same->in_map = true;
	}
	list_remove(&p->link);
	t->n_pending--;
	for (int d = 0; d < 2; d++) {
		if (p->conn->streaming[d] == p)
			p->conn->streaming[d] = NULL;
		if (p->conn->raw[d] == p)
			p->conn->raw[d] = NULL;
	}
	if (p->open)
		open_unref(p->open);
	if (p->search)
		open_unref(p->search);
	if (p->tree)
		tcon_unref(p->tree);
	if (p->session)
		session_unref(p->session);
	account_unref(p->account);
	account_unref(p->decided);
	trans_free(t, p->trans[0]);
	trans_free(t, p->trans[1]);
	free(p->slices);
	free(p->new_path);
	free(p->preauth);
	free(p->request_blob);
	free(p->response_blob);
	/* Most exchanges end before the next begins: one released is the next one used. */
	if (t->n_pending > 256) {
		free(p);
		return;
	}
	p->same = t->spare;
	t->spare = p;
}

uint32_t message_put(struct track *t, struct track_conn *c, const struct smb_msg *m, uint32_t command, struct track_session *s)
{
	const struct pdu *pdu = t->pdu;
	struct ev_message row = {
		.message = ++t->next.message, .connection = c->row.connection, .command = command, .kind = m->kind,
		.protocol = m->protocol, .direction = m->direction, .code = (uint32_t)m->protocol << 16 | m->command,
		.undecoded = m->undecoded, .frame = pdu->last.frame, .time_ns = pdu->last.time_ns, .bytes = m->len,
		.status = m->has_status ? (int64_t)m->status : EV_NULL, .message_id = m->message_id,
		.wire_session_id = m->session_id, .logon = s ? session_main(s)->known_logon : 0,
	};
	uint8_t *blob = NULL;

	if (!t->events)
		return row.message;
	row.context = intern_ctx(t, &m->ctx);
	where_of(t, pdu, m->index, &row.where, &blob);
	t->events->put(t->events, EV_MESSAGE, &row, sizeof(row), blob, row.where.blob_len);
	free(blob);
	return row.message;
}
