/* One message: its tree beside its bytes, each showing where the other is. */
#include <inttypes.h>

#include "base/text.h"
#include "tui/hex.h"
#include "tui/outline.h"
#include "tui/view.h"

/* From this width on the panes stand side by side; below, the bytes are under the tree. */
#define SIDE_BY_SIDE 124

struct view_detail {
	struct view view;
	int64_t id;                /* as detail_load takes it */
	bool response, loaded;
	bool unreadable;           /* its capture is */
	struct detail detail;
	struct outline tree;
	struct hex hex;
	uint8_t src;               /* source the bytes are of */
	int scroll;                /* columns of the tree left out */
	enum field_id field;       /* the user went to; F__none: to none */
	char about[300];           /* the exchange in a line */
	char problem[480];         /* why there is no message, "" there is */
	bool alarm;
};

static struct view_detail *of(struct view *v)
{
	return (struct view_detail *)v;
}

/* --- loading --- */

static void text_of(const struct store_query *q, uint32_t column, const char *before, char *out, size_t size)
{
	const char *s = store_text(q, column);

	snprintf(out, size, "%s%s", s && *s ? before : "", s ? s : "");
}

/* What the list knows about the exchange; a message that is no command has nothing there. */
static void read_about(struct tui *t, struct view_detail *v)
{
	char sql[400], info[60], path[160], status[60], request[40], response[40];
	struct store_query *q;

	v->about[0] = '\0';
	v->alarm = false;
	if (v->id < 0)
		return;
	snprintf(sql, sizeof(sql),
	         "SELECT command, info, path, coalesce(status,'no answer'), request_frame, response_frame, latency_us, is_error"
	         " FROM commands WHERE command_id = %" PRId64, v->id);
	q = store_query(t->store, sql, NULL);
	if (q && store_step(q, NULL) == 1) {
		const char *command = store_text(q, 0);
		char times[60] = "";

		text_of(q, 1, " ", info, sizeof(info));
		text_of(q, 2, "  ", path, sizeof(path));
		text_of(q, 3, "  ", status, sizeof(status));
		if (!store_is_null(q, 6))
			snprintf(times, sizeof(times), " after %.3f ms", (double)store_int(q, 6) / 1e3);
		v->alarm = store_int(q, 7) != 0;
		snprintf(v->view.title, sizeof(v->view.title), "%.80s%.120s %s", command ? command : "?", info,
		         v->response ? "response" : "request");
		text_of(q, 4, "request frame ", request, sizeof(request));
		text_of(q, 5, "  response frame ", response, sizeof(response));
		snprintf(v->about, sizeof(v->about), "%s%s%s%s%s", request, response, times, status, path);
	}
	store_done(q);
}

static bool is_same(const struct outline_item *item, const void *id)
{
	return !item->node->note && item->node->v.id == *(const enum field_id *)id;
}

/* 1 loaded, 0 there is no such side, -1 it cannot be read. */
static int load(struct tui *t, struct view_detail *v)
{
	struct err err = { 0 };
	int rc;

	snprintf(v->view.title, sizeof(v->view.title), v->response ? "response" : v->id < 0 ? "message" : "request");
	read_about(t, v);
	v->problem[0] = '\0';
	/* The nodes of the message before go with its arena. */
	outline_set(&v->tree, NULL);
	v->hex = (struct hex){ .height = v->hex.height };
	v->src = 0;
	rc = detail_load(t->captures, v->id, v->response, &v->detail, &err);
	v->loaded = rc == 1;
	v->unreadable = rc < 0;
	if (rc < 0)
		snprintf(v->problem, sizeof(v->problem), "%s", err.text);
	else if (rc == 0)
		snprintf(v->problem, sizeof(v->problem), v->response ? "no response was seen; r goes back to the request"
		                                                    : "the request was not seen; r shows the response");
	else
		outline_set(&v->tree, v->detail.root);
	/* The field that was looked at, where this message has it. */
	if (rc == 1 && v->field != F__none)
		(void)outline_find(&v->tree, false, is_same, &v->field);
	return rc;
}

/* The side asked for, or where only the other was seen, that one. */
static void load_either(struct tui *t, struct view_detail *v)
{
	if (load(t, v) != 0 || v->id < 0)
		return;
	v->response = !v->response;
	if (load(t, v) != 0)
		return;
	v->response = !v->response;
	(void)load(t, v);
	snprintf(v->problem, sizeof(v->problem), "neither side of this exchange can be shown: the case does not say where its bytes are");
}

/* --- tree and bytes together --- */

