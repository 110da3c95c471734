/* The help page: every request with its keys, from requests.def and views.def. */
#include "tui/view.h"

struct view_help {
	struct view view;
	struct pager pager;
};

static struct view_help *of(struct view *v)
{
	return (struct view_help *)v;
}

static void line_text(uint32_t i, char *out, size_t size)
{
	struct help_line line;

	if (!keys_help(i, &line))
		snprintf(out, size, "%s", "");
	else if (line.heading)
		snprintf(out, size, "%s", line.heading);
	else
		snprintf(out, size, "  %-18s %s", line.keys, line.meaning);
}

static void draw(struct tui *t, struct view *view)
{
	struct view_help *v = of(view);
	struct help_line line;
	char text[400];

	v->pager.height = (uint32_t)t->screen.lines - 2;
	pager_settle(&v->pager);
	for (uint32_t i = 0; i < v->pager.height; i++) {
		uint32_t at = v->pager.top + i;
		int y = (int)i + 1;

		if (!keys_help(at, &line))
			break;
		line_text(at, text, sizeof(text));
		screen_put(&t->screen, y, 0, t->screen.columns, at == v->pager.cursor ? LOOK_CURSOR : line.heading ? LOOK_HEADING : LOOK_TEXT,
		           text);
		if (!line.heading && at != v->pager.cursor)
			screen_put(&t->screen, y, 2, 18, LOOK_KEY, line.keys);
	}
}

static bool request(struct tui *t UNUSED, struct view *view, enum request request)
{
	/* Help on help is the same page. */
	return request == REQ_HELP || pager_request(&of(view)->pager, request);
}

static bool find(struct tui *t, struct view *view, bool back)
{
	struct pager *p = &of(view)->pager;
	char text[400];

	for (uint32_t i = 1; i <= p->n; i++) {
		uint32_t at = (p->cursor + (back ? p->n - i : i)) % p->n;

		line_text(at, text, sizeof(text));
		if (tui_contains(text, t->find)) {
			p->cursor = at;
			return true;
		}
	}
	return false;
}

static void position(struct view *view, char *out, size_t size)
{
	snprintf(out, size, "line %u of %u", of(view)->pager.cursor + 1, of(view)->pager.n);
}

static void save(struct tui *t UNUSED, struct view *view, FILE *f)
{
	const struct pager *p = &of(view)->pager;
	char text[400];

	for (uint32_t i = p->top; i < p->n && i < p->top + p->height; i++) {
		line_text(i, text, sizeof(text));
		fprintf(f, "%c %s\n", i == p->cursor ? '>' : ' ', text);
	}
}

static void close_help(struct view *view)
{
	free(view);
}

static const struct view_ops help_ops = {
	.hints = "close find page-down page-up",
	.draw = draw, .request = request, .find = find, .position = position, .save = save, .close = close_help,
};

struct view *view_help_open(struct tui *t UNUSED)
{
	struct view_help *v = xcalloc(1, sizeof(*v));
	struct help_line line;

	v->view.ops = &help_ops;
	snprintf(v->view.title, sizeof(v->view.title), "Help");
	while (keys_help(v->pager.n, &line))
		v->pager.n++;
	return &v->view;
}
