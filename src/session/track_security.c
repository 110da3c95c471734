/* What security descriptor stands on a file, as far as an answer told it: the old value of a change (MS-SMB2 2.2.38, MS-SMB
 * 2.2.7.4, MS-DTYP 2.4.7).  A server adds to what is set (inherited entries, MS-DTYP 2.5.3.4), so a change makes unknown what it
 * changed until somebody asks again. */
#include "session/track_private.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/text.h"
#include "dissectors/dtyp/dtyp.h"

enum { OWNER = 0x01, GROUP = 0x02, DACL = 0x04, SACL = 0x78, ALL = 0x7f };   /* SECURITY_INFORMATION; SACL: all kinds of entry in it */
enum { KINDS = 4 };

/* An answer's descriptor, and which of its parts still hold. */
struct answer {
	uint8_t *bytes;
	uint32_t len, parts;
};
/* Of one file.  Each answer that is kept has a part that no later one told: so many kinds, so many answers. */
struct secured {
	struct map_node node;
	uint64_t file;
	struct answer answers[KINDS];
};

static const uint32_t kinds[KINDS] = { OWNER, GROUP, DACL, SACL };

void security_init(struct track *t)
{
	map_init(&t->secured, offsetof(struct secured, file), sizeof(uint64_t));
}

static void drop(struct track *t, struct answer *a)
{
	t->secured_bytes -= a->len;
	free(a->bytes);
	*a = (struct answer){ 0 };
}

static void release(struct track *t, struct secured *s)
{
	map_remove(&t->secured, s);
	for (unsigned i = 0; i < KINDS; i++)
		drop(t, &s->answers[i]);
	free(s);
}

void security_end(struct track *t)
{
	struct secured *s;

	while ((s = map_oldest(&t->secured)))
		release(t, s);
	map_free(&t->secured);
}

/* The file of an exchange; an open whose path is not known is a file of its own (those have 63 bits). */
static uint64_t file_of(const struct pending *p)
{
	const struct track_open *o = p->open;

	return !o ? p->row.file : o->row.file ? o->row.file : UINT64_C(1) << 63 | o->row.open;
}

static struct secured *find(struct track *t, uint64_t file)
{
	return file ? map_find(&t->secured, &file) : NULL;
}

/* Whole kinds alone: a SACL with but some of its entries tells nothing of the others, so what is asked of it must be the same. */
static void forget(struct track *t, struct secured *s, uint32_t parts)
{
	for (unsigned i = 0; i < KINDS; i++) {
		struct answer *a = &s->answers[i];

		a->parts &= ~(parts & SACL ? parts | SACL : parts);
		if (a->bytes && !a->parts)
			drop(t, a);
	}
}

void security_forget(struct track *t, uint64_t file)
{
	struct secured *s = find(t, file);

	if (s)
		release(t, s);
}

void security_changed(struct track *t, const struct pending *p)
{
	struct secured *s = find(t, file_of(p));

	if (s)
		forget(t, s, p->asked.code);
}

static void make_room(struct track *t, uint32_t len)
{
	while (map_count(&t->secured) >= LIMIT_SECURED || t->secured_bytes > LIMIT_SECURED_BYTES - len) {
		struct secured *oldest = map_oldest(&t->secured);

		if (!oldest)
			return;
		t->evictions++;
		release(t, oldest);
	}
}

void security_told(struct track *t, const struct smb_msg *m, const struct pending *p)
{
	uint64_t file = file_of(p);
	struct secured *s = find(t, file);
	uint32_t parts = p->asked.code & ALL, len = m->descriptor.len;

	if (!t->events || !file || !parts || !p->row.has_request)
		return;
	if (s)
		forget(t, s, parts);
	if (len > LIMIT_SECURED_LENGTH)
		return;
	if (s)
		map_touch(&t->secured, s);
	make_room(t, len);
	s = find(t, file);
	if (!s) {
		s = xcalloc(1, sizeof(*s));
		s->file = file;
		map_insert(&t->secured, s);
	}
	for (unsigned i = 0; i < KINDS; i++) {
		struct answer *a = &s->answers[i];

		if (a->bytes)
			continue;
		a->bytes = xmalloc(len);
		memcpy(a->bytes, m->descriptor.p, len);
		a->len = len;
		a->parts = parts;
		t->secured_bytes += len;
		return;
	}
}

text_id security_old(struct track *t, const struct pending *p)
{
	const struct secured *s = find(t, file_of(p));
	char text[LIMIT_TEXT];
	size_t n = 0;

	for (unsigned k = 0; s && k < KINDS; k++) {
		uint32_t wanted = p->asked.code & kinds[k];

		for (unsigned i = 0; wanted && i < KINDS; i++) {
			const struct answer *a = &s->answers[i];

			if ((a->parts & kinds[k]) != wanted)
				continue;
			n += dtyp_sddl(text + n, sizeof(text) - n, (struct span){ a->bytes, a->len }, wanted);
			break;
		}
	}
	return n ? intern(t, text, (uint32_t)n) : 0;
}
