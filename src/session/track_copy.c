/* Copies that the server makes: from which file, by the key it gave for one.  MS-SMB2 2.2.31.1, 2.2.32.3, 3.3.5.15.6;
 * MS-FSCC 2.3.7, 2.3.43. */
#include "session/track_private.h"

#include <stdlib.h>

#include "base/limits.h"

enum { FSCTL_SRV_REQUEST_RESUME_KEY = 0x00140078, FSCTL_SRV_COPYCHUNK = 0x001440f2, FSCTL_SRV_COPYCHUNK_WRITE = 0x001480f2,
       FSCTL_DUPLICATE_EXTENTS_TO_FILE = 0x00098344, FSCTL_DUPLICATE_EXTENTS_TO_FILE_EX = 0x000983e8,
       FSCTL_OFFLOAD_WRITE = 0x00098268 };

/* A resume key and the path it stood for. */
struct resume {
	struct map_node node;
	struct resume_key {
		uint8_t key[24];
		uint32_t session, zero;
	} key;
	text_id path;
};

void copy_init(struct track *t)
{
	map_init(&t->resumes, offsetof(struct resume, key), sizeof(struct resume_key));
}

void copy_end(struct track *t)
{
	struct resume *r;

	while ((r = map_oldest(&t->resumes))) {
		map_remove(&t->resumes, r);
		free(r);
	}
	map_free(&t->resumes);
}

static bool key_of(const struct smb_msg *m, const struct pending *p, struct resume_key *key)
{
	if (m->u.copy.key.len != sizeof(key->key) || !p->session)
		return false;
	*key = (struct resume_key){ .session = session_number(p->session) };
	memcpy(key->key, m->u.copy.key.p, sizeof(key->key));
	return true;
}

static text_id path_of(struct track *t, const struct track_open *o)
{
	return o && o->path ? intern_z(t, o->path) : o ? o->row.path : 0;
}

void copy_request(struct track *t, struct track_conn *c, const struct smb_msg *m, struct pending *p)
{
	struct resume_key key;
	struct resume *r;

	switch (m->asked.code) {
	case FSCTL_SRV_COPYCHUNK:
	case FSCTL_SRV_COPYCHUNK_WRITE:
		r = key_of(m, p, &key) ? map_find(&t->resumes, &key) : NULL;
		p->old_text = r ? r->path : 0;
		break;
	case FSCTL_DUPLICATE_EXTENTS_TO_FILE:
	case FSCTL_DUPLICATE_EXTENTS_TO_FILE_EX:
		p->old_text = t->events ? path_of(t, open_named(t, c, p, &m->u.copy.source)) : 0;
		break;
	case FSCTL_OFFLOAD_WRITE:
		break;
	default:
		return;
	}
	p->change = CHANGE_COPY;
	p->new_size = m->u.copy.length;
}

void copy_response(struct track *t, const struct smb_msg *m, const struct pending *p)
{
	struct resume_key key;
	struct resume *r;

	if (m->asked.code != FSCTL_SRV_REQUEST_RESUME_KEY || m->status || !t->events || !p->open || !key_of(m, p, &key))
		return;
	r = map_find(&t->resumes, &key);
	if (!r) {
		if (map_count(&t->resumes) >= LIMIT_RESUME_KEYS) {
			r = map_oldest(&t->resumes);
			t->evictions++;
			map_remove(&t->resumes, r);
			free(r);
		}
		r = xcalloc(1, sizeof(*r));
		r->key = key;
		map_insert(&t->resumes, r);
	}
	map_touch(&t->resumes, r);
	r->path = path_of(t, p->open);
}
