/* The tree of a message as lines that fold. */
#ifndef TUI_TREE_H
#define TUI_TREE_H

#include "show/sink.h"
#include "tui/view.h"

struct tree_item {
	const struct node *node;
	uint32_t parent;           /* index of the item above; TREE_NONE at the top */
	uint32_t end;              /* index after the last item below it */
	uint16_t depth;
};
#define TREE_NONE UINT32_MAX

struct tree {
	struct tree_item *items;   /* all of them, in order */
	uint32_t n_items, cap_items;
	uint32_t *lines;           /* the items seen: none below a folded one */
	uint32_t cap_lines;
	struct pager pager;        /* over lines */
	/* Fields whose folding the user turned round: holds from one message to the next. */
	uint8_t turned[F__COUNT / 8 + 1];
};

/* tree_set takes the nodes below root (borrowed); the cursor goes to the first line. */
void tree_set(struct tree *, const struct node *root);
void tree_free(struct tree *);
const struct tree_item *tree_item(const struct tree *);    /* under the cursor, NULL none */
bool tree_has_parts(const struct tree *, uint32_t item);
bool tree_folded(const struct tree *, uint32_t item);
/* tree_fold folds or unfolds the item at the cursor, and those of the same field. */
void tree_fold(struct tree *, bool folded);
void tree_fold_all(struct tree *, bool folded);
/* tree_up goes to the item around; false: there is none. */
bool tree_up(struct tree *);
/* tree_goto goes to an item, unfolding what is around it. */
void tree_goto(struct tree *, uint32_t item);
/* tree_at goes to the innermost item seen that holds a byte of a source; false: none does. */
bool tree_at(struct tree *, uint8_t src, uint32_t off);
/* tree_find goes to the next (back: previous) item for which match holds, round the end. */
typedef bool tree_match_fn(const struct tree_item *, const void *arg);
bool tree_find(struct tree *, bool back, tree_match_fn *, const void *arg);
/* tree_label writes an item's text. */
void tree_label(const struct tree_item *, char *out, size_t size);

#endif
