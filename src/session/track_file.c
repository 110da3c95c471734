/* Trees and opens.  MS-SMB2 3.3.1.9, 3.3.1.10; MS-CIFS 3.3.1.6, 3.3.1.7. */
#include "session/track_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/limits.h"
#include "base/text.h"

/* SMB2_FLAGS_DFS_OPERATIONS; SMB_FLAGS2_DFS stands at the same bit of smb_msg.flags. */
enum { FLAG_DFS = 0x10000000 };
enum { SMB_COM_NT_TRANSACT = 0xa0, SMB_COM_NT_CREATE_ANDX = 0xa2 };

/* --- trees --- */

static struct tcon_key tcon_key(const struct track_conn *c, const struct track_session *s, uint32_t wire)
{
	/* SMB1: a TID belongs to the connection, whatever the UID (MS-CIFS 2.2.4.55). */
	return c->ctx.dialect == DIALECT_SMB1 || !s ? (struct tcon_key){ 0, wire, c->row.connection, 0 }
	                                            : (struct tcon_key){ session_number(s), wire, 0, 0 };
}

struct track_tree *tcon_find(struct track *t, const struct track_conn *c, const struct track_session *s, uint32_t wire)
{
	struct tcon_key key = tcon_key(c, s, wire);
	struct track_tree *tree = t->last_tree;

	if (tree && memcmp(&tree->key, &key, sizeof(key)) == 0)
		return tree;
	tree = map_find(&t->trees, &key);
	if (tree) {
		map_touch(&t->trees, tree);
		t->last_tree = tree;
	}
	return tree;
}

void tcon_put(struct track *t, struct track_tree *tree)
{
	if (t->events)
		t->events->put(t->events, EV_SHARE, &tree->row, sizeof(tree->row), NULL, 0);
}

void tcon_unref(struct track_tree *tree)
{
	if (--tree->refs)
		return;
	list_remove(&tree->link);
	free(tree->server_share);
	listing_free(tree);
	free(tree->path);
	free(tree);
}

void tcon_end(struct track *t, struct track_tree *tree, int64_t time_ns)
{
	if (!tree->in_map)
		return;
	if (t->last_tree == tree)
		t->last_tree = NULL;
	tree->in_map = false;
	map_remove(&t->trees, tree);
	tree->row.end_time_ns = time_ns;
	tcon_put(t, tree);
	tcon_unref(tree);
}

void unbound_set(struct track_conn *c, int kind, struct pending *p)
{
	if (!c->flow->seen[FROM_SERVER])
		c->unbound[kind] = p;
}

struct pending *unbound_take(struct track_conn *c, int kind)
{
	struct pending *p = c->unbound[kind];

	c->unbound[kind] = NULL;
	return c->flow->seen[FROM_SERVER] ? NULL : p;
}

static void tcon_insert(struct track *t, struct track_tree *tree, struct track_session *s)
{
	struct track_tree *old = map_find(&t->trees, &tree->key);

	if (old)
		tcon_end(t, old, t->pdu->last.time_ns);
	if (map_count(&t->trees) >= LIMIT_TREES) {
		t->evictions++;
		tcon_end(t, map_oldest(&t->trees), t->pdu->last.time_ns);
	}
	map_insert(&t->trees, tree);
	tree->in_map = true;
	tree->refs++;
	if (s) {
		list_append(&session_main(s)->trees, &tree->link);
		session_main(s)->row.shares++;
	}
}

struct track_tree *tcon_bind(struct track *t, struct track_conn *c, struct track_session *s, uint32_t wire)
{
	struct pending *p = unbound_take(c, UNBOUND_TREE);

	if (!p || !p->tree || p->tree->in_map)
		return NULL;
	p->tree->key = tcon_key(c, s, wire);
	tcon_insert(t, p->tree, s);
	return p->tree;
}

/* The last part of \\server\share. */
static text_id share_name(struct track *t, const char *path, uint32_t len)
{
	uint32_t from = len;

	while (from && path[from - 1] != '\\')
		from--;
	return intern(t, path + from, len - from);
}

/* What names the files of a share: the server by its address, as it has many names, and the share upcased. */
static char *server_and_share(const struct track_conn *c, const char *path, uint32_t len)
{
	char server[46];
	uint32_t from = len;
	size_t size = 2 * (size_t)len + sizeof(server) + 2, n;
	char *out = xcalloc(1, size);

	while (from && path[from - 1] != '\\')
		from--;
	addr_text(&c->server, server);
	n = (size_t)snprintf(out, size, "%s\\", server);
	text_upper(out + n, size - n, path + from, len - from);
	return out;
}