/* The bytes follow the tree. */
static void mark(struct view_detail *v)
{
	const struct outline_item *item = outline_item(&v->tree);
	struct hex *h = &v->hex;

	if (!v->loaded)
		return;
	if (item && item->node->v.src < v->detail.run.n_sources && (!item->node->v.generated || item->node->note))
		v->src = item->node->v.src;
	h->source = v->src < v->detail.run.n_sources ? &v->detail.run.sources[v->src] : NULL;
	h->mark_len = 0;
	if (!item || item->node->v.generated || !item->node->v.len)
		return;
	h->mark = item->node->v.off;
	h->mark_len = item->node->v.len;
	if (h->active)
		return;
	h->cursor = h->mark;
	/* Its end as far as there is room, then its start. */
	hex_show(h, h->mark + h->mark_len - 1);
	hex_show(h, h->mark);
}

/* What the user went to is looked for in the messages that come. */
static void keep_field(struct view_detail *v)
{
	const struct outline_item *item = outline_item(&v->tree);

	v->field = item && v->tree.pager.cursor ? item->node->v.id : F__none;
}

/* --- drawing --- */

static void draw_line(struct tui *t, struct view_detail *v, uint32_t line, int y, int width)
{
	uint32_t item = v->tree.lines[line];
	const struct outline_item *i = &v->tree.items[item];
	bool here = line == v->tree.pager.cursor;
	char label[1100], text[1300];
	enum look look = LOOK_TEXT;

	outline_label(i, label, sizeof(label));
	snprintf(text, sizeof(text), "%*s%s %s", 2 * (i->depth > 40 ? 40 : i->depth), "",
	         !outline_has_parts(&v->tree, item) ? " " : outline_folded(&v->tree, item) ? "+" : "-", label);
	if (here)
		look = v->hex.active ? LOOK_MARK : LOOK_CURSOR;
	else if (i->node->note)
		look = notes[i->node->note].severity >= NOTE_WARN ? LOOK_ALARM : LOOK_WARN;
	else if (i->depth == 0)
		look = LOOK_PROTO;
	else if (i->node->v.generated)
		look = LOOK_DIM;
	screen_put_from(&t->screen, y, 0, width, v->scroll, look, text);
}

/* What the bytes are, and the field they show. */
static void caption(const struct view_detail *v, char *out, size_t size)
{
	const struct outline_item *item = outline_item(&v->tree);
	char field[200] = "", place[80] = "";

	if (item && !item->node->note)
		snprintf(field, sizeof(field), "%s", fields[item->node->v.id].abbrev);
	if (v->hex.mark_len)
		snprintf(place, sizeof(place), "  %u byte%s at %u", v->hex.mark_len, v->hex.mark_len == 1 ? "" : "s", v->hex.mark);
	else if (item && item->node->v.generated)
		snprintf(place, sizeof(place), "  computed");
	snprintf(out, size, "%s%s", field, place);
}

static void draw_caption(struct tui *t, const struct view_detail *v, int y, int x, int width)
{
	char text[300], source[100];
	int right;

	screen_put(&t->screen, y, x, width, LOOK_HEADING, "");
	if (!v->hex.source)
		return;
	snprintf(source, sizeof(source), "%s, %u bytes", hex_source_name(v->hex.source), v->hex.source->len);
	right = screen_width(&t->screen, source);
	caption(v, text, sizeof(text));
	screen_put(&t->screen, y, x, width - right - 1, LOOK_KEY, text);
	screen_put(&t->screen, y, x + width - right, right, LOOK_DIM, source);
}

/* Why there is no message: it may name a path, so it gets as many lines as it needs. */
static void draw_problem(struct tui *t, const struct view_detail *v)
{
	int width = t->screen.columns - 4, used = screen_width(&t->screen, v->problem), y = 3;

	/* The last column of a line that is cut says so: the next begins with what it hides. */
	for (int skip = 0; skip < used && y < 10; skip += width - 1)
		screen_put_from(&t->screen, y++, 2, width, skip, LOOK_WARN, v->problem);
	if (v->unreadable)
		screen_put(&t->screen, y + 1, 2, width, LOOK_TEXT,
		           "The lists are whole without it; smbscope browse --captures DIR finds it elsewhere.");
}

