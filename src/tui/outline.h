/* The tree of a message as lines that fold. */
#ifndef TUI_OUTLINE_H
#define TUI_OUTLINE_H

#include "show/sink.h"
#include "tui/view.h"

struct outline_item {
	const struct node *node;
	uint32_t parent;           /* index of the item above; OUTLINE_NONE at the top */
	uint32_t end;              /* index after the last item below it */
	uint16_t depth;
};
#define OUTLINE_NONE UINT32_MAX

struct outline {
	struct outline_item *items;   /* all of them, in order */
	uint32_t n_items, cap_items;
	uint32_t *lines;           /* the items seen: none below a folded one */
	uint32_t cap_lines;
	struct pager pager;        /* over lines */
	/* Fields whose folding the user turned round: holds from one message to the next. */
	uint8_t turned[F__COUNT / 8 + 1];
};

/* outline_set takes the nodes below root (borrowed); the cursor goes to the first line. */
void outline_set(struct outline *, const struct node *root);
void outline_free(struct outline *);
const struct outline_item *outline_item(const struct outline *);    /* under the cursor, NULL none */
bool outline_has_parts(const struct outline *, uint32_t item);
bool outline_folded(const struct outline *, uint32_t item);
/* outline_fold folds or unfolds the item at the cursor, and those of the same field. */
void outline_fold(struct outline *, bool folded);
void outline_fold_all(struct outline *, bool folded);
/* outline_up goes to the item around; false: there is none. */
bool outline_up(struct outline *);
/* outline_goto goes to an item, unfolding what is around it. */
void outline_goto(struct outline *, uint32_t item);
/* outline_at goes to the innermost item seen that holds a byte of a source; false: none does. */
bool outline_at(struct outline *, uint8_t src, uint32_t off);
/* outline_find goes to the next (back: previous) item for which match holds, round the end. */
typedef bool outline_match_fn(const struct outline_item *, const void *arg);
bool outline_find(struct outline *, bool back, outline_match_fn *, const void *arg);
/* outline_label writes an item's text. */
void outline_label(const struct outline_item *, char *out, size_t size);

#endif