void tcon_request(struct track *t, struct track_conn *c, struct smb_msg *m, struct pending *p)
{
	struct track_tree *tree = xcalloc(1, sizeof(*tree));
	char path[LIMIT_TEXT];
	uint32_t n = text_of(&m->path, path);

	if (p->tree)             /* TREE_CONNECT's own TreeId means nothing */
		tcon_unref(p->tree);
	tree->refs = 1;
	tree->row = (struct ev_share){ .share = ++t->next.share, .connection = c->row.connection,
	                               .session = p->row.session, .capture = t->pdu->first.capture,
	                               .status = EV_NULL, .encrypted = EV_NULL, .frame = t->pdu->last.frame,
	                               .time_ns = t->pdu->last.time_ns };
	tree->row.path = m->path.there ? intern(t, path, n) : 0;
	tree->row.share_name = m->path.there ? share_name(t, path, n) : 0;
	if (t->run->sink && m->path.there) {
		tree->path = xcalloc(1, n + 1);
		memcpy(tree->path, path, n);
	}
	tree->server_share = server_and_share(c, path, n);
	tree->names = intern_z(t, tree->server_share);
	if (m->path.there && n >= 4 && strcasecmp(tree->server_share + strlen(tree->server_share) - 4, "IPC$") == 0)
		tree->share_type = 2;
	p->tree = tree;
	unbound_set(c, UNBOUND_TREE, p);
	p->row.share = tree->row.share;
	p->row.path = tree->row.path;
}

static const char *share_word(unsigned type)
{
	static const char *const words[] = { NULL, "DISK", "PIPE", "PRINT", "COMM" };

	return type < COUNT(words) ? words[type] : NULL;
}

void tcon_response(struct track *t, struct smb_msg *m, struct pending *p)
{
	struct track_tree *tree = p->tree;

	if (!tree)
		return;
	tree->row.status = m->status;
	tree->row.known_frame = t->pdu->last.frame;
	/* SMB1: the UID of a chained SESSION_SETUP is known only now. */
	if (p->session) {
		tree->row.session = session_main(p->session)->row.session;
		p->row.session = tree->row.session;
	}
	if (!m->status) {
		tree->row.known_command = t->next.command;
		if (m->u.tree.share_type)
			tree->share_type = m->u.tree.share_type;
		tree->row.share_type = intern_z(t, share_word(tree->share_type));
		tree->row.native_fs = m->u.tree.native_fs.bytes.len ? intern_wire(t, &m->u.tree.native_fs) : 0;
		tree->row.encrypted = m->protocol == 2 ? (m->u.tree.share_flags & 0x8000) != 0 : EV_NULL;
		tree->key = tcon_key(t->conn, p->session, m->tree_id);
		tcon_insert(t, tree, p->session);
	}
	tcon_put(t, tree);
}

/* --- opens --- */

static struct open_key open_key(const struct track_conn *c, const struct track_session *s, const struct smb_fid *f)
{
	return c->ctx.dialect == DIALECT_SMB1 || !s ? (struct open_key){ f->p, f->v, 0, c->row.connection }
	                                            : (struct open_key){ f->p, f->v, session_number(s), 0 };
}

/* SMB1's searches have numbers of their own, by tree: beside the FIDs. */
static struct open_key search_key(const struct track_conn *c, uint32_t tree_id, uint16_t sid)
{
	return (struct open_key){ UINT64_C(1) << 32 | tree_id, sid, 0, c->row.connection };
}

void open_put(struct track *t, struct track_open *o)
{
	o->dirty = false;
	if (t->events)
		t->events->put(t->events, EV_OPEN, &o->row, sizeof(o->row), NULL, 0);
}

void open_unref(struct track_open *o)
{
	if (--o->refs)
		return;
	list_remove(&o->link);
	for (int d = 0; d < 2; d++)
		unit_close(o->held, o->units[d]);
	pipe_free(o->pipe);
	content_free(&o->content);
	free(o->path);
	free(o->opened);
	free(o);
}

void open_end(struct track *t, struct track_open *o)
{
	content_closed(t, o);
	change_deleted(t, o, NULL);
	open_put(t, o);
	list_remove(&o->link);
	if (!o->in_map)
		return;
	o->in_map = false;
	map_remove(&t->opens, o);
	open_unref(o);
}

