/* Rows of `changes`: what was changed on a share, or tried.  MS-SMB2 3.3.5.9, 3.3.5.10, 3.3.5.15.6, 3.3.5.21;
 * MS-FSCC 2.4.7, 2.4.11, 2.4.14. */
#include "session/track_private.h"

#include <stdio.h>

#include "base/text.h"

/* CreateDisposition, MS-SMB2 2.2.13. */
enum { SUPERSEDE, OPEN, CREATE, OPEN_IF, OVERWRITE, OVERWRITE_IF };

static void put(struct track *t, struct ev_change *row, const char *kind)
{
	row->change = ++t->next.change;
	row->kind = intern_z(t, kind);
	t->events->put(t->events, EV_CHANGE, row, sizeof(*row), NULL, 0);
}

/* What a row says of its exchange. */
static struct ev_change row_of(struct track *t, const struct pending *p)
{
	const struct ev_command *c = &p->row;
	const struct track_open *o = p->open;

	return (struct ev_change){
		.command = c->command, .session = c->session, .share = c->share, .connection = c->connection,
		.capture = c->has_request ? c->request.capture : c->response.capture,
		.open = o ? o->row.open : 0, .file = o ? o->row.file : c->file,
		.path = !o ? c->path : o->path ? intern_z(t, o->path) : o->row.path,
		.status = c->status, .effective = c->status == EV_NULL ? EV_NULL : c->status == 0,
		.request_frame = c->request_frame, .response_frame = c->response_frame,
		.time_ns = c->has_request ? c->request_time_ns : c->response_time_ns,
	};
}

static text_id number(struct track *t, int64_t v, const char *format)
{
	char text[32];

	snprintf(text, sizeof(text), format, (long long)v);
	return intern_z(t, text);
}

/* "modified 2026-01-02T03:04:05.000000000Z, ..." of those times that are set; NULL where none is known. */
static text_id times(struct track *t, const struct smb_meta *set, const int64_t value[4])
{
	static const char *const names[] = { "created", "modified", "accessed", "changed" };
	const uint64_t asked[] = { set->created, set->modified, set->accessed, set->changed };
	char text[4 * (TEXT_TIME_SIZE + 12)];
	size_t n = 0;

	for (unsigned i = 0; i < COUNT(names); i++) {
		if (!filetime_ns(asked[i]) || !value[i])
			continue;
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s ", n ? ", " : "", names[i]);
		n += text_time(text + n, sizeof(text) - n, value[i]);
	}
	return n ? intern(t, text, (uint32_t)n) : 0;
}

static void basic(struct track *t, const struct pending *p, struct ev_change *row)
{
	const struct smb_meta *m = &p->meta;
	const struct track_open *o = p->open;
	const int64_t now[4] = { filetime_ns(m->created), filetime_ns(m->modified), filetime_ns(m->accessed),
	                         filetime_ns(m->changed) };

	if (m->attributes) {
		row->old_value = o && o->attributes ? number(t, o->attributes, "0x%08llx") : 0;
		row->new_value = number(t, m->attributes, "0x%08llx");
		put(t, row, "attributes");
	}
	if (!now[0] && !now[1] && !now[2] && !now[3])
		return;
	row->old_value = o ? times(t, m, (const int64_t[]){ o->row.created_ns, o->row.modified_ns, o->row.accessed_ns,
	                                                    o->row.changed_ns }) : 0;
	row->new_value = times(t, m, now);
	put(t, row, "times");
}

/* An open that failed or was not answered, as far as its disposition says what it was for. */
static void create_failed(struct track *t, const struct pending *p)
{
	struct ev_change row;
	const struct track_open *o = p->open;

	if (!o || o->object == OBJECT_PIPE || o->object == OBJECT_PRINTER || o->row.disposition == EV_NULL)
		return;
	row = row_of(t, p);
	switch (o->row.disposition) {
	case CREATE:
		put(t, &row, "created");
		break;
	case SUPERSEDE:
	case OVERWRITE:
	case OVERWRITE_IF:
		put(t, &row, "overwritten");
		break;
	}
}

void changes_put(struct track *t, struct pending *p)
{
	struct ev_change row;

	if (!t->events)
		return;
	if (p->op == OP_OPEN) {
		create_failed(t, p);
		return;
	}
	if (p->change == CHANGE_NONE || p->change == CHANGE_KEEP)
		return;
	/* A deletion that is granted comes with the CLOSE. */
	if (p->change == CHANGE_DELETE && p->open && p->row.status == 0)
		return;
	row = row_of(t, p);
	row.new_path = intern_z(t, p->new_path);
	switch (p->change) {
	case CHANGE_RENAME:
		put(t, &row, "renamed");
		break;
	case CHANGE_LINK:
		put(t, &row, "linked");
		break;
	case CHANGE_DELETE:
	case CHANGE_REMOVE:
		if (p->change == CHANGE_REMOVE && row.effective != 0)
			security_forget(t, row.file);
		put(t, &row, "deleted");
		break;
	case CHANGE_MAKE:
	case CHANGE_SYMBOLIC:
		put(t, &row, "created");
		break;
	case CHANGE_SIZE:
		row.old_value = p->open && p->open->size_known ? number(t, p->open->row.size, "%lld") : 0;
		row.new_value = number(t, (int64_t)(p->new_size & INT64_MAX), "%lld");
		put(t, &row, "resized");
		break;
	case CHANGE_BASIC:
		basic(t, p, &row);
		break;
	case CHANGE_SECURITY:
		row.old_value = security_old(t, p);
		row.new_value = p->new_text;
		put(t, &row, "security");
		/* Not answered: it may have been done. */
		if (p->row.status == EV_NULL || p->row.status == 0)
			security_changed(t, p);
		break;
	case CHANGE_COPY:
		row.old_value = p->old_text;
		row.new_value = p->new_size ? number(t, (int64_t)p->new_size, "%lld") : 0;
		put(t, &row, "copied");
		break;
	}
}

void change_created(struct track *t, struct pending *p, uint32_t action)
{
	struct ev_change row;

	if (!t->events || (action != 0 && action != 2 && action != 3))
		return;
	row = row_of(t, p);
	/* What is there now is new, or took another's place; overwritten content leaves the descriptor. */
	if (action != 3)
		security_forget(t, row.file);
	put(t, &row, action == 2 ? "created" : "overwritten");
}

void change_doomed(struct track_open *o, const struct pending *p)
{
	const struct ev_command *c = &p->row;

	o->doomed.command = c->command;
	o->doomed.request_frame = c->request_frame;
	o->doomed.response_frame = c->response_frame;
	o->doomed.time_ns = c->has_request ? c->request_time_ns : c->response_time_ns;
}

void change_deleted(struct track *t, struct track_open *o, const struct pending *close)
{
	const struct ev_open *r = &o->row;
	struct ev_change row;

	if (!t->events || !o->doomed.command || r->delete_on_close != 1)
		return;
	if (close) {
		row = row_of(t, close);
	} else {
		row = (struct ev_change){
			.command = o->doomed.command, .session = r->session, .share = r->share, .connection = r->connection,
			.capture = r->capture, .open = r->open, .file = r->file, .path = o->path ? intern_z(t, o->path) : r->path,
			.status = EV_NULL, .effective = EV_NULL, .request_frame = o->doomed.request_frame,
			.response_frame = o->doomed.response_frame, .time_ns = o->doomed.time_ns,
		};
	}
	o->doomed.command = 0;
	security_forget(t, row.file);
	put(t, &row, "deleted");
}
