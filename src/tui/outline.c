/* The tree of a message as lines that fold. */
#include "tui/outline.h"

static void add(struct outline *t, const struct node *n, uint32_t parent, uint16_t depth)
{
	/* Depth is bounded by the tree's own (sink_tree.c). */
	for (; n; n = n->next) {
		uint32_t at = t->n_items;

		t->items = mem_grow(t->items, t->n_items, &t->cap_items, sizeof(*t->items));
		t->items[t->n_items++] = (struct outline_item){ .node = n, .parent = parent, .depth = depth };
		add(t, n->child, at, (uint16_t)(depth + 1));
		t->items[at].end = t->n_items;
	}
}

bool outline_has_parts(const struct outline *t, uint32_t item)
{
	return t->items[item].end > item + 1;
}

/* Bits of a number, and what is deep below, start folded. */
static bool folds(const struct outline *t, uint32_t item)
{
	const struct node *n = t->items[item].node;

	return !n->group && n->child;
}

bool outline_folded(const struct outline *t, uint32_t item)
{
	uint16_t id = (uint16_t)t->items[item].node->v.id;

	return outline_has_parts(t, item) && folds(t, item) != ((t->turned[id / 8] >> (id % 8) & 1) != 0);
}

static void set_folded(struct outline *t, uint32_t item, bool folded)
{
	uint16_t id = (uint16_t)t->items[item].node->v.id;

	if (outline_has_parts(t, item) && outline_folded(t, item) != folded)
		t->turned[id / 8] ^= (uint8_t)(1u << (id % 8));
}

static void list_lines(struct outline *t)
{
	t->pager.n = 0;
	for (uint32_t i = 0; i < t->n_items;) {
		t->lines = mem_grow(t->lines, t->pager.n, &t->cap_lines, sizeof(*t->lines));
		t->lines[t->pager.n++] = i;
		i = outline_folded(t, i) ? t->items[i].end : i + 1;
	}
}

static uint32_t current(const struct outline *t)
{
	return t->pager.cursor < t->pager.n ? t->lines[t->pager.cursor] : OUTLINE_NONE;
}

/* To the item, or where it is not seen to the one around it that is. */
static void place(struct outline *t, uint32_t item)
{
	uint32_t low = 0, high = t->pager.n;

	if (item == OUTLINE_NONE || !t->pager.n)
		return;
	/* The last line that is not after the item: itself, or the folded item around it. */
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (t->lines[middle] <= item)
			low = middle;
		else
			high = middle;
	}
	t->pager.cursor = low;
	pager_settle(&t->pager);
}

void outline_set(struct outline *t, const struct node *root)
{
	t->n_items = 0;
	t->pager.cursor = t->pager.top = 0;
	if (root)
		add(t, root->child, OUTLINE_NONE, 0);
	list_lines(t);
}

void outline_free(struct outline *t)
{
	free(t->items);
	free(t->lines);
}

const struct outline_item *outline_item(const struct outline *t)
{
	uint32_t item = current(t);

	return item == OUTLINE_NONE ? NULL : &t->items[item];
}

void outline_fold(struct outline *t, bool folded)
{
	uint32_t item = current(t);

	if (item == OUTLINE_NONE)
		return;
	set_folded(t, item, folded);
	list_lines(t);
	place(t, item);
}

void outline_fold_all(struct outline *t, bool folded)
{
	uint32_t item = current(t);

	for (uint32_t i = 0; i < t->n_items; i++)
		set_folded(t, i, folded);
	list_lines(t);
	place(t, item);
}

bool outline_up(struct outline *t)
{
	const struct outline_item *item = outline_item(t);

	if (!item || item->parent == OUTLINE_NONE)
		return false;
	place(t, item->parent);
	return true;
}

void outline_goto(struct outline *t, uint32_t item)
{
	for (uint32_t up = t->items[item].parent; up != OUTLINE_NONE; up = t->items[up].parent)
		set_folded(t, up, false);
	list_lines(t);
	place(t, item);
}

bool outline_at(struct outline *t, uint8_t src, uint32_t off)
{
	uint32_t best = OUTLINE_NONE;

	for (uint32_t i = 0; i < t->n_items; i++) {
		const struct fval *v = &t->items[i].node->v;

		if (v->src != src || v->generated || !v->len || off < v->off || off - v->off >= v->len || v->type == FT_FLAG)
			continue;
		if (best == OUTLINE_NONE || v->len <= t->items[best].node->v.len)
			best = i;
	}
	place(t, best);
	return best != OUTLINE_NONE;
}

bool outline_find(struct outline *t, bool back, outline_match_fn *match, const void *arg)
{
	uint32_t from = current(t);

	if (from == OUTLINE_NONE)
		return false;
	for (uint32_t i = 1; i <= t->n_items; i++) {
		uint32_t at = (uint32_t)(((uint64_t)from + (back ? t->n_items - i : i)) % t->n_items);

		if (match(&t->items[at], arg)) {
			outline_goto(t, at);
			return true;
		}
	}
	return false;
}

void outline_label(const struct outline_item *item, char *out, size_t size)
{
	const struct node *n = item->node;

	if (n->note)
		snprintf(out, size, "[%s: %s]", notes[n->note].severity == NOTE_ERROR ? "Malformed" : "Note", notes[n->note].text);
	else
		show_label(out, size, &n->v);
}