static struct track_open *open_new(struct track *t, struct track_conn *c, struct pending *p)
{
	struct track_open *o = xcalloc(1, sizeof(*o));

	o->refs = 1;
	o->held = &t->units;
	o->row = (struct ev_open){
		.open = ++t->next.open, .session = p->row.session, .share = p->row.share, .connection = c->row.connection,
		.capture = t->pdu->first.capture, .end_capture = t->pdu->first.capture, .status = EV_NULL, .access = EV_NULL,
		.disposition = EV_NULL, .options = EV_NULL, .delete_on_close = EV_NULL, .deleted = EV_NULL, .size = EV_NULL,
		.open_frame = p->row.request_frame, .open_time_ns = p->row.request_time_ns,
	};
	o->tree_id = p->tree ? p->tree->key.wire : 0;
	if (p->session) {
		o->session = session_main(p->session);
		list_append(&o->session->opens, &o->link);
	}
	return o;
}

static void open_insert(struct track *t, struct track_open *o)
{
	struct track_open *old = map_find(&t->opens, &o->key);

	if (old)
		open_end(t, old);
	if (map_count(&t->opens) >= LIMIT_OPENS) {
		t->evictions++;
		open_end(t, map_oldest(&t->opens));
	}
	map_insert(&t->opens, o);
	o->in_map = true;
	o->refs++;
}

/* A path without its leading backslashes; under DFS, without server and share (MS-SMB2 2.2.13). */
char *path_relative(const struct smb_msg *m, char *path, bool dfs)
{
	/* Under the UNIX extensions, and for Samba always, a slash parts names, too; no name of MS-FSCC 2.1.5 has one. */
	for (char *p = path; m->protocol == 1 && (p = strchr(p, '/'));)
		*p = '\\';
	while (*path == '\\')
		path++;
	for (int parts = 0; dfs && parts < 2; parts++) {
		char *slash = strchr(path, '\\');

		path = slash ? slash + 1 : path + strlen(path);
	}
	return path;
}

static void name_parts(struct track *t, struct ev_open *row, const char *path)
{
	const char *name = strrchr(path, '\\'), *colon, *dot;
	char lower[LIMIT_TEXT];
	uint32_t n;

	name = name ? name + 1 : path;
	colon = strchr(name, ':');
	n = colon ? (uint32_t)(colon - name) : (uint32_t)strlen(name);
	row->name = intern(t, name, n);
	if (colon && colon[1])
		row->stream = intern_z(t, colon + 1);
	dot = memrchr(name, '.', n);
	if (!dot || dot == name || dot + 1 == name + n)
		return;
	n -= (uint32_t)(dot + 1 - name);
	for (uint32_t i = 0; i < n; i++)
		lower[i] = dot[1 + i] >= 'A' && dot[1 + i] <= 'Z' ? (char)(dot[1 + i] | 0x20) : dot[1 + i];
	row->extension = intern(t, lower, n);
}

static const char *kind_word(unsigned object)
{
	static const char *const words[] = { NULL, "file", "directory", "pipe", "printer" };

	return object < COUNT(words) ? words[object] : NULL;
}

static void open_path(struct track *t, struct pending *p, struct track_open *o, const char *path)
{
	o->row.path = intern_z(t, path);
	o->path = xstrdup(path);
	o->opened = t->run->sink ? xstrdup(path) : NULL;
	o->row.file = file_of_path(t, p->tree, path, &o->at);
	name_parts(t, &o->row, path);
}

struct track_open *directory_request(struct track *t, struct track_conn *c, struct pending *p, const char *path, bool make)
{
	enum { LIST = 1, OPEN = 1, CREATE = 2, DIRECTORY_FILE = 1 };
	struct track_open *o = open_new(t, c, p);

	o->object = OBJECT_DIRECTORY;
	o->row.kind = intern_z(t, kind_word(o->object));
	o->row.access = make ? EV_NULL : LIST;
	o->row.disposition = make ? CREATE : OPEN;
	o->row.options = DIRECTORY_FILE;
	o->row.delete_on_close = 0;
	open_path(t, p, o, path);
	return o;
}

void directory_response(struct track *t, struct track_open *o, const struct smb_msg *m, const char *action)
{
	o->row.status = m->has_status ? (int64_t)m->status : EV_NULL;
	o->row.known_frame = t->pdu->last.frame;
	o->row.end_capture = t->pdu->last.capture;
	if (!m->status)
		o->row.action = intern_z(t, action);
	o->dirty = true;
}

