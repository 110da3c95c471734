/* The identity of files, and what SET_INFO does to them: rename, delete, size.  MS-FSCC 2.4.11, 2.4.14, 2.4.42. */
#include "session/track_private.h"

#include <endian.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/text.h"
#include "dissectors/dtyp/dtyp.h"

/* A path that leads to another file than the one that is numbered after it. */
struct moved {
	struct map_node node;
	uint64_t path;             /* the key: number of the path */
	uint64_t file;
	uint32_t left;             /* how often a file was moved away from it */
};

void set_init(struct track *t)
{
	map_init(&t->moved, offsetof(struct moved, path), sizeof(uint64_t));
}

void set_end(struct track *t)
{
	struct moved *m;

	while ((m = map_oldest(&t->moved))) {
		map_remove(&t->moved, m);
		free(m);
	}
	map_free(&t->moved);
}

/* 63 bits of a cryptographic hash: nobody can make two files look like one. */
static uint64_t hash_number(const void *bytes, size_t n)
{
	uint8_t hash[EVP_MAX_MD_SIZE];
	uint64_t h;

	EVP_Digest(bytes, n, hash, NULL, EVP_sha256(), NULL);
	memcpy(&h, hash, sizeof(h));
	h = le64toh(h) & INT64_MAX;
	return h ? h : 1;
}

/* The number of a path: of server, share and upcased path. */
static uint64_t number(const struct track_tree *tree, const char *path)
{
	char text[4 * LIMIT_TEXT];
	size_t n;

	n = (size_t)snprintf(text, sizeof(text), "%s\\", tree->server_share);
	if (n >= sizeof(text))
		n = sizeof(text) - 1;
	n += text_upper(text + n, sizeof(text) - n, path, strlen(path));
	return hash_number(text, n < sizeof(text) ? n : sizeof(text) - 1);
}

static uint64_t path_number(struct track *t, const struct track_tree *tree, const char *path)
{
	text_id id = intern_z(t, path);
	struct path_number *n = &t->numbers[(id * 31 + tree->names) % PATH_NUMBERS];

	if (n->names != tree->names || n->path != id || !n->number)
		*n = (struct path_number){ tree->names, id, number(tree, path) };
	return n->number;
}

uint64_t file_of_path(struct track *t, const struct track_tree *tree, const char *path, uint64_t *at)
{
	uint64_t key;
	struct moved *m;

	if (!t->events || !tree || !tree->server_share)
		return 0;
	key = path_number(t, tree, path);
	if (at)
		*at = key;
	m = map_find(&t->moved, &key);
	return m ? m->file : key;
}

uint64_t file_of_entry(struct track *t, const struct track_tree *tree, const char *path)
{
	uint64_t key;
	struct moved *m;

	if (!tree || !tree->server_share)
		return 0;
	key = number(tree, path);
	m = map_find(&t->moved, &key);
	return m ? m->file : key;
}

static struct moved *moved_of(struct track *t, uint64_t path)
{
	struct moved *m = map_find(&t->moved, &path);

	if (!m) {
		if (map_count(&t->moved) >= LIMIT_MOVED) {
			struct moved *old = map_oldest(&t->moved);

			t->evictions++;
			map_remove(&t->moved, old);
			free(old);
		}
		m = xcalloc(1, sizeof(*m));
		m->path = path;
		map_insert(&t->moved, m);
	}
	map_touch(&t->moved, m);
	return m;
}

/* What is created at a path that a file was moved away from is another file, each time. */
static void leave(struct track *t, uint64_t path)
{
	struct moved *m = moved_of(t, path);
	uint64_t what[2] = { htole64(path), htole64(++m->left) };

	m->file = hash_number(what, sizeof(what));
}

/* What a security descriptor says, or, where it is not there or says nothing, which parts of one are set (MS-DTYP 2.4.7). */
static text_id security(struct track *t, const struct smb_msg *m)
{
	static const char *const names[] = { "owner", "group", "dacl", "sacl", "label", "attribute", "scope" };
	char text[LIMIT_TEXT];
	size_t n = dtyp_sddl(text, sizeof(text), m->descriptor, m->asked.code);

	bool told = n != 0;

	for (unsigned i = 0; !told && i < COUNT(names); i++)
		if (m->asked.code >> i & 1)
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", n ? ", " : "", names[i]);
	return n ? intern(t, text, (uint32_t)n) : 0;
}

void set_request(struct track *t, struct smb_msg *m, struct pending *p)
{
	char buf[LIMIT_TEXT];

	p->change = m->u.set.change;
	p->new_size = m->u.set.size;
	p->meta = m->u.set.meta;
	if (p->change == CHANGE_SECURITY && t->events)
		p->new_text = security(t, m);
	if (p->change != CHANGE_RENAME && p->change != CHANGE_LINK)
		return;
	buf[text_of(m->u.set.to.there ? &m->u.set.to : &m->path, buf)] = '\0';
	p->new_path = xstrdup(path_relative(m, buf, false));
}

/* The file is at the new path now; what is created at the old one will be another file. */
static void renamed(struct track *t, struct pending *p)
{
	struct track_open *o = p->open;
	uint64_t *at = o ? &o->at : &p->at, file = o ? o->row.file : p->row.file;

	if (o) {
		o->row.renamed_to = intern_z(t, p->new_path);
		free(o->path);
		o->path = xstrdup(p->new_path);
	}
	if (!t->events || !p->tree || !p->tree->server_share || !file)
		return;
	if (*at)
		leave(t, *at);
	*at = number(p->tree, p->new_path);
	moved_of(t, *at)->file = file;
}

/* What was set is so now; what was left as it is, as it was. */
static void take_basic(struct ev_open *row, const struct smb_meta *m)
{
	int64_t created = filetime_ns(m->created), modified = filetime_ns(m->modified);
	int64_t accessed = filetime_ns(m->accessed), changed = filetime_ns(m->changed);

	row->created_ns = created ? created : row->created_ns;
	row->modified_ns = modified ? modified : row->modified_ns;
	row->accessed_ns = accessed ? accessed : row->accessed_ns;
	row->changed_ns = changed ? changed : row->changed_ns;
}

void set_response(struct track *t, struct pending *p)
{
	struct track_open *o = p->open;

	if (!o) {
		if (p->change == CHANGE_RENAME && p->new_path)
			renamed(t, p);
		return;
	}
	o->dirty = true;
	switch (p->change) {
	case CHANGE_RENAME:
		renamed(t, p);
		break;
	case CHANGE_DELETE:
	case CHANGE_KEEP:
		o->row.delete_on_close = p->change == CHANGE_DELETE;
		change_doomed(o, p);
		break;
	case CHANGE_SIZE:
		o->row.size = (int64_t)(p->new_size > INT64_MAX ? INT64_MAX : p->new_size);
		o->size_known = true;
		content_sized(t, o, p->new_size);
		break;
	case CHANGE_BASIC:
		take_basic(&o->row, &p->meta);
		if (p->meta.attributes)
			o->attributes = p->meta.attributes;
		break;
	}
}
