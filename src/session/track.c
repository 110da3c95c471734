/* The tracker: connections, and what each message of a PDU means to whom. */
#include "session/track_private.h"

#include <stdlib.h>

#include "base/limits.h"

static void hash_tables(struct track *t)
{
	map_init(&t->sessions, offsetof(struct track_session, key), sizeof(struct session_key));
	map_init(&t->trees, offsetof(struct track_tree, key), sizeof(struct tcon_key));
	map_init(&t->opens, offsetof(struct track_open, key), sizeof(struct open_key));
	map_init(&t->waiting, offsetof(struct pending, key), sizeof(struct pending_key));
	intern_init(t);
	content_init(t);
	set_init(t);
	security_init(t);
	copy_init(t);
	pipes_init(t);
}

struct track *track_new(struct event_sink *events, struct dx_run *run, const struct track_base *base)
{
	struct track *t = xcalloc(1, sizeof(*t));

	t->events = events;
	t->run = run;
	if (events) {
		run->on_entry = listing_entry;
		run->entry_arg = t;
	}
	run->on_fid = open_object;
	run->fid_arg = t;
	t->next = *base;
	list_init(&t->conns);
	unit_init(&t->units);
	unit_init(&t->trans_held);
	hash_tables(t);
	return t;
}

text_id track_text(struct track *t, const char *text)
{
	return intern_z(t, text);
}

uint64_t track_messages(const struct track *t)
{
	return t->messages;
}

uint64_t track_evictions(const struct track *t)
{
	return t->evictions + t->units.evictions + t->trans_held.evictions + t->stubs.evictions;
}

struct track_conn *track_open(struct track *t, const struct tcp_flow *flow)
{
	struct track_conn *c = xcalloc(1, sizeof(*c));

	c->flow = flow;
	c->server = flow->server;
	c->row = (struct ev_connection){ .connection = ++t->next.connection, .rtt_us = EV_NULL };
	list_init(&c->sessions);
	list_init(&c->pendings);
	list_append(&t->conns, &c->link);
	return c;
}

/* "SMB2 signing": what the server says, and the client asks (MS-SMB2 2.2.3, 2.2.4; MS-CIFS 2.2.4.52.2). */
static const char *signing_word(const struct track_conn *c, bool smb1)
{
	uint16_t required = smb1 ? 0x08 : 0x02, enabled = smb1 ? 0x04 : 0x01;

	if ((c->server_security | c->client_security) & required)
		return "required";
	return c->server_security & enabled ? "enabled" : "none";
}

static void connection_put(struct track *t, struct track_conn *c)
{
	static const char *const ends[] = { "open", "fin", "rst", "evicted" };
	const struct tcp_flow *f = c->flow;
	struct ev_connection *r = &c->row;
	char community[40];

	if (!t->events || !r->messages)
		return;
	r->capture = f->first.capture;
	r->end_capture = f->last.capture;
	r->client = intern_addr(t, &f->client);
	r->server = intern_addr(t, &f->server);
	r->client_port = f->client_port;
	r->server_port = f->server_port;
	community_id(f, community);
	r->community_id = intern_z(t, community);
	r->transport = intern_z(t, f->server_port == 139 ? "netbios" : "direct");
	r->first_frame = f->first.frame;
	r->last_frame = f->last.frame;
	r->start_time_ns = f->first.time_ns;
	r->end_time_ns = f->last.time_ns;
	r->ended = intern_z(t, ends[f->end]);
	r->client_bytes = (int64_t)f->side[FROM_CLIENT].bytes;
	r->server_bytes = (int64_t)f->side[FROM_SERVER].bytes;
	r->client_missing = (int64_t)f->side[FROM_CLIENT].missing;
	r->server_missing = (int64_t)f->side[FROM_SERVER].missing;
	r->client_retransmitted = (int64_t)f->side[FROM_CLIENT].retransmitted;
	r->server_retransmitted = (int64_t)f->side[FROM_SERVER].retransmitted;
	r->conflicts = (int64_t)(f->side[FROM_CLIENT].conflicts + f->side[FROM_SERVER].conflicts);
	r->zero_windows = (int64_t)(f->side[FROM_CLIENT].zero_windows + f->side[FROM_SERVER].zero_windows);
	r->rtt_us = f->rtt_ns < 0 ? EV_NULL : f->rtt_ns / 1000;
	r->one_sided = !(f->seen[FROM_CLIENT] && f->seen[FROM_SERVER]);
	r->midstream = f->midstream;
	r->isn = f->isn[FROM_CLIENT] && f->isn[FROM_SERVER]
	         ? (f->isn[FROM_CLIENT] - 1) << 32 | (uint32_t)(f->isn[FROM_SERVER] - 1) : 0;
	t->events->put(t->events, EV_CONNECTION, r, sizeof(*r), NULL, 0);
}

