/* The line at the bottom where the user types: editing and history. */
#include <wctype.h>

#include "base/text.h"
#include "show/filter.h"
#include "tui/view.h"

/* What is typed, a character each. */
struct typing {
	uint32_t codes[PROMPT_SIZE / 4];
	uint32_t n, at;
	uint32_t recall;           /* history entry shown, counted from the newest; 0 none */
};

static void typing_set(struct typing *p, const char *text)
{
	size_t len = strlen(text), at = 0;

	p->n = 0;
	while (at < len && p->n < COUNT(p->codes))
		p->codes[p->n++] = text_utf8_next(text, len, &at);
	p->at = p->n;
}

static void typing_text(const struct typing *p, uint32_t from, uint32_t to, char out[PROMPT_SIZE])
{
	struct text_out o = text_begin(out, PROMPT_SIZE);

	for (uint32_t i = from; i < to; i++)
		text_code(&o, p->codes[i], TEXT_RAW);
	text_end(&o);
}

static void typing_cut(struct typing *p, uint32_t from, uint32_t to)
{
	memmove(p->codes + from, p->codes + to, (p->n - to) * sizeof(*p->codes));
	p->n -= to - from;
	p->at = from;
}

static void typing_word_back(struct typing *p)
{
	uint32_t from = p->at;

	while (from && p->codes[from - 1] == ' ')
		from--;
	while (from && p->codes[from - 1] != ' ')
		from--;
	typing_cut(p, from, p->at);
}

static void typing_recall(struct typing *p, const struct history *h, int by)
{
	int64_t to = (int64_t)p->recall + by;

	if (to < 0 || to > (int64_t)h->n)
		return;
	p->recall = (uint32_t)to;
	typing_set(p, to ? h->texts[h->n - to] : "");
}

static void remember(struct history *h, const char *text)
{
	if (!*text || (h->n && !strcmp(h->texts[h->n - 1], text)))
		return;
	if (h->n == PROMPT_HISTORY) {
		free(h->texts[0]);
		memmove(h->texts, h->texts + 1, (PROMPT_HISTORY - 1) * sizeof(*h->texts));
		h->n--;
	}
	h->texts[h->n++] = xstrdup(text);
}

static void edit(struct typing *p, const struct history *h, int key)
{
	switch (key) {
	case K_LEFT:
		p->at -= p->at > 0;
		break;
	case K_RIGHT:
		p->at += p->at < p->n;
		break;
	case K_HOME:
	case 'A' & 0x1f:
		p->at = 0;
		break;
	case K_END:
	case 'E' & 0x1f:
		p->at = p->n;
		break;
	case K_UP:
		typing_recall(p, h, 1);
		break;
	case K_DOWN:
		typing_recall(p, h, -1);
		break;
	case K_BACKSPACE:
		if (p->at)
			typing_cut(p, p->at - 1, p->at);
		break;
	case K_DELETE:
		if (p->at < p->n)
			typing_cut(p, p->at, p->at + 1);
		break;
	case 'U' & 0x1f:
		typing_cut(p, 0, p->at);
		break;
	case 'W' & 0x1f:
		typing_word_back(p);
		break;
	default:
		if (key < 0x20 || key >= 0x110000 || p->n == COUNT(p->codes))
			break;
		memmove(p->codes + p->at + 1, p->codes + p->at, (p->n - p->at) * sizeof(*p->codes));
		p->codes[p->at++] = (uint32_t)key;
		p->n++;
	}
}

static void draw(struct tui *t, const struct typing *p, const char *label)
{
	char text[PROMPT_SIZE], before[PROMPT_SIZE];
	struct screen *s = &t->screen;
	int y = s->lines - 1, x = screen_width(s, label), room = s->columns - x, at, skip;

	typing_text(p, 0, p->n, text);
	typing_text(p, 0, p->at, before);
	at = screen_width(s, before);
	skip = at >= room ? at - room + 1 : 0;
	screen_put(s, y, 0, x, LOOK_KEY, label);
	screen_put_from(s, y, x, room, skip, LOOK_TEXT, text);
	screen_show(s, y, x + at - skip);
}

/* The name of a field, as far as those that begin so agree. */
static void complete_field(char text[PROMPT_SIZE])
{
	char (*names)[FILTER_NAME] = xcalloc(F__COUNT, FILTER_NAME);
	uint32_t n = *text ? filter_complete(text, names, F__COUNT) : 0;
	size_t common = 0;

	/* They are in order: what the first and the last begin with, all do. */
	while (n && names[0][common] && names[0][common] == names[n - 1][common])
		common++;
	if (n)
		snprintf(text, PROMPT_SIZE, "%.*s", (int)common, names[0]);
	free(names);
}

bool prompt_read(struct tui *t, enum prompt kind, const char *label, char text[PROMPT_SIZE], prompt_hint_fn *hint, void *arg)
{
	struct typing p = { 0 };
	char whole[120];

	typing_set(&p, text);
	for (;;) {
		int key;

		typing_text(&p, 0, p.n, text);
		if (hint)
			snprintf(whole, sizeof(whole), "%s (%s): ", label, hint(arg, text));
		else
			snprintf(whole, sizeof(whole), "%s", label);
		draw(t, &p, whole);
		key = tui_key(t);
		if (t->quit || key == K_EOF || key == K_ESC || (key == K_BACKSPACE && p.n == 0 && kind == PROMPT_COMMAND))
			return false;
		if (key == K_ENTER) {
			remember(&t->history[kind], text);
			return true;
		}
		if (key == K_RESIZE) {
			tui_draw(t);
		} else if (key == K_TAB && kind == PROMPT_COMMAND) {
			colon_complete(text);
			typing_set(&p, text);
		} else if (key == K_TAB && kind == PROMPT_FIND && view_is_detail(t->views[t->n_views - 1])) {
			complete_field(text);
			typing_set(&p, text);
		} else if (key != K_IDLE) {
			edit(&p, &t->history[kind], key);
		}
	}
}
