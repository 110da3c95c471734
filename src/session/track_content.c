/* Contents of files: what was read through an open, and what writes have made of a file.
 *
 * Reads belong to the open.  Writes belong to the file: what one open wrote, the next one continues, as long as the file is
 * remembered.  A write counts when the answer acknowledged it, and for as many bytes.  Hashes are made from
 * the slices when a content is complete, by whoever took track_contents: hashing bytes as they pass
 * would have to be undone by every write that comes late or again, and the pages are still in memory. */
#include "session/track_private.h"

#include <stdlib.h>

#include "base/limits.h"

/* What writes have made of one file. */
struct file_content {
	struct map_node node;
	uint64_t file;             /* the key: ev_open.file */
	struct content content;
	uint32_t version;          /* of the content, from 1 with the first write */
};

static void forget(struct track *t, struct file_content *f)
{
	map_remove(&t->files, f);
	content_free(&f->content);
	free(f);
}

static struct file_content *content_of(struct track *t, const struct track_open *o, bool make)
{
	struct file_content *f = o->row.file ? map_find(&t->files, &o->row.file) : NULL;

	if (f)
		map_touch(&t->files, f);
	if (f || !make || !o->row.file)
		return f;
	while (map_count(&t->files) >= LIMIT_CONTENTS) {
		t->evictions++;
		forget(t, map_oldest(&t->files));
	}
	f = xcalloc(1, sizeof(*f));
	f->file = o->row.file;
	map_insert(&t->files, f);
	return f;
}

void content_init(struct track *t)
{
	map_init(&t->files, offsetof(struct file_content, file), sizeof(uint64_t));
}

void content_end(struct track *t)
{
	while (map_count(&t->files))
		forget(t, map_oldest(&t->files));
	map_free(&t->files);
}

/* The slices of a payload in the PDU at hand; free() them. */
static struct slice *payload_slices(const struct pdu *pdu, struct extent e, uint32_t *n)
{
	struct slice *out = xmalloc((pdu->n_slices + 1) * sizeof(*out));

	*n = slices_part(pdu->slices, pdu->n_slices, e.off, e.len, out);
	return out;
}

static bool has_content(const struct track_open *o)
{
	return o && o->object != OBJECT_PIPE && o->object != OBJECT_DIRECTORY;
}

/* The first and last moments of a transfer. */
static void moved_at(struct track_moved *m, const struct pdu *pdu)
{
	if (!m->first.frame)
		m->first = pdu->first;
	m->last = pdu->last;
}

void content_read(struct track *t, struct pending *p, const struct pdu *pdu)
{
	struct slice *slices;
	uint32_t n;

	if (!t->events || !has_content(p->open) || p->row.offset < 0 || !p->payload.len || !p->row.has_request)
		return;
	slices = payload_slices(pdu, p->payload, &n);
	content_put(&p->open->content, (uint64_t)p->row.offset, slices, n);
	free(slices);
	moved_at(&p->open->moved[FROM_SERVER], pdu);
}

void content_write_asked(struct track *t, struct pending *p, const struct pdu *pdu)
{
	if (!t->events || !has_content(p->open) || p->row.offset < 0 || !p->payload.len)
		return;
	free(p->slices);
	p->slices = payload_slices(pdu, p->payload, &p->n_slices);
	p->wrote = (struct track_moved){ pdu->first, pdu->last };
}

void content_write_more(struct track *t, struct pending *p, struct extent e)
{
	struct slice *more;
	uint32_t n;

	if (!t->events || !has_content(p->open) || p->row.offset < 0 || !e.len)
		return;
	more = payload_slices(t->pdu, e, &n);
	p->slices = xrealloc(p->slices, ((size_t)p->n_slices + n) * sizeof(*more));
	memcpy(p->slices + p->n_slices, more, n * sizeof(*more));
	p->n_slices += n;
	free(more);
	moved_at(&p->wrote, t->pdu);
}