void track_close(struct track *t, struct track_conn *c)
{
	t->conn = c;
	while (!list_empty(&c->pendings))
		pending_done(t, list_item(c->pendings.next, struct pending, link));
	while (!list_empty(&c->sessions)) {
		struct track_session *s = list_item(c->sessions.next, struct track_session, link);

		list_remove(&s->link);
		session_end(t, s);
	}
	host_seen(t, &c->flow->client, c->flow->last.time_ns, &(struct ev_host){ .skew_us = EV_NULL });
	host_seen(t, &c->flow->server, c->flow->last.time_ns, &(struct ev_host){ .skew_us = EV_NULL });
	connection_put(t, c);
	list_remove(&c->link);
	t->conn = NULL;
	free(c);
}

/* --- negotiation --- */

static void negotiate_request(struct track *t, struct track_conn *c, const struct smb_msg *m)
{
	struct span d = m->u.negotiate_req.dialects;

	c->client_security |= m->u.negotiate_req.security_mode;
	if (m->u.negotiate_req.client_guid.p)
		c->row.client_guid = intern_guid(t, m->u.negotiate_req.client_guid);
	if (m->protocol != 1)
		return;
	/* BufferFormat 2 and a NUL-terminated name, each (MS-CIFS 2.2.4.52.1). */
	c->n_offered = 0;
	while (d.len > 1 && c->n_offered < COUNT(c->offered)) {
		const uint8_t *end = memchr(d.p + 1, 0, d.len - 1);
		uint32_t n = end ? (uint32_t)(end - d.p) : d.len;

		c->offered[c->n_offered++] = intern(t, (const char *)d.p + 1, n - 1);
		d.p += end ? n + 1 : n;
		d.len -= end ? n + 1 : n;
	}
}

static const char *dialect_word(uint16_t dialect)
{
	switch (dialect) {
	case DIALECT_202: return "SMB 2.0.2";
	case DIALECT_210: return "SMB 2.1";
	case DIALECT_300: return "SMB 3.0";
	case DIALECT_302: return "SMB 3.0.2";
	case DIALECT_311: return "SMB 3.1.1";
	}
	return NULL;
}

static const char *cipher_word(uint16_t cipher)
{
	static const char *const words[] = { NULL, "AES-128-CCM", "AES-128-GCM", "AES-256-CCM", "AES-256-GCM" };

	return cipher < COUNT(words) ? words[cipher] : NULL;
}

static const char *compression_word(uint16_t algorithm)
{
	static const char *const words[] = { NULL, "LZNT1", "LZ77", "LZ77+Huffman", "Pattern_V1", "LZ4" };

	return algorithm < COUNT(words) ? words[algorithm] : NULL;
}