static void draw(struct tui *t, struct view *view)
{
	struct view_detail *v = of(view);
	int room = t->screen.lines - 3, columns = t->screen.columns;
	bool side = columns >= SIDE_BY_SIDE;
	int bytes = side ? room : room * 2 / 5, tree = side ? room : room - bytes - 1, width = side ? columns - HEX_WIDTH - 1 : columns;

	screen_put(&t->screen, 1, 0, side ? width : columns, v->alarm ? LOOK_ALARM : LOOK_HEADING, v->about);
	if (!v->loaded) {
		draw_problem(t, v);
		return;
	}
	v->tree.pager.height = (uint32_t)tree;
	pager_settle(&v->tree.pager);
	v->hex.height = (uint32_t)bytes;
	mark(v);
	if (v->hex.active)
		hex_show(&v->hex, v->hex.cursor);
	for (uint32_t i = 0; i < (uint32_t)tree && v->tree.pager.top + i < v->tree.pager.n; i++)
		draw_line(t, v, v->tree.pager.top + i, (int)i + 2, width);
	if (side) {
		draw_caption(t, v, 1, width + 1, HEX_WIDTH);
		hex_draw(t, &v->hex, 2, width + 1, HEX_WIDTH);
	} else {
		draw_caption(t, v, 2 + tree, 0, columns);
		hex_draw(t, &v->hex, 3 + tree, 0, columns);
	}
}

static void position(struct view *view, char *out, size_t size)
{
	const struct view_detail *v = of(view);

	if (v->hex.active)
		snprintf(out, size, "byte %u of %u", v->hex.cursor, v->hex.source ? v->hex.source->len : 0);
	else
		snprintf(out, size, "line %u of %u", v->tree.pager.n ? v->tree.pager.cursor + 1 : 0, v->tree.pager.n);
}

static void save(struct tui *t UNUSED, struct view *view, FILE *f)
{
	struct view_detail *v = of(view);
	const struct pager *p = &v->tree.pager;
	char text[1100];

	text_escape(text, sizeof(text), v->about, strlen(v->about), TEXT_TERMINAL);
	fprintf(f, "about: %s%s\n", text, v->alarm ? " !" : "");
	if (!v->loaded) {
		fprintf(f, "problem: %s\n", v->problem);
		return;
	}
	fprintf(f, "tree:\n");
	for (uint32_t i = p->top; i < p->n && i < p->top + p->height; i++) {
		const struct outline_item *item = &v->tree.items[v->tree.lines[i]];

		outline_label(item, text, sizeof(text));
		fprintf(f, "%c%*s%s %s\n", i == p->cursor ? '>' : ' ', 2 * item->depth, "",
		        !outline_has_parts(&v->tree, v->tree.lines[i]) ? " " : outline_folded(&v->tree, v->tree.lines[i]) ? "+" : "-", text);
	}
	if (!v->hex.source)
		return;
	caption(v, text, sizeof(text));
	fprintf(f, "bytes%s: %s, %u bytes; %s\n", v->hex.active ? " (here)" : "", hex_source_name(v->hex.source), v->hex.source->len, text);
	hex_save(&v->hex, f);
}

/* --- requests --- */

/* The list's next command; the side is kept. */
static void step(struct tui *t, struct view_detail *v, int by)
{
	struct view *list = tui_below(t, &v->view);
	int64_t id;

	if (!list || !view_list_command(t, list, &id)) {
		tui_say(t, false, "this message was not opened from a list of commands");
		return;
	}
	if (!view_list_step(list, by) || !view_list_command(t, list, &id)) {
		tui_say(t, false, by > 0 ? "this is the last one of the list" : "this is the first one of the list");
		return;
	}
	v->id = id;
	v->hex.active = false;
	load_either(t, v);
}

static bool in_bytes(struct view_detail *v, enum request request)
{
	struct hex *h = &v->hex;
	int64_t by, page = (int64_t)HEX_ROW * (h->height > 1 ? h->height - 1 : 1), to;

	switch (request) {
	case REQ_LEFT:
		by = -1;
		break;
	case REQ_RIGHT:
		by = 1;
		break;
	case REQ_UP:
		by = -(int64_t)HEX_ROW;
		break;
	case REQ_DOWN:
		by = HEX_ROW;
		break;
	case REQ_PAGE_UP:
	case REQ_HALF_UP:
		by = request == REQ_PAGE_UP ? -page : -page / 2 / HEX_ROW * HEX_ROW;
		break;
	case REQ_PAGE_DOWN:
	case REQ_HALF_DOWN:
		by = request == REQ_PAGE_DOWN ? page : page / 2 / HEX_ROW * HEX_ROW;
		break;
	case REQ_HOME:
		by = -(int64_t)h->cursor;
		break;
	case REQ_END:
		by = (int64_t)h->source->len - 1 - h->cursor;
		break;
	default:
		return false;
	}
	to = (int64_t)h->cursor + by;
	h->cursor = to < 0 ? 0 : to >= (int64_t)h->source->len ? h->source->len - 1 : (uint32_t)to;
	(void)outline_at(&v->tree, v->src, h->cursor);
	return true;
}

