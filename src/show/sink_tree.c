/* A listener that keeps everything as a tree of nodes, in the order it was told. */
#include "show/sink.h"

static struct node *append(struct sink_tree *t, struct node *parent)
{
	struct node *n = arena_alloc(t->arena, sizeof(*n));

	n->parent = parent;
	if (parent->last_child)
		parent->last_child->next = n;
	else
		parent->child = n;
	parent->last_child = n;
	return n;
}

static void value(struct sink *sink, const struct fval *v)
{
	struct sink_tree *t = (struct sink_tree *)sink;
	bool bit = v->type == FT_FLAG && t->last && t->last->v.id == fields[v->id].parent;
	struct node *n = append(t, bit ? t->last : t->open);

	n->v = *v;
	if (v->generated && v->p && v->captured) {
		/* What is computed is lent for the call only; bytes of sources outlast the tree. */
		uint8_t *copy = arena_alloc(t->arena, v->captured);

		n->v.p = memcpy(copy, v->p, v->captured);
	}
	if (v->type != FT_FLAG)
		t->last = n;
}

static void push(struct sink *sink, enum field_id id, uint8_t src, uint32_t off)
{
	struct sink_tree *t = (struct sink_tree *)sink;
	struct node *n = append(t, t->open);

	n->v = (struct fval){ .id = id, .type = fields[id].type, .src = src, .off = off };
	n->group = true;
	t->last = NULL;
	if (t->depth++ < TREE_DEPTH)
		t->open = n;
}

/* The bytes of a group that ends at end, as far as they were captured. */
static void close_group(const struct sink_tree *t, struct node *n, uint32_t end)
{
	const struct source *s;

	n->v.len = end > n->v.off ? end - n->v.off : 0;
	if (!t->run || n->v.src >= t->run->n_sources)
		return;
	s = &t->run->sources[n->v.src];
	if (s->bytes && n->v.off < s->have) {
		n->v.p = s->bytes + n->v.off;
		n->v.captured = min_u32(n->v.len, s->have - n->v.off);
	}
}

static void pop(struct sink *sink, uint32_t end)
{
	struct sink_tree *t = (struct sink_tree *)sink;

	t->last = NULL;
	if (!t->depth)
		return;
	if (t->depth-- > TREE_DEPTH)
		return;
	close_group(t, t->open, end);
	t->open = t->open->parent;
}

static void note(struct sink *sink, enum note_id id, uint8_t src, uint32_t off)
{
	struct sink_tree *t = (struct sink_tree *)sink;
	struct node *n = append(t, t->open);

	n->v = (struct fval){ .id = F_note_text, .type = FT_TEXT, .src = src, .off = off, .generated = true,
	                      .p = (const uint8_t *)notes[id].text, .captured = (uint32_t)strlen(notes[id].text) };
	n->note = (uint16_t)id;
}

void sink_tree_init(struct sink_tree *t, struct arena *arena, const struct dx_run *run)
{
	*t = (struct sink_tree){ .sink = { value, push, pop, note }, .arena = arena, .run = run };
	t->root.group = true;
	t->open = &t->root;
}

void tree_join(struct node *root, struct node *other)
{
	for (struct node *n = other->child; n; n = n->next)
		n->parent = root;
	if (root->last_child)
		root->last_child->next = other->child;
	else
		root->child = other->child;
	if (other->last_child)
		root->last_child = other->last_child;
	other->child = other->last_child = NULL;
}

struct node *tree_end(struct sink_tree *t)
{
	while (t->depth) {
		const struct node *last = t->open->last_child;

		pop(&t->sink, last ? last->v.off + last->v.len : t->open->v.off);
	}
	return &t->root;
}