static void negotiate_response(struct track *t, struct track_conn *c, const struct smb_msg *m)
{
	uint16_t dialect = m->u.negotiate_res.dialect;
	int64_t server_time = filetime_ns(m->u.negotiate_res.system_time);
	struct ev_host host = { .guid = intern_guid(t, m->u.negotiate_res.server_guid) };

	c->server_security = m->u.negotiate_res.security_mode;
	if (m->u.negotiate_res.server_guid.p)
		c->row.server_guid = intern_guid(t, m->u.negotiate_res.server_guid);
	if (server_time)
		host.skew_us = clock_skew_us(server_time, t->pdu->first.time_ns);
	else
		host.skew_us = EV_NULL;
	host_seen(t, &c->server, t->pdu->last.time_ns, &host);
	c->row.signing = intern_z(t, signing_word(c, m->protocol == 1));
	if (m->protocol == 1) {
		c->ctx.dialect = DIALECT_SMB1;
		c->ctx.extended = m->u.negotiate_res.extended;
		c->ctx.time_zone = m->u.negotiate_res.time_zone;
		if (dialect < c->n_offered)
			c->row.dialect = c->offered[dialect];
		if (m->u.negotiate_res.challenge.len == 8) {
			memcpy(c->challenge, m->u.negotiate_res.challenge.p, 8);
			c->challenge_known = true;
		}
		return;
	}
	if (dialect == DIALECT_2FF)     /* MS-SMB2 3.3.5.3.2: an SMB2 NEGOTIATE follows */
		return;
	c->ctx.dialect = dialect;
	c->row.dialect = intern_z(t, dialect_word(dialect));
	if (dialect == DIALECT_311)
		c->row.cipher = intern_z(t, cipher_word(m->u.negotiate_res.cipher));
	else if (dialect >= DIALECT_300 && (m->u.negotiate_res.capabilities & 0x40))
		c->row.cipher = intern_z(t, cipher_word(1));
	if (m->u.negotiate_res.compression != 0xffff)
		c->row.compression = intern_z(t, compression_word(m->u.negotiate_res.compression));
}

/* --- messages --- */

/* The context of a message, and for a response the exchange it ends.  First of the two hooks. */
static bool on_header(void *arg, struct smb_msg *m)
{
	struct track *t = arg;
	struct track_conn *c = t->conn;
	struct pending *p = NULL;

	t->current = NULL;
	if (m->kind == SMB_UNKNOWN && c->raw[m->direction]) {
		p = t->current = c->raw[m->direction];
		m->ctx = p->ctx;
		m->asked = p->asked;
	}
	if (m->kind != SMB_PLAIN)
		return true;
	m->ctx = c->ctx;
	if (!m->ctx.dialect && m->protocol == 1)
		m->ctx.dialect = DIALECT_SMB1;
	if (m->response) {
		p = pending_find(t, c, m);
		if (p) {
			t->current = p;
			m->asked = p->asked;
			m->ctx.object = p->ctx.object;
			m->ctx.readdir = p->ctx.readdir;
		}
	} else if (track_is_secondary(m)) {
		p = pending_primary(t, c, m);
		if (p) {
			m->asked = p->asked;
			m->ctx.object = p->ctx.object;
		}
	} else {
		struct track_session *s = session_find(t, c, m->session_id);
		struct track_tree *tree = tcon_find(t, c, s, m->tree_id);

		if (m->protocol == 2 && m->related && m->index)
			tree = c->related_tree;
		m->ctx.readdir = tree && tree->readdir;
		if (tree)
			m->ctx.object = tree->share_type == 2 ? OBJECT_PIPE : tree->share_type == 3 ? OBJECT_PRINTER : OBJECT_UNKNOWN;
	}
	return true;
}

uint32_t holes_in(const struct pdu *pdu, struct extent e)
{
	uint32_t missing = 0;

	for (uint32_t i = 0; i < pdu->n_holes; i++) {
		uint32_t from = pdu->holes[i].off > e.off ? pdu->holes[i].off : e.off;
		uint32_t to = min_u32(pdu->holes[i].off + pdu->holes[i].len, e.off + e.len);

		if (from < to)
			missing += to - from;
	}
	/* What a stream that ended early still owes. */
	if (!pdu->streamed && e.off + e.len > pdu->head)
		missing += e.off + e.len - (e.off > pdu->head ? e.off : pdu->head);
	return missing;
}

