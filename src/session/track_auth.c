/* Sessions and their channels.  MS-SMB2 3.3.1.8, 3.3.5.5; MS-CIFS 3.3.1.5. */
#include "session/track_private.h"

#include <stdlib.h>

#include "base/limits.h"

enum { STATUS_MORE_PROCESSING_REQUIRED = 0xC0000016 };
enum { SESSION_BINDING = 0x01 };                       /* SMB2_SESSION_FLAG_BINDING, request Flags */
enum { SESSION_GUEST = 1, SESSION_NULL = 2, SESSION_ENCRYPT = 4 };   /* response SessionFlags */

static struct session_key session_key(const struct track_conn *c, uint64_t wire)
{
	return (struct session_key){ wire, c->row.connection, 0 };
}

struct track_session *session_find(struct track *t, const struct track_conn *c, uint64_t wire)
{
	struct session_key key = session_key(c, wire);
	struct track_session *s = t->last_session;

	if (!wire)
		return NULL;
	if (s && s->key.wire == wire && s->key.conn == key.conn)
		return s;
	s = map_find(&t->sessions, &key);
	if (s) {
		map_touch(&t->sessions, s);
		t->last_session = s;
	}
	return s;
}

struct track_session *session_main(struct track_session *s)
{
	return s->primary ? s->primary : s;
}

uint32_t session_number(const struct track_session *s)
{
	return s->primary ? s->primary->row.session : s->row.session;
}

void session_ref(struct track_session *s)
{
	s->refs++;
}

void session_unref(struct track_session *s)
{
	if (--s->refs)
		return;
	/* What is left in the lists ends with its own references; it must not look back. */
	while (!list_empty(&s->trees))
		list_remove(s->trees.next);
	while (!list_empty(&s->opens)) {
		list_item(s->opens.next, struct track_open, link)->session = NULL;
		list_remove(s->opens.next);
	}
	list_remove(&s->link);
	if (s->primary)
		session_unref(s->primary);
	if (s->logon)
		account_unref(s->logon->account);
	free(s->logon);
	account_unref(s->account);
	free(s);
}

static struct track_session *session_make(struct track *t, struct track_conn *c)
{
	struct track_session *s = xcalloc(1, sizeof(*s));

	list_init(&s->trees);
	list_init(&s->opens);
	list_append(&c->sessions, &s->link);
	s->refs = 1;
	s->dirty = true;
	s->row = (struct ev_session){
		.session = ++t->next.session, .connection = c->row.connection, .capture = t->pdu->first.capture,
		.status = EV_NULL, .channels = 1, .first_frame = t->pdu->last.frame, .last_frame = t->pdu->last.frame,
		.start_time_ns = t->pdu->last.time_ns, .end_time_ns = t->pdu->last.time_ns,
	};
	return s;
}

static void session_insert(struct track *t, struct track_conn *c, struct track_session *s, uint64_t wire)
{
	struct track_session *old = session_find(t, c, wire);

	if (old && old != s)
		session_end(t, old);
	if (map_count(&t->sessions) >= LIMIT_SESSIONS) {
		t->evictions++;
		session_end(t, map_oldest(&t->sessions));
	}
	s->row.wire_session_id = wire;
	s->key = session_key(c, wire);
	map_insert(&t->sessions, s);
	s->in_map = true;
	s->refs++;
}

struct track_session *session_new(struct track *t, struct track_conn *c, uint64_t wire)
{
	struct track_session *s = session_make(t, c);

	session_insert(t, c, s, wire);
	s->refs--;
	return s;
}

void session_seen(struct track *t, struct track_session *s)
{
	s->row.last_frame = t->pdu->last.frame;
	s->row.end_time_ns = t->pdu->last.time_ns;
	s->dirty = true;
	if (s->primary)
		session_seen(t, s->primary);
}

void session_put(struct track *t, struct track_session *s)
{
	s->dirty = false;
	if (t->events && !s->primary)
		t->events->put(t->events, EV_SESSION, &s->row, sizeof(s->row), NULL, 0);
}