static bool is_text(const struct outline_item *item, const void *arg UNUSED)
{
	const struct fval *v = &item->node->v;

	return !v->generated && v->len && !item->node->group &&
	       (v->type == FT_UTF16 || v->type == FT_UTF16BE || v->type == FT_OEM || v->type == FT_STR || v->type == FT_TEXT);
}

static bool is_found(const struct outline_item *item, const void *find)
{
	char label[1100];

	outline_label(item, label, sizeof(label));
	return tui_contains(label, find) || (!item->node->note && tui_contains(fields[item->node->v.id].abbrev, find));
}

static bool in_tree(struct tui *t, struct view_detail *v, enum request request)
{
	const struct outline_item *item = outline_item(&v->tree);
	bool parts = item && outline_has_parts(&v->tree, (uint32_t)(item - v->tree.items));
	bool folded = parts && outline_folded(&v->tree, (uint32_t)(item - v->tree.items));

	if (pager_request(&v->tree.pager, request))
		return true;
	switch (request) {
	case REQ_OPEN:
		outline_fold(&v->tree, !folded);
		return true;
	case REQ_RIGHT:
		if (folded)
			outline_fold(&v->tree, false);
		return true;
	case REQ_LEFT:
		if (parts && !folded)
			outline_fold(&v->tree, true);
		else if (!outline_up(&v->tree))
			return false;      /* back */
		return true;
	case REQ_UNFOLD_ALL:
	case REQ_FOLD_ALL:
		outline_fold_all(&v->tree, request == REQ_FOLD_ALL);
		return true;
	case REQ_NEXT_TEXT:
	case REQ_PREV_TEXT:
		if (!outline_find(&v->tree, request == REQ_PREV_TEXT, is_text, NULL))
			tui_say(t, false, "no field of this message is text");
		return true;
	case REQ_SCROLL_LEFT:
		v->scroll = v->scroll > 8 ? v->scroll - 8 : 0;
		return true;
	case REQ_SCROLL_RIGHT:
		v->scroll += v->scroll < 1000 ? 8 : 0;
		return true;
	default:
		return false;
	}
}

static bool request(struct tui *t, struct view *view, enum request request)
{
	struct view_detail *v = of(view);

	switch (request) {
	case REQ_SIDE:
		if (v->id < 0) {
			tui_say(t, false, "this message stands alone");
			return true;
		}
		v->response = !v->response;
		v->hex.active = false;
		(void)load(t, v);
		return true;
	case REQ_NEXT:
	case REQ_PREVIOUS:
		step(t, v, request == REQ_NEXT ? 1 : -1);
		return true;
	case REQ_FIND_NEXT:        /* nothing is searched, or it would not come here */
		step(t, v, 1);
		return true;
	default:
		break;
	}
	if (!v->loaded)
		return false;
	if (request == REQ_PANE) {
		mark(v);
		v->hex.active = !v->hex.active && v->hex.source && v->hex.source->len;
		return true;
	}
	/* Where the tree's cursor is moved the bytes must follow at once: the next request may be theirs. */
	if (!v->hex.active || !in_bytes(v, request)) {
		if (!in_tree(t, v, request))
			return false;
		v->hex.active = false;
		mark(v);
	}
	keep_field(v);
	return true;
}

static bool find(struct tui *t, struct view *view, bool back)
{
	struct view_detail *v = of(view);

	v->hex.active = false;
	if (!outline_find(&v->tree, back, is_found, t->find))
		return false;
	keep_field(v);
	return true;
}

/* A message does not change; but one that was not there may have come. */
static void refresh(struct tui *t, struct view *view)
{
	struct view_detail *v = of(view);

	if (v->loaded)
		read_about(t, v);
	else
		(void)load(t, v);
}

static void close_detail(struct view *view)
{
	struct view_detail *v = of(view);

	outline_free(&v->tree);
	detail_free(&v->detail);
	free(v);
}

static const struct view_ops detail_ops = {
	.hints = "close side next previous next-text pane help find unfold-all",
	.draw = draw, .request = request, .find = find, .refresh = refresh, .position = position, .save = save, .close = close_detail,
};

bool view_is_detail(const struct view *view)
{
	return view->ops == &detail_ops;
}

struct view *view_detail_open(struct tui *t, int64_t command_id)
{
	struct view_detail *v = xcalloc(1, sizeof(*v));

	v->view.ops = &detail_ops;
	v->id = command_id;
	load_either(t, v);
	return &v->view;
}