/* Where a READ's or WRITE's file bytes lie in the PDU, and how many of them are missing. */
static void payload_of(struct track *t, const struct smb_msg *m, struct pending *p)
{
	p->payload = m->src ? (struct extent){ 0 } : m->u.rw.payload;
	p->payload_missing = holes_in(t->pdu, p->payload);
}

void request_facts(struct track *t, struct track_conn *c, struct smb_msg *m, struct pending *p)
{
	switch (m->op) {
	case OP_NEGOTIATE:
		negotiate_request(t, c, m);
		break;
	case OP_SESSION_SETUP:
		setup_request(t, c, m, p);
		break;
	case OP_TREE_CONNECT:
		tcon_request(t, c, m, p);
		break;
	case OP_OPEN:
		open_request(t, c, m, p);
		break;
	case OP_SET:
		set_request(t, m, p);
		break;
	case OP_TRANSACT:
		copy_request(t, c, m, p);
		break;
	case OP_READ:
	case OP_WRITE:
		p->row.offset = (int64_t)m->u.rw.offset;
		p->row.length = m->u.rw.length;
		if (m->op == OP_WRITE)
			payload_of(t, m, p);
		break;
	}
	if (m->op != OP_OPEN && m->fid.known && !p->open)
		open_of_request(t, c, m, p);
	else if (m->op == OP_SET && p->change == CHANGE_MAKE && m->path.there)
		track_make(t, c, m, p);
	else if (m->op != OP_OPEN && m->path.there && m->op != OP_TREE_CONNECT)
		path_of_request(t, m, p);
	if (m->protocol == 1 && (m->op == OP_TRANSACT || m->op == OP_OTHER))
		listing_request(t, c, m, p);
	if (m->op == OP_WRITE && !t->pdu->streamed)
		content_write_asked(t, p, t->pdu);
}

static void request(struct track *t, struct track_conn *c, struct smb_msg *m)
{
	struct unit_part here = { 0 };
	struct pending *p;

	if (track_is_secondary(m)) {
		track_secondary(t, c, m);
		return;
	}
	p = pending_new(t, c, m);
	here.command = p->row.command;
	if (m->split) {
		track_primary(t, c, m, p);
	} else {
		request_facts(t, c, m, p);
		track_units(t, m, p, &here);
	}
	if (m->protocol == 1)
		track_asked(c, m, p);
	asked_as(p);
	names_of(t, m, p);
	preauth_message(t, c, m, p);
	c->related_open = p->open ? p->open : m->related ? c->related_open : NULL;
	c->related_tree = p->tree ? p->tree : m->related ? c->related_tree : NULL;
	c->related_session = p->session;
	if (t->pdu->streamed)
		c->streaming[t->pdu->direction] = p;
	/* No answer comes to these (MS-SMB2 3.3.5.16, MS-CIFS 2.2.4.65): the row is complete. */
	else if (m->op == OP_CANCEL)
		pending_done(t, p);
}

void generated(struct track *t, const struct smb_msg *m, const struct pending *p)
{
	if (p->row.has_request)
		track_generated(t->run, m->protocol, p->row.request_frame, t->pdu->last.time_ns - p->row.request_time_ns);
	names_of(t, m, p);
}

/* What an answer means to the objects. */
static void response_facts(struct track *t, struct track_conn *c, struct smb_msg *m, struct pending *p)
{
	switch (m->op) {
	case OP_NEGOTIATE:
		if (!m->status)
			negotiate_response(t, c, m);
		break;
	case OP_SESSION_SETUP:
		setup_response(t, c, m, p);
		break;
	case OP_LOGOFF:
		if (!m->status && p->session)
			session_end(t, p->session);
		break;
	case OP_TREE_CONNECT:
		tcon_response(t, m, p);
		break;
	case OP_TREE_DISCONNECT:
		if (!m->status && p->tree)
			tcon_end(t, p->tree, t->pdu->last.time_ns);
		break;
	case OP_OPEN:
		open_response(t, m, p);
		break;
	case OP_CLOSE:
		close_response(t, m, p);
		break;
	case OP_READ:
		payload_of(t, m, p);
		read_response(t, m, p);
		if (!t->pdu->streamed)
			content_read(t, p, t->pdu);
		break;
	case OP_WRITE:
		write_response(t, m, p);
		break;
	case OP_TRANSACT:
		copy_response(t, m, p);
		break;
	}
}