void directory_keep(struct track *t, struct track_conn *c, struct track_open *o, uint16_t sid)
{
	o->key = search_key(c, o->tree_id, sid);
	open_insert(t, o);
}

struct track_open *directory_find(struct track *t, const struct track_conn *c, uint32_t tree_id, uint16_t sid)
{
	struct open_key key = search_key(c, tree_id, sid);

	return map_find(&t->opens, &key);
}

void directory_close(struct track *t, struct track_open *o)
{
	o->row.close_frame = t->pdu->last.frame;
	o->row.close_time_ns = t->pdu->last.time_ns;
	o->row.end_capture = t->pdu->last.capture;
	open_end(t, o);
}

void open_request(struct track *t, struct track_conn *c, struct smb_msg *m, struct pending *p)
{
	struct track_open *o = open_new(t, c, p);
	char buf[LIMIT_TEXT];

	o->whole = true;
	o->row.access = m->u.open_req.access;
	o->row.disposition = m->u.open_req.disposition;
	o->row.options = m->u.open_req.options;
	o->row.opened_by = p->row.command;
	/* SMB2's come back from the message itself, where they are asked for. */
	if (m->protocol == 1) {
		o->row.flags = m->u.open_req.flags;
		o->row.attributes = m->u.open_req.attributes;
		o->row.share_access = m->u.open_req.share;
	}
	o->row.delete_on_close = (m->u.open_req.options & 0x1000) != 0;
	o->row.snapshot_ns = filetime_ns(m->u.open_req.snapshot);
	o->object = p->tree && p->tree->share_type == 2 ? OBJECT_PIPE : p->tree && p->tree->share_type == 3 ? OBJECT_PRINTER :
	            m->u.open_req.options & 1 ? OBJECT_DIRECTORY : OBJECT_UNKNOWN;
	if (m->path.there) {
		buf[text_of(&m->path, buf)] = '\0';
		o->row.rooted = m->protocol == 1 && *buf == '\\';
		open_path(t, p, o, path_relative(m, buf, (m->flags & FLAG_DFS) != 0));
	}
	p->open = o;
	unbound_set(c, UNBOUND_OPEN, p);
}

static void take_meta(struct track_open *o, const struct smb_meta *m)
{
	if (!m->known)
		return;
	/* The end of file of a directory means nothing (MS-FSCC 2.4.2: servers answer 0, or what it takes on their disk). */
	if (o->object != OBJECT_DIRECTORY) {
		o->row.size = (int64_t)m->size;
		o->size_known = true;
	}
	o->row.created_ns = filetime_ns(m->created);
	o->row.modified_ns = filetime_ns(m->modified);
	o->row.accessed_ns = filetime_ns(m->accessed);
	o->row.changed_ns = filetime_ns(m->changed);
	if (m->attributes)
		o->attributes = m->attributes;
}

void open_response(struct track *t, struct smb_msg *m, struct pending *p)
{
	static const char *const actions[] = { "superseded", "opened", "created", "overwritten" };
	struct track_open *o = p->open;

	if (!o)
		o = p->open = open_new(t, t->conn, p);
	o->row.status = m->status;
	o->row.known_frame = t->pdu->last.frame;
	o->row.end_capture = t->pdu->last.capture;
	if (m->status)
		changes_put(t, p);
	if (m->status || !m->fid.known) {
		o->row.kind = o->object ? intern_z(t, kind_word(o->object)) : 0;
		open_end(t, o);
		return;
	}
	if (m->u.open_res.readdir && p->tree)
		p->tree->readdir = true;
	if (m->u.open_res.object)
		o->object = m->u.open_res.object;
	else if (!o->object || o->object == OBJECT_DIRECTORY)
		o->object = OBJECT_FILE;
	o->row.known_command = t->next.command;
	o->row.kind = intern_z(t, kind_word(o->object));
	if (m->u.open_res.action < COUNT(actions))
		o->row.action = intern_z(t, actions[m->u.open_res.action]);
	if (o->object != OBJECT_PIPE && o->object != OBJECT_PRINTER)
		change_created(t, p, m->u.open_res.action);
	if (o->row.delete_on_close == 1)
		change_doomed(o, p);
	take_meta(o, &m->u.open_res.meta);
	if (o->object == OBJECT_FILE)
		content_opened(t, o, m->u.open_res.action);
	o->key = open_key(t->conn, p->session, &m->fid);
	open_insert(t, o);
	o->dirty = true;
}