void session_end(struct track *t, struct track_session *s)
{
	session_ref(s);
	if (s->logon)
		logon_end(t, s, false, 0);
	while (!list_empty(&s->opens))
		open_end(t, list_item(s->opens.next, struct track_open, link));
	while (!list_empty(&s->trees)) {
		struct track_tree *tree = list_item(s->trees.next, struct track_tree, link);

		list_remove(&tree->link);
		tcon_end(t, tree, s->row.end_time_ns);
	}
	session_put(t, session_main(s));
	if (t->last_session == s)
		t->last_session = NULL;
	if (s->in_map) {
		s->in_map = false;
		map_remove(&t->sessions, s);
		session_unref(s);
	}
	session_unref(s);
}

/* The session of another connection that this one becomes a channel of (MS-SMB2 3.3.5.5). */
static struct track_session *session_to_bind(struct track *t, const struct track_conn *c, uint64_t wire)
{
	for (struct link *l = t->conns.next; l != &t->conns; l = l->next) {
		struct track_conn *other = list_item(l, struct track_conn, link);
		bool same_server = memcmp(&other->server, &c->server, sizeof(c->server)) == 0 ||
		                   (other->row.server_guid && other->row.server_guid == c->row.server_guid);
		struct track_session *s;

		if (other == c || !same_server)
			continue;
		s = session_find(t, other, wire);
		if (s)
			return session_main(s);
	}
	return NULL;
}

void setup_request(struct track *t, struct track_conn *c, struct smb_msg *m, struct pending *p)
{
	struct track_session *s = p->session;

	if (!s) {
		s = m->session_id && m->protocol == 2 ? session_find(t, c, m->session_id) : NULL;
		if (!s && m->session_id) {
			struct pending *first = unbound_take(c, UNBOUND_SESSION);

			s = first && first->session && !first->session->in_map ? first->session : NULL;
		}
		if (s)
			session_ref(s);
		else
			s = session_make(t, c);
		p->session = s;
		unbound_set(c, UNBOUND_SESSION, p);
		if (m->protocol == 2 && m->session_id) {
			struct track_session *primary = m->u.setup_req.flags & SESSION_BINDING ? session_to_bind(t, c, m->session_id) : NULL;

			if (!s->in_map)
				session_insert(t, c, s, m->session_id);
			if (primary && !s->primary) {
				s->primary = primary;
				session_ref(primary);
				primary->row.channels++;
			}
		}
	}
	session_seen(t, s);
	p->row.session = session_main(s)->row.session;
	if (!s->logon)
		s->logon = logon_new(t, c, s);
	logon_token(t, c, s, m);
}

/* An answer with an id gives the session its name; SMB1 sends the UID from the first leg on, too. */
static void session_named(struct track *t, struct track_conn *c, struct smb_msg *m, struct track_session *s)
{
	if (s->in_map || !m->session_id || (m->protocol == 1 && m->session_id == 0xffff))
		return;
	session_insert(t, c, s, m->session_id);
}

void setup_response(struct track *t, struct track_conn *c, struct smb_msg *m, struct pending *p)
{
	struct track_session *s = p->session, *shown;
	bool more = m->status == STATUS_MORE_PROCESSING_REQUIRED;
	uint16_t flags = m->u.setup_res.flags;

	if (!s) {
		s = p->session = session_make(t, c);
		p->row.session = s->row.session;
	}
	if (!more || m->session_id)
		session_named(t, c, m, s);
	if (!s->logon)
		s->logon = logon_new(t, c, s);
	logon_token(t, c, s, m);
	session_seen(t, s);
	if (more)
		return;
	shown = session_main(s);
	if (!m->status) {
		s->guest = (flags & SESSION_GUEST) != 0;
		s->anonymous = m->protocol == 2 && (flags & SESSION_NULL);
		if (m->protocol == 2 && (flags & SESSION_ENCRYPT))
			shown->row.encrypted = 1;
	}
	logon_decided(t, s, p, !m->status && !s->primary);
	logon_end(t, s, true, m->status);
	shown->row.status = m->status;
	if (!m->status)
		shown->row.auth_frame = t->pdu->last.frame;
	p->row.user = shown->row.user;
	if (m->status && !shown->row.auth_frame)
		session_end(t, s);
}