/* What the server says of its own accord names the session of the open it is about, or none (MS-SMB2 3.3.4.6, 3.3.4.7). */
static void unasked(struct track *t, struct track_conn *c, const struct smb_msg *m)
{
	struct track_session *s = m->protocol == 2 && m->session_id ? session_find(t, c, m->session_id) : NULL;

	message_put(t, c, m, 0, s);
	if (s)
		names_of_session(t, m, s);
}

void response(struct track *t, struct track_conn *c, struct smb_msg *m)
{
	struct pending *p = t->current;

	if (p && m->interim) {
		p->row.pending_frame = t->pdu->last.frame;
		if (!p->interim_ns)
			p->interim_ns = t->pdu->last.time_ns;
		message_put(t, c, m, p->row.command, NULL);
		generated(t, m, p);
		return;
	}
	if (!p) {
		p = pending_orphan(t, c, m);
		if (p)
			asked_as(p);
	}
	if (!p) {
		unasked(t, c, m);
		return;
	}
	if (m->protocol == 1 && track_goes_on(t, c, m, p))
		return;
	/* An SMB1 answer without words is of the kind its request turned out to be. */
	if (m->bare && p->row.has_request)
		m->op = p->op;
	pending_answer(t, m, p);
	if (p->change) {
		changes_put(t, p);
		if (!m->status)
			set_response(t, p);
		if (p->change == CHANGE_MAKE && p->open) {
			directory_response(t, p->open, m, "created");
			directory_close(t, p->open);
		}
	}
	response_facts(t, c, m, p);
	if (unlikely(m->descriptor.len) && !m->status)
		security_told(t, m, p);
	if (m->protocol == 1)
		listing_answer(t, c, m, p);
	track_units(t, m, p, &(struct unit_part){ .command = p->row.command, .response = true });
	generated(t, m, p);
	preauth_message(t, c, m, p);
	if (t->pdu->streamed)
		c->streaming[t->pdu->direction] = p;
	else
		pending_done(t, p);
}

/* The session an encrypted message belongs to is named in its header (MS-SMB2 2.2.41). */
static void encrypted(struct track *t, struct track_conn *c, const struct smb_msg *m)
{
	struct track_session *s = session_find(t, c, m->session_id);

	if (!s && m->session_id)
		s = session_new(t, c, m->session_id);
	message_put(t, c, m, 0, s);
	if (!s)
		return;
	s->row.encrypted = 1;
	session_seen(t, s);
	names_of_session(t, m, s);
}

/* Session request: called and calling name (RFC 1002 4.3.2), which nbss_body leaves as path and account. */
static void netbios_names(struct track *t, struct track_conn *c, const struct smb_msg *m)
{
	c->row.called_name = intern_wire(t, &m->path);
	c->row.calling_name = intern_wire(t, &m->u.setup_req.account);
}

static void on_message(void *arg, struct smb_msg *m, struct dx_run *run UNUSED)
{
	struct track *t = arg;
	struct track_conn *c = t->conn;

	t->messages++;
	c->row.messages++;
	if (m->undecoded)
		c->row.undecoded++;
	if (m->kind == SMB_RAW) {
		track_raw(t, c, m);
	} else if (m->kind != SMB_PLAIN) {
		if (m->kind == SMB_SESSION && m->path.there)
			netbios_names(t, c, m);
		if (m->kind == SMB_ENCRYPTED)
			encrypted(t, c, m);
		else
			message_put(t, c, m, 0, NULL);
	} else if (m->response) {
		response(t, c, m);
	} else if (m->direction == FROM_SERVER || m->message_id == UINT64_MAX) {
		/* Oplock break of SMB1: a request from the server (MS-CIFS 3.3.4.2). */
		message_put(t, c, m, 0, NULL);
	} else {
		request(t, c, m);
	}
}