/* An id nobody knows: of the only CREATE that waits, or opened before the capture, or its CREATE was lost. */
static struct track_open *open_unknown(struct track *t, struct track_conn *c, struct pending *p, const struct open_key *key)
{
	struct pending *asked = unbound_take(c, UNBOUND_OPEN);
	struct track_open *o = asked && asked->open && !asked->open->in_map ? asked->open : NULL;
	bool fresh = !o;

	if (fresh)
		o = open_new(t, c, p);
	o->key = *key;
	open_insert(t, o);
	if (fresh)
		o->refs--;
	o->dirty = true;
	return o;
}

struct track_open *open_named(struct track *t, const struct track_conn *c, const struct pending *p, const struct smb_fid *fid)
{
	struct open_key key = open_key(c, p->session, fid);

	return fid->known ? map_find(&t->opens, &key) : NULL;
}

void open_of_request(struct track *t, struct track_conn *c, struct smb_msg *m, struct pending *p)
{
	struct track_open *o;
	struct open_key key;

	if (m->fid.related) {
		o = m->related && m->index ? c->related_open : NULL;
	} else {
		key = open_key(c, p->session, &m->fid);
		o = map_find(&t->opens, &key);
		if (!o && m->fid.v != 0xffff)
			o = open_unknown(t, c, p, &key);
	}
	if (!o)
		return;
	if (o->in_map)
		map_touch(&t->opens, o);
	o->refs++;
	p->open = o;
	if (o->object)
		p->ctx.object = o->object;
}

void open_object(void *track, struct smb_msg *m)
{
	struct track *t = track;
	struct open_key key = open_key(t->conn, session_find(t, t->conn, m->session_id), &m->fid);
	const struct track_open *o = map_find(&t->opens, &key);

	if (o && o->object)
		m->ctx.object = o->object;
}

void path_of_request(struct track *t, struct smb_msg *m, struct pending *p)
{
	char buf[LIMIT_TEXT], *path;

	buf[text_of(&m->path, buf)] = '\0';
	path = path_relative(m, buf, (m->flags & FLAG_DFS) != 0);
	p->row.path = intern_z(t, path);
	p->row.file = file_of_path(t, p->tree, path, &p->at);
}

void close_response(struct track *t, struct smb_msg *m, struct pending *p)
{
	struct track_open *o = p->open;

	if (!o || m->status)
		return;
	o->row.close_frame = t->pdu->last.frame;
	o->row.close_time_ns = t->pdu->last.time_ns;
	o->row.end_capture = t->pdu->last.capture;
	if (m->protocol == 2 && (m->u.close.flags & 1))
		take_meta(o, &m->u.close.meta);
	/* The file goes with its last CLOSE; that it was the last cannot be seen here, that it was asked can. */
	if (o->row.delete_on_close == 1 && (o->row.status == 0 || o->row.status == EV_NULL))
		o->row.deleted = 1;
	change_deleted(t, o, p);
	open_end(t, o);
}

static void moved(struct track *t, struct pending *p, uint32_t n, bool written)
{
	struct track_open *o = p->open;
	struct track_session *s = p->session ? session_main(p->session) : NULL;

	p->row.data_bytes = n;
	if (s)
		*(written ? &s->row.bytes_written : &s->row.bytes_read) += n;
	if (!o)
		return;
	*(written ? &o->row.writes : &o->row.reads) += 1;
	*(written ? &o->row.bytes_written : &o->row.bytes_read) += n;
	if (written && o->object != OBJECT_PIPE && p->row.offset != EV_NULL && p->row.offset >= 0 &&
	    p->row.offset + (int64_t)n > o->row.size)
		o->row.size = p->row.offset + (int64_t)n;
	o->row.end_capture = t->pdu->last.capture;
	o->dirty = true;
}

void read_response(struct track *t, struct smb_msg *m, struct pending *p)
{
	if (!m->status || m->status == 0x80000005)   /* STATUS_BUFFER_OVERFLOW: more is waiting in the pipe */
		moved(t, p, m->u.rw.length, false);
}

void write_response(struct track *t, struct smb_msg *m, struct pending *p)
{
	if (m->status)
		return;
	moved(t, p, m->u.rw.length, true);
	content_written(t, p, m->u.rw.length);
}