void content_written(struct track *t, struct pending *p, uint32_t count)
{
	struct file_content *f;
	uint32_t n;

	if (!p->slices || !has_content(p->open))
		return;
	f = content_of(t, p->open, true);
	if (!f)
		return;
	if (!f->version || !p->open->versioned) {
		f->version++;
		p->open->versioned = true;
	}
	n = slices_part(p->slices, p->n_slices, 0, count, p->slices);
	content_put(&f->content, (uint64_t)p->row.offset, p->slices, n);
	if (!p->open->moved[FROM_CLIENT].first.frame)
		p->open->moved[FROM_CLIENT].first = p->wrote.first;
	p->open->moved[FROM_CLIENT].last = p->wrote.last;
}

void content_sized(struct track *t, struct track_open *o, uint64_t size)
{
	struct file_content *f = content_of(t, o, false);

	if (f)
		content_truncate(&f->content, size);
}

void content_opened(struct track *t, struct track_open *o, uint32_t action)
{
	struct file_content *f = content_of(t, o, false);

	/* Created, superseded or overwritten: nothing of what was before is left.  Opened with another size than
	 * the writes seen have made: somebody else has been there. */
	if (f && (action != 1 || (o->row.size != EV_NULL && f->content.n &&
	          (uint64_t)o->row.size != content_end_of(&f->content)))) {
		uint32_t version = f->version;

		content_free(&f->content);
		f->version = version;
	}
}

static void put_transfer(struct track *t, struct track_open *o, const struct content *c, uint32_t version, enum direction dir)
{
	char text[1024];
	uint64_t size = o->row.size == EV_NULL ? 0 : (uint64_t)o->row.size;
	const struct track_moved *m = &o->moved[dir];
	struct ev_transfer row = {
		.transfer = ++t->next.transfer, .open = o->row.open, .session = o->row.session, .share = o->row.share,
		.connection = o->row.connection, .capture = m->first.capture, .path = o->row.path, .file = o->row.file,
		.version = version, .direction = intern_z(t, dir == FROM_SERVER ? "read" : "written"),
		.first_frame = m->first.frame, .last_frame = m->last.frame, .start_time_ns = m->first.time_ns,
		.end_time_ns = m->last.time_ns,
	};
	struct content_piece *pieces;
	uint32_t n;

	/* What moved beyond the end of file that is known says that the file is longer. */
	if (content_end_of(c) > size)
		size = content_end_of(c);
	row.size = (int64_t)size;
	row.bytes_seen = (int64_t)content_seen(c, size);
	row.missing_bytes = (int64_t)content_ranges(c, size, true, text, sizeof(text));
	row.missing = row.missing_bytes ? intern_z(t, text) : 0;
	row.complete = !row.missing_bytes && !c->limit;
	if (content_ranges(c, size, false, text, sizeof(text))) {
		row.unmoved = intern_z(t, text);
		row.complete = 0;
	}
	/* An open whose CREATE was not seen, or not answered, has an end of file nobody knows. */
	if (!o->size_known) {
		row.size = EV_NULL;
		row.complete = 0;
	}
	if (!row.complete || !t->on_content) {
		track_transfer(t, &row);
		return;
	}
	pieces = content_pieces(c, size, &n);
	t->on_content(t->on_content_arg, &row, pieces, n);
}

void content_closed(struct track *t, struct track_open *o)
{
	struct file_content *f;

	if (!t->events)
		return;
	if (o->moved[FROM_SERVER].first.frame) {
		f = content_of(t, o, false);
		put_transfer(t, o, &o->content, f && f->version ? f->version : 1, FROM_SERVER);
	}
	if (o->moved[FROM_CLIENT].first.frame) {
		f = content_of(t, o, false);
		if (f)
			put_transfer(t, o, &f->content, f->version, FROM_CLIENT);
	}
	content_free(&o->content);
	o->moved[0] = o->moved[1] = (struct track_moved){ 0 };
	o->versioned = false;
}

void track_transfer(struct track *t, const struct ev_transfer *row)
{
	if (t->events)
		t->events->put(t->events, EV_TRANSFER, row, sizeof(*row), NULL, 0);
}

void track_contents(struct track *t, track_content_fn *fn, void *arg)
{
	t->on_content = fn;
	t->on_content_arg = arg;
}