void track_pdu(struct track *t, struct track_conn *c, const struct pdu *pdu)
{
	const struct smb_hooks hooks = { on_header, on_message, t };

	t->conn = c;
	t->pdu = pdu;
	c->related_open = NULL;
	c->related_tree = NULL;
	c->related_session = NULL;
	smb_dissect(pdu, t->run, &hooks);
}

void track_payload(struct track *t UNUSED, struct track_conn *c, const struct pdu *pdu, uint32_t off UNUSED,
                   const uint8_t *p, uint32_t len)
{
	struct pending *s = c->streaming[pdu->direction];

	if (s && !p)
		s->payload_missing += len;
}

void track_pdu_end(struct track *t, struct track_conn *c, const struct pdu *pdu)
{
	struct pending *p = c->streaming[pdu->direction];

	if (!p)
		return;
	c->streaming[pdu->direction] = NULL;
	t->conn = c;
	t->pdu = pdu;
	pending_streamed(t, p, pdu);
}

void track_gap(struct track *t, struct track_conn *c, enum direction dir, uint64_t off, uint64_t len,
               enum hole_reason reason, const struct moment *before, const struct moment *after)
{
	static const char *const reasons[] = { NULL, "lost", "snaplen", "evicted" };
	struct ev_gap g = {
		.gap = ++t->next.gap, .connection = c->row.connection, .capture = before->capture,
		.direction = intern_z(t, dir == FROM_CLIENT ? "client" : "server"), .reason = intern_z(t, reasons[reason]),
		.stream_offset = (int64_t)off, .bytes = (int64_t)len, .before_frame = before->frame,
		.after_frame = after->frame, .start_time_ns = before->time_ns, .end_time_ns = after->time_ns,
	};

	if (t->events)
		t->events->put(t->events, EV_GAP, &g, sizeof(g), NULL, 0);
}

void track_skipped(struct track *t UNUSED, struct track_conn *c, enum direction dir UNUSED, uint64_t off UNUSED,
                   uint64_t len UNUSED, const struct moment *at UNUSED)
{
	c->row.undecoded++;
}

/* What has changed of a connection since it was last stated. */
static void conn_flush(struct track *t, struct track_conn *c)
{
	connection_put(t, c);
	for (struct link *l = c->sessions.next; l != &c->sessions; l = l->next) {
		struct track_session *s = list_item(l, struct track_session, link);

		if (s->dirty)
			session_put(t, s);
		for (struct link *k = s->opens.next; k != &s->opens; k = k->next) {
			struct track_open *o = list_item(k, struct track_open, link);

			if (o->dirty)
				open_put(t, o);
		}
	}
	for (struct link *l = c->pendings.next; l != &c->pendings; l = l->next)
		pending_put(t, list_item(l, struct pending, link));
}

void track_flush(struct track *t)
{
	if (!t->events)
		return;
	for (struct link *l = t->conns.next; l != &t->conns; l = l->next)
		conn_flush(t, list_item(l, struct track_conn, link));
	pipes_flush(t);
}

void track_finish(struct track *t)
{
	while (!list_empty(&t->conns))
		track_close(t, list_item(t->conns.next, struct track_conn, link));
	/* Of sessions whose first connection ended before their last channel. */
	while (map_count(&t->opens))
		open_end(t, map_oldest(&t->opens));
	while (map_count(&t->trees))
		tcon_end(t, map_oldest(&t->trees), 0);
	if (t->events)
		hosts_put(t);
}

void track_free(struct track *t)
{
	if (!t)
		return;
	track_finish(t);
	while (t->spare) {
		struct pending *p = t->spare;

		t->spare = p->same;
		free(p);
	}
	content_end(t);
	set_end(t);
	security_end(t);
	copy_end(t);
	pipes_end(t);
	preauth_end(t);
	map_free(&t->sessions);
	map_free(&t->trees);
	map_free(&t->opens);
	map_free(&t->waiting);
	intern_free(t);
	free(t->blob);
	free(t);
}
