/* Rows of `listings`: directory entries and metadata in answers, stated as they are read; nothing is kept of them.
 * MS-SMB2 2.2.34, 2.2.38; MS-CIFS 2.2.6.2, 2.2.6.6, 2.2.6.8. */
#include "session/track_private.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/text.h"

enum { TRANS2 = 0x32, FIND_CLOSE2 = 0x34, FIND_FIRST2 = 1, FIND_NEXT2 = 2, QUERY_PATH = 5 };

void listing_free(struct track_tree *tree)
{
	for (unsigned i = 0; i < COUNT(tree->finds); i++)
		free(tree->finds[i].directory);
}

/* What FIND_NEXT2 goes on with (MS-CIFS 2.2.6.3.1). */
static void search_goes_on(struct pending *p, uint16_t sid)
{
	for (unsigned i = 0; p->tree && i < COUNT(p->tree->finds); i++)
		if (p->tree->finds[i].directory && p->tree->finds[i].sid == sid) {
			free(p->new_path);
			p->new_path = xstrdup(p->tree->finds[i].directory);
			return;
		}
}

/* The answer of FIND_FIRST2 gives the search its number; its parameters stand before the entries. */
static void search_named(struct pending *p, uint16_t sid)
{
	struct track_tree *tree = p->tree;
	unsigned i, n;

	if (!tree || !p->new_path)
		return;
	for (i = 0; i < COUNT(tree->finds); i++)
		if (tree->finds[i].directory && tree->finds[i].sid == sid)
			break;
	n = i < COUNT(tree->finds) ? i : tree->n_finds++ % COUNT(tree->finds);
	if (tree->finds[n].directory && strcmp(tree->finds[n].directory, p->new_path) == 0 && tree->finds[n].sid == sid)
		return;
	free(tree->finds[n].directory);
	tree->finds[n].directory = xstrdup(p->new_path);
	tree->finds[n].sid = sid;
}

/* What FIND_FIRST2 searches: the part before the pattern (MS-CIFS 2.2.6.2.1); the path of a query. */
void listing_request(struct track *t, struct track_conn *c, struct smb_msg *m, struct pending *p)
{
	char buf[LIMIT_TEXT], *path, *slash;

	if (m->protocol != 1)
		return;
	if (m->command == FIND_CLOSE2 || (m->command == TRANS2 && m->asked.sub == FIND_NEXT2)) {
		p->sid = m->u.find.sid;
		p->open = p->tree ? directory_find(t, c, p->tree->key.wire, p->sid) : NULL;
		if (p->open)
			p->open->refs++;
	}
	if (m->command != TRANS2)
		return;
	if (m->asked.sub == FIND_NEXT2)
		search_goes_on(p, p->sid);
	if ((m->asked.sub != FIND_FIRST2 && m->asked.sub != QUERY_PATH) || !m->path.there)
		return;
	buf[text_of(&m->path, buf)] = '\0';
	path = path_relative(m, buf, (m->flags & 0x10000000) != 0);
	slash = strrchr(path, '\\');
	if (m->asked.sub == FIND_FIRST2) {
		*(slash ? slash : path) = '\0';
		p->search = directory_request(t, c, p, path, false);
	}
	free(p->new_path);
	p->new_path = xstrdup(path);
}

void listing_answer(struct track *t, struct track_conn *c, const struct smb_msg *m, struct pending *p)
{
	enum { CLOSE = 0x01, CLOSE_AT_END = 0x02 };      /* MS-CIFS 2.2.6.2.1 */
	bool closes = p->command == FIND_CLOSE2 || (p->asked.detail & CLOSE) || ((p->asked.detail & CLOSE_AT_END) && m->u.find.end);

	if (p->search) {
		directory_response(t, p->search, m, "opened");
		if (m->status || m->bare)
			open_end(t, p->search);
		else if (closes)
			directory_close(t, p->search);
		else
			directory_keep(t, c, p->search, m->u.find.sid);
	} else if (p->open && !m->status && closes && p->open->in_map && (p->command == FIND_CLOSE2 ||
	           (p->command == TRANS2 && p->asked.sub == FIND_NEXT2 && !m->bare))) {
		directory_close(t, p->open);
	}
}

/* The entry's path; false: it is not in the directory, or the directory is not known. */
static bool path_of(const char *directory, const char *name, char *out, size_t size)
{
	size_t n = strlen(directory), len = strlen(name);

	if (strcmp(name, ".") == 0)
		len = 0;
	else if (strcmp(name, "..") == 0 || n + len + 2 > size)
		return false;
	memcpy(out, directory, n);
	if (n && len)
		out[n++] = '\\';
	memcpy(out + n, name, len);
	out[n + len] = '\0';
	return true;
}

static void entry_of(struct track *t, const struct pending *p, const struct smb_entry *e, struct ev_listing *row)
{
	const char *directory = p->open ? p->open->path : p->new_path;
	char name[LIMIT_TEXT], path[2 * LIMIT_TEXT];

	name[text_of(&e->name, name)] = '\0';
	row->name = intern_z(t, name);
	row->directory = intern_z(t, directory);
	if (directory && path_of(directory, name, path, sizeof(path)))
		row->file = file_of_entry(t, p->tree, path);
}

/* Of the file itself, its path is taken apart. */
static void self_of(struct track *t, const struct pending *p, struct ev_listing *row)
{
	const char *path = p->open ? p->open->path : p->new_path, *slash;

	row->file = p->open ? p->open->row.file : p->row.file;
	if (!path)
		return;
	slash = strrchr(path, '\\');
	row->directory = intern(t, path, slash ? (uint32_t)(slash - path) : 0);
	row->name = intern_z(t, slash ? slash + 1 : path);
}

void listing_entry(void *track, const struct smb_msg *m, const struct smb_entry *e)
{
	struct track *t = track;
	struct pending *p = t->current;
	struct ev_listing row;

	if (!m->response || !p || (p->open && p->open->object == OBJECT_PIPE))
		return;
	row = (struct ev_listing){
		.listing = ++t->next.listing, .command = p->row.command, .session = p->row.session, .share = p->row.share,
		.connection = p->row.connection, .capture = t->pdu->last.capture,
		.size = e->sized ? (int64_t)(e->meta.size & INT64_MAX) : EV_NULL,
		.attributes = e->timed ? (int64_t)e->meta.attributes : EV_NULL,
		.created_ns = filetime_ns(e->meta.created), .modified_ns = filetime_ns(e->meta.modified),
		.accessed_ns = filetime_ns(e->meta.accessed), .changed_ns = filetime_ns(e->meta.changed),
		.frame = t->pdu->last.frame, .time_ns = t->pdu->last.time_ns,
	};
	if (m->protocol == 1 && m->asked.sub == FIND_FIRST2 && !e->self)
		search_named(p, m->u.find.sid);
	if (e->self)
		self_of(t, p, &row);
	else
		entry_of(t, p, e, &row);
	t->events->put(t->events, EV_LISTING, &row, sizeof(row), NULL, 0);
}
